"""Puts a run's tables into the document about the benchmark."""

from pathlib import Path
from typing import Final

from supervise.lab.bench.report import Findings
from supervise.lab.checkout import CHECKOUT
from supervise.lab.errors import LabError

DOCUMENT: Final = CHECKOUT / "docs/benchmarks.md"

BEGIN: Final = "<!-- begin: written by `supervise lab bench --write-docs` -->"
END: Final = "<!-- end -->"


def write_docs(findings: Findings, document: Path = DOCUMENT) -> Path:
    """Replace the document's tables by those of a run.

    Raises:
        LabError: the document has no place for them.
    """
    text = document.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise LabError(f"{document} has no lines {BEGIN!r} and {END!r} between which the tables belong")
    document.write_text(f"{before}{BEGIN}\n{tables(findings)}\n{END}{after}")
    return document


def tables(findings: Findings) -> str:
    """The tables of a run, with the machine they were made on."""
    origin = f"Made on {findings.machine}; {findings.repetitions} visits of each side."
    return "\n\n".join((origin, *(grid.markdown() for grid in findings.grids())))
