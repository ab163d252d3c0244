"""The lab's Asterisk, really started: whole, private, and gone without a trace."""

import asyncio
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from supervise.lab.asterisk import Account, Asterisk
from supervise.lab.asterisk import server as asterisk_module
from supervise.lab.asterisk.accounts import CONTEXTS
from supervise.lab.asterisk.finding import FINDERS, find_asterisk
from supervise.lab.asterisk.ways import Way
from supervise.lab.checkout import cache_folder
from supervise.lab.errors import NoAsteriskError
from supervise.lab.machine import free_port
from supervise.lab.progress import Progress
from supervise.prompts import PROMPTS, media

pytestmark = [pytest.mark.telephony, pytest.mark.timeout(900)]  # the first one may have to make the root file system

ACCOUNTS = [
    Account("101", "of-101", context="customers"),
    Account("201", "of-201", context="agents", codecs=("g722", "ulaw")),
    Account("301", "of-301", context="supervisors", name="Super Visor"),
]

Events = asyncio.Queue[dict[str, Any]]


@pytest.fixture(scope="module")
def way() -> Way:
    """The way that this machine runs Asterisk."""
    return asyncio.run(find_asterisk(cache_folder(), Progress()))


@pytest.fixture(scope="module")
def private() -> Way:
    """The private root file system, whatever else there is."""
    return asyncio.run(FINDERS["private"](cache_folder(), Progress()))


@pytest.fixture
async def asterisk(way: Way) -> AsyncIterator[Asterisk]:
    """An Asterisk with a phone of each kind."""
    async with Asterisk(way, ACCOUNTS) as running:
        yield running


@asynccontextmanager
async def controller(asterisk: Asterisk) -> AsyncIterator[tuple[aiohttp.ClientSession, Events]]:
    """A controller's session with ARI, and the events it gets."""
    headers = {"Authorization": aiohttp.encode_basic_auth(asterisk.ari_user, asterisk.ari_password)}
    events: Events = asyncio.Queue()
    async with (
        aiohttp.ClientSession(f"{asterisk.ari_url}/ari/", headers=headers) as session,
        session.ws_connect("events?app=supervise") as websocket,
    ):

        async def read() -> None:
            async for message in websocket:
                events.put_nowait(message.json())

        reading = asyncio.create_task(read())
        yield session, events
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def event(events: Events, kind: str, within: float = 5) -> dict[str, Any]:
    """The next event of a kind."""
    async with asyncio.timeout(within):
        while (found := await events.get())["type"] != kind:
            pass
    return found


async def eventually(condition: Callable[[], Awaitable[bool]], within: float = 5) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110 - nothing tells us what another process does
            await asyncio.sleep(0.02)


async def dial(asterisk: Asterisk, number: str, context: str) -> None:
    """Dial a number as a phone of that context does."""
    await asterisk.cli(f"channel originate Local/{number}@{context}/n application Wait 30")


async def reaches(asterisk: Asterisk, number: str, context: str) -> bool:
    """Whether phones of that context can dial the number."""
    found = await asterisk.cli(f"dialplan show {number}@{context}")
    return "no existence" not in found


async def test_two_run_side_by_side(way: Way) -> None:
    """Two labs on one machine share neither port nor phone, and each answers for itself."""
    async with Asterisk(way, [Account("201", "a")]) as one, Asterisk(way, [Account("202", "b")]) as other:
        assert {one.sip, other.sip} == {("127.0.0.1", one.sip[1]), ("127.0.0.1", other.sip[1])}
        assert one.sip != other.sip
        assert one.ari_url != other.ari_url
        assert "202/" not in await one.cli("pjsip show endpoints")
        assert "202/" in await other.cli("pjsip show endpoints")


async def test_it_boots_without_a_warning(asterisk: Asterisk) -> None:
    """The configuration is complete and free of mistakes: nothing above a notice is logged at start."""
    assert asterisk.problems() == []
    assert int(asterisk.version.split(".")[0]) >= 20


async def test_each_phone_gets_what_its_account_says(asterisk: Asterisk) -> None:
    """Codecs, context and name of an account stand in its endpoint, and what all phones share does too."""
    shown = await asterisk.cli("pjsip show endpoint 201")
    settings = dict(re.findall(r"^ (\w+) +: (.*?) *$", shown, re.MULTILINE))
    assert settings["allow"] == "(g722|ulaw)"
    assert settings["context"] == "agents"
    assert settings["direct_media"] == "false"
    assert settings["dtmf_mode"] == "rfc4733"
    assert settings["media_address"] == "127.0.0.1"
    assert '"Super Visor" <301>' in await asterisk.cli("pjsip show endpoint 301")


