"""A session, wish by wish."""

import itertools
from dataclasses import replace

import pytest

from supervise.domain.calls.naming import Kind
from supervise.domain.records import Deed
from supervise.domain.rights.decisions import Action, Allowed, Refusal, Refused, Rights, SessionRules, VisibleBefore
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.moves import MOVES
from supervise.domain.sessions.session import MONITOR, AgentPlace, Ending, Stage, Stance
from supervise.domain.words import Mode, Visibility
from tests.support.world import AGENT, CUSTOMER, HEARD_BY, SUPERVISOR, Outcome, World

pytestmark = pytest.mark.unit

STANCES = [MONITOR, *(Stance(mode, muted) for mode in (Mode.COACH, Mode.BARGE) for muted in (True, False))]
SWITCHES = list(itertools.permutations(STANCES, 2))


def failing_journal(order: o.Order) -> Outcome:
    """Fail whatever is to be written."""
    return Outcome.FAILED if isinstance(order, o.Write) else Outcome.DONE


def rights(*refused: Mode, rules: SessionRules | None = None) -> Rights:
    """Build rights to everything but some modes."""
    modes = {mode: Allowed("p:1", frozenset(Visibility)) for mode in Mode}
    return Rights({**modes, **dict.fromkeys(refused, Refused(Refusal.NOT_ALLOWED))}, rules or SessionRules(), "hash")


def live(given: Rights | None = None) -> World:
    """Build a session that has begun in monitor, visible."""
    world = World(given or rights())
    world.begin()
    world.settle()
    return world


def take(world: World, stance: Stance) -> None:
    """Press the keys that lead to a stance."""
    world.happen(h.ModeAsked(stance.mode))
    if stance.mode is not Mode.MONITOR:
        world.happen(h.MuteAsked(stance.muted))
    world.settle()


@pytest.mark.parametrize(("before", "after"), SWITCHES)
def test_every_switch_reaches_whom_it_should_and_echoes_to_nobody(before: Stance, after: Stance) -> None:
    """Between any two stances nobody hears themselves at any step, and afterwards exactly the right people hear."""
    world = live()
    take(world, before)

    def nobody_hears_themselves() -> None:
        assert all(phone not in world.hears(phone) for phone in (AGENT, CUSTOMER, SUPERVISOR))
        assert world.heard_by() <= HEARD_BY[max(before.reach, after.reach)]

    world.watch = nobody_hears_themselves
    take(world, after)
    assert world.session.stance == after
    assert world.heard_by() == HEARD_BY[after.reach]
    assert world.hears(SUPERVISOR) == {AGENT, CUSTOMER}


@pytest.mark.parametrize(("before", "after"), SWITCHES)
def test_a_lesser_reach_is_silent_before_anything_else(before: Stance, after: Stance) -> None:
    """Going down, nobody hears more than the new stance says as soon as the key has been taken in."""
    world = live()
    take(world, before)
    world.happen(h.ModeAsked(after.mode) if after.mode is not before.mode else h.MuteAsked(after.muted))
    assert world.heard_by() <= HEARD_BY[world.session.wanted.reach]


def test_coach_and_barge_begin_muted_and_keep_the_mute_between_them() -> None:
    """Entering coach is muted; what 1 unmutes stays so into barge; back in monitor it is forgotten."""
    world = live()
    world.happen(h.ModeAsked(Mode.COACH))
    assert world.session.wanted.muted
    world.happen(h.MuteAsked(muted=False))
    world.settle()
    world.happen(h.ModeAsked(Mode.BARGE))
    assert not world.session.wanted.muted
    take(world, MONITOR)
    world.happen(h.ModeAsked(Mode.BARGE))
    assert world.session.wanted.muted


def test_unmuted_start_when_the_house_says_so() -> None:
    """With start_muted off, coach is heard at once."""
    world = live(rights(rules=SessionRules(start_muted=False)))
    world.happen(h.ModeAsked(Mode.COACH))
    world.settle()
    assert world.heard_by() == {AGENT}


