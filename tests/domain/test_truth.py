"""What is found when it has happened: by bridges and snoops."""

from dataclasses import replace

import pytest

from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import Kind, OurId
from supervise.domain.sessions.session import MONITOR, Session, Stance
from supervise.domain.sessions.truth import broken, hearers
from supervise.domain.words import Mode
from tests.support.world import AGENT, CUSTOMER, SUPERVISOR, new_session

pytestmark = pytest.mark.unit

ID = "0" * 32
EAR, SEAT = OurId(Kind.EAR, ID, 1), OurId(Kind.SEAT, ID, 1)
COACH, BARGE = Stance(Mode.COACH, muted=False), Stance(Mode.BARGE, muted=False)


def book(*, seat: bool = True) -> CallBook:
    """Build a call with a seat in it, and a room."""
    found = CallBook()
    for number, name in enumerate((AGENT, CUSTOMER, SUPERVISOR)):
        found.see(Channel(name, f"PJSIP/{number}-00000000", up=True))
    for name in (AGENT, CUSTOMER, *([str(SEAT.far)] if seat else [])):
        found.entered("call", name)
    found.entered(str(OurId(Kind.ROOM, ID, 0)), SUPERVISOR)
    return found


def session(wanted: Stance, tap: OurId | None = None, *, mic_open: bool = True) -> Session:
    """Build a session that is on its way to a stance."""
    return replace(new_session(wanted), tap=tap, seat=SEAT, seated=True, mic_open=mic_open)


def test_a_leak_is_found() -> None:
    """A seat that is in the room of somebody who only coaches."""
    there = book()
    there.entered(str(OurId(Kind.ROOM, ID, 0)), str(SEAT))
    assert broken(session(COACH, SEAT), there) == f"{[CUSTOMER]} hear the supervisor"
    assert not broken(session(BARGE, SEAT), there)
    assert hearers(session(BARGE, SEAT), there) == {AGENT, CUSTOMER}


def test_other_calls_do_not_matter() -> None:
    """What is not connected with the session is not looked at."""
    there = book(seat=False)
    there.entered("other", "somebody")
    there.entered("other", "else")
    assert hearers(session(BARGE, SEAT), there) == frozenset()


def test_whom_a_supervisor_must_not_hear_is_found() -> None:
    """Somebody of another call in their room, themselves, and in a private part anybody at all."""
    there, room, quiet = book(), str(OurId(Kind.ROOM, ID, 0)), session(MONITOR, EAR, mic_open=False)
    there.entered(room, str(EAR))
    assert not broken(quiet, there)
    assert broken(replace(quiet, private=True), there) == f"the supervisor hears {[AGENT, CUSTOMER]}"
    there.see(Channel("stranger", "PJSIP/9-00000000", up=True))
    there.entered(room, "stranger")
    there.left(room, "stranger")
    there.entered("other", "stranger")
    assert not broken(quiet, there)
    there.entered("other", SUPERVISOR)
    assert broken(quiet, there) == "the supervisor hears ['stranger']"


def test_another_supervisor_who_barges_may_be_heard() -> None:
    """They speak out of a room of ours, over a seat in the same call."""
    there = book(seat=False)
    other = OurId(Kind.SEAT, "1" * 32, 1)
    there.entered(str(OurId(Kind.ROOM, ID, 0)), str(EAR))
    there.see(Channel("second", "PJSIP/8-00000000", up=True))
    there.entered("call", str(other.far))
    there.entered(str(OurId(Kind.ROOM, "1" * 32, 0)), str(other))
    there.entered(str(OurId(Kind.ROOM, "1" * 32, 0)), "second")
    assert not broken(session(MONITOR, EAR, mic_open=False), there)
    assert hearers(session(MONITOR, EAR), there) == frozenset()


@pytest.mark.parametrize("by_keys", [False, True], ids=["by the phone", "by Asterisk's keys"])
def test_an_agent_who_consults_may_be_heard_and_hear(*, by_keys: bool) -> None:
    """Alone: a consultation that lasts is no leak, and the customer in it would be one."""
    there, room = book(seat=False), str(OurId(Kind.ROOM, ID, 0))
    if by_keys:
        halves = [Channel(f"half {n}", f"Local/301@agents-00000000;{n}", up=True) for n in (1, 2)]
        for half, bridge in zip(halves, ("consult", room), strict=True):
            there.see(half)
            there.entered(bridge, half.id)
        there.left("call", AGENT)
        there.entered("consult", AGENT)
        consult, asker = halves[1].id, AGENT
    else:
        consult = asker = "second line"
        there.see(Channel(consult, "PJSIP/0-00000009", up=True))
        there.entered(room, consult)
    consulting = replace(session(MONITOR), seat=None, seated=False, consult=consult, asker=asker, consulting=True)
    assert hearers(consulting, there) == {asker}
    assert not broken(consulting, there)
    there.entered("consult" if by_keys else room, CUSTOMER)
    assert f"['{CUSTOMER}'] hear the supervisor" in broken(consulting, there)


def test_an_echo_is_found() -> None:
    """An agent who is in the room, with an ear on them that whispers."""
    there, coach_ear = book(), OurId(Kind.COACH_EAR, ID, 1)
    for member in (str(coach_ear), AGENT):
        there.entered(str(OurId(Kind.ROOM, ID, 0)), member)
    assert "themselves" in broken(session(COACH, coach_ear), there)


def test_who_consults_the_supervisor_may_be_heard() -> None:
    """Alone: nothing of the call is in the room then."""
    there, room = book(), str(OurId(Kind.ROOM, ID, 0))
    there.see(Channel("consult", "PJSIP/0-00000009", up=True))
    there.entered(room, "consult")
    consulted = replace(session(MONITOR), consult="consult", asker="consult", consulting=True)
    assert not broken(consulted, there)
    there.entered(room, str(EAR))
    assert "hears" in broken(replace(consulted, tap=EAR), there)
