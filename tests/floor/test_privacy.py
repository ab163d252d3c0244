"""Private calls in the middle of a session: who is asked, how soon it counts, and what nobody can tell."""

import pytest

from supervise.domain.records import Deed, Record
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.session import Ending
from supervise.domain.sessions.turn import words_of
from supervise.domain.words import Mode
from supervise.floor.rounds import DECIDE_SECONDS, MARKS_SECONDS
from supervise.floor.running.privacy import MOST_UNKNOWN, SELDOM_SECONDS
from tests.support.fake_board import NODE
from tests.support.fake_floor import AGENT, ALL, CALL, CUSTOMER, FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit


END = policy(ALL, house=", private: {mid_session: end}")
"""A house whose sessions end with the mark."""


@pytest.mark.parametrize("channel", [AGENT, CUSTOMER])
@in_virtual_time
async def test_a_mark_ends_the_session_at_the_next_look(channel: str) -> None:
    """Whoever carries it, where the house says so; the supervisor is told that the call is private."""
    async with FakeFloor(END) as at:
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
    async with FakeFloor(END) as at:
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
    async with FakeFloor(END) as at:
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
    async with FakeFloor(policy(ALL, house=", private: {agents_may_mark: no, mid_session: end}")) as at:
        at.board.marked[AGENT] = "agent"
        await at.session()
        await at.later(1)
        assert len(at.sessions) == 1
        at.rule(END)
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


# --- the pause


def deeds(at: FakeFloor) -> list[Deed]:
    """What the journal says of the private parts, and of the end."""
    return [r.deed for r in at.journal.records if r.deed in (Deed.PRIVATE, Deed.PRIVATE_OVER, Deed.CLOSED)]


@pytest.mark.parametrize("digits", ["*55201", "*56201", "*57201"])
@in_virtual_time
async def test_a_mark_empties_the_room_until_it_is_lifted(digits: str) -> None:
    """Nothing of ours is left with the call; then the mode is what it was, and the journal has both ends of the gap."""
    async with FakeFloor() as at:
        await at.session(digits)
        before = at.sessions[0].stance
        at.board.marked[CUSTOMER] = "yes"
        await at.later(MARKS_SECONDS + 0.01)
        assert at.sessions[0].present == ()
        assert not at.sessions[0].mic_open
        assert at.board.words[-1] == "private"
        at.board.marked[CUSTOMER] = ""
        await at.later(MARKS_SECONDS + 0.01)
        assert at.sessions[0].stance == before
        assert len(at.sessions[0].present) == 1
        assert at.board.words[-len(words_of(before)) - 1 :] == ["private-over", *words_of(before)]
        assert deeds(at) == [Deed.PRIVATE, Deed.PRIVATE_OVER]


@in_virtual_time
async def test_the_end_of_a_pause_is_written_before_anything_is_asked_for() -> None:
    """While it cannot be, it stays a pause, and is tried again."""
    async with FakeFloor() as at:
        await at.session("*57201")
        at.board.marked[CUSTOMER] = "yes"
        await at.later(MARKS_SECONDS + 0.01)
        at.journal.broken = True
        at.board.marked[CUSTOMER] = ""
        made = len(at.board.orders(o.Make))
        await at.later(MARKS_SECONDS + 0.01)
        assert at.sessions[0].private
        assert len(at.board.orders(o.Make)) == made
        at.journal.broken = False
        await at.later(DECIDE_SECONDS + 0.01)
        last = [x for x in at.story if isinstance(x, o.Make) or (isinstance(x, Record) and x.deed is Deed.PRIVATE_OVER)]
        assert [type(x) for x in last[-2:]] == [Record, o.Make]
        assert at.sessions[0].stance.mode is Mode.BARGE


