"""Every order is held against who would hear whom after it, before Asterisk is asked to carry it out."""

from dataclasses import replace

import structlog

from supervise.domain.calls.calls import CallBook
from supervise.domain.calls.naming import OurId
from supervise.domain.ports import GuardedError
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.guard import Answered, Moment, why_not_hand_back
from supervise.domain.sessions.session import Session

log = structlog.get_logger(__name__)


class Guarding:
    """Keeps what Asterisk has answered about each session, and refuses what would break a promise."""

    def __init__(self, node: str, book: CallBook) -> None:
        """Look into `book` for who is connected with whom."""
        self._node = node
        self._book = book
        self._answered: dict[str, Answered] = {}

    def let(self, session: Session, order: o.Order) -> None:
        """Take in that an order is about to go out.

        Raises:
            GuardedError: it must not.
        """
        answered = self._answered.get(session.id, Answered())
        why = Moment(session, self._book, answered).why_not(order)
        self._refuse(session.id, type(order).__name__, why)
        self._keep(session, answered, answered.asked(order))

    def let_hand_back(self, supervisor: str, endpoint: str) -> None:
        """Take in that an agent is about to be called into a supervisor's own call.

        Raises:
            GuardedError: they must not.
        """
        self._refuse("", "hand-back", why_not_hand_back(supervisor, endpoint, self._book))

    def done(self, session: Session, order: o.Order) -> None:
        """Take in that an order has been carried out."""
        answered = self._answered.get(session.id, Answered())
        self._keep(session, answered, answered.done(order))

    def in_room(self, session: Session) -> tuple[OurId, ...]:
        """What of ours is in a session's room, or may be."""
        ids = map(OurId.read, sorted(self._answered.get(session.id, Answered()).room))
        return tuple(id_ for id_ in ids if id_ is not None)

    def left(self, channel: str) -> None:
        """Take in that a channel has left our application, and so every room; that it has ended is told later."""
        for session, answered in self._answered.items():
            if channel in answered.room:
                self._answered[session] = replace(answered, room=answered.room - {channel})

    def forget(self, session: Session) -> None:
        """The session is over."""
        self._answered.pop(session.id, None)

    def _refuse(self, session: str, order: str, why: str) -> None:
        if why:
            log.error("guard.refused", node=self._node, session=session, order=order, why=why, alarm=True)
            raise GuardedError(f"{order}: {why}")

    def _keep(self, session: Session, before: Answered, after: Answered) -> None:
        """What comes after a session's end leaves nothing behind."""
        if after is not before:
            self._answered[session.id] = after
