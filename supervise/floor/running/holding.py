"""Holds that a party begins by their phone: the supervisor is told, hears music once, and then a soft tick."""

import asyncio
from collections.abc import Callable

from supervise.domain.ports import Switchboard
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions.session import Session, Stage
from supervise.domain.sessions.truth import call_of

MUSIC_SECONDS = 10.0
"""How long the music of a hold is heard."""

TICK_SECONDS = 5.0
"""Between two ticks."""


class Holding:
    """Watches one session's call for holds."""

    def __init__(self, board: Switchboard, put: Callable[[h.MusicHeard], None]) -> None:
        """Nobody holds; `put` takes news, and must not wait."""
        self._board = board
        self._put = put
        self._timer: asyncio.TimerHandle | None = None
        self._session: Session | None = None

    def look(self, session: Session) -> h.HoldChanged | None:
        """Look at the call; what there is to tell, if it is another thing than the session knows."""
        call = call_of(session, self._board.book)
        held = call is not None and call.on_hold
        return h.HoldChanged(held) if call is not None and held is not session.held else None

    def follow(self, session: Session) -> None:
        """Count the time of the music, or tick, as a session stands now. Who puts others on hold hears no music."""
        self._session = session
        if session.stage is Stage.CLOSED or not session.held:
            self.cancel()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(MUSIC_SECONDS, self._music_heard)

    def cancel(self) -> None:
        """Nothing is on hold any more."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def _music_heard(self) -> None:
        session = self._session
        call = None if session is None else call_of(session, self._board.book)
        if session is not None and call is not None and any(p.held for p in call.others(session.agent.channel)):
            self._put(h.MusicHeard())
        self._tick()

    def _tick(self) -> None:
        if self._session is not None:
            self._board.say(self._session, ("tick",), after=True)
        self._timer = asyncio.get_running_loop().call_later(TICK_SECONDS, self._tick)