@in_virtual_time
async def test_what_comes_back_is_decided_anew() -> None:
    """Who may no more than monitor by now comes back in monitor; who may nothing is out."""
    async with FakeFloor() as at:
        await at.session("*57201")
        at.board.marked[CUSTOMER] = "yes"
        await at.later(MARKS_SECONDS + 0.01)
        at.rule(policy(ALL.replace(", coach, barge", "")))
        await at.later(0.01)
        assert at.sessions[0].private
        at.board.marked[CUSTOMER] = ""
        await at.later(MARKS_SECONDS + 0.01)
        assert at.sessions[0].stance.mode is Mode.MONITOR
        at.board.marked[CUSTOMER] = "yes"
        await at.later(MARKS_SECONDS + 0.01)
        at.rule(policy(ALL.replace("monitor, coach, barge", "see-board")))
        at.board.marked[CUSTOMER] = ""
        await at.later(MARKS_SECONDS + 0.01)
        assert at.journal.reasons(Deed.CLOSED) == [Ending.REVOKED]


@in_virtual_time
async def test_what_is_asked_for_in_a_pause() -> None:
    """A mode, the microphone and who is on are refused as private; muting and leaving are taken."""
    async with FakeFloor() as at:
        phone = await at.session("*57201")
        at.board.marked[CUSTOMER] = "yes"
        await at.later(MARKS_SECONDS + 0.01)
        for key, word in (("5", "private"), ("1", "unmuted"), ("0", "muted"), ("1", "private"), ("2", "private")):
            at.board.story.clear()
            at.press(phone, key)
            await at.later(1)
            assert (key, at.board.words) == (key, [word] if word != "unmuted" else ["private"])
        at.board.marked[CUSTOMER] = ""
        await at.later(MARKS_SECONDS + 0.01)
        assert (at.sessions[0].stance.mode, at.sessions[0].stance.muted) == (Mode.BARGE, True)
        at.board.marked[CUSTOMER] = "yes"
        await at.later(MARKS_SECONDS + 0.01)
        at.press(phone, "*")
        await at.later(1)
        assert at.journal.reasons(Deed.CLOSED) == [Ending.LEFT]


@in_virtual_time
async def test_an_agent_on_hold_is_back_before_anything_else() -> None:
    """The call goes on without us: the agent comes back, and only then the seat goes."""
    async with FakeFloor(policy(ALL.replace("barge]", "barge, hold-agent]"))) as at:
        phone = await at.session("*57201")
        for key in "91":
            at.press(phone, key)
        await at.later(0.1)
        assert at.board.orders(o.HoldAgent)
        before = len(at.story)
        at.board.marked[CUSTOMER] = "yes"
        await at.later(MARKS_SECONDS + 0.01)
        kinds = [type(item) for item in at.story[before:] if not isinstance(item, Record | str)]
        assert kinds == [o.CloseMic, o.TakeOut, o.BringBack, o.HangUp]


# --- where Asterisk tells of marks at once


@in_virtual_time
async def test_a_mark_that_is_told_counts_at_once() -> None:
    """Nobody waits for the next look; a variable of another name is looked at by nobody."""
    async with FakeFloor() as at:
        at.board.tells_marks = True
        await at.session("*57201")
        await at.later(MARKS_SECONDS + 0.01)
        assert at.board.watched == {AGENT, CUSTOMER}
        asked = at.board.asked
        at.floor.marked(NODE, CUSTOMER, "OTHER")
        await at.later(0.01)
        assert at.board.asked == asked
        at.board.marked[CUSTOMER] = "yes"
        at.floor.marked(NODE, CUSTOMER, "SUPERVISE_PRIVATE")
        await at.later(0.01)
        assert at.sessions[0].private


@in_virtual_time
async def test_where_marks_are_told_they_are_asked_for_seldom() -> None:
    """What was not told for once is found all the same; and when telling has ended, it is asked often again."""
    async with FakeFloor() as at:
        at.board.tells_marks = True
        await at.session()
        await at.later(MARKS_SECONDS + 0.01)
        asked = at.board.asked
        await at.later(30)
        assert 8 <= at.board.asked - asked <= 10 * 2
        at.board.marked[CUSTOMER] = "yes"
        await at.later(SELDOM_SECONDS + MARKS_SECONDS + 0.01)
        assert at.sessions[0].private
        at.board.tells_marks = False
        await at.later(SELDOM_SECONDS + MARKS_SECONDS + 0.01)
        at.board.marked[CUSTOMER] = ""
        await at.later(MARKS_SECONDS + 0.01)
        assert not at.sessions[0].private
