"""An agent hands the call that is supervised over to the supervisor, whose phone is in the session all the time."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
import structlog

from supervise.domain.records import Deed
from supervise.domain.sessions.session import Ending
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing.ear import Window
from supervise.lab.phones.call import Call, CallState
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.ledger import records, until_closed, until_recorded
from tests.support.moving import moving_plan
from tests.support.spoken import Spoken, spoken
from tests.support.witness import names, witness

log = structlog.get_logger(__name__)

pytestmark = pytest.mark.telephony

LONGEST_MS = 250
"""From the agent's last sound to the supervisor's first: 25 to 60 ms (22.10.1); more where others work too."""

LONGEST_ATTENDED_MS = 1500
"""The same from the end of the music: Asterisk itself takes half a second to put the customer into the room."""

_OURS = re.compile("supervise|^Snoop/|_attended|^Local/3")

BOTH = {Voice.AGENT, Voice.CUSTOMER}
MODES = [
    pytest.param("*55", "", id="monitor hidden"),
    pytest.param("*55", "8", id="monitor visible"),
    pytest.param("*56", "", id="coach"),
    pytest.param("*57", "", id="barge"),
    pytest.param("*57", "0", id="barge muted"),
]
CALLS = [
    pytest.param({}, id="Dial in"),
    pytest.param({"outbound": True}, id="Dial out"),
    pytest.param({"dialled": "501"}, id="Queue"),
    pytest.param({"agent": "202", "dialled": "502"}, id="Queue by Local"),
]


@pytest.fixture
def plan() -> Plan:
    """Leads who may do everything, and a trainee who may be handed nothing."""
    return moving_plan()


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
        assert (await until_closed(self.centre))[0].reason == Ending.HANDED_OVER
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


@pytest.mark.parametrize(("code", "keys"), MODES)
async def test_blind(centre: CallCentre, code: str, keys: str) -> None:
    """The customer lands on the supervisor's present leg, whatever the mode was, and it is an ordinary call then."""
    async with supervised(centre, code, keys) as at:
        start_ns = time.time_ns()
        await at.agent.transfer("301")
        await at.is_theirs(longest=LONGEST_MS, since_ns=start_ns)
        assert len(records(centre, Deed.HANDED_OVER)) == 1
        await at.is_an_ordinary_call()


@pytest.mark.parametrize("call", CALLS[1:])
async def test_blind_from_any_call(centre: CallCentre, call: dict[str, Any]) -> None:
    """Whoever called whom, and by which application."""
    async with supervised(centre, **call) as at:
        start_ns = time.time_ns()
        await at.agent.transfer("301")
        await at.is_theirs(longest=LONGEST_MS, since_ns=start_ns)
        await at.is_an_ordinary_call()


async def test_hand_back(centre: CallCentre) -> None:
    """*50 gives the call back to the agent, as after a take-over, and the customer hears no key."""
    async with supervised(centre) as at:
        start_ns = time.time_ns()
        await at.agent.transfer("301")
        await at.is_theirs(longest=LONGEST_MS, since_ns=start_ns)
        start_ns = time.time_ns()
        await at.supervisor.press("*50")
        await at.supervisor.until_closed(within=8)
        await centre.hearing.until(at.customer, hears={Voice.AGENT}, not_hears={Voice.SUPERVISOR})
        assert centre.hearing.keys_heard(at.customer, Window(start_ns, time.time_ns())) == []
        await until_recorded(centre, Deed.HAND_BACK)


@pytest.mark.parametrize("call", CALLS)
async def test_attended(centre: CallCentre, call: dict[str, Any]) -> None:
    """The agent talks to the supervisor first, who answers by a key, and the customer comes in their place."""
    async with supervised(centre, **call) as at:
        first, second = await at.consult()
        await at.said.until("agent-calls")
        await centre.hearing.listen([at.supervisor], 300)
        assert second.state is not CallState.ESTABLISHED
        await at.supervisor.press("98")
        await at.agent.until_established(second)
        await centre.hearing.until(at.supervisor, hears={Voice.AGENT}, not_hears={Voice.CUSTOMER}, for_ms=300)
        await centre.hearing.until(at.agent.line(second), hears={Voice.SUPERVISOR}, for_ms=300)
        start_ns = time.time_ns()
        await at.agent.transfer_to_call(first, second)
        await at.is_theirs(longest=LONGEST_ATTENDED_MS, since_ns=start_ns)
        await at.is_an_ordinary_call()


