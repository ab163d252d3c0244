"""The machine that was measured on, and how much of it others had meanwhile."""

import os
import platform
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Machine:
    """Where and when a run was made.

    Attributes:
        began: in UTC.
        processor, cores, kernel, python: of the machine.
        asterisk: its version, and how it was run.
        load: the machine's load average (one minute) when the run began: what others had it do.
        steal: percent of its processor that the hypervisor gave to others during the run.
    """

    began: str
    processor: str
    cores: int
    kernel: str
    python: str
    asterisk: str
    load: float
    steal: float

    def __str__(self) -> str:
        """A line for people."""
        return (
            f"{self.began[:16].replace('T', ' ')} UTC, {self.processor}, {self.cores} cores, Linux {self.kernel}, "
            f"Python {self.python}, Asterisk {self.asterisk}; load average at the start {self.load:.1f}, "
            f"steal {self.steal:.1f} %"
        )


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """What the machine was like when a run began."""

    began: datetime
    load: float
    ticks: int
    stolen: int

    @classmethod
    def start(cls) -> Self:
        """Look at it."""
        return cls(datetime.now(UTC), os.getloadavg()[0], *_ticks())

    def stop(self, asterisk: str) -> Machine:
        """Look again."""
        ticks, stolen = _ticks()
        return Machine(
            began=self.began.isoformat(timespec="seconds"),
            processor=_processor(),
            cores=os.cpu_count() or 0,
            kernel=platform.release(),
            python=platform.python_version(),
            asterisk=asterisk,
            load=self.load,
            steal=100 * (stolen - self.stolen) / max(1, ticks - self.ticks),
        )


def _ticks() -> tuple[int, int]:
    """All processors' time so far, and how much of it was stolen: the eighth figure (proc_stat(5))."""
    first = Path("/proc/stat").read_text().splitlines()[0]
    figures = [int(word) for word in first.split()[1:]]
    return sum(figures[:8]), figures[7]


def _processor() -> str:
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()
