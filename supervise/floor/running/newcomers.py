"""Who has come into a session's call since it was decided about the last time."""

from supervise.domain.calls.calls import CallBook
from supervise.domain.sessions.moves import around
from supervise.domain.sessions.session import Session


class Newcomers:
    """Remembers who was connected with a call when its rights were asked for.

    A look at the call decides about everybody who is there. Between two looks, while orders are being carried out,
    somebody may come: what a blind transfer brings is in the call's bridge before the next phone rings, and an attended
    one brings a voice. Nothing more is let be heard then.
    """

    def __init__(self, session: Session, book: CallBook) -> None:
        """Everybody who is connected with the call of `session` now has been decided about."""
        self._book = book
        self._decided = around(session, book)

    def decided(self, session: Session) -> None:
        """Everybody who is connected with the call now is decided about."""
        self._decided = around(session, self._book)

    def there(self, session: Session) -> bool:
        """Whether somebody has come; those whom the session itself brings into the call have not."""
        own = {session.agent.channel, session.supervisor.channel, session.recall, session.handed, session.asker}
        return not around(session, self._book) <= self._decided | own
