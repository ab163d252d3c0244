"""A supervised call that is handed over to the supervisor, and what is to be heard of that."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import structlog

from supervise.domain.records import Deed
from supervise.domain.sessions.session import Ending
from supervise.lab.callcentre import CallCentre
from supervise.lab.hearing.ear import Window
from supervise.lab.hearing.hearing import Listener
from supervise.lab.phones.call import Call
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.ledger import records, until_closed
from tests.support.spoken import Spoken, spoken
from tests.support.witness import names, nothing_is_left, witness

log = structlog.get_logger(__name__)

LONGEST_MS = 250
"""From the agent's last sound to the supervisor's first: 25 to 60 ms (22.10.1); more where others work too."""

LONGEST_ATTENDED_MS = 250
"""The same from the end of the music: 25 to 100 ms."""

LONGEST_BUSY_MS = 500
"""The same where a seat and another ear are in the call, or the supervisor's phone sends a key instead of a voice."""

LONGEST_KEYED_MS = 1500
"""The same from an agent's first digit by Asterisk's own keys: three take them 0.7 s, and the customer has music."""

_OURS = re.compile("supervise|^Snoop/|_attended|^Local/3")

BOTH = {Voice.AGENT, Voice.CUSTOMER}


@dataclass(frozen=True, slots=True)
class Handing:
    """A supervised call, and what is to be heard of its being handed over."""

    centre: CallCentre
    said: Spoken
    customer: Phone
    agent: Phone
    supervisor: Phone
    began_ns: int

    async def is_theirs(self, *, longest: float, since_ns: int) -> None:
        """Wait until the call is the supervisor's own on the leg that they have, with nothing of ours in it."""
        await self.centre.hearing.until(self.customer, hears={Voice.SUPERVISOR}, not_hears={Voice.AGENT}, within=8)
        await self.centre.hearing.until(self.supervisor, hears={Voice.CUSTOMER}, not_hears={Voice.AGENT})
        assert not any(call.incoming for call in self.supervisor.calls), "a call rang at the supervisor's phone"
        closings = await until_closed(self.centre, count=len(records(self.centre, Deed.OPENED)))
        now = [closing for closing in closings if closing.at.timestamp() * 1e9 >= self.began_ns]
        reasons = [f"{closing.supervisor} {closing.reason}" for closing in now]
        assert [closing.reason for closing in now].count(Ending.HANDED_OVER) == 1, reasons
        await self.said.until("handed-over")
        await self.centre.hearing.listen([self.customer], 300)
        self.gap(since_ns=since_ns, longest=longest)

    def gap(self, *, since_ns: int, longest: float) -> None:
        """Fail if since a moment the customer has heard nobody for longer than that."""
        gap = self.longest_silence(since_ns)
        log.info("gap", ms=round(gap))
        assert gap <= longest, f"the customer heard nobody for {gap:.0f} ms"

    def longest_silence(self, since_ns: int) -> float:
        """The longest time in which the customer heard nobody, in milliseconds."""
        window = Window(since_ns, time.time_ns() - 60_000_000)
        voices = (Voice.AGENT, Voice.SUPERVISOR, Voice.OTHER)
        heard = sorted(m for v in voices for m in self.centre.hearing._moments(self.customer, v, window))
        return max((after - before) / 1e6 for before, after in pairwise([since_ns, *heard]))

    def unheard(self, listener: Listener, voice: Voice, since_ns: int) -> None:
        """Fail if somebody has heard a voice since a moment, in whatever frame."""
        window = Window(since_ns, time.time_ns() - 60_000_000)
        assert self.centre.hearing.first_heard(listener, voice, window) is None, f"{listener.name} heard the {voice}"

    def first_heard_ns(self, listener: Listener, voice: Voice) -> int:
        """When somebody has heard a voice first."""
        first = self.centre.hearing.first_heard(listener, voice, Window(self.began_ns, time.time_ns() - 60_000_000))
        assert first is not None, f"{listener.name} has not heard the {voice}"
        return first

    async def is_an_ordinary_call(self) -> None:
        """The supervisor's own phone holds it and transfers it."""
        await self._until_nothing_is_ours()
        await self.supervisor.hold()
        await self.centre.hearing.until(self.customer, not_hears={Voice.SUPERVISOR}, for_ms=300)
        await self.supervisor.resume()
        await self.centre.hearing.until(self.customer, hears={Voice.SUPERVISOR})
        await third(self.centre)
        await self.supervisor.transfer("203")
        await self.centre.hearing.until(self.customer, hears={Voice.OTHER})

    async def _until_nothing_is_ours(self, within: float = 5.0) -> None:
        """Once the last word has been said, no channel of ours or of the transfer's is in the call."""
        end = time.monotonic() + within
        while ours := [name for name in (await names(self.centre))[0] if _OURS.search(name)]:
            assert time.monotonic() < end, f"still there: {ours}"

    async def consult(self, to: str = "301") -> tuple[Call, Call]:
        """Let the agent put the customer on hold and call the supervisor; the two calls of the agent."""
        first = self.agent.call
        await self.agent.hold()
        return first, await self.agent.dial(to)