async def test_a_wrong_password_is_kept_out(asterisk: Asterisk) -> None:
    """ARI opens for the controller's and the witness's passwords only."""
    user, password = asterisk.witness
    async with aiohttp.ClientSession() as session:
        for name, word, status in ((user, password, 200), (user, "guess", 401), (asterisk.ari_user, "", 401)):
            headers = {"Authorization": aiohttp.encode_basic_auth(name, word)}
            async with session.get(f"{asterisk.ari_url}/ari/asterisk/ping", headers=headers) as answer:
                assert answer.status == status


@pytest.mark.parametrize("dialled", ["*55", "*5599", "*56201", "*5712345678"])
async def test_a_feature_code_reaches_the_controller(asterisk: Asterisk, dialled: str) -> None:
    """What a supervisor dials arrives as it was dialled, and under the lease from the first moment."""
    async with controller(asterisk) as (session, events):
        await dial(asterisk, dialled, "supervisors")
        start = await event(events, "StasisStart")
        assert start["args"] == ["dialled", dialled]
        path = f"channels/{start['channel']['id']}/variable"
        async with session.get(path, params={"variable": "TIMEOUT(absolute)"}) as answer:
            assert 8 < float((await answer.json())["value"]) <= 10


async def test_a_controller_that_does_nothing_loses_the_supervisor(asterisk: Asterisk) -> None:
    """The lease: who is not looked after for ten seconds is hung up by Asterisk alone, and leaves no call record."""
    async with controller(asterisk) as (_, events):
        await dial(asterisk, "*55201", "supervisors")
        await event(events, "StasisStart")
        await event(events, "StasisEnd", within=12)
    records = asterisk.folder / "log/cdr-csv/Master.csv"
    assert not records.exists() or "supervise-session" not in records.read_text()


@pytest.mark.parametrize("number", ["*5", "*551", "*55123456789", "*58201", "seat", "s"])
async def test_nothing_else_is_taken(asterisk: Asterisk, number: str) -> None:
    """Our dialplan answers to its feature codes only; neither a seat nor a session can be dialled from any phone."""
    assert [context for context in CONTEXTS if await reaches(asterisk, number, context)] == []


async def test_who_may_dial_what(asterisk: Asterisk) -> None:
    """Customers have no feature codes and only supervisors have the benchmark's ChanSpy."""
    assert await reaches(asterisk, "*55201", "agents")
    assert await reaches(asterisk, "*55201", "strangers")
    assert not await reaches(asterisk, "*55201", "customers")
    assert await reaches(asterisk, "*80201", "supervisors")
    assert not await reaches(asterisk, "*80201", "agents")


async def test_without_a_controller_the_supervisor_is_told(asterisk: Asterisk) -> None:
    """Nobody is left in silence: with the controller away, Asterisk says so itself and hangs up."""
    await dial(asterisk, "*55201", "supervisors")

    async def said() -> bool:
        return "Playing 'supervise/away" in asterisk.log()

    async def gone() -> bool:
        return "0 active channels" in await asterisk.cli("core show channels")

    await eventually(said)
    await eventually(gone, within=15)


async def test_every_prompt_can_be_played(asterisk: Asterisk) -> None:
    """Asterisk finds a sound for each prompt, in our files or among its own."""
    async with controller(asterisk) as (session, events):
        await dial(asterisk, "*55", "supervisors")
        channel = (await event(events, "StasisStart"))["channel"]["id"]
        # Long enough for all of them; the controller's lease is a test of its own.
        await session.post(f"channels/{channel}/variable", params={"variable": "TIMEOUT(absolute)", "value": "60"})
        missing = [prompt for prompt in PROMPTS if not await _plays(session, events, channel, prompt)]
    assert missing == []


async def _plays(session: aiohttp.ClientSession, events: Events, channel: str, prompt: str) -> bool:
    await session.post(f"channels/{channel}/play/{prompt}-{channel}", params={"media": media(prompt)})
    await event(events, "PlaybackStarted")
    await session.delete(f"playbacks/{quote(f'{prompt}-{channel}')}")
    finished = await event(events, "PlaybackFinished")
    return bool(finished["playback"]["state"] == "done")


