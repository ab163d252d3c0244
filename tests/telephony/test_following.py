"""What becomes of a session when its call ends or moves on, and waiting for the next one."""

import time

import pytest

from supervise.domain.records import Deed
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing.ear import Window
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.ledger import records, until_closed, until_recorded
from tests.support.moving import barge, moving_plan
from tests.support.spoken import Spoken, spoken
from tests.support.unbroken import LONGEST_TO_A_STRANGER_MS, Around, around, expect_no_gap

pytestmark = pytest.mark.telephony

BOTH = {Voice.AGENT, Voice.CUSTOMER}
MODES = ["*55", "*56", "*57"]
BEFORE_NS = 300_000_000
"""So much of the call is judged from before the transfer."""

FOLLOW = {"this call": "95", "agent": "96", "customer": "97"}
FOLLOWED = {"this call": "follow-this-call", "agent": "follow-agent", "customer": "follow-customer"}


@pytest.fixture
def plan() -> Plan:
    """Leads who may do everything, with the agents 201 and 203; nobody may supervise 202 hidden or at all."""
    return moving_plan(whom="{people: [anna, cleo]}")


async def supervise(
    centre: CallCentre, said: Spoken, code: str, follow: str, dialled: str = ""
) -> tuple[Phone, Phone, Phone]:
    """Let a lead supervise the call of customer 101 with agent 201, and say what they follow."""
    customer, agent = await centre.call(dialled=dialled)
    supervisor = await centre.phone("301")
    await supervisor.dial(f"{code}201")
    await centre.hearing.until(supervisor, hears=BOTH, for_ms=200)
    await supervisor.press(FOLLOW[follow])
    await said.until(FOLLOWED[follow])
    return customer, agent, supervisor


def heard_nothing(centre: CallCentre, supervisor: Phone, start_ns: int) -> None:
    """Fail if the supervisor heard anybody of a call since a moment."""
    window = Window(start_ns, time.time_ns() - 60_000_000)
    assert all(centre.hearing.first_heard(supervisor, voice, window) is None for voice in Voice)


def expect_customer(heard: Around, code: str, left_ns: int) -> None:
    """The customer heard nobody who is not for them, the next agent alone, and until the agent let go no gap."""
    voices = {Voice.AGENT} | ({Voice.SUPERVISOR} if code == "*57" else set())
    heard.only(*voices, Voice.OTHER)
    for voice in voices:
        heard.parted(voice, Voice.OTHER)
    heard.never_silent(longest=LONGEST_TO_A_STRANGER_MS)
    expect_no_gap(heard.centre, heard.listener, Window(heard.since_ns, left_ns))


def _heard_the_agent(heard: Around) -> None:
    """A customer heard their agent all the time, and nobody else."""
    heard.only(Voice.AGENT)
    heard.never_without(Voice.AGENT)


@pytest.mark.parametrize("code", MODES)
@pytest.mark.parametrize("to", ["202", "203"])
async def test_blind_transfer_this_call_only(centre: CallCentre, code: str, to: str) -> None:
    """The agent's call has ended, and so has the session: not a frame of the next agent's."""
    async with spoken(centre) as said:
        customer, agent, supervisor = await supervise(centre, said, code, "this call")
        await centre.phone(to, Voice.OTHER)
        heard, gone_ns = around(centre, customer, before_ns=BEFORE_NS), time.time_ns()
        await agent.transfer(to)
        await said.until("call-ended")
        await supervisor.until_closed(within=8)
        await centre.hearing.until(customer, hears={Voice.OTHER}, not_hears={Voice.SUPERVISOR})
        window = Window(gone_ns, time.time_ns() - 60_000_000)
        assert centre.hearing.first_heard(supervisor, Voice.OTHER, window) is None
        expect_customer(heard, code, gone_ns)
        assert len(await until_closed(centre)) == 1


