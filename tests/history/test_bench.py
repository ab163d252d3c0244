"""The benchmark that people run on their own disk."""

import pytest

from supervise.history.bench import measure
from supervise.history.storage.place import JournalPlace
from supervise.history.verify import check

pytestmark = pytest.mark.unit


async def test_the_benchmark_leaves_a_whole_journal_and_its_figures(sqlite_place: JournalPlace) -> None:
    """It writes as many records as it says, through the door that the floor uses, and every figure is there."""
    figures = await measure(sqlite_place, 11_000, lambda _: None)
    report = check(sqlite_place)
    assert (figures.records, report.records, report.findings) == (11_000, 11_000, [])
    assert len(figures.alone) == 500
    assert min(figures.together, figures.filled, figures.size, figures.verified, *figures.queries.values()) > 0
