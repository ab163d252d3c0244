"""Measures the client beside its alternatives on a running Asterisk; prints the table of docs/decisions/0001.

``python -m tests.ari.measure_client http://127.0.0.1:8088 USER PASSWORD``. The user needs to write. One Local channel
is made to an extension that answers and stays (``--exten``, the lab's echo by default), and hung up at the end.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
import timeit
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import aioari
import aiohttp

from supervise.ari import Access, Ari, Tuning
from supervise.ari.client.decoding import decode
from supervise.ari.client.events import ChannelCallerId, StasisStart
from tests.ari.consumer import eventually
from tests.ari.fake_ari import APP, PASSWORD, USER, FakeAri
from tests.ari.fake_switch import FakeChannel, now

REQUESTS = 2000
BURST = 100
AT_ONCE = 4
PATIENT = Tuning(request_seconds=30.0)
EVENTS = 20_000
ROUNDS = 5
TOO_LONG = 120.0
CHANNEL = "measure-00000001"
Ask = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, of whom, in which unit, in each round."""

    what: str
    whom: str
    unit: str
    rounds: tuple[float, ...]

    def __str__(self) -> str:
        """One row of the table: median and range."""
        spread = f"{min(self.rounds):.1f} to {max(self.rounds):.1f}"
        return f"| {self.what} | {self.whom} | {statistics.median(self.rounds):.1f} {self.unit} ({spread}) |"


async def decoding() -> list[Figure]:
    """To make an event of ours, and a bare dict, of one message."""
    channel = FakeChannel("1700000000.1234", "PJSIP/200-0000001a", caller=("Ann Smith", "200")).json()
    message = json.dumps({"type": "StasisStart", "timestamp": now(), "args": ["a"], "channel": channel}).encode()
    what = f"decode a StasisStart of {len(message)} bytes"
    readers: dict[str, Callable[[bytes], object]] = {"ours, typed and cleaned": decode, "json.loads": json.loads}
    return [Figure(what, whom, "us", _timed(reader, message)) for whom, reader in readers.items()]


def _timed(reader: Callable[[bytes], object], message: bytes) -> tuple[float, ...]:
    rounds = timeit.repeat(lambda: reader(message), number=EVENTS, repeat=ROUNDS)
    return tuple(seconds / EVENTS * 1e6 for seconds in rounds)


async def requesting(access: Access) -> list[Figure]:
    """`GET /bridges`, one after another, and a hundred at once."""
    figures: list[Figure] = []
    for whom, opened in (
        ("ours, HTTP", _ours(access)),
        ("aioari, HTTP", _theirs(access)),
        ("bare, REST over the websocket", _over_websocket(access)),
    ):
        async with opened as ask:
            figures.append(Figure("requests, one after another", whom, "k/s", await _rates(ask, 1)))
            figures.append(Figure(f"requests, {BURST} at once", whom, "k/s", await _rates(ask, BURST)))
    return figures