def test_a_hidden_supervisor_is_refused_coach_where_visible_is_required() -> None:
    """The refusal is spoken and written, and the session stays as it is."""
    world = live()
    world.happen(h.VisibilityAsked(Visibility.HIDDEN))
    world.happen(h.ModeAsked(Mode.COACH))
    assert world.session.wanted == MONITOR
    assert world.said[-1] == Refusal.VISIBLE_FIRST.value
    assert world.written[-1].deed is Deed.REFUSED
    assert world.written[-1].reason == "visible-first"


def test_a_hidden_supervisor_becomes_visible_where_that_is_automatic() -> None:
    """Entering coach makes them visible, and the agent is told."""
    world = live(rights(rules=SessionRules(visible_before={Mode.COACH: VisibleBefore.AUTOMATIC})))
    world.happen(h.VisibilityAsked(Visibility.HIDDEN))
    world.told.clear()
    world.happen(h.ModeAsked(Mode.COACH))
    world.settle()
    assert world.session.visibility is Visibility.VISIBLE
    assert [tell.mode for tell in world.told] == [Mode.COACH]


def test_a_coach_may_not_hide() -> None:
    """Who must be visible to coach stays visible while coaching."""
    world = live()
    take(world, Stance(Mode.COACH))
    world.happen(h.VisibilityAsked(Visibility.HIDDEN))
    assert world.session.visibility is Visibility.VISIBLE


def test_a_revoked_mode_lowers_to_the_highest_still_allowed() -> None:
    """Barge revoked ends in coach, said in words; monitor revoked ends the session."""
    world = live()
    take(world, Stance(Mode.BARGE, muted=False))
    world.rights = rights(Mode.BARGE)
    world.happen(h.RightsChanged())
    assert world.heard_by() == frozenset()
    world.settle()
    assert world.session.stance == Stance(Mode.COACH, muted=False)
    assert "lowered" in world.said
    world.rights = rights(*Mode)
    world.happen(h.RightsChanged())
    assert world.session.ending is Ending.REVOKED
    assert not world.taps


def test_the_decision_counts_when_the_seat_is_there() -> None:
    """A right that goes between the key and the seat gives no seat."""
    world = live()
    world.happen(h.ModeAsked(Mode.BARGE))
    world.happen(h.MuteAsked(muted=False))
    world.rights = rights(Mode.BARGE, Mode.COACH)
    world.settle()
    assert world.session.stance == MONITOR
    assert [tap.kind for tap in world.taps] == [Kind.EAR]


def test_a_late_tap_after_the_end_is_hung_up() -> None:
    """An ear that comes after the end is not left behind."""
    world = World(rights())
    world.begin()
    late = world.unannounced[0]
    world.happen(h.SupervisorGone())
    world.taps.add(late)
    world.happen(h.TapReady(late))
    assert not world.taps


def test_no_record_no_sound() -> None:
    """A journal that fails at the opening ends the session, before any ear is made."""
    world = World(rights(), outcome=failing_journal)
    world.begin()
    assert world.session.ending is Ending.UNRECORDED
    assert world.opened == 0


def test_no_record_no_raise() -> None:
    """A journal that fails later keeps the session where it was, and it can still go down."""
    world = live()
    take(world, Stance(Mode.COACH, muted=False))
    world.outcome = failing_journal
    world.happen(h.ModeAsked(Mode.BARGE))
    world.settle()
    assert world.session.stance == Stance(Mode.COACH, muted=False)
    assert world.said[-1] == "unrecorded"
    take(world, MONITOR)
    assert world.session.stance == MONITOR


def test_losing_taps_again_and_again_ends_the_session() -> None:
    """What does not mend by trying is ended, and the supervisor is told."""
    world = live()
    for _ in range(3):
        world.lose(next(iter(world.taps)))
        world.settle()
    assert world.session.stage is Stage.CLOSED
    assert world.session.ending is Ending.FAILED


def test_a_silent_customer_gets_the_coach_a_silent_seat() -> None:
    """The supervisor is told that they may be inaudible, then that they are heard again; monitor needs no seat."""
    world = live()
    world.happen(h.Stalled(stalled=True))
    assert all(tap.kind is not Kind.SEAT for tap in world.taps)
    take(world, Stance(Mode.COACH, muted=False))
    world.happen(h.Stalled(stalled=True))
    world.settle()
    assert world.said[-2:] == ["you-may-be-inaudible", "you-are-audible-again"]
    assert any(tap.kind is Kind.SEAT for tap in world.taps)
    assert world.heard_by() == {AGENT}


