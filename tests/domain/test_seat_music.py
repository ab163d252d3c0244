"""Who is on hold has music wherever they would have it without a seat in the call, and never beside a voice."""

from dataclasses import replace

import pytest

from supervise.domain.sessions.seat_music import Music, music_of
from supervise.domain.sessions.session import AgentPlace, Person, Stage
from tests.support.seated import AGENT, CALL, CONSULT, CUSTOMER, OTHERS_SEAT, ROOM, SEAT, SESSION, THIRD, held_call

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("holder", [AGENT, CUSTOMER])
def test_a_hold_of_two(holder: str) -> None:
    """Whoever holds, the other one has music; when nobody does, there is none."""
    assert music_of(SESSION, held_call(AGENT, CUSTOMER, held=holder)) is Music.WHISPERED
    assert music_of(SESSION, held_call(AGENT, CUSTOMER, held=THIRD)) is Music.NONE


def test_not_where_there_would_be_none_without_the_seat() -> None:
    """In a call of three Asterisk tells nobody of a hold."""
    assert music_of(SESSION, held_call(AGENT, CUSTOMER, THIRD)) is Music.NONE


@pytest.mark.parametrize(
    ("changes", "music"),
    [
        ({"tap": SEAT, "mic_open": True}, Music.NONE),
        ({"tap": SEAT}, Music.WHISPERED),
        ({"seated": False}, Music.NONE),
        ({"seat": None}, Music.NONE),
        ({"private": True}, Music.NONE),
        ({"stage": Stage.CLOSED}, Music.NONE),
        ({"agent_place": AgentPlace.ON_HOLD}, Music.NONE),
    ],
)
def test_never_beside_a_voice(changes: dict[str, object], music: Music) -> None:
    """Who speaks over the seat is heard instead of music; without a seat Asterisk sees to it by itself."""
    session = replace(SESSION, **changes)  # type: ignore[arg-type]  # replace() checks the names itself
    assert music_of(session, held_call(AGENT, CUSTOMER)) is music


def test_who_waits_alone_while_the_agent_consults() -> None:
    """By Asterisk's own keys the agent is in another call meanwhile, and holds this one."""
    known = held_call(CUSTOMER)
    for member in (AGENT, THIRD):
        known.entered(CONSULT, member)
    assert music_of(replace(SESSION, parted=True), known) is Music.BEGUN
    heard = replace(SESSION, home=SESSION.agent, agent=Person("anna", THIRD))
    assert music_of(heard, known) is Music.BEGUN, "the consultation is heard by right"


def test_whose_agent_has_gone_elsewhere_hears_nothing() -> None:
    """The agent was sent away and holds nobody: the call is about to end."""
    known = held_call(CUSTOMER, held=CUSTOMER)
    known.entered(CONSULT, AGENT)
    assert music_of(replace(SESSION, parted=True), known) is Music.NONE


@pytest.mark.parametrize("speaks", [False, True])
def test_of_two_supervisors_one_sees_to_it(*, speaks: bool) -> None:
    """The music is not heard twice, nor beside the voice of another supervisor."""
    known = held_call(AGENT, CUSTOMER)
    known.entered(CALL, str(OTHERS_SEAT.far))
    if speaks:
        known.entered(ROOM, str(OTHERS_SEAT))
    other = replace(SESSION, id="0" * 32, seat=OTHERS_SEAT)
    assert music_of(SESSION, known) is Music.NONE
    assert music_of(other, known) is Music.WHISPERED
    assert music_of(replace(other, tap=OTHERS_SEAT, mic_open=speaks), known) is (
        Music.NONE if speaks else Music.WHISPERED
    )
