"""Whoever hangs up, in whatever mode: the session ends with its reason, and the others are released as always."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from supervise.domain.records import Record
from supervise.domain.sessions.session import Ending
from supervise.domain.words import Mode
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.sound import Voice
from tests.support.crew import Seen, crew, crew_plan, expect_untouched, hears
from tests.support.ledger import until_closed
from tests.support.spoken import spoken
from tests.support.unbroken import LONGEST_ALONE_MS, LONGEST_GAP_MS

pytestmark = pytest.mark.telephony

RTP_TIMEOUT_S = 2
"""After so many seconds without sound Asterisk takes a phone for gone; it looks once a second."""

RELEASED_WITHIN_S = 0.25
"""From one party's hang-up to the other's release; it takes 10 to 20 ms."""

RELEASED_FROM_BARGE_WITHIN_S = 0.75
"""The same where a seat is in the call: an agent who is alone is waited for half a second, they may be moving."""


@pytest.fixture
def plan() -> Plan:
    """Three supervised calls, and phones that are soon missed."""
    return crew_plan(("rtp_timeout", str(RTP_TIMEOUT_S)))


@pytest.mark.parametrize("party", ["agent", "customer"])
async def test_a_party_hangs_up(centre: CallCentre, party: str) -> None:
    """The other party is released at once, no seat keeps them, and the supervisor is told why and released."""
    async with spoken(centre) as said:
        seen = await crew(centre)
        before = [dict(zip(("customer", "agent"), each.around(), strict=True))[party] for each in seen]
        released = await asyncio.gather(*(_hang_up(each, party) for each in seen))
        await asyncio.gather(*(each.scene.supervisor.until_closed() for each in seen))
        assert said.count("call-ended") == len(seen)
    for each, heard in zip(seen, before, strict=True):
        voices = hears(Voice.CUSTOMER if party == "agent" else Voice.AGENT, each.mode)
        heard.only(*voices)
        alone = party == "customer" and each.mode is Mode.BARGE
        heard.never_without(*voices, longest=LONGEST_ALONE_MS if alone else LONGEST_GAP_MS)
    *others, barge = released
    assert max(others) < RELEASED_WITHIN_S
    assert barge < (RELEASED_FROM_BARGE_WITHIN_S if party == "customer" else RELEASED_WITHIN_S)
    _expect_all(await until_closed(centre, count=3), Ending.CALL_ENDED)


async def test_the_supervisor_hangs_up(centre: CallCentre) -> None:
    """The session ends, and the call goes on frame by frame as if nobody had been there."""
    seen = await crew(centre)
    began = time.time_ns()
    await asyncio.gather(*(each.scene.supervisor.hangup() for each in seen))
    await asyncio.gather(*(each.expect_alone(for_ms=500) for each in seen))
    for each in seen:
        expect_untouched(each, began)
    _expect_all(await until_closed(centre, count=3), Ending.SUPERVISOR_GONE)


async def test_the_supervisors_phone_vanishes(centre: CallCentre) -> None:
    """A phone that is gone without a word is cut when its sound has been missing for the time set in Asterisk."""
    seen = await crew(centre)
    began = time.time_ns()
    await asyncio.gather(*(each.scene.supervisor.vanish() for each in seen))
    closings = await until_closed(centre, count=3)
    _expect_all(closings, Ending.SUPERVISOR_GONE)
    assert max(record.at.timestamp() for record in closings) - began / 1e9 < RTP_TIMEOUT_S + 1
    await asyncio.gather(*(each.expect_alone(for_ms=500) for each in seen))
    for each in seen:
        expect_untouched(each, began)


async def _hang_up(each: Seen, party: str) -> float:
    """Let one party hang up; seconds until the other has been released by a BYE."""
    first, second = each.scene.agent, each.scene.customer
    if party == "customer":
        first, second = second, first
    began = time.monotonic()
    await first.hangup()
    reason = await second.until_closed()
    assert reason == "Connection reset by peer", "baresip's words for a BYE"
    return time.monotonic() - began


def _expect_all(closings: Sequence[Record], ending: Ending) -> None:
    """Every session has ended like this, in the mode it was in."""
    assert {(record.supervisor, record.mode, record.reason) for record in closings} == {
        ("hilda", Mode.MONITOR, ending.value),
        ("sven", Mode.COACH, ending.value),
        ("lena", Mode.BARGE, ending.value),
    }
