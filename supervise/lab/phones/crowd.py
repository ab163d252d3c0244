"""A crowd: agents and customers of SIPp's, all of them in calls, so that a queue has others to think of.

One SIPp process is all the agents, who listen, and another all the customers, who speak. What Asterisk has to carry for
them is half of what it would be if both spoke; nobody measures it.
"""

import asyncio
import tempfile
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supervise.ari import Access, Ari, NotFoundError
from supervise.lab.commands import stop
from supervise.lab.errors import CommandError
from supervise.lab.phone_errors import MeasuringError
from supervise.lab.phones.baresip import free_ports
from supervise.lab.phones.sipp import ANSWER, REGISTER, call
from supervise.lab.wire.rtp import Address

AGENTS: Final = tuple(str(number) for number in range(240, 280))
CUSTOMERS: Final = tuple(str(number) for number in range(140, 180))
"""Their accounts, in the order in which they are taken."""

_CALLS_A_SECOND: Final = 4
"""A queue has to notice that an agent is busy before the next call comes."""

_UP_WITHIN_S: Final = 12.0
_LOOK_EVERY_S: Final = 0.2
_FOR_EVER_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a crowd is.

    Attributes:
        sip: Asterisk's address.
        host: the phones' own.
        access: to ARI, to see who is in a call.
        secret: of every account.
    """

    sip: Address
    host: str
    access: Access
    secret: str


@asynccontextmanager
async def crowd(count: int, number: str, where: Surroundings) -> AsyncIterator[None]:
    """So many agents are in calls with customers who dialled `number`, while the block lasts.

    Raises:
        CommandError: SIPp failed.
        MeasuringError: the calls are not there.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crowd-")))
        sipp = _Sipp(folder, where)
        await sipp.register(AGENTS[:count])
        await stack.enter_async_context(sipp.agents())
        ari = await stack.enter_async_context(Ari(where.access))
        missing, callers = AGENTS[:count], list(CUSTOMERS)
        while missing:
            # On a busy machine the queue gives two calls to one of them now and then: others call whom it left out.
            if len(callers) < len(missing):
                raise MeasuringError(f"so many called {number}, and yet no call has reached {', '.join(missing)}")
            group = [callers.pop(0) for _ in missing]
            await stack.enter_async_context(sipp.customers(group, number))
            missing = await _still_missing(ari, missing)
        stack.push_async_callback(_hang_up, ari)
        yield


class _Sipp:
    def __init__(self, folder: Path, where: Surroundings) -> None:
        self._folder = folder
        self._where = where
        self._port = str(free_ports(where.host).sip)
        self._tone = folder / "tone.ulaw"
        # A second of anything that is not silence.
        self._tone.write_bytes(bytes(0x80 + 7 * sample % 0x70 for sample in range(160)) * 50)

    async def register(self, users: Sequence[str]) -> None:
        """Sign all agents in, from the port on which they are going to answer."""
        table = self._table("agents.csv", [(user, "") for user in users])
        async with self._run("register", REGISTER, *table, "-p", self._port, *_times(len(users))) as process:
            if code := await process.wait():
                raise CommandError(("sipp", "register"), f"failed with {code}", self._said("register"))

    @asynccontextmanager
    async def agents(self) -> AsyncIterator[None]:
        """They take every call, and listen."""
        async with self._run("agents", ANSWER, "-p", self._port, *self._sound_port()):
            yield

    @asynccontextmanager
    async def customers(self, users: Sequence[str], number: str) -> AsyncIterator[None]:
        """They call, one after the other, and speak."""
        name = f"customers-{users[0]}"
        table = self._table(f"{name}.csv", [(user, number) for user in users])
        options = (*_times(len(users)), "-d", str(_FOR_EVER_MS), *self._sound_port())
        async with self._run(name, call(str(self._tone)), *table, *options):
            yield

    @asynccontextmanager
    async def _run(self, name: str, scenario: str, *options: str) -> AsyncIterator[Process]:
        (address, port), host = self._where.sip, self._where.host
        file = self._folder / f"{name}.xml"
        file.write_text(scenario)
        ours = ("-i", host, "-mi", host, "-nostdin", "-skip_rlimit", "-trace_err", "-error_file", f"{name}.err")
        command = ("setpriv", "--pdeathsig", "KILL", "sipp", f"{address}:{port}", "-sf", str(file), *ours, *options)
        with (self._folder / f"{name}.out").open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=DEVNULL, stdout=out, stderr=STDOUT, cwd=self._folder
            )
        try:
            yield process
        finally:
            if process.returncode is None:
                await stop(process)

    def _said(self, name: str) -> str:
        errors = self._folder / f"{name}.err"
        return errors.read_text(errors="replace")[-2000:] if errors.exists() else ""

    def _sound_port(self) -> tuple[str, str]:
        return "-mp", str(free_ports(self._where.host).sip)

    def _table(self, name: str, rows: Sequence[tuple[str, str]]) -> tuple[str, str]:
        """Whom SIPp plays, one after the other: the user, whom they call, and their password in its words."""
        secret = self._where.secret
        lines = (f"{user};{to};[authentication username={user} password={secret}]" for user, to in rows)
        file = self._folder / name
        file.write_text("\n".join(("SEQUENTIAL", *lines, "")))
        return "-inf", str(file)


async def _still_missing(ari: Ari, users: Sequence[str]) -> tuple[str, ...]:
    """Who of them is in no call after a while; nobody, as soon as all are."""
    missing = tuple(users)
    with suppress(TimeoutError):
        async with asyncio.timeout(_UP_WITHIN_S):
            while missing:
                there = {user for user, up in await _legs(ari) if up}
                missing = tuple(user for user in users if user not in there)
                await asyncio.sleep(_LOOK_EVERY_S)
    return missing


async def _legs(ari: Ari) -> list[tuple[str, bool]]:
    return [(channel.name[6:9], channel.state == "Up") for channel in await ari.channels.list()]


async def _hang_up(ari: Ari) -> None:
    """SIPp itself would leave without a word, and Asterisk would wait for sound."""
    for channel in await ari.channels.list():
        if channel.name[6:9] in {*AGENTS, *CUSTOMERS}:
            with suppress(NotFoundError):
                await ari.channels.hangup(channel.id)


def _times(calls: int) -> tuple[str, ...]:
    return "-m", str(calls), "-r", str(_CALLS_A_SECOND)
