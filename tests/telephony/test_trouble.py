"""Phones that send nothing while somebody is to be heard: a barge goes on, a coach is told and helped."""

import time

import pytest

from supervise.domain.records import Deed
from supervise.lab.callcentre import CallCentre
from supervise.lab.hearing.ear import Window
from supervise.lab.sound import Voice
from tests.support.ledger import records, until_recorded
from tests.support.listening import BARGE, COACH, longest_silence_ms
from tests.support.spoken import spoken
from tests.support.steadiness import told
from tests.support.supervising import Scene, scene

pytestmark = pytest.mark.telephony

TROUBLED_MS = 1200
"""About a second: two looks half a second apart find nothing new, and then a seat takes a few milliseconds."""

LATE_MS = 120
"""How late a coach may be heard after trouble: more would be old speech coming out in one piece."""


async def test_barge_is_heard_without_the_agent(centre: CallCentre) -> None:
    """The customer goes on hearing a barging supervisor whatever becomes of the agent's sound: no RTP, hold, mute."""
    at = await scene(centre)
    await at.take(BARGE)
    await at.expect(BARGE)

    at.agent.freeze()
    await _customer_hears_only_the_supervisor(at)
    at.agent.thaw()
    await at.expect(BARGE)

    await at.agent.hold()
    await _customer_hears_only_the_supervisor(at)
    await at.agent.resume()
    await at.expect(BARGE)

    await at.agent.mute()
    await _customer_hears_only_the_supervisor(at)
    await at.agent.unmute()
    await at.expect(BARGE)


async def test_coach_is_carried_when_the_customer_is_silent(centre: CallCentre) -> None:
    """Without the customer's RTP no whisper goes anywhere: the coach is told, a silent seat helps, none is late."""
    async with spoken(centre) as said:
        at = await scene(centre)
        await at.take(COACH)
        await at.expect(COACH)
        stopped = time.time_ns()
        at.customer.freeze()
        await said.until("you-may-be-inaudible", within=3)
        assert (time.time_ns() - stopped) / 1e6 < TROUBLED_MS
        await centre.hearing.until(at.agent, hears={Voice.SUPERVISOR}, not_hears={Voice.CUSTOMER}, for_ms=500)
        assert _longest_silence_ms(at, since_ns=stopped) < TROUBLED_MS
        _expect_in_time(at)
        await said.until("you-are-audible-again")
        at.customer.thaw()
        await at.expect(COACH)
        await centre.hearing.until(at.agent, hears={Voice.SUPERVISOR}, for_ms=700)
        _expect_in_time(at)
    inaudible = await until_recorded(centre, Deed.INAUDIBLE)
    assert [(record.supervisor, record.agent) for record in inaudible] == [("hilda", "anna")]
    assert centre.controller.find("inaudible") is not None


async def test_coach_on_a_held_call_is_not_troubled(centre: CallCentre) -> None:
    """A customer who holds leaves the agent with music, and music carries a coach as well as a voice does."""
    at = await scene(centre)
    await at.take(COACH)
    await at.expect(COACH)
    held = time.time_ns()
    await at.customer.hold()
    await centre.hearing.until(at.agent, hears={Voice.SUPERVISOR}, not_hears={Voice.CUSTOMER}, for_ms=1500)
    assert _longest_silence_ms(at, since_ns=held) < 200
    await at.customer.resume()
    await at.expect(COACH)
    assert records(centre, Deed.INAUDIBLE) == []


async def _customer_hears_only_the_supervisor(at: Scene) -> None:
    await at.centre.hearing.until(at.customer, hears={Voice.SUPERVISOR}, not_hears={Voice.AGENT}, for_ms=500)


def _longest_silence_ms(at: Scene, *, since_ns: int) -> float:
    window = Window(since_ns, time.time_ns())
    return longest_silence_ms(at.centre.hearing, at.agent, Voice.SUPERVISOR, window)


def _expect_in_time(at: Scene) -> None:
    fate = at.centre.hearing.continuity(at.supervisor, at.agent, Window.last(500))
    assert fate.delay_ms(100) <= LATE_MS, told(fate)
