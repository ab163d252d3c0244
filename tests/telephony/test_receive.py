"""An agent hands the call that is supervised over to the supervisor, whose phone is in the session all the time."""

import time
from typing import Any

import pytest

from supervise.domain.records import Deed
from supervise.domain.sessions.session import Ending
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing.ear import Window
from supervise.lab.phones.call import CallState
from supervise.lab.sound import Voice
from tests.support.handing import BOTH, LONGEST_ATTENDED_MS, LONGEST_KEYED_MS, LONGEST_MS, supervised, until_called
from tests.support.ledger import records, until_closed, until_recorded
from tests.support.moving import moving_plan
from tests.support.unbroken import around

pytestmark = pytest.mark.telephony

MODES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("*55", "", {}),
    ("*55", "8", {}),
    ("*56", "", {}),
    ("*57", "", {}),
    ("*57", "0", {}),
    ("*55", "", {"outbound": True}),
    ("*57", "", {"dialled": "501"}),
    ("*55", "", {"agent": "202", "dialled": "502"}),
)
"""Every mode, hidden and visible, muted and not; and whoever called whom, by which application."""

ATTENDED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("*56", "", {}),
    ("*57", "", {"outbound": True}),
    ("*55", "8", {"dialled": "501"}),
    ("*55", "", {"agent": "202", "dialled": "502"}),
    ("*57", "0", {}),
)
"""The same for a call about which the agent asks first."""

BY_KEYS = (("*55", "#1"), ("*57", "#1"), ("*56", "*2"), ("*57", "*2"))
"""Asterisk's own keys for transfers (the lab's features.conf), in calls whose parties have them: 7 and an extension."""


@pytest.fixture
def plan() -> Plan:
    """Leads who may do everything, and a trainee who may be handed nothing."""
    return moving_plan()


async def test_blind(centre: CallCentre) -> None:
    """The customer lands on the supervisor's present leg, from every mode and call; it is an ordinary call then."""
    for code, keys, call in MODES:
        async with supervised(centre, code, keys, **call) as at:
            start_ns = time.time_ns()
            if code != "*57":
                at.unheard(at.customer, Voice.SUPERVISOR, at.began_ns)
            await at.agent.transfer("301")
            await at.is_theirs(longest=LONGEST_MS, since_ns=start_ns)
            if call or (code, keys) == ("*55", ""):
                await at.is_an_ordinary_call()
    assert len(records(centre, Deed.HANDED_OVER)) == len(MODES)


async def test_hand_back(centre: CallCentre) -> None:
    """*50 gives the call back to the agent, as after a take-over, and the customer hears no key."""
    async with supervised(centre) as at:
        start_ns = time.time_ns()
        await at.agent.transfer("301")
        await at.is_theirs(longest=LONGEST_MS, since_ns=start_ns)
        start_ns, heard = time.time_ns(), around(centre, at.customer, keyed=[at.supervisor])
        await at.supervisor.press("*50")
        await at.supervisor.until_closed(within=8)
        await centre.hearing.until(at.customer, hears={Voice.AGENT}, not_hears={Voice.SUPERVISOR})
        assert centre.hearing.keys_heard(at.customer, Window(start_ns, time.time_ns())) == []
        heard.only(Voice.AGENT, Voice.SUPERVISOR)
        heard.never_without(Voice.AGENT, Voice.SUPERVISOR)
        await until_recorded(centre, Deed.HAND_BACK)


async def test_attended(centre: CallCentre) -> None:
    """The agent talks to the supervisor first, who answers by a key, and the customer comes in their place."""
    for code, keys, call in ATTENDED:
        async with supervised(centre, code, keys, **call) as at:
            first, second = await at.consult()
            await at.said.until("agent-calls")
            await centre.hearing.listen([at.supervisor], 300)
            assert second.state is not CallState.ESTABLISHED
            await at.supervisor.press("98")
            await at.agent.until_established(second)
            asked_ns = time.time_ns()
            await centre.hearing.until(at.supervisor, hears={Voice.AGENT}, not_hears={Voice.CUSTOMER}, for_ms=300)
            await centre.hearing.until(at.agent.line(second), hears={Voice.SUPERVISOR}, for_ms=300)
            at.unheard(at.customer, Voice.SUPERVISOR, asked_ns)
            start_ns = time.time_ns()
            await at.agent.transfer_to_call(first, second)
            await at.is_theirs(longest=LONGEST_ATTENDED_MS, since_ns=start_ns)
            if call:
                await at.is_an_ordinary_call()


async def test_by_asterisks_own_keys(centre: CallCentre) -> None:
    """Blind and attended, pressed by the agent in the call: the same as by the phone's keys."""
    for code, keys in BY_KEYS:
        async with supervised(centre, code, dialled="7201") as at:
            attended = keys == "*2"
            await at.agent.press(keys)
            # By the sound alone: the channels do not say that Asterisk asks the agent for digits and plays music.
            # Longer than the two keys: while they are down the agent's phone sends no voice.
            await centre.hearing.until(at.customer.line(at.customer.call), not_hears={Voice.AGENT}, for_ms=600)
            start_ns = time.time_ns()
            await at.agent.press("301")
            if attended:
                await at.said.until("agent-calls")
                await at.supervisor.press("98")
                await centre.hearing.until(at.supervisor, hears={Voice.AGENT}, not_hears={Voice.CUSTOMER}, for_ms=300)
                await centre.hearing.until(at.agent, hears={Voice.SUPERVISOR}, not_hears={Voice.CUSTOMER}, for_ms=300)
                at.unheard(at.customer, Voice.AGENT, start_ns)
                start_ns = time.time_ns()
                await at.agent.hangup()
            await at.is_theirs(longest=LONGEST_MS if attended else LONGEST_KEYED_MS, since_ns=start_ns)
            await at.is_an_ordinary_call()


async def test_by_asterisks_own_keys_without_an_answer(centre: CallCentre) -> None:
    """Who asks first and hangs up while it still rings has sent the customer as blindly as one who asks nothing."""
    for code in ("*55", "*56", "*57"):
        async with supervised(centre, code, dialled="7201") as at:
            await at.agent.press("*2")
            await centre.hearing.until(at.customer.line(at.customer.call), not_hears={Voice.AGENT}, for_ms=200)
            await at.agent.press("301")
            await at.said.until("agent-calls")
            start_ns = time.time_ns()
            await at.agent.hangup()
            await at.is_theirs(longest=LONGEST_MS, since_ns=start_ns)
            await at.is_an_ordinary_call()
            assert all(call.state is CallState.CLOSED for call in at.agent.calls), "Asterisk called the agent back"


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
    """Who may be handed nothing gets a second call, as without us; what was refused is in the journal.

    Nobody waits for such a call: where the session has ended before Asterisk asks, there was nothing to refuse.
    """
    async with supervised(centre, supervisor="303") as at:
        await at.agent.transfer("303")
        second = await at.supervisor.until_established(await until_called(at))
        await centre.hearing.until(at.supervisor.line(second), hears={Voice.CUSTOMER})
        closing, *_ = await until_closed(centre)
        refused = [record.reason for record in records(centre, Deed.REFUSED)]
        assert refused == ["not-allowed"] or (not refused and closing.reason == Ending.CALL_ENDED)
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
