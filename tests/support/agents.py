"""A call with two agents in it, and a supervisor: who hears whom."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from supervise.lab.callcentre import CallCentre
from supervise.lab.hearing.ear import Window
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.spoken import Spoken, spoken


@dataclass(frozen=True, slots=True)
class Table:
    """A customer, two agents, of whom the second one has another voice, and a supervisor."""

    centre: CallCentre
    said: Spoken
    customer: Phone
    agent: Phone
    second: Phone
    supervisor: Phone

    async def heard_by(self, *phones: Phone) -> None:
        """Wait until these phones hear the supervisor, and none of the others, and everybody hears the others."""
        voices = {self.customer: Voice.CUSTOMER, self.agent: Voice.AGENT, self.second: Voice.OTHER}
        for phone, voice in voices.items():
            others = set(voices.values()) - {voice}
            told = {Voice.SUPERVISOR} if phone in phones else set[Voice]()
            await self.hears(phone, others | told)
        await self.hears(self.supervisor, set(voices.values()))

    async def hears_supervisor(self, phone: Phone) -> None:
        """Wait until a phone hears the supervisor."""
        await self.centre.hearing.until(phone, hears={Voice.SUPERVISOR}, for_ms=200, within=6)

    async def hears(self, phone: Phone, voices: set[Voice]) -> None:
        """Wait until a phone hears exactly these voices."""
        await self.centre.hearing.until(phone, hears=voices, not_hears=set(Voice) - voices, for_ms=200, within=6)

    async def choose(self, extension: str) -> None:
        """Choose the other agent by the keys, when they are offered."""
        await self.offer(extension)
        await self.supervisor.press("1")
        await self.said.until("agent", f"digits:{extension}", within=8)

    async def offer(self, extension: str) -> None:
        """Ask whom one may choose, and wait until the other agent is offered."""
        self.said.forget()
        await self.supervisor.press("90")
        await self.said.until("menu-for", "agent", f"digits:{extension}", "menu-press", within=8)

    def never_heard(self, phone: Phone, start_ns: int) -> None:
        """Fail if a phone has heard the supervisor since a moment, be it for one frame."""
        window = Window(start_ns, time.time_ns() - 60_000_000)
        assert self.centre.hearing.first_heard(phone, Voice.SUPERVISOR, window) is None


@asynccontextmanager
async def three(centre: CallCentre, code: str = "*55", second: str = "202") -> AsyncIterator[Table]:
    """Let a second agent join the call of customer 101 with agent 201, which a lead supervises."""
    async with spoken(centre) as said:
        customer, agent = await centre.call()
        other = await centre.phone(second, Voice.OTHER)
        await other.dial("8201")
        await centre.hearing.until(other, hears={Voice.CUSTOMER, Voice.AGENT}, for_ms=200)
        supervisor = await centre.phone("301")
        await supervisor.dial(f"{code}201")
        yield Table(centre, said, customer, agent, other, supervisor)