def test_a_seat_once_taken_is_kept_to_the_end() -> None:
    """Leaving barge does not take the seat out of the call, coming back needs no other, and the end leaves nothing."""
    world = live()
    take(world, Stance(Mode.BARGE, muted=False))
    take(world, MONITOR)
    seats = [tap for tap in world.taps if tap.kind is Kind.SEAT]
    assert len(seats) == 1
    take(world, Stance(Mode.BARGE, muted=False))
    assert [tap for tap in world.taps if tap.kind is Kind.SEAT] == seats
    world.happen(h.LeaveAsked())
    assert not world.taps


def test_a_revoked_barge_gives_its_seat_up() -> None:
    """Who may no longer barge has no leg in the call."""
    world = live()
    take(world, Stance(Mode.BARGE, muted=False))
    world.rights = rights(Mode.BARGE, Mode.COACH)
    world.happen(h.RightsChanged())
    world.settle()
    assert all(tap.kind is not Kind.SEAT for tap in world.taps)


def test_a_repeated_key_changes_nothing() -> None:
    """A press that arrives twice makes one tap and one record."""
    world = live()
    world.happen(h.ModeAsked(Mode.BARGE))
    world.happen(h.ModeAsked(Mode.BARGE))
    world.settle()
    assert sum(write.deed is Deed.MODE for write in world.written) == 1


def test_opening_and_closing_are_written_once() -> None:
    """One opening before anything, one closing after everything."""
    world = live()
    world.happen(h.LeaveAsked())
    world.happen(h.LeaveAsked())
    deeds = [write.deed for write in world.written]
    assert deeds[0] is Deed.OPENED
    assert deeds[-1] is Deed.CLOSED
    assert deeds.count(Deed.OPENED) == deeds.count(Deed.CLOSED) == 1


def removed() -> World:
    """Build a barge whose agent has been removed, and is being called back."""
    allowed = Allowed("p:1", frozenset(Visibility))
    world = live(replace(rights(), actions=dict.fromkeys(MOVES, allowed)))
    take(world, Stance(Mode.BARGE, muted=False))
    world.happen(h.ActionAsked(Action.REMOVE_AGENT))
    world.happen(h.BackAsked())
    return world


def test_a_removed_agent_rings_until_they_answer() -> None:
    """The supervisor stays with the customer; pressed twice it rings once; who answers is in the barge again."""
    world = removed()
    calling = world.calling
    world.happen(h.BackAsked())
    assert world.calling == calling
    assert world.heard_by() == {CUSTOMER}
    world.answer()
    world.settle()
    assert world.heard_by() == {CUSTOMER, calling}
    assert world.session.agent.channel == calling
    assert world.written[-1].deed is Deed.BRING_BACK


@pytest.mark.parametrize(
    "ending", [h.LeaveAsked(), h.ActionAsked(Action.TAKE_OVER), h.ActionAsked(Action.REMOVE_AGENT)]
)
def test_whoever_wants_another_thing_lets_nobody_ring(ending: h.Happening) -> None:
    """Leaving, taking over and removing once more end the call to the agent."""
    world = removed()
    world.happen(ending)
    assert not world.calling


def barging(*, muted: bool = False) -> World:
    """Build a barge whose supervisor may do everything with the agent."""
    world = live(replace(rights(), actions=dict.fromkeys(Action, Allowed("p:1", frozenset(Visibility)))))
    take(world, Stance(Mode.BARGE, muted=muted))
    return world


def test_a_call_is_taken_over_when_its_agent_is_out_of_it() -> None:
    """Nobody comes into it by a transfer of theirs then; one that was under way all the same goes nowhere."""
    world = barging()
    orders: list[o.Order] = []

    def note(order: o.Order) -> Outcome:
        orders.append(order)
        return Outcome.DONE

    world.outcome = note
    world.happen(h.ActionAsked(Action.TAKE_OVER))
    seat = world.session.seat
    assert seat is not None
    assert [order for order in orders if isinstance(order, o.RemoveAgent | o.TakeOver)] == [
        o.RemoveAgent(seat),
        o.TakeOver(seat),
    ]
    world.happen(h.Handed("Local/301", stands_in=True))
    assert world.let_go == ["Local/301"]
    world.happen(h.SupervisorGone())
    assert world.session.ending is Ending.TAKEN_OVER
    assert world.call == {CUSTOMER, SUPERVISOR}
    world.happen(h.Handed("Local/301", stands_in=True))
    assert world.let_go == ["Local/301", "Local/301"]