async def test_music_and_queues_are_there(asterisk: Asterisk) -> None:
    """Music on hold has its tone, and each kind of queue member is in a queue of its own."""
    assert "music/tone" in await asterisk.cli("moh show files")
    queues = await asterisk.cli("queue show")
    assert "PJSIP/201" in queues
    assert "Local/202@members/n" in queues
    assert re.search(r"Local/203@members[^/]", queues)


async def test_after_a_crash_it_comes_back_where_it_was(asterisk: Asterisk) -> None:
    """Killed and started again it has its old ports and secrets, so that phones and controller find it."""
    before = (asterisk.sip, asterisk.ari_url, asterisk.ari_password, asterisk.pid)
    await asterisk.kill()
    assert not asterisk.running
    await asterisk.restart()
    assert (asterisk.sip, asterisk.ari_url, asterisk.ari_password) == before[:3]
    assert asterisk.pid != before[3]
    async with controller(asterisk) as (session, _), session.get("asterisk/ping") as answer:
        assert answer.status == 200


async def test_a_taken_port_is_not_the_end(way: Way, monkeypatch: pytest.MonkeyPatch, taken: tuple[int, int]) -> None:
    """When another program is quicker, other ports are tried."""
    free = free_port
    answers = {socket.SOCK_DGRAM: [taken[0]], socket.SOCK_STREAM: [free("127.0.0.1", socket.SOCK_STREAM), taken[1]]}

    def unlucky(address: str, kind: socket.SocketKind) -> int:
        return answers[kind].pop(0) if answers[kind] else free(address, kind)

    monkeypatch.setattr(asterisk_module, "free_port", unlucky)
    async with Asterisk(way, ACCOUNTS) as asterisk:
        assert asterisk.sip[1] not in taken
        assert not asterisk.ari_url.endswith(f":{taken[1]}")
    assert answers == {socket.SOCK_DGRAM: [], socket.SOCK_STREAM: []}


@pytest.fixture
def taken() -> Iterator[tuple[int, int]]:
    """A UDP and a TCP port that another program has."""
    with socket.socket(type=socket.SOCK_DGRAM) as sip, socket.socket() as web:
        sip.bind(("127.0.0.1", 0))
        web.bind(("127.0.0.1", 0))
        web.listen()
        yield sip.getsockname()[1], web.getsockname()[1]


_STARTER = """
import asyncio, sys
from supervise.lab.asterisk import Account, Asterisk
from supervise.lab.checkout import cache_folder
from supervise.lab.asterisk.finding import FINDERS
from supervise.lab.progress import Progress

async def main():
    way = await FINDERS[sys.argv[1]](cache_folder(), Progress())
    async with Asterisk(way, [Account("201", "secret")]) as asterisk:
        print(asterisk.pid, asterisk.folder, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


def test_a_killed_python_leaves_nothing() -> None:
    """SIGKILL for the Python that started it: its Asterisk is gone at once, and nothing was ever mounted for others.

    That holds for each way of running Asterisk that this machine has; the private one is always there.
    """
    names = [name for name in FINDERS if asyncio.run(_is_here(name))]
    assert "private" in names
    for name in names:
        _kill_a_python(name)


async def _is_here(name: str) -> bool:
    try:
        await FINDERS[name](cache_folder(), Progress())
    except NoAsteriskError:
        return False
    return True


def _kill_a_python(name: str) -> None:
    command = [sys.executable, "-c", _STARTER, name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pid, folder = starter.stdout.readline().split()
        parent = _parent(pid)
        starter.kill()
    asyncio.run(eventually(lambda: gone(pid)))
    asyncio.run(eventually(lambda: gone(parent)))
    assert folder not in Path("/proc/self/mountinfo").read_text()
    shutil.rmtree(folder)


def _parent(pid: str) -> str:
    """In a container that is its first process, otherwise the Python that started it."""
    found = re.search(r"^PPid:\s+(\d+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return found[1]


async def gone(pid: str | int) -> bool:
    """Whether there is no such process."""
    return not Path(f"/proc/{pid}").exists()


def user_of(pid: int) -> int:
    """The user that a process runs as."""
    return Path(f"/proc/{pid}").stat().st_uid


async def test_it_is_not_root(private: Way) -> None:
    """The private Asterisk runs as an ordinary user."""
    async with Asterisk(private, ACCOUNTS) as asterisk:
        assert user_of(asterisk.pid) != 0


async def test_afterwards_nothing_is_left(way: Way) -> None:
    """Folder and process are gone when the block ends."""
    async with Asterisk(way, ACCOUNTS) as asterisk:
        pid, folder = asterisk.pid, asterisk.folder
    assert not folder.exists()
    assert await gone(pid)
