"""The lines that are served now: found by phone, by session, by node."""

from collections.abc import Iterator

from supervise.domain.sessions.session import Session, Stage
from supervise.floor.line import Line
from supervise.floor.running.runner import Runner


class Lines:
    """All of them, of all nodes. They may come and go while somebody walks through them."""

    def __init__(self) -> None:
        """Nobody is served yet."""
        self._lines: dict[tuple[str, str], Line] = {}

    def __iter__(self) -> Iterator[Line]:
        """Every line that there is at this moment."""
        return iter(tuple(self._lines.values()))

    def add(self, line: Line) -> None:
        """Take a line in."""
        self._lines[line.board.node, line.arrival.channel] = line

    def remove(self, line: Line) -> None:
        """A line has ended."""
        self._lines.pop((line.board.node, line.arrival.channel), None)

    def at(self, node: str, channel: str) -> Line | None:
        """The line of a supervisor's phone."""
        return self._lines.get((node, channel))

    def of(self, session: str) -> Line | None:
        """The line of a session, or of the attempt at one."""
        return next((line for line in self._lines.values() if line.arrival.session == session), None)

    def on(self, node: str) -> list[Line]:
        """The lines of a node."""
        return [line for line in self._lines.values() if line.board.node == node]

    def runners(self) -> Iterator[Runner]:
        """The sessions that go on, as what runs them."""
        return (line.runner for line in self if line.runner is not None)

    def sessions(self) -> Iterator[Session]:
        """Every session that has not ended."""
        return (runner.session for runner in self.runners() if runner.session.stage is not Stage.CLOSED)
