"""Writes a report into a folder."""

from collections.abc import Sequence
from pathlib import Path

from supervise.lab.report.page import page
from supervise.lab.report.plain import as_json, as_junit
from supervise.lab.scenarios.result import ScenarioResult


def write_report(results: Sequence[ScenarioResult], folder: Path) -> Path:
    """``report.html`` for people, ``report.json`` and ``junit.xml`` for programs; the page's place comes back."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(as_json(results))
    (folder / "junit.xml").write_text(as_junit(results))
    html = folder / "report.html"
    html.write_text(page(results))
    return html
