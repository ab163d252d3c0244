"""What becomes of a session when its call is sent elsewhere by something else than a phone's own transfer."""

import time

import pytest

from supervise.domain.records import Deed
from supervise.domain.words import Mode
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.ledger import records, until_closed, until_recorded
from tests.support.moving import moving_plan
from tests.support.odd import Odd, never_heard
from tests.support.spoken import spoken
from tests.support.unbroken import LONGEST_ALONE_MS, LONGEST_GAP_MS, LONGEST_TO_A_STRANGER_MS, Around, around
from tests.support.witness import eventually_channels, names

pytestmark = pytest.mark.telephony

FOLLOW_CUSTOMER = ("97", "follow-customer")

BEFORE = {Voice.AGENT, Voice.SUPERVISOR}
"""Whom a customer who has come to somebody else heard until then."""


@pytest.fixture
def plan() -> Plan:
    """Leads who may do everything with the agents 201 and 203; nobody may supervise 202."""
    return moving_plan(whom="{people: [anna, cleo]}")


@pytest.mark.parametrize("mode", Mode)
async def test_the_agent_is_redirected(centre: CallCentre, mode: Mode) -> None:
    """A masquerade or AsyncGoto takes the agent away: the customer's call ends as without us, nothing new is heard."""
    at = await _joined(centre, mode)
    other = await centre.phone("102", Voice.OTHER)
    agent, customer = (heard for _, heard in at.around())
    gone_ns = time.time_ns()
    await _redirect(centre, at.agent, "102")
    await centre.hearing.until(other, hears={Voice.AGENT}, not_hears={Voice.SUPERVISOR})
    await at.others[0].until_closed()
    await at.supervisor.until_closed(within=8)
    customer.only(*at.hears(at.others[0]))
    customer.never_without(*at.hears(at.others[0]), longest=LONGEST_ALONE_MS if mode is Mode.BARGE else LONGEST_GAP_MS)
    agent.only(*at.hears(at.agent), Voice.OTHER)
    agent.parted(Voice.CUSTOMER, Voice.OTHER)
    never_heard(centre, other, Voice.SUPERVISOR, gone_ns)
    never_heard(centre, at.supervisor, Voice.OTHER, gone_ns)
    never_heard(centre, at.agent, Voice.SUPERVISOR, gone_ns + 300_000_000)
    await until_closed(centre)
    assert await _ours(centre) == []


async def test_a_seat_of_earlier_keeps_no_customer(centre: CallCentre) -> None:
    """Whoever has barged and only listens now has a seat in the call still: it goes when the agent is taken away."""
    at = await _joined(centre, Mode.BARGE)
    await at.switch(Mode.MONITOR)
    other = await centre.phone("102", Voice.OTHER)
    customer = around(centre, at.others[0])
    await _redirect(centre, at.agent, "102", to=other)
    await at.others[0].until_closed()
    await at.supervisor.until_closed(within=8)
    customer.only(Voice.AGENT)
    customer.never_without(Voice.AGENT, longest=LONGEST_ALONE_MS)


@pytest.mark.parametrize("mode", Mode)
async def test_the_customer_is_redirected(centre: CallCentre, mode: Mode) -> None:
    """The agent's call is over; whom the customer talks to then is not heard."""
    at = await _joined(centre, mode)
    other = await centre.phone("102", Voice.OTHER)
    agent, customer = (heard for _, heard in at.around())
    gone_ns = time.time_ns()
    await _redirect(centre, at.others[0], "102")
    await centre.hearing.until(other, hears={Voice.CUSTOMER}, not_hears={Voice.SUPERVISOR})
    await centre.hearing.until(at.others[0], hears={Voice.OTHER}, not_hears=BEFORE, for_ms=400)
    await at.agent.until_closed()
    await at.supervisor.until_closed(within=8)
    _came_to_another(at, customer)
    agent.only(*at.hears(at.agent))
    never_heard(centre, other, Voice.SUPERVISOR, gone_ns)
    never_heard(centre, at.supervisor, Voice.OTHER, gone_ns)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("followed", [False, True])
async def test_the_dialplan_goes_on_after_the_agent(centre: CallCentre, mode: Mode, *, followed: bool) -> None:
    """Dial() with g: the customer comes to the next agent, who may not be supervised; not a word of that is heard."""
    async with spoken(centre) as said:
        at = await _joined(centre, mode, dialled="6201")
        if followed:
            await at.supervisor.press(FOLLOW_CUSTOMER[0])
            await said.until(FOLLOW_CUSTOMER[1])
        ben = await centre.phone("202", Voice.OTHER)
        customer, gone_ns = around(centre, at.others[0]), time.time_ns()
        await at.agent.hangup()
        await centre.hearing.until(at.others[0], hears={Voice.OTHER}, not_hears=BEFORE, for_ms=400)
        if followed:
            await said.until("not-allowed")
        else:
            await at.supervisor.until_closed(within=8)
        _came_to_another(at, customer)
        never_heard(centre, at.supervisor, Voice.OTHER, gone_ns)
        never_heard(centre, ben, Voice.SUPERVISOR, gone_ns)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("by", ["feature", "transfer"])
