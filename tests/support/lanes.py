"""Several calls at once, each with its supervisor, in which something happens at the n-th request of a switch."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from supervise.ari import Access, Ari
from supervise.domain.records import Deed
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing.ear import Window
from supervise.lab.phones.call import CallState
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.cable import Cable
from tests.support.ledger import records
from tests.support.unbroken import expect_no_gap, expect_only

LANES = 4
"""So many calls at once."""

NO_PART_OF_A_SWITCH = ("/applications/", "sv-prompter-", "sv-notifier-", "/playbacks/", "/variable?")
"""Requests that change nothing about who hears whom."""

PART_OF_A_SWITCH = "variable=SUPERVISE_PEER"
"""But this one: it says beside whom somebody is to be put."""

LAST_REQUEST_S = 1.0
"""So long after the one before it a further request of a switch is waited for; a switch takes 20 to 90 ms."""

REMOVE = "93"

_LONGEST_S = 60.0
"""No call of a lane lasts so long."""

BEFORE_NS = 300_000_000
"""So much of the call is judged from before the switch."""

_POLICY = """\
people:
{people}
teams: {{support: {{leads: [{leads}], members: [{agents}]}}}}
roles: {{lead: , agent: }}
rules:
  - {{who: lead, may: [monitor, coach, barge, hold-agent, remove-agent, take-over], whom: own-teams, how: choice}}
