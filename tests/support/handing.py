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
from supervise.lab.phones.call import Call
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.ledger import records, until_closed
from tests.support.spoken import Spoken, spoken
from tests.support.witness import names, witness

log = structlog.get_logger(__name__)

LONGEST_MS = 250
"""From the agent's last sound to the supervisor's first: 25 to 60 ms (22.10.1); more where others work too."""

LONGEST_ATTENDED_MS = 1500
"""The same from the end of the music: Asterisk itself takes half a second to put the customer into the room."""

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

    async def is_theirs(self, *, longest: float, since_ns: int) -> None:
        """Wait until the call is the supervisor's own on the leg that they have, with nothing of ours in it."""
        await self.centre.hearing.until(self.customer, hears={Voice.SUPERVISOR}, not_hears={Voice.AGENT}, within=8)
        await self.centre.hearing.until(self.supervisor, hears={Voice.CUSTOMER}, not_hears={Voice.AGENT})
        assert len(self.supervisor.calls) == 1, "a second call rang at the supervisor's phone"
        closings = await until_closed(self.centre, count=len(records(self.centre, Deed.OPENED)))
        reasons = [closing.reason for closing in closings]
        assert reasons.count(Ending.HANDED_OVER) == 1, reasons
        await self.said.until("handed-over")
        await self.centre.hearing.listen([self.customer], 300)
        gap = self.longest_silence(since_ns)
        log.info("gap", ms=round(gap))
        assert gap <= longest, f"the customer heard nobody for {gap:.0f} ms"

    def longest_silence(self, since_ns: int) -> float:
        """The longest time in which the customer heard nobody, in milliseconds."""
        window = Window(since_ns, time.time_ns() - 60_000_000)
        voices = (Voice.AGENT, Voice.SUPERVISOR)
        heard = sorted(m for v in voices for m in self.centre.hearing._moments(self.customer, v, window))
        return max((after - before) / 1e6 for before, after in pairwise([since_ns, *heard]))

    async def is_an_ordinary_call(self) -> None:
        """The supervisor's own phone holds it and transfers it."""
        await self._until_nothing_is_ours()
        await self.supervisor.hold()
        await self.centre.hearing.until(self.customer, not_hears={Voice.SUPERVISOR}, for_ms=300)
        await self.supervisor.resume()
        await self.centre.hearing.until(self.customer, hears={Voice.SUPERVISOR})
        await self.centre.phone("203", Voice.OTHER)
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


async def called_out(centre: CallCentre) -> tuple[Phone, Phone]:
    """A customer whom an agent has called."""
    agent, customer = await centre.phone("201"), await centre.phone("101")
    await agent.dial("101")
    await agent.until_established()
    await centre.hearing.until(customer, hears={Voice.AGENT}, for_ms=200)
    return customer, agent


@asynccontextmanager
async def supervised(
    centre: CallCentre,
    code: str = "*55",
    keys: str = "",
    *,
    supervisor: str = "301",
    **call: Any,
) -> AsyncIterator[Handing]:
    """Let a supervisor be in a call, whose agent is 201 unless told otherwise."""
    agent = call.get("agent", "201")
    async with spoken(centre) as said:
        customer, agent_phone = await (called_out(centre) if call.pop("outbound", False) else centre.call(**call))
        phone = await centre.phone(supervisor)
        await phone.dial(f"{code}{agent}")
        await centre.hearing.until(phone, hears=BOTH, for_ms=200)
        await phone.press(keys)
        # A phone sends its keys instead of its voice.
        await centre.hearing.listen([phone], 400 if keys else 0)
        await until_receiving(centre, supervisor)
        yield Handing(centre, said, customer, agent_phone, phone)


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
