"""What a real session leaves behind: its records on the disk, its figures, and the CRM's copy, each as it was."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from supervise.domain.records import Deed
from supervise.domain.words import Mode, Source, Visibility
from supervise.history.storage.place import JournalPlace
from supervise.history.telling.webhooks import SIGNATURE, is_genuine
from supervise.history.verify import check
from supervise.lab.callcentre import POLICY, CallCentre, Plan
from tests.support.ledger import records, until_closed, until_recorded
from tests.support.supervising import scene

pytestmark = pytest.mark.telephony

SECRET = SecretStr("between us and the CRM")
SHOWING = POLICY.replace("barge]", "barge, show-in-history]")


@dataclass
class Crm:
    """A receiver of webhooks; `events` is what it got that was signed."""

    events: list[dict[str, Any]] = field(default_factory=list)
    forged: int = 0

    async def take(self, request: web.Request) -> web.Response:
        """Take an event, if its signature holds."""
        body = await request.read()
        if not is_genuine(SECRET, body, request.headers.get(SIGNATURE, ""), datetime.now(UTC)):
            self.forged += 1
            return web.Response(status=403)
        self.events.append(json.loads(body))
        return web.Response()

    async def until(self, deed: str, within: float = 8.0) -> None:
        """Wait until it has been told of a deed."""
        end = asyncio.get_running_loop().time() + within
        while deed not in [event["deed"] for event in self.events]:
            assert asyncio.get_running_loop().time() < end, f"not told of {deed}, but of {self.events}"
            await asyncio.sleep(0.05)


@pytest.fixture
def crm() -> Crm:
    """The receiver."""
    return Crm()


@pytest_asyncio.fixture(loop_scope="session")
async def hook(crm: Crm) -> AsyncIterator[str]:
    """Where the receiver listens."""
    application = web.Application()
    application.router.add_post("/", crm.take)
    async with TestServer(application) as server:
        yield str(server.make_url("/"))


@pytest.fixture
def plan(hook: str) -> Plan:
    """A house whose leads' sessions show, with figures and a CRM."""
    webhook = f'[[webhook]]\nname = "crm"\nurl = "{hook}"\nsecret = "{SECRET.get_secret_value()}"\n'
    return Plan(policy=SHOWING, web=webhook)


async def figures(centre: CallCentre) -> dict[str, float]:
    """Every figure, by its name and labels."""
    async with ClientSession() as client, client.get(centre.controller.web_url + "/metrics") as answer:
        families = text_string_to_metric_families(await answer.text())
    samples = (sample for family in families for sample in family.samples)
    return {" ".join([sample.name, *sample.labels.values()]): sample.value for sample in samples}


async def test_a_session_leaves_records_figures_and_the_crms_copy(centre: CallCentre, crm: Crm) -> None:
    """Every deed of a session is in the journal with everything about it, told to the CRM in order, and counted."""
    at = await scene(centre)
    for keys, deed, count in (("8", Deed.VISIBILITY, 1), ("5", Deed.MODE, 1), ("1", Deed.MUTE, 1), ("6", Deed.MODE, 2)):
        await at.supervisor.press(keys)
        await until_recorded(centre, deed, count=count)
    during = await figures(centre)
    await at.supervisor.press("*")
    await at.supervisor.until_closed()
    await until_closed(centre)
    await crm.until("closed")
    told = [record for record in records(centre) if record.session]
    main = [record for record in told if record.deed is not Deed.NOTICE]
    assert [(record.deed, record.mode, record.muted, record.visibility) for record in main] == [
        (Deed.OPENED, Mode.MONITOR, True, Visibility.HIDDEN),
        (Deed.VISIBILITY, Mode.MONITOR, True, Visibility.VISIBLE),
        (Deed.MODE, Mode.COACH, True, Visibility.VISIBLE),
        (Deed.MUTE, Mode.COACH, False, Visibility.VISIBLE),
        (Deed.MODE, Mode.BARGE, False, Visibility.VISIBLE),
        (Deed.CLOSED, Mode.BARGE, False, Visibility.VISIBLE),
    ]
    for record in told:
        assert (record.node, record.supervisor, record.agent) == ("pbx", "hilda", "anna")
        assert (record.number, record.source, record.shown) == ("101", Source.PHONE, True)
        assert record.call
        assert ":" in record.rule
        assert len(record.policy) == 64
        assert record.elapsed is not None
        assert timedelta(0) <= record.elapsed < timedelta(minutes=2)
    assert [event["deed"] for event in crm.events] == [record.deed.value for record in told]
    assert (len({event["sequence"] for event in crm.events}), crm.forged) == (len(told), 0)
    after = await figures(centre)
    assert (during["supervise_sessions barge"], after["supervise_sessions barge"]) == (1, 0)
    assert (after["supervise_join_seconds_count"], after["supervise_journal_healthy"]) == (1, 1)
    assert [after[f"supervise_switch_seconds_count {mode}"] for mode in ("coach", "barge")] == [2, 1]
    assert [after[f"supervise_{name}_total"] for name in ("orphans", "lease_expiries")] == [0, 0]


async def test_a_refusal_is_told_to_nobody_outside(centre: CallCentre, crm: Crm) -> None:
    """Who may not is in the journal with the call that they meant, and is counted; the CRM learns nothing of it."""
    await centre.call()
    trainee = await centre.phone("303")
    await trainee.dial("*56201")
    (record,) = await until_recorded(centre, Deed.REFUSED)
    assert (record.supervisor, record.agent, record.number, record.mode) == ("trainee", "anna", "101", Mode.COACH)
    await trainee.until_closed(within=10)
    at = await figures(centre)
    assert at["supervise_refusals_total not-allowed"] == 1
    assert crm.events == []


async def test_a_controller_that_froze_counts_what_it_let_lapse(centre: CallCentre) -> None:
    """After twelve frozen seconds Asterisk has ended the session; it is counted as lapsed and closed once."""
    at = await scene(centre)
    centre.controller.freeze()
    try:
        await at.supervisor.until_closed(within=14)
    finally:
        centre.controller.thaw()
    await until_closed(centre)
    assert (await figures(centre))["supervise_lease_expiries_total"] == 1


async def test_the_chain_is_whole_after_all(centre: CallCentre) -> None:
    """When the controller has ended, the journal of real sessions verifies against its own log."""
    at = await scene(centre)
    await at.supervisor.press("*")
    await at.supervisor.until_closed()
    await until_closed(centre)
    await centre.controller.stop()
    anchors = list(centre.controller.all("journal-anchor"))
    report = check(JournalPlace(str(centre.controller.journal)))
    assert report.findings == []
    assert anchors[-1]["seal"] == report.end.seal.hex()
