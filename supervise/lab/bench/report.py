"""From measurements to what people and programs read: percentiles, tables, JSON, and what makes a run worthless."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any, Final

import numpy as np

from supervise.lab.bench.cpu import LEVELS, Cost
from supervise.lab.bench.machine import Machine
from supervise.lab.bench.plan import DOWN, UP, Side
from supervise.lab.bench.reading import CONTROL, DIAL, HANG_UP, NEXT_CALL, Sample

PERCENTILES: Final = (50, 95, 99)

COMPARED: Final = (Side.OURS, Side.CHANSPY)

MOST_STEAL: Final = 2.0
"""Percent of the processor that a hypervisor may give to others during a run that counts."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of words, to be shown on a screen or in a document."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """The table as a document has it; all columns but the first are figures."""
        align = ("---", *("---:" for _ in self.header[1:]))
        return "\n".join(
            [f"**{self.title}**", "", *(f"| {' | '.join(row)} |" for row in (self.header, align, *self.rows))]
        )


@dataclass(frozen=True, slots=True)
class Findings:
    """All that one run has measured."""

    machine: Machine
    repetitions: int
    samples: Sequence[Sample]
    costs: Sequence[Cost]

    def of(self, side: Side, what: str) -> list[Sample]:
        """The samples of one kind."""
        return [sample for sample in self.samples if sample.side is side and sample.what == what]

    def problems(self) -> list[str]:
        """Why nothing here can be believed; empty when it can."""
        control = self.of(Side.NOBODY, CONTROL)
        hurt = sum(each.lost.agent + each.lost.customer + each.lost.silent for each in control)
        starved = sum(cost.starved for cost in self.costs)
        unheard = [each for each in self.samples if each.ms is None and each.what in (DIAL, NEXT_CALL, *UP, *DOWN)]
        found = {
            f"without any supervisor {hurt} frames were lost: the machine was too busy": hurt > 0,
            f"in {len(unheard)} of {len(self.samples)} samples the supervisor was not heard where they should be": bool(
                unheard
            ),
            f"{starved} sessions did not get all their sound while processor time was measured": starved > 0,
            f"the hypervisor took {self.machine.steal:.1f} % of the processor": self.machine.steal > MOST_STEAL,
        }
        return [problem for problem, there in found.items() if there]

    # --- for people

    def grids(self) -> list[Grid]:
        """The tables."""
        return [self._latencies(), self._tails(), self._losses(), *([self._processor()] if self.costs else [])]

    def _latencies(self) -> Grid:
        rows = [self._times(what) for what in (DIAL, NEXT_CALL, *UP)]
        return Grid(
            "From dialling, or from the end of the key, to the first changed sound: ms, p50 / p95 / p99",
            _TIMES,
            tuple(rows),
        )

    def _tails(self) -> Grid:
        rows = [self._times(what) for what in DOWN]
        return Grid("From the end of the key to the supervisor's last frame: ms, p50 / p95 / p99", _TIMES, tuple(rows))

    def _times(self, what: str) -> tuple[str, ...]:
        ends = (_percentiles([sample.ms for sample in self.of(side, what)]) for side in COMPARED)
        downs = (_median(sample.from_down_ms for sample in self.of(side, what)) for side in COMPARED)
        return (what, str(len(self.of(Side.OURS, what))), *ends, " / ".join(downs) if what in (*UP, *DOWN) else "")

    def _losses(self) -> Grid:
        each = ("agent / customer / supervisor", "worst", "silent")
        header = (
            "around",
            "n",
            *(f"{side}: {part}" if part == each[0] else part for side in COMPARED for part in each),
        )
        rows = [
            (
                what,
                str(len(self.of(Side.OURS, what))),
                *(cell for side in COMPARED for cell in _lost(self.of(side, what))),
            )
            for what in (DIAL, *UP, *DOWN, HANG_UP)
        ]
        control = self.of(Side.NOBODY, CONTROL)
        rows.append((CONTROL, str(len(control)), *_lost(control), "", "", ""))
        return Grid("Frames of 20 ms lost, in all n samples together, and in the worst of them", header, tuple(rows))

    def _processor(self) -> Grid:
        header = ("sessions", *(f"Asterisk, {side}" for side in COMPARED), "ratio", "the controller besides")
        rows = [self._session_costs(count) for count in LEVELS]
        calls = self.cost(Side.NOBODY, 0).asterisk
        return Grid(
            f"Processor time of a session, in percent of a core ({calls:.1f} for all 40 calls alone)",
            header,
            tuple(rows),
        )

    def _session_costs(self, count: int) -> tuple[str, ...]:
        ours, chanspy = (self.slope(side, count) for side in COMPARED)
        return (
            str(count),
            f"{ours.asterisk:.2f}",
            f"{chanspy.asterisk:.2f}",
            f"{ours.asterisk / chanspy.asterisk:.2f}",
            f"{ours.controller:.3f}",
        )

    def cost(self, side: Side, count: int) -> Cost:
        """The mean of what was measured."""
        found = [cost for cost in self.costs if cost.side is side and cost.sessions == count]
        return Cost(side, count, fmean(cost.asterisk for cost in found), fmean(cost.controller for cost in found))

    def slope(self, side: Side, count: int) -> Cost:
        """What one session costs, at so many."""
        alone, with_them = self.cost(Side.NOBODY, 0), self.cost(side, count)
        return Cost(
            side,
            count,
            (with_them.asterisk - alone.asterisk) / count,
            (with_them.controller - alone.controller) / count,
        )

    # --- for programs

    def as_json(self) -> Mapping[str, Any]:
        """Everything, single samples too."""
        return {
            "machine": asdict(self.machine),
            "repetitions": self.repetitions,
            "problems": self.problems(),
            "tables": [asdict(grid) for grid in self.grids()],
            "samples": [asdict(sample) for sample in self.samples],
            "costs": [asdict(cost) for cost in self.costs],
            "slopes": [asdict(self.slope(side, count)) for side in COMPARED for count in LEVELS] if self.costs else [],
        }


_TIMES: Final = ("what", "n", *map(str, COMPARED), f"p50 from key down: {' / '.join(COMPARED)}")


def _percentiles(values: Sequence[float | None]) -> str:
    if not values:
        return "-"
    known = [value for value in values if value is not None]
    return " / ".join(f"{np.percentile(known, each):.0f}" for each in PERCENTILES) if known else "never"


def _median(values: Iterable[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{np.percentile(known, 50):.0f}" if known else "never"


def _lost(samples: Sequence[Sample]) -> tuple[str, str, str]:
    """What the three lost in all samples together, the most that one of them lost in one, and the silent frames."""
    lost = [sample.lost for sample in samples]
    parts = [[each.agent for each in lost], [each.customer for each in lost]]
    # Where the supervisor's loss is not asked for it is None in every sample; where it cannot be read, in some.
    parts.append([each.supervisor for each in lost if each.supervisor is not None])
    totals = " / ".join(str(sum(part)) if part else "-" for part in parts)
    return (
        totals,
        str(max((frames for part in parts for frames in part), default=0)),
        str(sum(each.silent for each in lost)),
    )