async def test_parked_and_fetched(centre: CallCentre, mode: Mode, by: str) -> None:
    """Who follows a customer waits while they are parked, whoever else is, and goes on with who fetches them."""
    async with spoken(centre) as said:
        at = await _joined(centre, mode, dialled="7201")
        await at.supervisor.press(FOLLOW_CUSTOMER[0])
        await said.until(FOLLOW_CUSTOMER[1])
        customer = around(centre, at.others[0], keyed=[at.agent])
        await (at.agent.press("#72") if by == "feature" else at.agent.transfer("700"))
        await said.until("call-ended", within=10)
        # Cleo is parked beside the customer: both wait in one bridge, and talk to nobody.
        cleo, ben = await centre.phone("203", Voice.OTHER), await centre.phone("202", Voice.OTHER)
        await cleo.dial("202")
        await ben.until_established()
        await centre.hearing.until(ben, hears={Voice.OTHER})
        customer.only(*at.hears(at.others[0]))
        customer.never_silent()
        waiting, parked_ns = around(centre, at.others[0]), time.time_ns()
        await ben.transfer("700")
        await said.until("tick", within=10)
        said.forget()
        await said.until("tick", within=10)
        assert len(records(centre, Deed.OPENED)) == 1
        await cleo.hangup()
        cleo = await centre.phone("203")
        waiting.only()
        await cleo.dial("701")
        await Odd(centre, cleo, at.others, at.supervisor).expect(Mode.MONITOR)
        waiting.only(Voice.AGENT)
        waiting.never_silent()
        never_heard(centre, cleo, Voice.SUPERVISOR, parked_ns)
        openings = await until_recorded(centre, Deed.OPENED, count=2)
        assert [record.agent for record in openings] == ["anna", "cleo"]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("ends", ["back", "complete", "customer hangs up"])
async def test_consulting_by_feature_keys(centre: CallCentre, mode: Mode, ends: str) -> None:
    """In every mode silent until the agent is back, when all is as before; ended when they are not to come back.

    The customer has music; in barge the supervisor until the consultation has begun.
    """
    at = await _joined(centre, mode, dialled="7201")
    third = await centre.phone("203", Voice.OTHER)
    customer = at.others[0]
    heard, began_ns = around(centre, customer, keyed=[at.agent]), time.time_ns()
    await at.agent.press("*2")
    await centre.hearing.listen([customer], 500)
    heard.never_silent()
    await at.agent.press("203")
    await centre.hearing.until(third, hears={Voice.AGENT}, not_hears={Voice.SUPERVISOR}, within=8)
    asked_ns = time.time_ns()
    await centre.hearing.until(third, hears={Voice.AGENT}, not_hears={Voice.SUPERVISOR}, for_ms=1200)
    never_heard(centre, at.supervisor, Voice.OTHER, asked_ns)
    never_heard(centre, customer, Voice.SUPERVISOR, asked_ns)
    never_heard(centre, third, Voice.SUPERVISOR, began_ns)
    end = around(centre, customer)
    if ends == "back":
        await third.hangup()
        await at.expect(mode)
        heard.only(*at.hears(customer))
        end.never_without(Voice.AGENT, longest=LONGEST_TO_A_STRANGER_MS)
        heard.never_silent()
        return
    await (at.agent if ends == "complete" else customer).hangup()
    await at.supervisor.until_closed(within=8)
    never_heard(centre, at.supervisor, Voice.OTHER, asked_ns)
    heard.only(*at.hears(customer), *({Voice.OTHER} if ends == "complete" else ()))
    if ends == "complete":
        await centre.hearing.until(customer, hears={Voice.OTHER}, not_hears=BEFORE, for_ms=400)
        heard.parted(Voice.AGENT, Voice.OTHER)
        never_heard(centre, third, Voice.SUPERVISOR, began_ns)
        end.never_without(Voice.OTHER, longest=LONGEST_TO_A_STRANGER_MS)
    heard.never_silent(longest=LONGEST_TO_A_STRANGER_MS)


async def _joined(centre: CallCentre, mode: Mode, *, dialled: str = "") -> Odd:
    customer, agent = await centre.call(dialled=dialled)
    at = Odd(centre, agent, [customer], await centre.phone("301"))
    await at.join(mode)
    return at


def _came_to_another(at: Odd, customer: Around) -> None:
    """The customer heard nobody but their call, then the one they came to and the supervisor no more."""
    customer.only(*at.hears(at.others[0]), Voice.OTHER)
    for voice in at.hears(at.others[0]):
        customer.parted(voice, Voice.OTHER)
    customer.never_without(*at.hears(at.others[0]), Voice.OTHER, longest=LONGEST_TO_A_STRANGER_MS)


async def _redirect(centre: CallCentre, phone: Phone, number: str, *, to: Phone | None = None) -> None:
    """Send a phone's channel elsewhere, as AMI, the console and ChannelRedirect() do; then wait until it is there."""
    channels, _ = await names(centre)
    channel = next(name for name in channels if name.startswith(f"PJSIP/{phone.user}-"))
    await centre.asterisk.cli(f"channel redirect {channel} phones,{number},1")
    if to is not None:
        await to.until_established()


async def _ours(centre: CallCentre) -> list[str]:
    """What is left when the two who were put through are the only ones."""
    return [name for name in await eventually_channels(centre, count=2) if not name.startswith("PJSIP/")]
