"""The counts that limits are held against."""

import asyncio
from datetime import timedelta

import pytest

from supervise.domain.records import Deed
from supervise.domain.words import Mode
from tests.support.fake_floor import CALL, CUSTOMER, FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit

BOTH_PHONES = 'hilda: {role: lead, endpoint: "301", '


def within(limit: str) -> str:
    """A rule that lets the leads do everything within a limit."""
    return f"{{who: lead, may: [monitor, coach, barge], whom: own-teams, how: choice, within: {{{limit}}}}}"


@in_virtual_time
async def test_sessions_on_a_call_are_those_of_its_people() -> None:
    """Also when whoever was there longest has left, and the call has another id by that."""
    async with FakeFloor(policy(within("sessions_per_call: 1"))) as at:
        at.come("third", "103")
        at.connect(CALL, "third")
        await at.session()
        at.board.book.gone(CUSTOMER)
        at.move("agent", "third")
        await at.later()
        assert len(at.sessions) == 1
        at.dial(endpoint="302")
        await at.later()
        assert at.board.words[-1] == "limit"


@in_virtual_time
async def test_a_session_with_the_other_agent_of_the_call_counts() -> None:
    """Two agents in one call are one call."""
    async with FakeFloor(policy(within("sessions_per_call: 1"))) as at:
        at.come("ben", "202")
        at.connect(CALL, "ben")
        await at.session()
        at.dial("*55202", "302")
        await at.later()
        assert at.board.words[-1] == "limit"


@in_virtual_time
async def test_whoever_came_first_keeps_their_session() -> None:
    """One that a laxer rule lets in later does not push out one whose own rule wants to be alone."""
    alone = "{who: lead, may: monitor, whom: own-teams, how: choice, within: {sessions_per_call: 1}}"
    people = "{who: chief, may: monitor, whom: everybody, how: choice}"
    rules = policy(alone, people, people=_with_chief())
    async with FakeFloor(rules) as at:
        await at.session()
        await at.session(endpoint="303")
        at.floor.rights_changed()
        await at.later(20)
        assert {session.supervisor.name for session in at.sessions} == {"hilda", "carl"}


@in_virtual_time
async def test_two_who_dial_at_the_same_moment_are_not_both_let_in() -> None:
    """Between the decision and the session nothing waits; and a record on its way to the disk counts already."""
    for limit in ("sessions_per_call: 1", "sessions_per_agent_a_day: 1"):
        async with FakeFloor(policy(within(limit))) as at:
            at.journal.slow = asyncio.Event()
            at.dial(endpoint="301")
            at.dial(endpoint="302")
            await at.later()
            at.journal.slow.set()
            await at.later()
            assert [session.supervisor.name for session in at.sessions] == ["hilda"], limit
            assert at.journal.reasons(Deed.REFUSED) == ["limit"]


@in_virtual_time
async def test_a_day_ends_at_midnight_of_the_house() -> None:
    """Yesterday's session does not count, in the zone of the house and not in another."""
    rules = policy(within("sessions_per_agent_a_day: 1"), house=", zone: Asia/Tokyo")
    async with FakeFloor(rules) as at:
        phone = await at.session()
        at.press(phone, "*")
        await at.later()
        at.skipped = timedelta(hours=2, minutes=59)
        at.dial()
        await at.later()
        assert at.board.words[-1] == "limit"
        at.skipped = timedelta(hours=3)
        await at.session()


@in_virtual_time
async def test_a_month_outlasts_a_day() -> None:
    """What the day has forgotten the month has not."""
    async with FakeFloor(policy(within("sessions_per_agent_a_month: 1, sessions_per_agent_a_day: 1"))) as at:
        phone = await at.session()
        at.press(phone, "*")
        await at.later()
        at.skipped = timedelta(days=1)
        at.dial()
        await at.later()
        assert at.board.words[-1] == "limit"


@in_virtual_time
async def test_the_journal_is_not_asked_for_nothing() -> None:
    """Where no rule counts days, a journal that cannot be read keeps nobody waiting."""

    async def broken(**_: object) -> int:
        raise AssertionError("it was asked")

    async with FakeFloor(policy(within("sessions_at_once: 1"))) as at:
        at.journal.sessions = broken  # type: ignore[method-assign]  # it must not come to that
        await at.session()


@in_virtual_time
async def test_a_session_in_one_mode_does_not_count_for_itself() -> None:
    """Going from mode to mode within a limit of one is no second session."""
    async with FakeFloor(
        policy(within("sessions_per_call: 1, sessions_at_once: 1, sessions_per_agent_a_day: 1"))
    ) as at:
        phone = await at.session()
        for key, mode in (("6", Mode.BARGE), ("5", Mode.COACH), ("4", Mode.MONITOR)):
            at.press(phone, key)
            await at.later()
            assert at.sessions[0].stance.mode is mode


def _with_chief() -> str:
    return """\
people:
  hilda: {role: lead, endpoint: "301"}
  carl: {role: chief, endpoint: "303"}
  anna: {role: agent, endpoint: "201"}
teams: {support: {leads: [hilda], members: [anna]}}
roles: {lead: , chief: , agent: }
"""
