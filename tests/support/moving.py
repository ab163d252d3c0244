"""A barge in which the supervisor may do everything with the agent, and what was heard around each move."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise

from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing.ear import Window
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.spoken import Spoken, spoken
from tests.support.unbroken import LONGEST_GAP_MS, unkeyed_ms

_POLICY = """\
people:
  hilda: {{name: Hilda Lead, role: lead, endpoint: "301"}}
  sven: {{name: Sven Second, role: lead, endpoint: "302"}}
  toni: {{name: Toni Trainee, role: trainee, endpoint: "303"}}
  anna: {{name: Anna Agent, role: agent, endpoint: "201"}}
  ben: {{name: Ben Agent, role: agent, endpoint: "202"}}
  cleo: {{name: Cleo Agent, role: agent, endpoint: "203"}}
teams:
  support: {{leads: [hilda, sven], members: [anna, ben, cleo, toni]}}
roles: {{lead: , trainee: , agent: }}
rules:
  - {{who: lead, may: [{lead}], whom: {whom}, how: choice}}
  - {{who: trainee, may: [monitor, coach, barge], whom: {{teams: [support]}}, how: choice}}
house:
  start: hidden
  start_muted: no
  visible_before: {{coach: not-required, barge: not-required}}
  tell_agent: {{by: [message]}}
{house}"""

EVERYTHING = (
    "monitor, coach, barge, hold-agent, remove-agent, take-over, follow-agent, follow-customer, receive-transfer"
)
"""All but to hear consult calls, which is its own right."""


def moving_plan(*, lead: str = EVERYTHING, whom: str = "own-teams", house: str = "") -> Plan:
    """Leads who may do everything unless told otherwise, and a trainee who may move nobody."""
    return Plan(policy=_POLICY.format(lead=lead, whom=whom, house=house))


@dataclass(frozen=True, slots=True)
class Table:
    """A supervisor who barges into a call."""

    centre: CallCentre
    said: Spoken
    customer: Phone
    agent: Phone
    supervisor: Phone

    async def three(self) -> None:
        """Wait until all three hear each other, and nobody themselves."""
        await self.hear(self.customer, Voice.AGENT, Voice.SUPERVISOR)
        await self.hear(self.agent, Voice.CUSTOMER, Voice.SUPERVISOR)
        await self.hear(self.supervisor, Voice.AGENT, Voice.CUSTOMER)

    async def without_agent(self) -> None:
        """Wait until customer and supervisor hear each other alone."""
        await self.hear(self.customer, Voice.SUPERVISOR)
        await self.hear(self.supervisor, Voice.CUSTOMER)

    async def hear(self, phone: Phone, *voices: Voice) -> None:
        """Wait until a phone hears exactly these voices."""
        others = {Voice.CUSTOMER, Voice.AGENT, Voice.SUPERVISOR} - set(voices)
        await self.centre.hearing.until(phone, hears=set(voices), not_hears=others, for_ms=240, within=6)

    async def hears_nobody(self, phone: Phone) -> None:
        """Listen for a while: there may be music, and there is no voice."""
        start_ns = time.time_ns()
        await self.centre.hearing.listen([phone], 300)
        window = Window(start_ns, start_ns + 300_000_000)
        heard = [voice for voice in Voice if self.centre.hearing.first_heard(phone, voice, window) is not None]
        assert not heard, f"{phone.name} heard {heard}"

    async def press(self, keys: str, *words: str) -> None:
        """Press keys, and wait for the words that answer them."""
        self.said.forget()
        await self.supervisor.press(keys)
        await self.said.until(*words)

    def expect_never_alone(self, start_ns: int, *, longest: int = LONGEST_GAP_MS) -> None:
        """All the time since a moment the customer heard somebody, and nothing but people."""
        window = Window(start_ns, time.time_ns() - 100_000_000)
        hearing = self.centre.hearing
        moments = sorted(
            moment
            for voice in (Voice.AGENT, Voice.SUPERVISOR)
            for moment in hearing._moments(self.customer, voice, window)
        )
        gaps = [unkeyed_ms(self.centre, [self.supervisor], Window(*pair)) for pair in pairwise(moments)]
        assert gaps, "the customer heard nobody"
        assert max(gaps) <= longest, f"the customer heard nobody for {max(gaps):.0f} ms"
        heard = hearing.heard(self.customer, window)
        foreign = set(Voice) - {Voice.AGENT, Voice.SUPERVISOR}
        assert all(heard.voices[voice].never_audible for voice in foreign), heard
        assert hearing.keys_heard(self.customer, window) == []


@asynccontextmanager
async def barge(
    centre: CallCentre, *, agent: str = "201", dialled: str = "", outbound: bool = False, answers: bool = True
) -> AsyncIterator[Table]:
    """Let a lead barge into an agent's call, which came straight, through a queue, or was made by the agent.

    Only an agent who makes the call may be one whose phone does not answer by itself.
    """
    async with spoken(centre) as said:
        if outbound:
            agent_phone, customer = await centre.phone(agent, answers=answers), await centre.phone("101")
            await agent_phone.dial("101")
            await agent_phone.until_established()
            await centre.hearing.until(customer, hears={Voice.AGENT}, for_ms=200)
            await centre.hearing.until(agent_phone, hears={Voice.CUSTOMER}, for_ms=200)
        else:
            customer, agent_phone = await centre.call(agent=agent, dialled=dialled)
        supervisor = await centre.phone("301")
        await supervisor.dial(f"*57{agent}")
        table = Table(centre, said, customer, agent_phone, supervisor)
        await table.three()
        await said.until("barge", "unmuted")
        yield table
