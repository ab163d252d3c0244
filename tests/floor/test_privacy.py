"""Private calls in the middle of a session: who is asked, how soon it counts, and what nobody can tell."""

import pytest

from supervise.domain.records import Deed
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.session import Ending
from supervise.domain.words import Mode
from supervise.floor.floor import MARKS_SECONDS
from supervise.floor.privacy import MOST_UNKNOWN
from tests.support.fake_floor import AGENT, ALL, CALL, CUSTOMER, NODE, FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("channel", [AGENT, CUSTOMER])
@in_virtual_time
async def test_a_mark_ends_the_session_at_the_next_look(channel: str) -> None:
    """Whoever carries it; the supervisor is told that the call is private."""
    async with FakeFloor() as at:
        await at.session("*57201")
        at.board.marked[channel] = "yes"
        await at.later(MARKS_SECONDS + 0.01)
        assert at.journal.reasons(Deed.CLOSED) == [Ending.PRIVATE]
        assert at.board.words[-1] == "private"


@pytest.mark.parametrize("value", ["", "0", "no", "False", " NO "])
@in_virtual_time
async def test_words_that_are_no_mark(value: str) -> None:
    """What says no says nothing."""
    async with FakeFloor() as at:
        at.board.marked[CUSTOMER] = value
        await at.session()
        await at.later(2)
        assert len(at.sessions) == 1


@in_virtual_time
async def test_what_nobody_can_tell_is_private_at_the_second_time() -> None:
    """One answer that does not come may be an accident."""
    async with FakeFloor() as at:
        await at.session()
        at.board.marked[AGENT] = None
        await at.later(MARKS_SECONDS + 0.01)
        assert len(at.sessions) == 1
        at.board.marked[AGENT] = ""
        await at.later(1)
        assert len(at.sessions) == 1
        at.board.marked[AGENT] = None
        await at.later(MARKS_SECONDS * MOST_UNKNOWN + 0.02)
        assert at.journal.reasons(Deed.CLOSED) == [Ending.PRIVATE]


@in_virtual_time
async def test_who_joins_with_a_mark_makes_the_call_private_at_once() -> None:
    """Nobody waits for the next look."""
    async with FakeFloor() as at:
        await at.session()
        at.come("bank", "102")
        at.board.marked["bank"] = "yes"
        at.connect(CALL, "bank")
        at.move(AGENT)
        await at.later(0.01)
        assert at.journal.reasons(Deed.CLOSED) == [Ending.PRIVATE]


@in_virtual_time
async def test_a_policy_that_counts_agents_marks_counts_them_at_once() -> None:
    """So does one that names another variable."""
    async with FakeFloor(policy(ALL, house=", private: {agents_may_mark: no}")) as at:
        at.board.marked[AGENT] = "agent"
        await at.session()
        await at.later(1)
        assert len(at.sessions) == 1
        at.rule(policy(ALL))
        await at.later(0.01)
        assert at.journal.reasons(Deed.CLOSED) == [Ending.PRIVATE]


@in_virtual_time
async def test_only_running_sessions_calls_are_asked_and_no_blind_node() -> None:
    """Nothing is asked where nobody listens, and nothing of an Asterisk that cannot be seen."""
    async with FakeFloor() as at:
        await at.later(5)
        assert at.board.asked == 0
        await at.session()
        await at.later(MARKS_SECONDS / 2)
        at.floor.disconnected(NODE)
        asked = at.board.asked
        at.board.marked[AGENT] = None
        await at.later(3)
        assert at.board.asked == asked
        at.board.marked[AGENT] = ""
        at.floor.connected(NODE)
        await at.later(3)
        assert at.board.asked > asked
        assert len(at.sessions) == 1


@in_virtual_time
async def test_somebody_who_comes_while_it_is_asked_is_not_trusted() -> None:
    """A party of whom nothing is known yet may be the one with the mark."""
    async with FakeFloor() as at:
        asking = at.board.marks

        async def join_meanwhile(channels: list[str], variable: str) -> dict[str, str | None]:
            answer = await asking(channels, variable)
            if "late" not in channels:
                at.come("late", "102")
                at.connect(CALL, "late")
            return dict(answer)

        at.board.marks = join_meanwhile  # type: ignore[method-assign, assignment]  # a party comes in the middle
        at.dial()
        await at.later()
        assert at.board.words == ["private"]


@in_virtual_time
async def test_a_barge_is_silent_before_anything_else() -> None:
    """The microphone is closed first."""
    async with FakeFloor() as at:
        await at.session("*57201")
        assert at.sessions[0].stance.mode is Mode.BARGE
        before = len(at.story)
        at.board.marked[CUSTOMER] = "yes"
        await at.later(MARKS_SECONDS + 0.01)
        assert at.story[before] == o.CloseMic()