@pytest.mark.parametrize("action", [Action.HOLD_AGENT, Action.REMOVE_AGENT, Action.TAKE_OVER])
def test_an_agent_who_transfers_the_call_first_is_not_moved(action: Action) -> None:
    """The key could not be carried out, which is written; and the call that comes is received as any other is."""
    world = barging()
    world.transferring = True
    world.news_of_transfer = h.Handed("Local/301", stands_in=True)
    world.happen(h.ActionAsked(action))
    refused = [write.reason for write in world.written if write.deed is Deed.REFUSED]
    assert refused == [Refusal.FAILED]
    assert Refusal.FAILED in world.said
    world.happen(h.SupervisorGone())
    assert world.session.ending is Ending.HANDED_OVER


def test_an_agent_who_transfers_while_the_seat_is_on_its_way_is_not_moved() -> None:
    """Nothing has been done with them by then; and what comes of their transfer when they are out is ended."""
    world = barging(muted=True)
    world.happen(h.ActionAsked(Action.HOLD_AGENT))
    world.unannounced.clear()
    world.happen(h.Handed("Local/301", stands_in=True))
    world.happen(h.SupervisorGone())
    assert world.session.ending is Ending.HANDED_OVER
    world = barging()
    world.happen(h.ActionAsked(Action.HOLD_AGENT))
    world.happen(h.Handed("Local/301", stands_in=True))
    assert world.let_go == ["Local/301"]
    assert world.session.agent_place is AgentPlace.ON_HOLD


@pytest.mark.parametrize("muted", [False, True])
def test_a_take_over_that_fails_leaves_the_supervisor_beside_the_customer(*, muted: bool) -> None:
    """The agent is out by then. Who was muted still is, whether or not their microphone had been opened."""
    world = barging(muted=muted)

    def fails_with_an_open_microphone(order: o.Order) -> Outcome:
        if not isinstance(order, o.TakeOver):
            return Outcome.DONE
        world.mic_muted = False
        return Outcome.FAILED

    world.outcome = fails_with_an_open_microphone
    world.happen(h.ActionAsked(Action.TAKE_OVER))
    world.settle()
    assert Refusal.FAILED in world.said
    assert world.heard_by() == (set() if muted else {CUSTOMER})
    assert world.hears(SUPERVISOR) == {CUSTOMER}
    world.outcome = lambda _: Outcome.DONE
    world.happen(h.ActionAsked(Action.TAKE_OVER))
    world.happen(h.SupervisorGone())
    assert world.session.ending is Ending.TAKEN_OVER


def test_a_seat_stays_as_long_as_it_is_all_that_the_customer_has() -> None:
    """A barge that is revoked while the agent is on hold, and nothing can be written, brings them back first."""
    world = live(replace(rights(), actions=dict.fromkeys(MOVES, Allowed("p:1", frozenset(Visibility)))))
    take(world, Stance(Mode.BARGE, muted=True))
    world.happen(h.ActionAsked(Action.HOLD_AGENT))
    world.rights = rights(Mode.MONITOR, Mode.BARGE)
    world.outcome = failing_journal
    world.happen(h.MuteAsked(muted=False))
    assert not world.abandoned
    assert {AGENT, CUSTOMER} <= world.call


@pytest.mark.parametrize("ending", [Ending.SHUT_DOWN, Ending.RECOVERED])
def test_an_outside_end_closes_everything(ending: Ending) -> None:
    """Stopping the controller leaves neither tap nor room."""
    world = World(Rights({mode: Allowed("p:1", frozenset(Visibility)) for mode in Mode}, SessionRules(), "hash"))
    world.begin()
    world.settle()
    assert [tap.kind for tap in world.taps] == [Kind.EAR]
    world.end(ending)
    assert not world.taps
    assert not world.room
