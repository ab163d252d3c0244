"""Playing a visit, and noting when what was done; what came of it is read from the capture afterwards.

Nothing is read meanwhile: reading costs processor time, and both sides have to share two cores with what measures them.
"""

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Final, Self

from supervise.lab.bench.plan import CODES, FOLLOW_AGENT, Side, Visit
from supervise.lab.hearing.ear import Window
from supervise.lab.phones.call import Line
from supervise.lab.phones.phone import Phone
from supervise.lab.setup import sounds_folder
from supervise.lab.sound import Voice
from supervise.lab.wire.rtp import Address

SETTLE_S: Final = 0.7
"""After a dial, and after a hang-up, before the next thing is done."""

SWITCH_S: Final = 0.66
"""From one key to the next: 180 ms it is down, and the longest tail seen is 120 ms."""

CONTROL_S: Final = 4.0
"""How long a call is looked at without a supervisor."""

BETWEEN_S: Final = 3.0
"""From the end of a call to the agent's next one: what is said to a supervisor who waits has been said by then."""

_LONG_S: Final = 900
"""A recording longer than the benchmark: beginning one anew would look like a lost frame."""

_SUPERVISORS_S: Final = 400


@dataclass(frozen=True, slots=True)
class Played:
    """A visit as it went.

    Attributes:
        visit: what was to be done.
        lane: the number of the call.
        dialled_ns, left_ns: when the supervisor dialled and hung up; without a supervisor, beginning and end.
        keys_ns: when each key was pressed.
        supervisor: their call; None without a supervisor.
        call_id: its SIP Call-ID.
    """

    visit: Visit
    lane: int
    dialled_ns: int
    left_ns: int
    keys_ns: tuple[int, ...] = ()
    supervisor: Line | None = None
    call_id: str = ""

    @property
    def whole(self) -> Window:
        """From the dial to the hang-up."""
        return Window(self.dialled_ns, self.left_ns)


@dataclass(frozen=True, slots=True)
class NextCall:
    """An agent's next call, which a supervisor had waited for; it was looked at until `looked_ns`."""

    dialled_ns: int
    looked_ns: int
    customer: Line
    supervisor: Line


@dataclass(slots=True)
class Lane:
    """A call between a customer and an agent that never ends, and a supervisor's phone for it."""

    number: int
    customer: Phone
    agent: Phone
    supervisor: Phone
    played: list[Played] = field(default_factory=list)
    followed: list[NextCall] = field(default_factory=list)

    @classmethod
    async def open(cls, stack: AsyncExitStack, number: int, secret: str, registrar: Address) -> Self:
        """Sign the three phones in, and let the customer call the agent."""

        async def phone(kind: int, voice: Voice, seconds: int) -> Phone:
            user = f"{kind}0{number}"
            return await stack.enter_async_context(
                Phone(
                    user=user,
                    secret=secret,
                    registrar=registrar,
                    voice=voice,
                    recording_s=seconds,
                    sounds=sounds_folder(),
                )
            )

        customer, agent, supervisor = await asyncio.gather(
            phone(1, Voice.CUSTOMER, _LONG_S),
            phone(2, Voice.AGENT, _LONG_S),
            phone(3, Voice.SUPERVISOR, _SUPERVISORS_S),
        )
        await customer.dial(agent.user)
        await customer.until_established()
        return cls(number, customer, agent, supervisor)

    async def play(self, visit: Visit) -> Played:
        """Make a visit, and leave the call as it was."""
        played = await (self._watch(visit) if visit.side is Side.NOBODY else self._supervise(visit))
        self.played.append(played)
        return played

    async def follow(self, count: int) -> None:
        """Let the supervisor stay with the agent while so many next calls come."""
        waiting = await self.supervisor.dial(CODES[Side.OURS] + self.agent.user)
        await self.supervisor.until_established()
        await asyncio.sleep(SETTLE_S)
        for key in FOLLOW_AGENT:
            await self._press(key)
        for _ in range(count):
            await self.customer.hangup()
            await asyncio.sleep(BETWEEN_S)
            dialled = time.time_ns()
            call = await self.customer.dial(self.agent.user)
            await self.customer.until_established()
            await asyncio.sleep(SETTLE_S)
            lines = self.customer.line(call), self.supervisor.line(waiting)
            self.followed.append(NextCall(dialled, time.time_ns(), *lines))
        await self.supervisor.hangup()
        await asyncio.sleep(SETTLE_S)

    async def _watch(self, visit: Visit) -> Played:
        began = time.time_ns()
        await asyncio.sleep(CONTROL_S)
        return Played(visit, self.number, began, time.time_ns())

    async def _supervise(self, visit: Visit) -> Played:
        began = time.time_ns()
        call = await self.supervisor.dial(CODES[visit.side] + self.agent.user)
        await self.supervisor.until_established()
        await asyncio.sleep(SETTLE_S)
        pressed = [await self._press(key) for key in visit.keys]
        line = self.supervisor.line(call)
        left = time.time_ns()
        await self.supervisor.hangup()
        await asyncio.sleep(SETTLE_S)
        return Played(visit, self.number, began, left, tuple(pressed), line, call.id)

    async def _press(self, key: str) -> int:
        pressed = time.time_ns()
        await self.supervisor.press(key)
        await asyncio.sleep(SWITCH_S)
        return pressed