@pytest.mark.parametrize("code", ["*56", "*57"])
async def test_an_agent_who_comes_back(centre: CallCentre, code: str) -> None:
    """Who consults and hangs up goes on with the customer, and the session goes on as it was."""
    async with supervised(centre, code) as at:
        first, second = await at.consult()
        await at.said.until("agent-calls")
        # Longer than the dialplan would wait for a controller that hangs.
        await centre.hearing.listen([at.supervisor], 3500)
        assert len(at.supervisor.calls) == 1
        await at.supervisor.press("98")
        await centre.hearing.until(at.agent.line(second), hears={Voice.SUPERVISOR}, for_ms=300)
        await at.agent.hangup(second)
        await at.agent.resume(first)
        await centre.hearing.until(at.supervisor, hears=BOTH, for_ms=300, within=8)
        await centre.hearing.until(at.agent.line(first), hears={Voice.SUPERVISOR, Voice.CUSTOMER}, within=8)
        assert len(records(centre, Deed.CONSULT)) == 1
        assert not records(centre, Deed.HANDED_OVER, Deed.CLOSED)


@pytest.mark.parametrize("gone", ["agent", "customer", "supervisor"])
async def test_who_hangs_up_while_it_rings(centre: CallCentre, gone: str) -> None:
    """The agent's call ends, or goes on to ring the supervisor's phone; nobody is left behind."""
    async with supervised(centre) as at:
        first, second = await at.consult()
        await at.said.until("agent-calls")
        match gone:
            case "agent":
                await at.agent.hangup(second)
                await at.agent.resume(first)
                await centre.hearing.until(at.supervisor, hears=BOTH, for_ms=300)
            case "customer":
                await at.customer.hangup()
                await at.said.until("call-ended")
                await at.supervisor.until_closed(at.supervisor.calls[0], within=8)
            case _:
                await at.supervisor.hangup()
                await at.agent.until_established(second)
                await centre.hearing.until(at.agent.line(second), hears={Voice.SUPERVISOR})


async def test_without_the_right_the_phone_rings(centre: CallCentre) -> None:
    """Who may be handed nothing gets a second call, as without us, and the refusal is in the journal."""
    async with supervised(centre, supervisor="303") as at:
        await at.agent.transfer("303")
        second = await at.supervisor.until_established(await until_called(at))
        await centre.hearing.until(at.supervisor.line(second), hears={Voice.CUSTOMER})
        await until_recorded(centre, Deed.REFUSED)
        assert [record.reason for record in records(centre, Deed.REFUSED)] == ["not-allowed"]
        assert not records(centre, Deed.HANDED_OVER)


async def test_a_foreign_call_rings_the_phone(centre: CallCentre) -> None:
    """Other agents, and other calls of anybody, are none of the session's: it goes on."""
    async with supervised(centre) as at:
        other = await centre.phone("203", Voice.OTHER)
        await other.dial("301")
        second = await at.supervisor.until_established(await until_called(at))
        await centre.hearing.until(at.supervisor.line(second), hears={Voice.OTHER})
        await other.hangup()
        await centre.hearing.until(at.supervisor.line(at.supervisor.calls[0]), hears=BOTH)
        assert not records(centre, Deed.HANDED_OVER, Deed.REFUSED)


async def test_without_a_controller_the_phone_rings(centre: CallCentre) -> None:
    """One that died leaves the lamp burning; the call rings the phone at once all the same."""
    async with supervised(centre) as at:
        await centre.controller.kill()
        await at.agent.transfer("301")
        second = await at.supervisor.until_established(await until_called(at))
        await centre.hearing.until(at.supervisor.line(second), hears={Voice.CUSTOMER})
        await centre.controller.start()


async def test_a_controller_that_hangs_costs_three_seconds(centre: CallCentre) -> None:
    """One that does not answer is not waited for any longer."""
    async with supervised(centre) as at:
        centre.controller.freeze()
        await at.agent.transfer("301")
        second = await at.supervisor.until_established(await until_called(at, within=6))
        await centre.hearing.until(at.supervisor.line(second), hears={Voice.CUSTOMER})
        centre.controller.thaw()


async def until_called(at: Handing, within: float = 4.0) -> Call:
    """Wait until the supervisor's phone has a second call."""
    end = time.monotonic() + within
    while len(at.supervisor.calls) == 1:
        assert time.monotonic() < end, "no second call came"
        await at.centre.hearing.listen([at.supervisor], 20)
    return at.supervisor.calls[-1]
