"""A crowd: agents and customers of SIPp's, all of them in calls, so that a queue has others to think of.

One SIPp process is all the agents, who listen, and another all the customers, who speak. What Asterisk has to carry for
them is half of what it would be if both spoke; nobody measures it.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supervise.ari import Access, Ari, NotFoundError
from supervise.lab.phone_errors import MeasuringError
from supervise.lab.phones.baresip import free_ports
from supervise.lab.phones.sipp import ANSWER, REGISTER, call
from supervise.lab.phones.sipprun import Sipp
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
        players = _Players(Sipp(folder, where.sip, where.host, where.secret))
        await players.register(AGENTS[:count])
        await stack.enter_async_context(players.agents())
        ari = await stack.enter_async_context(Ari(where.access))
        missing, callers = AGENTS[:count], list(CUSTOMERS)
        while missing:
            # On a busy machine the queue gives two calls to one of them now and then: others call whom it left out.
            if len(callers) < len(missing):
                raise MeasuringError(f"so many called {number}, and yet no call has reached {', '.join(missing)}")
            group = [callers.pop(0) for _ in missing]
            await stack.enter_async_context(players.customers(group, number))
            missing = await _still_missing(ari, missing)
        stack.push_async_callback(_hang_up, ari)
        yield


class _Players:
    def __init__(self, sipp: Sipp) -> None:
        self._sipp = sipp
        self._port = str(free_ports(sipp.host).sip)
        self._tone = sipp.tone()

    async def register(self, users: Sequence[str]) -> None:
        """Sign all agents in, from the port on which they are going to answer."""
        table = self._sipp.table("agents.csv", [(user, "") for user in users])
        async with self._sipp.run("register", REGISTER, *table, "-p", self._port, *_times(len(users))) as process:
            await self._sipp.finish("register", process)

    @asynccontextmanager
    async def agents(self) -> AsyncIterator[None]:
        """They take every call, and listen."""
        async with self._sipp.run("agents", ANSWER, "-p", self._port, *self._sound_port()):
            yield

    @asynccontextmanager
    async def customers(self, users: Sequence[str], number: str) -> AsyncIterator[None]:
        """They call, one after the other, and speak."""
        name = f"customers-{users[0]}"
        table = self._sipp.table(f"{name}.csv", [(user, number) for user in users])
        options = (*_times(len(users)), "-d", str(_FOR_EVER_MS), *self._sound_port())
        async with self._sipp.run(name, call(self._tone), *table, *options):
            yield

    def _sound_port(self) -> tuple[str, str]:
        return "-mp", str(free_ports(self._sipp.host).sip)


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
