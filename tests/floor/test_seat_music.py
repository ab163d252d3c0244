"""The music of a seat's session is begun and ended once each, as the session and the call go on."""

from dataclasses import dataclass, replace

import pytest

from supervise.domain.calls.calls import CallBook
from supervise.domain.ports import OrderFailedError
from supervise.domain.sessions.seat_music import Music
from supervise.domain.sessions.session import Session
from supervise.floor.running.seat_music import SeatMusic
from tests.support.fake_board import FakeBoard
from tests.support.seated import AGENT, CALL, CUSTOMER, SEAT, SESSION, held_call

pytestmark = pytest.mark.unit


@dataclass(slots=True)
class Run:
    """A session that is about to change."""

    session: Session = SESSION


class Unmusical(FakeBoard):
    """A switchboard that plays nothing."""

    async def begin_music(self, session: Session, music: Music) -> None:
        """Fail."""
        await super().begin_music(session, music)
        raise OrderFailedError("no music")


async def step(music: SeatMusic) -> None:
    """One step of the session, without orders."""
    music.end()
    await music.begin()


def board_with(book: CallBook, kind: type[FakeBoard] = FakeBoard) -> FakeBoard:
    """A switchboard with this call."""
    board = kind([])
    board.book = book
    return board


async def test_it_follows_the_session_and_the_call() -> None:
    """Whispered in the hold, ended while the supervisor speaks, begun for who waits alone, and ended with the hold."""
    run, board = Run(), board_with(held_call(AGENT, CUSTOMER))
    music = SeatMusic(run, board)
    for _ in range(2):
        await step(music)
    run.session = replace(SESSION, tap=SEAT, mic_open=True)
    for _ in range(2):
        await step(music)
    run.session = SESSION
    await step(music)
    assert board.story == [Music.WHISPERED, Music.NONE, Music.WHISPERED]
    board.story.clear()
    board.book.left(CALL, AGENT)
    run.session = replace(SESSION, parted=True)
    await step(music)
    board.book.hold(AGENT, held=False)
    for _ in range(2):
        await step(music)
    assert board.story == [Music.NONE, Music.BEGUN, Music.NONE]


async def test_a_new_seat_begins_anew() -> None:
    """What an old seat has begun is not taken for the new one's."""
    run, board = Run(), board_with(held_call(AGENT, CUSTOMER))
    music = SeatMusic(run, board)
    await step(music)
    run.session = replace(SESSION, seat=None, seated=False)
    await step(music)
    run.session = SESSION
    await step(music)
    assert board.story == [Music.WHISPERED, Music.NONE, Music.WHISPERED]


async def test_what_fails_is_tried_again() -> None:
    """With the next thing that happens to the session, which goes on; what was made of it is ended."""
    board = board_with(held_call(AGENT, CUSTOMER), Unmusical)
    music = SeatMusic(Run(), board)
    for _ in range(2):
        await step(music)
    assert board.story == [Music.WHISPERED, Music.NONE] * 2
