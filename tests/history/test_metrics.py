"""The figures for Prometheus, as a scraper reads them."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from supervise.domain.ports import UnrecordedError
from supervise.domain.records import Deed, Record
from supervise.domain.words import Mode
from supervise.history.journal import HistoryJournal
from supervise.history.storage.place import JournalPlace
from supervise.metrics import Counting, Metrics, health_routes
from tests.history.helpers import NOON, OPENING

pytestmark = pytest.mark.unit

Scraper = TestClient[web.Request, web.Application]


@pytest.fixture
def metrics() -> Metrics:
    """Fresh figures."""
    return Metrics()


@pytest.fixture
def faults() -> list[str]:
    """What keeps the controller from being ready."""
    return []


@pytest.fixture
def alarms() -> list[str]:
    """What somebody has to mend although it is ready."""
    return []


@pytest.fixture
async def scraper(metrics: Metrics, faults: list[str], alarms: list[str]) -> AsyncIterator[Scraper]:
    """Somebody who reads the figures."""
    application = web.Application()
    application.add_routes(health_routes(metrics, lambda: faults, lambda: alarms))
    async with TestClient(TestServer(application)) as client:
        yield client


async def figures(scraper: Scraper) -> dict[str, float]:
    """Every figure, by its name and labels."""
    answer = await scraper.get("/metrics")
    families = text_string_to_metric_families(await answer.text())
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in families
        for sample in family.samples
    }


async def test_sessions_are_counted_by_mode(metrics: Metrics, scraper: Scraper, sqlite_place: JournalPlace) -> None:
    """A session counts in the mode it is in, from its opening to its closing, and a refusal by its reason."""
    async with HistoryJournal(sqlite_place) as journal:
        metrics.watch(journal)
        counting = Counting(journal, metrics)
        opening = replace(OPENING, mode=Mode.MONITOR)
        await counting.write(opening)
        await counting.write(replace(opening, session="s2"))
        await counting.write(replace(opening, deed=Deed.MODE, mode=Mode.COACH))
        counting.note(Record(Deed.REFUSED, NOON, reason="not-allowed", mode=Mode.BARGE, session="s9"))
        first = await figures(scraper)
        counting.note(replace(opening, deed=Deed.CLOSED))
        await counting.write(replace(opening, session="s2", deed=Deed.CLOSED))
        second = await figures(scraper)
        assert await counting.sessions(since=NOON, agent="bert") == 2
    modes = [f"supervise_sessions {mode}" for mode in Mode]
    assert [first[mode] for mode in modes] == [1, 1, 0]
    assert [second[mode] for mode in modes] == [0, 0, 0]
    assert first["supervise_refusals_total not-allowed"] == 1
    assert first["supervise_journal_healthy"] == 1
    assert second["supervise_records_total closed"] == 2


async def test_what_was_not_recorded_is_not_counted(
    metrics: Metrics, scraper: Scraper, sqlite_place: JournalPlace
) -> None:
    """An opening that the journal refused is no session; a closing ends one, recorded or not."""
    async with HistoryJournal(sqlite_place) as journal:
        counting = Counting(journal, metrics)
        await counting.write(replace(OPENING, mode=Mode.MONITOR))
    for record in (replace(OPENING, session="s2", mode=Mode.COACH), replace(OPENING, deed=Deed.CLOSED)):
        with pytest.raises(UnrecordedError):
            await counting.write(record)
    found = await figures(scraper)
    assert [found[f"supervise_sessions {mode}"] for mode in Mode] == [0, 0, 0]


async def test_ready_says_why_not(scraper: Scraper, faults: list[str], alarms: list[str]) -> None:
    """Ready is 200, not ready is 503 with the reasons, an alarm changes neither; alive is alive either way."""
    assert (await scraper.get("/readyz")).status == 200
    alarms.append("the policy's file cannot be used")
    answer = await scraper.get("/readyz")
    assert (answer.status, await answer.text()) == (200, "ok\nalarm: the policy's file cannot be used\n")
    alarms.clear()
    faults.append("the journal cannot be written: disk full")
    answer = await scraper.get("/readyz")
    assert (answer.status, await answer.text()) == (503, faults[0] + "\n")
    assert (await scraper.get("/healthz")).status == 200