async def phone(centre: CallCentre, user: str) -> Phone:
    """A phone that is signed in, or becomes so: several calls of one call centre are of the same phones."""
    return next((each for each in centre.phones if each.user == user), None) or await centre.phone(user)


async def third(centre: CallCentre) -> Phone:
    """Somebody else, of whom nothing was decided."""
    found = next((each for each in centre.phones if each.user == "203"), None)
    return found or await centre.phone("203", Voice.OTHER)


async def called(centre: CallCentre, agent: Phone, dialled: str, *, outbound: bool) -> Phone:
    """A customer in a call with an agent."""
    customer = await phone(centre, "101")
    caller, number = (agent, "101") if outbound else (customer, dialled or agent.user)
    call = await caller.dial(number)
    await caller.until_established(call)
    await centre.hearing.until(customer, hears={Voice.AGENT}, for_ms=200)
    return customer


@asynccontextmanager
async def supervised(
    centre: CallCentre, code: str = "*55", keys: str = "", *, supervisor: str = "301", **call: Any
) -> AsyncIterator[Handing]:
    """Let a supervisor be in a call, whose agent is 201 unless told otherwise; afterwards nothing is left of it."""
    try:
        async with spoken(centre) as said:
            agent = await phone(centre, call.get("agent", "201"))
            customer = await called(centre, agent, call.get("dialled", ""), outbound=call.get("outbound", False))
            lead, began_ns = await phone(centre, supervisor), time.time_ns()
            await lead.dial(f"{code}{agent.user}")
            await centre.hearing.until(lead, hears=BOTH, for_ms=200)
            await lead.press(keys)
            # A phone sends its keys instead of its voice.
            await centre.hearing.listen([lead], 400 if keys else 0)
            await until_receiving(centre, supervisor)
            yield Handing(centre, said, customer, agent, lead, began_ns)
        await centre.hang_up_all()
        await nothing_is_left(centre)
    except BaseException as error:
        error.add_note(f"{code} {keys} {call}")
        raise


async def until_receiving(centre: CallCentre, supervisor: str, within: float = 5.0) -> None:
    """Wait until the dialplan asks about calls to a supervisor."""
    lamp = {"name": f"Stasis:receiving-{supervisor}", "state": "INUSE"}
    async with asyncio.timeout(within), witness(centre) as client:
        while lamp not in [state.json for state in await client.deviceStates.list()]:
            pass


async def until_called(at: Handing, within: float = 4.0) -> Call:
    """Wait until the supervisor's phone has a second call."""
    end = time.monotonic() + within
    while len(at.supervisor.calls) == 1:
        assert time.monotonic() < end, "no second call came"
        await at.centre.hearing.listen([at.supervisor], 20)
    return at.supervisor.calls[-1]
