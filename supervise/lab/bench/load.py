"""Many calls at once, made by SIPp: the load under which Asterisk's processor time is measured.

Forty sessions need 120 legs. As simulated phones they would be 120 processes with as many audio pipelines, which two
cores do not carry beside Asterisk; one SIPp process carries forty legs of real SIP and real RTP in a few percent of a
core. Both sides of the comparison get the very same load. Agents send a tone, customers and supervisors send back what
they hear (SIPp's echo): every leg carries 50 packets a second both ways.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from supervise.lab.asterisk import Asterisk
from supervise.lab.bench.plan import CODES, Side
from supervise.lab.needs import Need
from supervise.lab.phone_errors import MeasuringError
from supervise.lab.phones.baresip import free_ports
from supervise.lab.phones.sipp import ANSWER, REGISTER, call
from supervise.lab.phones.sipprun import Sipp

LOAD: Final = (Need("sipp", "sip-tester"),)

CUSTOMER: Final = "140"
"""The one account that takes the calls of all agents."""

AGENTS: Final = tuple(str(number) for number in range(240, 280))
SUPERVISORS: Final = tuple(str(number) for number in range(340, 380))

CALLS_A_SECOND: Final = 20

_HOST: Final = "127.0.0.1"
_UP_WITHIN_S: Final = 10.0
_LOOK_EVERY_S: Final = 0.2
_FOR_EVER_MS: Final = 3_600_000

# One line of `pjsip show channelstats`: the channel's name, and the packets received and sent.
_STATISTICS: Final = re.compile(
    r"(?P<user>\d{3})-[0-9a-f]{8} +[\d:]+ +\S+ +(?P<received>\d+) +\d+ +\d+ +[\d.]+ +(?P<sent>\d+)"
)


class Load:
    """Forty calls of agents with customers, and, on demand, supervisors in them."""

    def __init__(self, asterisk: Asterisk, secret: str, folder: Path) -> None:
        """Put what SIPp reads into `folder`."""
        self._asterisk = asterisk
        self._sipp = Sipp(folder, asterisk.sip, _HOST, secret)
        self._tone = self._sipp.tone()

    @asynccontextmanager
    async def calls(self) -> AsyncIterator[None]:
        """All agents are in a call while the block lasts.

        Raises:
            CommandError: SIPp failed.
            MeasuringError: the calls are not there.
        """
        port = str(free_ports(_HOST).sip)
        await self._register(port)
        lines = self._sipp.table("agents.csv", [(agent, CUSTOMER) for agent in AGENTS])
        forever = ("-d", str(_FOR_EVER_MS))
        async with (
            self._sipp.run("customers", ANSWER, "-p", port, *_echo()),
            self._sipp.run("agents", call(self._tone), *lines, *_times(len(AGENTS)), *forever),
        ):
            await self._until_up(AGENTS)
            yield

    @asynccontextmanager
    async def supervised(self, side: Side, count: int, seconds: float) -> AsyncIterator[None]:
        """So many supervisors are each in a call while the block lasts; they hang up by themselves after `seconds`.

        Raises:
            CommandError: SIPp failed, for one because a call was refused.
            MeasuringError: the sessions are not there.
        """
        pairs = list(zip(SUPERVISORS, AGENTS, strict=True))[:count]
        lines = self._sipp.table("supervisors.csv", [(user, CODES[side] + agent) for user, agent in pairs])
        length = ("-d", str(round(seconds * 1000)))
        async with self._sipp.run("supervisors", call(), *lines, *_times(count), *length, *_echo()) as process:
            await self._until_up(SUPERVISORS[:count])
            yield
            await self._sipp.finish("supervisors", process)

    async def sent(self, users: Sequence[str]) -> Mapping[str, int]:
        """How many packets Asterisk has sent to each of these users' phones that are in a call."""
        shown = await self._asterisk.cli("pjsip show channelstats")
        return {user: packets for user, packets in packets_sent(shown).items() if user in users}

    async def _register(self, port: str) -> None:
        """Sign the customers in, from the port on which they are going to answer."""
        lines = self._sipp.table("customer.csv", [(CUSTOMER, "")])
        async with self._sipp.run("register", REGISTER, *lines, "-p", port, *_times(1)) as process:
            await self._sipp.finish("register", process)

    async def _until_up(self, users: Sequence[str]) -> None:
        """Wait until all of them are sent sound."""
        there: Mapping[str, int] = {}
        try:
            async with asyncio.timeout(_UP_WITHIN_S):
                while sum(packets > 0 for packets in there.values()) < len(users):
                    await asyncio.sleep(_LOOK_EVERY_S)
                    there = await self.sent(users)
        except TimeoutError:
            missing = ", ".join(sorted(set(users) - set(there)))
            raise MeasuringError(f"not in their calls within {_UP_WITHIN_S:.0f} s: {missing}") from None


def packets_sent(shown: str) -> dict[str, int]:
    """How many packets each phone was sent, by what `pjsip show channelstats` prints; of several calls, the last."""
    return {found["user"]: int(found["sent"]) for found in _STATISTICS.finditer(shown)}


def _times(calls: int) -> tuple[str, ...]:
    return "-m", str(calls), "-r", str(CALLS_A_SECOND)


def _echo() -> tuple[str, ...]:
    """Send back what is heard, from one port for all calls."""
    return "-rtp_echo", "-mp", str(free_ports(_HOST).sip)
