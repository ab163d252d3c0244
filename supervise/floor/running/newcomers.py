"""Who has come into a session's call since it was decided about the last time, and who is about to come."""

import asyncio
from collections.abc import Callable

from supervise.domain.calls.calls import CallBook
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions.moves import around
from supervise.domain.sessions.session import Session
from supervise.floor.running.timers import Timers

ENTERING_SECONDS = 0.5
"""How long somebody who is let into a conference may take; a ConfBridge() that says nothing takes 10 ms (22.10.1)."""


class Newcomers:
    """Remembers who was connected with a call when its rights were asked for.

    A look at the call decides about everybody who is there. Between two looks, while orders are being carried out,
    somebody may come: what a blind transfer brings is in the call's bridge before the next phone rings, and an attended
    one brings a voice. Nothing more is let be heard then.
    """

    def __init__(self, session: Session, book: CallBook, timers: Timers, put: Callable[[h.Joined], None]) -> None:
        """Everybody who is connected with the call of `session` now has been decided about."""
        self._book = book
        self._timers = timers
        self._put = put
        self._decided = around(session, book)
        self._expected: asyncio.TimerHandle | None = None

    def decided(self, session: Session) -> None:
        """Everybody who is connected with the call now is decided about."""
        self._decided = around(session, self._book)

    def there(self, session: Session) -> bool:
        """Whether somebody has come; those whom the session itself brings into the call have not."""
        own = {session.agent.channel, session.supervisor.channel, session.recall, session.handed, session.asker}
        return not around(session, self._book) <= self._decided | own

    @property
    def expected(self) -> bool:
        """Whether somebody is about to come, for whom the room was emptied."""
        return self._expected is not None

    def expect(self) -> None:
        """Somebody is about to come, and the room is being emptied: it is filled again when they are there, or late."""
        self._expect_nobody()
        self._expected = self._timers.later(ENTERING_SECONDS, self.come)

    def come(self) -> None:
        """The room was emptied for somebody, and they are there, or are not waited for any longer."""
        self._expect_nobody()
        self._put(h.Joined())

    def _expect_nobody(self) -> None:
        if self._expected is not None:
            self._expected.cancel()
        self._expected = None
