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
    return put_between(document, BEGIN, tables(findings))


def put_between(document: Path, begin: str, tables_: str) -> Path:
    """Replace what stands in a document between a line and the next end.

    Raises:
        LabError: the document has no place for it.
    """
    text = document.read_text()
    before, found, rest = text.partition(begin)
    _, end, after = rest.partition(END)
    if not found or not end:
        raise LabError(f"{document} has no lines {begin!r} and {END!r} between which the tables belong")
    document.write_text(f"{before}{begin}\n{tables_}\n{END}{after}")
    return document


def tables(findings: Findings) -> str:
    """The tables of a run, with the machine they were made on."""
    origin = f"Made on {findings.machine}; {findings.repetitions} visits of each side."
    return "\n\n".join((origin, *(grid.markdown() for grid in findings.grids())))
