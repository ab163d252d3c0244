"""What came of the board's benchmark, as a table for people and for the docs."""

import statistics
from dataclasses import dataclass, field
from pathlib import Path

from supervise.lab.bench.board_page import Drawn
from supervise.lab.bench.board_server import Load
from supervise.lab.bench.docs import DOCUMENT, put_between
from supervise.lab.bench.machine import Machine

BEGIN = "<!-- begin: written by `supervise lab bench-board --write-docs` -->"


@dataclass(slots=True)
class Measured:
    """What came of it; times are in milliseconds.

    Attributes:
        first: from connecting to the whole board, for each browser, all at once.
        delays: from each change to each browser that reads.
        messages: how many came meanwhile.
        snapshot: bytes of a whole board.
        processor: of the controller, in per cent of one core.
        memory: of the controller, in megabytes, with everybody connected and at the end.
        storm: as `first`, when all lose their connection and come back at once while calls change.
        besieged: as `delays`, while connections that send nothing knock; `silent` of them were taken.
        page: the page in a real browser, where there is one.
    """

    load: Load
    first: list[float] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    messages: int = 0
    snapshot: int = 0
    processor: float = 0.0
    memory: tuple[float, float] = (0.0, 0.0)
    storm: list[float] = field(default_factory=list)
    besieged: list[float] = field(default_factory=list)
    silent: int = 0
    page: Drawn | None = None

    def rows(self) -> list[tuple[str, str]]:
        """What was measured, and the figure."""
        load = self.load
        found = [
            ("change to browser", f"{_told(self.delays)}, {max(self.delays):.0f} ms (worst) of {len(self.delays)}"),
            ("the controller's processor time", f"{self.processor:.1f} % of a core"),
            ("its memory with everybody connected, and at the end", "{:.0f} MiB, {:.0f} MiB".format(*self.memory)),
            (f"whole board of {self.snapshot / 1024:.0f} KiB, {len(self.first)} connecting at once", _told(self.first)),
            ("the same when all have lost it and come back, while calls change", _told(self.storm)),
        ]
        if self.besieged:
            what = f"change to browser while {load.silent} connections that send nothing knock ({self.silent} taken)"
            found.append((what, _told(self.besieged)))
        if self.page is not None:
            found += self.page.rows()
        return found

    def lines(self) -> list[str]:
        """For people."""
        return [f"{what}: {figure}" for what, figure in self.rows()]

    def markdown(self, machine: Machine) -> str:
        """For the docs."""
        load = self.load
        origin = (
            f"Made on {machine}. {load.sockets} browsers of {load.people} people, {load.agents} agents of whom half "
            f"are in a call, {load.changes} calls change in a second, {load.stalled} % of the browsers read nothing, "
            f"{load.sessions} of the people supervise somebody; {load.seconds} seconds."
        )
        table = [f"| {what} | {figure} |" for what, figure in self.rows()]
        return "\n".join([origin, "", "| what | measured |", "| --- | --- |", *table])

    def write(self, machine: Machine, document: Path = DOCUMENT) -> Path:
        """Put it into the docs.

        Raises:
            LabError: the document has no place for it.
        """
        return put_between(document, BEGIN, self.markdown(machine))


def _told(values: list[float]) -> str:
    return f"{_p(values, 50):.0f} ms (p50), {_p(values, 99):.0f} ms (p99)"


def _p(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