async def _rates(ask: Ask, at_once: int) -> tuple[float, ...]:
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(REQUESTS // at_once):
            await asyncio.gather(*(ask() for _ in range(at_once)))
        rounds.append(REQUESTS / (time.perf_counter() - began) / 1000)
    return tuple(rounds)


@asynccontextmanager
async def _ours(access: Access) -> AsyncIterator[Ask]:
    async with Ari(access, tuning=PATIENT) as ari:
        yield ari.bridges.list


@asynccontextmanager
async def _theirs(access: Access) -> AsyncIterator[Ask]:
    client = await aioari.connect(access.url, access.user, access.password)
    try:
        yield client.bridges.list
    finally:
        await client.close()


@asynccontextmanager
async def _over_websocket(access: Access) -> AsyncIterator[Ask]:
    """Requests on the events' own websocket, as many at once as one likes; answers are matched by their id."""
    waiting: dict[str, asyncio.Future[object]] = {}
    async with (
        aiohttp.ClientSession(headers=access.headers) as session,
        session.ws_connect(access.events_url) as websocket,
    ):

        async def receive() -> None:
            async for message in websocket:
                answer = json.loads(message.data)
                if answer["type"] == "RESTResponse":
                    waiting.pop(answer["request_id"]).set_result(json.loads(answer["message_body"]))

        async def ask() -> object:
            name = str(len(waiting))
            waiting[name] = asyncio.get_running_loop().create_future()
            asked = {"type": "RESTRequest", "transaction_id": "t", "request_id": name, "method": "GET"}
            answered = waiting[name]
            await websocket.send_json(asked | {"uri": "bridges"})
            return await answered

        receiving = asyncio.create_task(receive())
        yield ask
        receiving.cancel()
        await asyncio.wait([receiving])


async def taking(access: Access, exten: str) -> list[Figure]:
    """CPU of this process for each event taken: read off the socket, decoded, handed over."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        async with asyncio.timeout(TOO_LONG):
            ours.append(await _take_ours(access, exten))
            theirs.append(await _take_theirs(access, exten))
    what = f"{EVENTS} events of a real channel"
    return [
        Figure(what, "ours", "us of CPU each", tuple(ours)),
        Figure(what, "aioari", "us of CPU each", tuple(theirs)),
    ]


async def _take_ours(access: Access, exten: str) -> float:
    async with Ari(access) as ari:
        events = ari.events()
        await anext(events)
        driver = await _drive(access, exten)
        began = time.process_time()
        taken = 0
        async for item in events:
            taken += isinstance(item, ChannelCallerId)
            if taken >= EVENTS:
                break
        spent = time.process_time() - began
        await driver.wait()
    return spent / EVENTS * 1e6


async def _take_theirs(access: Access, exten: str) -> float:
    client = await aioari.connect(access.url, access.user, access.password)
    done = asyncio.Event()
    taken = 0

    async def take(_objects: object, _event: object) -> None:
        nonlocal taken
        taken += 1
        if taken >= EVENTS:
            done.set()

    client.on_channel_event("ChannelCallerId", take)
    running = asyncio.create_task(client.run(apps=access.app))
    try:
        async with Ari(access) as ari:
            await eventually(lambda: bool(client.websockets))
            await ari.applications.subscribe(["channel:"])
            await ari.applications.filter(["ChannelVarset", "ChannelDialplan"])
        driver = await _drive(access, exten)
        began = time.process_time()
        await done.wait()
        spent = time.process_time() - began
        await driver.wait()
    finally:
        await client.close()
        running.cancel()
        await asyncio.wait([running])
    return spent / EVENTS * 1e6


async def _drive(access: Access, exten: str) -> asyncio.subprocess.Process:
    """Another process makes the events, so that its work is not counted."""
    told = (access.url, access.user, access.password, "--exten", exten, "--drive")
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.ari.measure_client", *told)


async def storming() -> list[Figure]:
    """The same when events come as fast as they can be taken, from a fake Asterisk in another process."""
    rounds = [await _storm() for _ in range(ROUNDS)]
    what = f"{EVENTS} events in one storm"
    return [
        Figure(what, "ours", "us of CPU each", tuple(cpu for cpu, _ in rounds)),
        Figure(what, "ours", "k/s", tuple(rate for _, rate in rounds)),
    ]


async def _storm() -> tuple[float, float]:
    command = (sys.executable, "-m", "tests.ari.measure_client", "-", "-", "-", "--replay")
    replayer = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert replayer.stdout is not None
    url = (await replayer.stdout.readline()).decode().strip()
    async with Ari(Access("fake", url, USER, PASSWORD, APP)) as ari:
        events = ari.events()
        await anext(events)
        cpu, began, taken = time.process_time(), time.perf_counter(), 0
        async for item in events:
            taken += isinstance(item, StasisStart)
            if taken == EVENTS:
                break
        spent, took = time.process_time() - cpu, time.perf_counter() - began
    await replayer.wait()
    return spent / EVENTS * 1e6, EVENTS / took / 1000


async def replaying() -> None:
    """Send a storm to the first client that has read everything."""
    async with FakeAri() as fake:
        print(fake.access.url, flush=True)  # noqa: T201 - how the measuring process learns it
        await eventually(lambda: "GET /ari/channels" in fake.paths())
        channel = FakeChannel("1700000000.1234", "PJSIP/200-0000001a", caller=("Ann Smith", "200")).json()
        message = json.dumps({"type": "StasisStart", "timestamp": now(), "args": ["a"], "channel": channel}).encode()
        for _ in range(EVENTS):
            fake.raw(message)
        await eventually(lambda: not fake.apps)


async def driving(access: Access, exten: str) -> None:
    """Change a channel's caller id, each time one event, as often as is counted."""
    async with Ari(replace(access, app="measure-driver"), tuning=PATIENT) as ari:
        events = ari.events()
        await anext(events)
        await ari.channels.originate_with_id(CHANNEL, f"Local/{exten}/n")
        while not isinstance(await anext(events), StasisStart):
            pass
        for number in range(EVENTS // AT_ONCE):
            await asyncio.gather(*(_change(ari, f"{number}-{each}") for each in range(AT_ONCE)))
        await ari.channels.hangup(CHANNEL)


async def _change(ari: Ari, name: str) -> None:
    await ari.channels.set_channel_var(CHANNEL, "CALLERID(name)", name)


async def measure(access: Access, exten: str) -> None:
    """Print the whole table."""
    print("| what | whom | median (range) |\n|---|---|---|", flush=True)  # noqa: T201 - printing is what it is for
    for figures in (decoding(), requesting(access), taking(access, exten), storming()):
        print(*await figures, sep="\n", flush=True)  # noqa: T201 - see above


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for word in ("url", "user", "password"):
        parser.add_argument(word)
    parser.add_argument("--exten", default="600@agents")
    parser.add_argument("--drive", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--replay", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.replay:
        asyncio.run(replaying())
    else:
        reached = Access("measured", chosen.url, chosen.user, chosen.password, "measure")
        asyncio.run((driving if chosen.drive else measure)(reached, chosen.exten))
