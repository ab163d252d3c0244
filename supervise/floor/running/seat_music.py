"""Has a session's seat see to the music of a hold, where its being in the call keeps Asterisk from that."""

from typing import Protocol

import structlog

from supervise.domain.calls.naming import OurId
from supervise.domain.ports import OrderFailedError, Switchboard
from supervise.domain.sessions.seat_music import Music, music_of
from supervise.domain.sessions.session import Session

log = structlog.get_logger(__name__)


class Run(Protocol):
    """The session whose seat it is."""

    @property
    def session(self) -> Session:
        """How it stands."""


class SeatMusic:
    """The music of one session's seat: ended before something else is done with the seat, begun when that is done."""

    def __init__(self, run: Run, board: Switchboard) -> None:
        """There is none."""
        self._run = run
        self._board = board
        self._seat: OurId | None = None
        self._music = Music.NONE

    def end(self) -> None:
        """End what is not to be any more. Nobody waits for it: what takes a right away must not come after it."""
        session = self._run.session
        if music_of(session, self._board.book) is not self._music or session.seat != self._seat:
            self._end_now()

    async def begin(self) -> None:
        """Begin what is to be; what fails is tried again when something else happens to the session."""
        session = self._run.session
        music = music_of(session, self._board.book)
        if music in (Music.NONE, self._music):
            return
        self._seat, self._music = session.seat, music
        try:
            await self._board.begin_music(session, music)
        except OrderFailedError as error:
            log.warning("music.failed", session=session.id, node=session.node, music=music, error=str(error))
            self._end_now()

    def _end_now(self) -> None:
        if self._music is not Music.NONE:
            self._board.end_music(self._run.session, self._music)
        self._seat, self._music = None, Music.NONE