@pytest.mark.parametrize("code", MODES)
async def test_blind_transfer_follow_the_customer(centre: CallCentre, code: str) -> None:
    """The next agent is decided about anew, in a session of its own that begins in monitor."""
    async with spoken(centre) as said:
        customer, agent, supervisor = await supervise(centre, said, code, "customer")
        await centre.phone("203", Voice.OTHER)
        heard, gone_ns = around(centre, customer, before_ns=BEFORE_NS), time.time_ns()
        await agent.transfer("203")
        await centre.hearing.until(supervisor, hears={Voice.CUSTOMER, Voice.OTHER}, for_ms=300)
        await centre.hearing.until(customer, hears={Voice.OTHER}, not_hears={Voice.SUPERVISOR})
        expect_customer(heard, code, gone_ns)
        openings = await until_recorded(centre, Deed.OPENED, count=2)
        assert [record.agent for record in openings] == ["anna", "cleo"]
        assert openings[0].session != openings[1].session


async def test_a_customer_who_comes_to_a_forbidden_agent_is_not_heard(centre: CallCentre) -> None:
    """Not a frame of a call that the policy does not allow, and the refusal is said and written; then they wait."""
    async with spoken(centre) as said:
        customer, agent, supervisor = await supervise(centre, said, "*55", "customer")
        await centre.phone("202", Voice.OTHER)
        heard, gone_ns = around(centre, customer, before_ns=BEFORE_NS), time.time_ns()
        await agent.transfer("202")
        await centre.hearing.until(customer, hears={Voice.OTHER})
        await said.until("not-allowed")
        await centre.hearing.listen([supervisor], 500)
        window = Window(gone_ns, time.time_ns() - 60_000_000)
        assert centre.hearing.first_heard(supervisor, Voice.OTHER, window) is None
        expect_customer(heard, "*55", gone_ns)
        assert records(centre, Deed.REFUSED)[-1].reason == "not-allowed"
        await customer.hangup()
        await said.until("call-ended")
        await supervisor.until_closed(within=8)


@pytest.mark.parametrize("code", MODES)
async def test_attended_transfer_by_the_phone(centre: CallCentre, code: str) -> None:
    """REFER with Replaces: the consult call is never heard, and the customer is followed to the one consulted."""
    async with spoken(centre) as said:
        customer, agent, supervisor = await supervise(centre, said, code, "customer")
        first, heard, gone_ns = agent.call, around(centre, customer, before_ns=BEFORE_NS), time.time_ns()
        await agent.hold()
        await centre.phone("203", Voice.OTHER)
        second = await agent.dial("203")
        await agent.until_established(second)
        consult_ns = time.time_ns()
        await centre.hearing.until(agent.line(second), hears={Voice.OTHER}, for_ms=400)
        window = Window(consult_ns, time.time_ns() - 60_000_000)
        assert centre.hearing.first_heard(supervisor, Voice.OTHER, window) is None
        await agent.transfer_to_call(first, second)
        await centre.hearing.until(customer, hears={Voice.OTHER}, for_ms=300)
        await centre.hearing.until(supervisor, hears={Voice.CUSTOMER, Voice.OTHER}, for_ms=300)
        expect_customer(heard, code, gone_ns)


@pytest.mark.parametrize("code", MODES)
async def test_transfers_that_a_hanging_controller_does_not_see(centre: CallCentre, code: str) -> None:
    """Blind and attended: Asterisk by itself keeps supervisor and next agent from each other, frame by frame."""
    for attended in (False, True):
        async with spoken(centre) as said:
            customer, agent, supervisor = await supervise(centre, said, code, "this call")
            stranger, first = await centre.phone("202", Voice.OTHER), agent.call
            if attended:
                await agent.hold()
                second = await agent.dial("202")
                await agent.until_established(second)
                await centre.hearing.until(agent.line(second), hears={Voice.OTHER}, for_ms=200)
            centre.controller.freeze()
            gone_ns = time.time_ns()
            await (agent.transfer_to_call(first, second) if attended else agent.transfer("202"))
            await centre.hearing.until(customer, hears={Voice.OTHER}, not_hears={Voice.SUPERVISOR}, for_ms=400)
            window = Window(gone_ns, time.time_ns() - 60_000_000)
            assert centre.hearing.first_heard(supervisor, Voice.OTHER, window) is None
            assert centre.hearing.first_heard(stranger, Voice.SUPERVISOR, window) is None
            centre.controller.thaw()
            await said.until("call-ended")
            await supervisor.until_closed(within=8)
        await centre.hang_up_all()


