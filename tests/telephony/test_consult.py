"""Consult calls of the agent: heard by the right to it, in monitor, while they last."""

import time

import pytest

from supervise.domain.records import Deed
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing.ear import Window
from supervise.lab.hearing.hearing import Listener
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.ledger import records
from tests.support.moving import EVERYTHING, moving_plan
from tests.support.spoken import Spoken, spoken
from tests.support.unbroken import around

pytestmark = pytest.mark.telephony

ROUNDS = 3
"""An ear that meets the one before it is deaf in one of the two directions of a round, on Debian's Asterisk."""

BOTH = {Voice.AGENT, Voice.CUSTOMER}


@pytest.fixture
def plan() -> Plan:
    """Leads who may do everything, and hear consult calls."""
    return moving_plan(lead=f"{EVERYTHING}, hear-consult")


async def supervise(centre: CallCentre, said: Spoken, dialled: str = "") -> tuple[Phone, Phone, Phone, Phone]:
    """Let a lead coach the agent of a call; the one to be consulted is there."""
    customer, agent = await centre.call(dialled=dialled)
    supervisor = await centre.phone("301")
    await supervisor.dial("*56201")
    await centre.hearing.until(agent, hears={Voice.SUPERVISOR, Voice.CUSTOMER}, for_ms=200)
    await said.until("coach", "unmuted")
    return customer, agent, await centre.phone("203", Voice.OTHER), supervisor


async def heard_by_nobody(centre: CallCentre, start_ns: int, *phones: Listener) -> None:
    """Fail if one of these has heard the supervisor since a moment."""
    window = Window(start_ns, time.time_ns() - 60_000_000)
    assert all(centre.hearing.first_heard(phone, Voice.SUPERVISOR, window) is None for phone in phones)


async def back_on_the_call(centre: CallCentre, said: Spoken, supervisor: Phone, times: int = 1) -> None:
    """The supervisor hears the customer again, and the journal has both changes."""
    await said.until("consult-over", within=8)
    await centre.hearing.until(supervisor, hears=BOTH, not_hears={Voice.OTHER}, for_ms=300, within=8)
    assert [record.reason for record in records(centre, Deed.TARGET)] == ["consult", "consult-over"] * times


async def test_a_consult_call_by_the_phone(centre: CallCentre) -> None:
    """Hold, dial, talk, come back: the supervisor hears both calls one after the other, and is heard in neither."""
    async with spoken(centre) as said:
        customer, agent, third, supervisor = await supervise(centre, said)
        first, heard = agent.call, around(centre, customer)
        await agent.hold()
        second = await agent.dial("203")
        await agent.until_established(second)
        await said.until("consult", "monitor", within=8)
        start_ns = time.time_ns()
        await centre.hearing.until(
            supervisor, hears={Voice.AGENT, Voice.OTHER}, not_hears={Voice.CUSTOMER}, for_ms=300, within=8
        )
        await heard_by_nobody(centre, start_ns, customer, third, agent.line(second))
        await agent.hangup(second)
        await agent.resume(first)
        await back_on_the_call(centre, said, supervisor)
        await heard_by_nobody(centre, start_ns, customer, third)
        heard.only(Voice.AGENT)
        heard.never_silent()


async def test_a_consult_call_by_asterisks_own_keys(centre: CallCentre) -> None:
    """*2 and an extension; the one who was consulted hangs up. In no round is the ear deaf to one of the two."""
    async with spoken(centre) as said:
        customer, agent, third, supervisor = await supervise(centre, said, "7201")
        for rounds in range(1, ROUNDS + 1):
            said.forget()
            heard = around(centre, customer, keyed=[agent])
            await agent.press("*2")
            await agent.press("203")
            await said.until("consult", "monitor", within=15)
            consulted_ns = time.time_ns()
            await centre.hearing.until(third, hears={Voice.AGENT}, for_ms=300, within=8)
            await centre.hearing.until(agent, hears={Voice.OTHER}, for_ms=300, within=8)
            await centre.hearing.until(supervisor, hears={Voice.AGENT, Voice.OTHER}, for_ms=300, within=8)
            await third.hangup()
            await back_on_the_call(centre, said, supervisor, rounds)
            await heard_by_nobody(centre, consulted_ns, customer, third)
            heard.only(Voice.AGENT)
            heard.never_silent()


async def test_a_silent_agents_call_is_heard_whoever_comes(centre: CallCentre) -> None:
    """Who comes is another source of what the agent is sent, and so is the call without them again."""
    _, agent = await centre.call()
    supervisor, third = await centre.phone("301"), await centre.phone("401")
    await supervisor.dial("*55201")
    await centre.hearing.until(supervisor, hears=BOTH, for_ms=300)
    for _ in range(2):
        await third.dial("8201")
        await centre.hearing.until(supervisor, hears={*BOTH, Voice.OTHER}, for_ms=300)
        agent.freeze()
        without = {Voice.CUSTOMER, Voice.OTHER}
        await centre.hearing.until(supervisor, hears=without, not_hears={Voice.AGENT}, for_ms=300)
        agent.thaw()
        await third.hangup()
        await centre.hearing.until(supervisor, hears=BOTH, not_hears={Voice.OTHER}, for_ms=300)
