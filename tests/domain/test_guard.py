"""What must not be ordered is refused before Asterisk is asked: by who would hear whom after it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import Kind, OurId
from supervise.domain.rights.decisions import Action, Allowed, Rights, SessionRules, VisibleBefore
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.guard import Answered, Moment, why_not_hand_back
from supervise.domain.sessions.moves import MOVES
from supervise.domain.sessions.session import MONITOR, AgentPlace, Session, Stance
from supervise.domain.words import Mode, Visibility
from tests.support.nonsense import expect_nonsense_refused
from tests.support.world import AGENT, CONSULT, CUSTOMER, SUPERVISOR, World, new_session

pytestmark = pytest.mark.unit

ID = "0" * 32
EAR, COACH_EAR, SEAT = (OurId(kind, ID, 1) for kind in (Kind.EAR, Kind.COACH_EAR, Kind.SEAT))
STRANGE = OurId(Kind.SEAT, "1" * 32, 1)
COACH, BARGE = Stance(Mode.COACH, muted=False), Stance(Mode.BARGE, muted=False)


def book(*, held: bool = False) -> CallBook:
    """Build a call with every kind of tap on it, and a room."""
    found = CallBook()
    for number, name in enumerate((AGENT, CUSTOMER, SUPERVISOR, CONSULT)):
        found.see(Channel(name, f"PJSIP/{number}-00000000", up=True))
    for tap in (EAR, COACH_EAR):
        found.see(Channel(str(tap), f"Snoop/{AGENT}-00000001"))
    for half in (SEAT, SEAT.far):
        found.see(Channel(str(half), f"Local/seat;{1 if half is SEAT else 2}"))
    for name in (CUSTOMER, str(SEAT.far), *([] if held else [AGENT])):
        found.entered("call", name)
    found.entered(str(OurId(Kind.ROOM, ID, 0)), SUPERVISOR)
    return found


def session(wanted: Stance = MONITOR, **how: object) -> Session:
    """Build a session that is on its way to a stance."""
    return replace(new_session(wanted), **{"seat": SEAT, "seated": True, **how})  # type: ignore[arg-type]  # checked there


def why(order: o.Order, about: Session, there: CallBook | None = None, *room: str, mic_open: bool = False) -> str:
    """What the guard says of an order, with this in the room."""
    return Moment(about, there or book(), Answered(frozenset(room), mic_open=mic_open)).why_not(order)


@pytest.mark.parametrize(
    ("wanted", "tap", "mic_open", "allowed"),
    [
        (MONITOR, EAR, False, True),
        (MONITOR, EAR, True, True),
        (MONITOR, COACH_EAR, True, False),
        (MONITOR, SEAT, True, False),
        (MONITOR, SEAT, False, True),
        (COACH, COACH_EAR, True, True),
        (COACH, SEAT, True, False),
        (BARGE, SEAT, True, True),
    ],
)
def test_what_would_carry_a_voice_too_far_is_refused(
    *, wanted: Stance, tap: OurId, mic_open: bool, allowed: bool
) -> None:
    """A tap goes into the room, and a microphone is opened, only where everybody who hears them then may hear them."""
    assert (why(o.PutIn(tap), session(wanted), mic_open=mic_open) == "") is allowed
    if mic_open:
        assert (why(o.OpenMic(), session(wanted), None, str(tap)) == "") is allowed


def test_an_ear_on_another_channel_is_refused() -> None:
    """When it is asked for; and, whatever the session believes, when it is to be put into the room."""
    assert not why(o.Make(EAR, AGENT), session())
    for on in (CUSTOMER, SUPERVISOR, "stranger"):
        assert why(o.Make(EAR, on), session())
    elsewhere = book()
    elsewhere.see(Channel(str(COACH_EAR), f"Snoop/{CUSTOMER}-00000001"))
    assert CUSTOMER in why(o.PutIn(COACH_EAR), session(COACH), elsewhere, mic_open=True)
    elsewhere.entered("other call", "stranger")
    elsewhere.see(Channel(str(EAR), "Snoop/stranger-00000001"))
    elsewhere.see(Channel("stranger", "PJSIP/9-00000000", up=True))
    assert "stranger" in why(o.PutIn(EAR), session(), elsewhere)


def test_a_tap_that_is_not_wanted_is_not_made() -> None:
    """No way for a voice is made where none is wanted, and nothing at all while nothing may be in the room."""
    assert why(o.Make(COACH_EAR, AGENT), session())
    assert why(o.Make(SEAT, AGENT), session())
    assert not why(o.Make(SEAT, AGENT), session(COACH))
    assert why(o.Make(EAR, AGENT), session(private=True))
    assert why(o.Make(EAR, AGENT), session(parted=True))


def test_two_taps_in_the_room_are_refused() -> None:
    """As long as Asterisk has not answered that the other one is out, or has ended."""
    assert why(o.PutIn(EAR), session(), None, str(SEAT))
    there, second = book(), OurId(Kind.EAR, ID, 2)
    there.see(Channel(str(second), f"Snoop/{AGENT}-00000002"))
    assert "as well" in why(o.PutIn(second), session(), there, str(EAR))
    there.gone(str(SEAT))
    assert not why(o.PutIn(EAR), session(), there, str(SEAT))


def test_an_echo_is_refused() -> None:
    """An agent who sits in the room would hear themselves through an ear on them that whispers."""
    there = book()
    there.entered("call", SUPERVISOR)
    assert "themselves" in why(o.PutIn(COACH_EAR), session(COACH), there, mic_open=True)


def test_nothing_is_put_into_the_room_of_a_suspended_session() -> None:
    """Whatever has ordered it."""
    assert why(o.PutIn(EAR), session(private=True))
    assert why(o.PutIn(EAR), session(parted=True))


@pytest.mark.parametrize(
    ("order", "place"),
    [
        (o.HoldAgent(SEAT), AgentPlace.ON_HOLD),
        (o.RemoveAgent(SEAT), AgentPlace.REMOVED),
        (o.RemoveAgent(SEAT), AgentPlace.REPLACED),
        (o.TakeOver(SEAT), AgentPlace.REPLACED),
    ],
)
def test_nobody_is_left_alone(order: o.Order, place: AgentPlace) -> None:
    """An agent is taken out only by who barges and wants that, and with the seat in the room."""
    moving = session(BARGE, agent_place=place)
    assert not why(order, moving, None, str(SEAT))
    assert "alone" in why(order, moving)
    assert "alone" in why(order, moving, None, str(EAR))
    assert "moved" in why(order, session(COACH, agent_place=place), None, str(SEAT))
    assert "moved" in why(order, session(BARGE), None, str(SEAT))


def test_only_an_agent_who_was_removed_is_called_back() -> None:
    """And by the channel that the session waits for."""
    assert not why(o.CallBack(SEAT, "again"), session(BARGE, agent_place=AgentPlace.REMOVED, recall="again"))
    assert why(o.CallBack(SEAT, "other"), session(BARGE, agent_place=AgentPlace.REMOVED, recall="again"))
    assert why(o.CallBack(SEAT, "again"), session(BARGE, recall="again"))
    assert why(o.CallBack(STRANGE, "again"), session(BARGE, agent_place=AgentPlace.REMOVED, recall="again"))


def test_a_seat_stays_while_the_agent_is_on_hold() -> None:
    """It is all that the customer has; with the agent back, or gone for good, it may go."""
    assert not why(o.HangUp(SEAT), session(BARGE))
    held = Answered(held=True)
    assert "alone" in Moment(session(BARGE), book(held=True), held).why_not(o.HangUp(SEAT))
    assert not Moment(session(BARGE), book(), held).why_not(o.HangUp(SEAT))
    gone = book(held=True)
    gone.gone(AGENT)
    assert not Moment(session(BARGE), gone, held).why_not(o.HangUp(SEAT))


def test_only_who_hands_the_call_over_is_taken_in() -> None:
    """Into a room with nothing else in it; and only what they have handed over is received."""
    talking = session(consulting=True, consult=CONSULT, asker=CONSULT)
    assert not why(o.TakeIn(CONSULT), talking)
    assert why(o.TakeIn(CONSULT), talking, None, str(EAR))
    assert why(o.TakeIn(CUSTOMER), talking)
    assert why(o.TakeIn(CONSULT), session(consult=CONSULT, asker=CONSULT))
    assert not why(o.OpenMic(), talking, None, CONSULT)
    assert not why(o.Receive(CUSTOMER), session(handed=CUSTOMER))
    assert why(o.Receive("stranger"), session(handed=CUSTOMER))
    mine, foreign = (str(OurId(Kind.CONSULT, id_, 7)) for id_ in (session().id, "f" * 32))
    assert not why(o.Receive(mine), session(handed=mine))
    assert why(o.Receive(foreign), session(handed=foreign))
    assert why(o.EndConsult(AGENT), session())


@pytest.mark.parametrize(
    "order",
    [
        o.Make(STRANGE, AGENT),
        o.PutIn(STRANGE),
        o.TakeOut(STRANGE),
        o.HangUp(STRANGE),
        o.BringBack(STRANGE),
        o.HoldAgent(STRANGE),
        o.Finish(STRANGE),
        o.MakeRoom(STRANGE),
    ],
    ids=lambda order: type(order).__name__,
)
def test_another_sessions_things_are_let_be(order: o.Order) -> None:
    """Whatever is to be done with them."""
    assert "another session" in why(order, session(BARGE))


def test_a_room_with_somebody_in_it_is_refused() -> None:
    """It was to be empty."""
    room = session().room
    assert not why(o.MakeRoom(room), session())
    there = book()
    there.entered(str(room), CUSTOMER)
    assert CUSTOMER in why(o.MakeRoom(room), session(), there)


@pytest.mark.parametrize(
    ("orders", "room", "mic_open", "held"),
    [
        ([o.MakeRoom(EAR)], set(), False, False),
        ([o.PutIn(EAR)], {str(EAR)}, True, False),
        ([o.PutIn(EAR), o.TakeOut(EAR)], set(), True, False),
        ([o.TakeIn(CONSULT), o.CloseMic()], {CONSULT}, False, False),
        ([o.CloseMic(), o.OpenMic()], set(), True, False),
        ([o.HoldAgent(SEAT)], set(), True, True),
        ([o.HoldAgent(SEAT), o.BringBack(SEAT)], set(), True, False),
    ],
)
def test_answers_count(orders: Sequence[o.Order], room: set[str], *, mic_open: bool, held: bool) -> None:
    """A right is taken for raised from the moment at which that is asked for, and for lowered when it is answered."""
    known = Answered()
    for order in orders:
        known = known.asked(order).done(order)
    assert known == Answered(frozenset(room), mic_open=mic_open, held=held)
    lowering = (o.MakeRoom, o.TakeOut, o.CloseMic, o.BringBack)
    assert all(known.asked(order) == known for order in orders if isinstance(order, lowering))


ALL = Rights(
    dict.fromkeys(Mode, Allowed("p:1", frozenset(Visibility))),
    SessionRules(dict.fromkeys(Mode, VisibleBefore.NOT_REQUIRED), start_muted=False),
    "hash",
    dict.fromkeys([*sorted(MOVES), Action.RECEIVE_TRANSFER], Allowed("p:1", frozenset(Visibility))),
)
WALK: tuple[h.Happening, ...] = (
    h.ModeAsked(Mode.COACH),
    h.MuteAsked(muted=True),
    h.ModeAsked(Mode.BARGE),
    h.ActionAsked(Action.HOLD_AGENT),
    h.MuteAsked(muted=True),
    h.BackAsked(),
    h.ModeAsked(Mode.COACH),
    h.ModeAsked(Mode.MONITOR),
    h.Parted(),
    h.Rejoined(),
    h.Consulted(CONSULT),
    h.ConsultAnswered(),
    h.ConsultEnded(CONSULT),
    h.ModeAsked(Mode.BARGE),
    h.ActionAsked(Action.REMOVE_AGENT),
    h.LeaveAsked(),
)


def test_nonsense_is_refused_at_every_step() -> None:
    """Between any two orders of a walk through everything, whatever would break a promise is refused."""
    world, found = World(ALL), list[int]()
    world.watch = lambda: found.append(expect_nonsense_refused(world))
    world.begin()
    world.settle()
    for happening in WALK:
        if isinstance(happening, h.ConsultEnded):
            world.room.discard(CONSULT)
        world.happen(happening)
        world.settle()
    assert not world.refused
    assert sum(found) > len(found) > len(WALK)


def test_a_call_is_handed_back_to_an_agent_alone() -> None:
    """Not to the supervisor's own phone, nor out of a room of ours."""
    there = book()
    there.left(str(session().room), SUPERVISOR)
    assert not why_not_hand_back(SUPERVISOR, "0", there)
    assert "themselves" in why_not_hand_back(SUPERVISOR, "2", there)
    assert why_not_hand_back("gone", "0", there)
    assert why_not_hand_back(SUPERVISOR, "0", book())