house: {{start: hidden, start_muted: no, visible_before: {{coach: not-required, barge: not-required}}}}
"""


def plan_of_lanes() -> Plan:
    """A customer, an agent, a lead and somebody to transfer to for each lane."""
    numbers = range(1, LANES + 1)
    kinds = (("lead", 30), ("agent", 20))
    people = [f'  {role}{n}: {{role: {role}, endpoint: "{kind}{n}"}}' for n in numbers for role, kind in kinds]
    leads, agents = (", ".join(f"{role}{n}" for n in numbers) for role, _ in kinds)
    users = tuple(f"{kind}{n}" for kind in (10, 20, 21, 30) for n in numbers)
    return Plan(users=users, policy=_POLICY.format(people="\n".join(people), leads=leads, agents=agents))


@dataclass(slots=True)
class Fuse:
    """Does something when so many requests about a session have been answered."""

    length: int
    act: Callable[[], None]
    burnt: asyncio.Event = field(default_factory=asyncio.Event)

    def burn(self) -> None:
        """One more request has been answered."""
        if self.length == 0 and not self.burnt.is_set():
            self.burnt.set()
            self.act()
        self.length -= 1


@dataclass(slots=True)
class Lane:
    """One call centre within the call centre.

    Attributes:
        ids: what names the session and its people in a request.
        fuse: what its requests burn.
        ended: when whose call has ended. Its port may be another phone's from then on, in another lane.
    """

    centre: CallCentre
    customer: Phone
    agent: Phone
    supervisor: Phone
    stranger: Phone
    ids: Collection[str] = ()
    fuse: Fuse | None = None
    ended: dict[str, int] = field(default_factory=dict)
    watching: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def phones(self) -> tuple[Phone, ...]:
        """Everybody."""
        return self.customer, self.agent, self.supervisor, self.stranger

    def requested(self, request: str) -> None:
        """Take in a request that has been answered."""
        mine = any(id_ in request for id_ in self.ids)
        no_part = any(word in request for word in NO_PART_OF_A_SWITCH) and PART_OF_A_SWITCH not in request
        if self.fuse is not None and mine and not no_part:
            self.fuse.burn()

    async def begin(self, code: str, before: str = "") -> None:
        """Set the call up, and let the supervisor dial; with keys `before` the agent is out of the call by then."""
        hearing = self.centre.hearing
        await self.customer.dial(self.agent.user)
        await self.customer.until_established()
        await hearing.until(self.customer, hears={Voice.AGENT}, for_ms=60)
        await self.supervisor.dial(f"{code}{self.agent.user}")
        await self.supervisor.until_established()
        await hearing.until(self.supervisor, hears={Voice.AGENT, Voice.CUSTOMER}, for_ms=100)
        if code != "*55":
            await hearing.until(self.agent, hears={Voice.SUPERVISOR}, for_ms=60)
        if before:
            await self._part(before)
        self.ended.clear()
        self.watching = [asyncio.create_task(self._watch(each)) for each in self.phones[:3]]
        lead = f"lead{self.supervisor.user[-1]}"
        opening = [record for record in records(self.centre, Deed.OPENED) if record.supervisor == lead][-1]
        self.ids = (opening.session, *await self._channels())

    async def _part(self, keys: str) -> None:
        """Let the supervisor put the agent on hold, or remove them, who then does not wait for the words."""
        await self.supervisor.press(keys)
        for phone, voice in ((self.customer, Voice.SUPERVISOR), (self.supervisor, Voice.CUSTOMER)):
            await self.centre.hearing.until(phone, hears={voice}, not_hears={Voice.AGENT}, for_ms=100)
        if keys == REMOVE:
            await self.agent.hangup()

    async def _watch(self, phone: Phone) -> None:
        """An agent who was removed has their next call when they are called back."""
        call = await phone.until_called(within=_LONGEST_S)
        await phone.until_closed(call, within=_LONGEST_S)
        self.ended[phone.name] = time.time_ns()

    def until_now(self, phone: Phone, since_ns: int) -> Window:
        """From a moment until what has been read by now of a phone's call, or until that has ended."""
        now_ns = time.time_ns() - 60_000_000
        return Window(since_ns, min(now_ns, self.ended.get(phone.name, now_ns)))

    async def _channels(self) -> list[str]:
        user, password = self.centre.asterisk.witness
        async with Ari(Access("pbx", self.centre.asterisk.ari_url, user, password, "lanes")) as ari:
            mine = {f"PJSIP/{phone.user}" for phone in (self.agent, self.supervisor)}
            return [c.id for c in await ari.channels.list() if c.name.rpartition("-")[0] in mine]

    async def end(self) -> None:
        """Hang up what is left, and wait until every phone is free."""
        self.fuse = None
        for phone in self.phones:
            for call in phone.open_calls:
                await phone.hangup(call)
        for phone in self.phones:
            for call in phone.calls:
                await phone.until_closed(call)
        await asyncio.gather(*self.watching)

    def free(self) -> bool:
        """Whether nobody is left in a call but perhaps the agent who was taken out of it."""
        return all(each.call.state is CallState.CLOSED for each in (self.customer, self.supervisor))

    def expect_steady(self, window: Window) -> None:
        """The customer heard somebody all the time, and nobody but the agent and the supervisor."""
        expect_no_gap(self.centre, self.customer, window, keyed=[self.supervisor])
        expect_only(self.centre, self.customer, {Voice.AGENT, Voice.SUPERVISOR}, window)

    def expect_unheard(self, listener: Phone, voice: Voice, since_ns: int) -> None:
        """Not one frame of a voice arrived since a moment."""
        window = self.until_now(listener, since_ns)
        heard, first = (
            self.centre.hearing.heard(listener, window),
            self.centre.hearing.first_heard(listener, voice, window),
        )
        after = f"{((first or window.start_ns) - window.start_ns) / 1e6:.0f} ms after the key"
        assert heard.voices[voice].unheard, (
            f"{listener.name} heard {heard.voices[voice].frames} frames of {voice}, {after}"
        )


@asynccontextmanager
async def lanes(centre: CallCentre, line: Cable) -> AsyncIterator[list[Lane]]:
    """Sign all phones in; the requests over the cable burn the fuses of their lanes."""
    made = await asyncio.gather(*(_lane(centre, number) for number in range(1, LANES + 1)))

    def tell(request: str) -> None:
        for lane in made:
            lane.requested(request)

    line.requested = tell
    yield made
    line.requested = lambda _: None


async def _lane(centre: CallCentre, number: int) -> Lane:
    customer, agent, supervisor = [await centre.phone(f"{kind}{number}") for kind in (10, 20, 30)]
    return Lane(centre, customer, agent, supervisor, await centre.phone(f"21{number}", Voice.OTHER))