async def test_continuous(centre: CallCentre) -> None:
    """Who follows the agent goes from call to call, and hears a tick between them, until they leave."""
    async with spoken(centre) as said:
        customer, agent, supervisor = await supervise(centre, said, "*55", "agent")
        heard = around(centre, customer)
        for _ in range(2):
            _heard_the_agent(heard)
            await customer.hangup()
            await said.until("call-ended", "waiting")
            await said.until("tick", within=8)
            said.forget()
            await customer.dial("201")
            await customer.until_established()
            heard = around(centre, customer, before_ns=0)
            await centre.hearing.until(supervisor, hears=BOTH, for_ms=300)
        await agent.hangup()
        await customer.until_closed()
        _heard_the_agent(heard)
        await said.until("call-ended", "waiting")
        await supervisor.press("*")
        await supervisor.until_closed(within=8)
        assert len(await until_closed(centre, count=3)) == 3


async def test_waiting_for_an_agent_who_is_on_no_call(centre: CallCentre) -> None:
    """1 waits, and the next call is joined by itself; it was refused first, and is in the journal as that."""
    async with spoken(centre) as said:
        agent, supervisor = await centre.phone("201"), await centre.phone("301")
        await supervisor.dial("*55201")
        await said.until("not-on-a-call", "wait-offer")
        await supervisor.press("1")
        await said.until("waiting", within=8)
        customer = await centre.phone("101")
        await customer.dial("201")
        await agent.until_established()
        await customer.until_established()
        heard = around(centre, customer, before_ns=0)
        await centre.hearing.until(supervisor, hears=BOTH, for_ms=300)
        _heard_the_agent(heard)
        assert [record.reason for record in records(centre, Deed.REFUSED)] == ["not-on-a-call"]


async def test_a_second_call_of_the_agent_is_never_heard(centre: CallCentre) -> None:
    """Call waiting: the session is about a call, not about an extension."""
    async with spoken(centre) as said:
        customer, agent, supervisor = await supervise(centre, said, "*57", "this call")
        first, on_hold = agent.call, around(centre, customer)
        await agent.hold(first)
        other = await centre.phone("102", Voice.OTHER)
        await other.dial("201")
        await other.until_established()
        start_ns, heard = time.time_ns(), around(centre, other, before_ns=0)
        await centre.hearing.until(other, hears={Voice.AGENT}, not_hears={Voice.SUPERVISOR}, for_ms=500)
        window = Window(start_ns, time.time_ns() - 60_000_000)
        assert centre.hearing.first_heard(supervisor, Voice.OTHER, window) is None
        _heard_the_agent(heard)
        on_hold.only(Voice.AGENT, Voice.SUPERVISOR)
        on_hold.never_silent()


async def test_consulting_by_feature_keys_is_not_heard(centre: CallCentre) -> None:
    """*2 and an extension: silence until the agent is back with the customer, then the session goes on."""
    async with spoken(centre) as said:
        customer, agent, supervisor = await supervise(centre, said, "*55", "this call", dialled="7201")
        third = await centre.phone("203", Voice.OTHER)
        heard = around(centre, customer, keyed=[agent])
        await agent.press("*2")
        await agent.press("203")
        await centre.hearing.until(third, hears={Voice.AGENT}, within=8)
        start_ns = time.time_ns()
        await centre.hearing.listen([supervisor], 800)
        heard_nothing(centre, supervisor, start_ns)
        await third.hangup()
        await centre.hearing.until(customer, hears={Voice.AGENT}, within=8)
        await centre.hearing.until(supervisor, hears=BOTH, for_ms=300)
        heard.only(Voice.AGENT)
        heard.never_silent()


async def test_hand_back(centre: CallCentre) -> None:
    """After a take-over *50 rings the agent; the supervisor stays until they answer, no key is heard."""
    async with barge(centre) as at:
        await at.supervisor.press("94")
        await at.agent.until_closed(within=8)
        await at.without_agent()
        start_ns = time.time_ns()
        await at.supervisor.press("*50")
        await at.supervisor.until_closed(within=8)
        await at.hear(at.customer, Voice.AGENT)
        await at.hear(at.agent, Voice.CUSTOMER)
        at.expect_never_alone(start_ns)
        await until_recorded(centre, Deed.HAND_BACK)
