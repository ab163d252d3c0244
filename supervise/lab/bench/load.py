"""Many calls at once, made by SIPp: the load under which Asterisk's processor time is measured.

Forty sessions need 120 legs. As simulated phones they would be 120 processes with as many audio pipelines, which two
cores do not carry beside Asterisk; one SIPp process carries forty legs of real SIP and real RTP in a few percent of a
core. Both sides of the comparison get the very same load. Agents send a tone, customers and supervisors send back what
they hear (SIPp's echo): every leg carries 50 packets a second both ways.
"""

import asyncio
import re
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from supervise.lab.asterisk import Asterisk
from supervise.lab.bench.plan import CODES, Side
from supervise.lab.commands import stop
from supervise.lab.errors import CommandError
from supervise.lab.needs import Need
from supervise.lab.phone_errors import MeasuringError
from supervise.lab.phones.baresip import free_ports
from supervise.lab.phones.sipp import ANSWER, REGISTER, call

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
        self._secret = secret
        self._folder = folder
        self._tone = folder / "tone.ulaw"
        # A second of anything that is not silence.
        self._tone.write_bytes(bytes(0x80 + 7 * sample % 0x70 for sample in range(160)) * 50)

    @asynccontextmanager
    async def calls(self) -> AsyncIterator[None]:
        """All agents are in a call while the block lasts.

        Raises:
            CommandError: SIPp failed.
            MeasuringError: the calls are not there.
        """
        port = str(free_ports(_HOST).sip)
        await self._register(port)
        answer = self._write("answer.xml", ANSWER)
        dial = self._write("agents.xml", call(str(self._tone)))
        lines = self._table("agents.csv", [(agent, CUSTOMER) for agent in AGENTS])
        forever = ("-d", str(_FOR_EVER_MS))
        async with (
            self._sipp("customers", answer, "-p", port, *_echo()),
            self._sipp("agents", dial, *lines, *_times(len(AGENTS)), *forever),
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
        dial = self._write("supervisors.xml", call())
        lines = self._table("supervisors.csv", [(user, CODES[side] + agent) for user, agent in pairs])
        length = ("-d", str(round(seconds * 1000)))
        async with self._sipp("supervisors", dial, *lines, *_times(count), *length, *_echo()) as process:
            await self._until_up(SUPERVISORS[:count])
            yield
            if code := await process.wait():
                raise CommandError(("sipp", "supervisors"), f"failed with {code}", self._said("supervisors"))

    async def sent(self, users: Sequence[str]) -> Mapping[str, int]:
        """How many packets Asterisk has sent to each of these users' phones that are in a call."""
        shown = await self._asterisk.cli("pjsip show channelstats")
        return {user: packets for user, packets in packets_sent(shown).items() if user in users}

    async def _register(self, port: str) -> None:
        """Sign the customers in, from the port on which they are going to answer."""
        register = self._write("register.xml", REGISTER)
        lines = self._table("customer.csv", [(CUSTOMER, "")])
        async with self._sipp("register", register, *lines, "-p", port, *_times(1)) as process:
            if code := await process.wait():
                raise CommandError(("sipp", "register"), f"failed with {code}", self._said("register"))

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

    @asynccontextmanager
    async def _sipp(self, name: str, scenario: Path, *options: str) -> AsyncIterator[Process]:
        address, port = self._asterisk.sip
        ours = ("-i", _HOST, "-mi", _HOST, "-nostdin", "-skip_rlimit", "-trace_err", "-error_file", f"{name}.err")
        command = ("setpriv", "--pdeathsig", "KILL", "sipp", f"{address}:{port}", "-sf", str(scenario), *ours, *options)
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

    def _write(self, name: str, text: str) -> Path:
        path = self._folder / name
        path.write_text(text)
        return path

    def _table(self, name: str, rows: Sequence[tuple[str, str]]) -> tuple[str, str]:
        """Whom SIPp plays, one after the other: the user, whom they call, and their password in its words."""
        lines = (f"{user};{to};[authentication username={user} password={self._secret}]" for user, to in rows)
        return "-inf", str(self._write(name, "\n".join(("SEQUENTIAL", *lines, ""))))


def packets_sent(shown: str) -> dict[str, int]:
    """How many packets each phone was sent, by what `pjsip show channelstats` prints; of several calls, the last."""
    return {found["user"]: int(found["sent"]) for found in _STATISTICS.finditer(shown)}


def _times(calls: int) -> tuple[str, ...]:
    return "-m", str(calls), "-r", str(CALLS_A_SECOND)


def _echo() -> tuple[str, ...]:
    """Send back what is heard, from one port for all calls."""
    return "-rtp_echo", "-mp", str(free_ports(_HOST).sip)
