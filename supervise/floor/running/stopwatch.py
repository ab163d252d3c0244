"""How long supervisors wait: from their wish to the sound that they wished for."""

from supervise.domain.ports import Figures
from supervise.domain.sessions.session import Session, Stage


class Stopwatch:
    """Times one session. All moments are of the loop's clock."""

    def __init__(self, figures: Figures, asked: float) -> None:
        """`asked` is when nothing more was to be asked for, and the supervisor only waited."""
        self._figures = figures
        self._joining: float | None = asked
        self._switching: float | None = None

    def follow(self, before: Session, after: Session, asked: float | None) -> None:
        """A step of the session has begun, which somebody `asked` for at a moment; None if nobody did."""
        if before.wanted != after.wanted:
            self._switching = asked

    def look(self, session: Session, now: float) -> None:
        """All orders of a step have been carried out."""
        if session.stage is not Stage.LIVE or session.stance != session.wanted:
            return
        if self._joining is not None:
            self._figures.joined(now - self._joining)
        elif self._switching is not None:
            self._figures.switched(session.stance.mode, now - self._switching)
        self._joining = self._switching = None
