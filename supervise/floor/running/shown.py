"""What a panel needs beside a session itself: which version of it is shown, and what became of the last wish."""

from dataclasses import dataclass
from datetime import datetime

from supervise.domain.board.board import Watched
from supervise.domain.rights.decisions import Rights
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions.session import Session
from supervise.domain.words import Source
from supervise.floor.house import House
from supervise.floor.running.gate import Ask


@dataclass(frozen=True, slots=True)
class Wished:
    """A wish that did not come by a key.

    Attributes:
        wish: what is wished.
        source: where.
        version: which version of the session it was about; None where it only takes away, and so is always right.
    """

    wish: h.Happening
    source: Source
    version: int | None = None


class Shown:
    """Counts the versions of one session.

    Attributes:
        since: when the session began.
        version: another number whenever what could be clicked on has changed.
        refused: why the last wish was refused, and when.
    """

    def __init__(self, house: House) -> None:
        """The first version, from now on."""
        self._house = house
        self.since = house.now()
        self.version = 1
        self.refused: tuple[str, datetime] | None = None

    def takes(self, session: Session, wished: Wished) -> bool:
        """Whether a wish is about the session as it is; one that is not is refused."""
        fits = wished.version is None or wished.version == self.version
        if not fits:
            self.refuse(session, "stale")
        return fits

    def watched(self, session: Session, rights: Rights, asking: Ask | None) -> Watched:
        """The session as the board shows it."""
        asks = "" if asking is None else asking.name.lower()
        return Watched(session, self.since, self.version, rights, asks, self.refused)

    def follow(self, before: Session, now: Session) -> None:
        """The session has become another one."""
        if _clickable(before) != _clickable(now):
            self.version += 1
            self.refused = None
        if before != now:
            self._house.moved(now)

    def refuse(self, session: Session, reason: str) -> None:
        """A wish was refused."""
        self.refused = (reason, self._house.now())
        self._house.moved(session)


def _clickable(session: Session) -> tuple[object, ...]:
    """What decides which buttons there are, and what they would do."""
    whom = session.agent, session.agent_wanted
    return session.wanted, session.visibility, session.stage, *whom, session.private, session.follow
