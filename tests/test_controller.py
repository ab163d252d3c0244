"""The controller as a whole: the real journal and the real client, against a fake Asterisk."""

import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from prometheus_client.parser import text_string_to_metric_families
from pydantic import HttpUrl, SecretStr

from supervise.controller import Controller
from supervise.domain.records import Deed, Record
from supervise.domain.sessions.session import Stage
from supervise.domain.words import Mode
from supervise.history.reading.reader import Reader
from supervise.history.storage.place import JournalPlace
from supervise.history.telling.webhooks import EVENT, SIGNATURE
from supervise.settings import NodeSettings, Settings, WebhookSettings, WebSettings
from supervise.web.server import WebError
from tests.ari.fake_ari import PASSWORD, FakeAri
from tests.history.helpers import eventually
from tests.support.fake_centre import POLICY, SUPERVISOR, dial, furnish

pytestmark = pytest.mark.unit

SHOWING = POLICY.replace(b"barge]", b"barge, show-in-history]")
SECRET = SecretStr("between us and the CRM")


@dataclass
class Crm:
    """A receiver of webhooks.

    Attributes:
        taken: the events it got.
        signed: whether each came with a signature and an id.
    """

    taken: list[dict[str, Any]] = field(default_factory=list)
    signed: list[bool] = field(default_factory=list)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        """Take one event."""
        self.signed.append({SIGNATURE, EVENT} <= request.headers.keys())
        self.taken.append(json.loads(await request.read()))
        return web.Response()

    @property
    def deeds(self) -> list[str]:
        """What it has been told of, in order."""
        return [event["deed"] for event in self.taken]


@pytest.fixture
async def crm() -> AsyncIterator[Crm]:
    """A receiver that works."""
    receiver, application = Crm(), web.Application()
    application.router.add_post("/", receiver.take)
    async with TestServer(application) as server:
        receiver.url = str(server.make_url("/"))
        yield receiver


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAri]:
    """An Asterisk with a call between Anna and a customer."""
    async with FakeAri() as fake:
        furnish(fake)
        yield fake


def settings(folder: Path, asterisk: FakeAri, hook: str = "", port: int = 0) -> Settings:
    """A controller of one node, all of whose files are in a folder."""
    (folder / "policy.yaml").write_bytes(SHOWING)
    return Settings(
        policy=folder / "policy.yaml",
        journal=str(folder / "journal.db"),
        web=WebSettings(port=port),
        webhook=(WebhookSettings(name="crm", url=HttpUrl(hook), secret=SECRET),) if hook else (),
        node=(NodeSettings(name="pbx", url=HttpUrl(asterisk.access.url), password=SecretStr(PASSWORD)),),
    )


async def seeing(controller: Controller) -> None:
    """Wait until new sessions are possible."""
    await eventually(lambda: not controller.floor.nodes.blind() and not controller._unready())


async def standing(controller: Controller, mode: Mode) -> None:
    """Wait until the one session stands in a mode."""

    def stands() -> bool:
        return [(s.stance.mode, s.wanted.mode, s.stage) for s in controller.floor.lines.sessions()] == [
            (mode, mode, Stage.LIVE)
        ]

    await eventually(stands)


async def got(controller: Controller, path: str) -> tuple[int, str]:
    """What the controller answers over HTTP."""
    assert controller.web is not None
    async with ClientSession() as client, client.get(controller.web.url + path) as answer:
        return answer.status, await answer.text()


async def figures(controller: Controller) -> dict[str, float]:
    """Every figure, by its name and labels."""
    _, text = await got(controller, "/metrics")
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {" ".join([sample.name, *sample.labels.values()]): sample.value for sample in samples}


def records(folder: Path) -> list[Record]:
    """What the journal says."""
    reader = Reader(JournalPlace(str(folder / "journal.db")).url)
    try:
        return [entry.record for entry in reader.entries()]
    finally:
        reader.close()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep everybody else from writing the journal."""
    connection = sqlite3.connect(folder / "journal.db", isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def spoken(asterisk: FakeAri, word: str) -> int:
    """How often a word was played."""
    return sum(f"supervise/{word}" in asked.query.get("media", "") for asked in asterisk.asked)


async def test_a_session_is_in_the_journal_the_webhook_and_the_figures(
    tmp_path: Path, asterisk: FakeAri, crm: Crm
) -> None:
    """Of one session the journal has every deed, the receiver gets them in order, and the figures count them."""
    async with Controller(settings(tmp_path, asterisk, crm.url)) as controller:
        await seeing(controller)
        dial(asterisk)
        await standing(controller, Mode.MONITOR)
        asterisk.switch.press(SUPERVISOR, "5")
        await eventually(lambda: "mode" in crm.deeds)
        during = await figures(controller)
        asterisk.switch.press(SUPERVISOR, "8*")
        await eventually(lambda: "closed" in crm.deeds)
        after = await figures(controller)
    told = [record for record in records(tmp_path) if record.session]
    assert [record.deed for record in told] == ["opened", "mode", "visibility", "notice", "notice", "closed"]
    assert [record.deed.value for record in told] == crm.deeds
    assert all(crm.signed)
    assert all(record.shown and record.rule and record.policy for record in told)
    assert (during["supervise_sessions coach"], after["supervise_sessions coach"]) == (1, 0)
    assert (after["supervise_join_seconds_count"], after["supervise_switch_seconds_count coach"]) == (1, 1)
    assert (after["supervise_webhook_waiting crm"], after["supervise_records_total opened"]) == (0, 1)


async def test_a_journal_that_cannot_be_written_lets_sessions_only_go_down(tmp_path: Path, asterisk: FakeAri) -> None:
    """Nobody new hears anything, who is there gets no further right and is told why; down, and the end, go on."""
    async with Controller(settings(tmp_path, asterisk)) as controller:
        await seeing(controller)
        dial(asterisk)
        await standing(controller, Mode.MONITOR)
        asterisk.switch.press(SUPERVISOR, "51")
        await eventually(lambda: [s.stance.muted for s in controller.floor.lines.sessions()] == [False])
        with locked(tmp_path):
            asterisk.switch.press(SUPERVISOR, "6")
            await eventually(lambda: spoken(asterisk, "unrecorded") == 1)
            assert [s.stance.mode for s in controller.floor.lines.sessions()] == [Mode.COACH]
            status, why = await got(controller, "/readyz")
            assert (status, why.startswith("the journal cannot be written: ")) == (503, True)
            asterisk.switch.press(SUPERVISOR, "4")
            await standing(controller, Mode.MONITOR)
            asterisk.switch.press(SUPERVISOR, "*")
            await eventually(lambda: SUPERVISOR not in asterisk.switch.channels)
            before = len(asterisk.paths("POST"))
            dial(asterisk)
            await eventually(lambda: spoken(asterisk, "unrecorded") == 2)
            assert not [path for path in asterisk.paths("POST")[before:] if "/snoop" in path and "spy=both" in path]
            await eventually(lambda: SUPERVISOR not in asterisk.switch.channels)
        await eventually(lambda: controller.journal.healthy)
        dial(asterisk)
        await standing(controller, Mode.MONITOR)
    openings, closings = (
        [r.session for r in records(tmp_path) if r.deed is deed] for deed in (Deed.OPENED, Deed.CLOSED)
    )
    assert len(openings) == len(set(openings)) == len(closings)
    assert set(openings) == set(closings)


async def test_a_policy_change_is_in_the_journal(tmp_path: Path, asterisk: FakeAri) -> None:
    """Each version that came into force names the one before, and one that was kept out says what is wrong with it."""
    async with Controller(settings(tmp_path, asterisk)) as controller:
        first = controller.policy.policy.hash
        (tmp_path / "policy.yaml").write_bytes(SHOWING.replace(b"how: choice", b"how: visible"))
        await controller.policy.reload()
        (tmp_path / "policy.yaml").write_bytes(SHOWING.replace(b"how:", b"hwo:"))
        await controller.policy.reload()
        second = controller.policy.policy.hash
    told = [record for record in records(tmp_path) if record.deed is Deed.POLICY]
    assert [record.reason for record in told] == ["in-force", "in-force", "kept-out"]
    assert [record.policy for record in told] == [first, second, second]
    assert told[1].detail == {"before": first}
    assert "hwo" in told[2].detail["problem"]


async def test_nothing_is_forgotten_before_a_policy_says_how_long(tmp_path: Path, asterisk: FakeAri) -> None:
    """Without a readable policy nobody knows how long records are kept."""
    wanted = settings(tmp_path, asterisk)
    (tmp_path / "policy.yaml").write_bytes(b"{")
    async with Controller(wanted) as controller:
        assert controller._keep() is None
        (tmp_path / "policy.yaml").write_bytes(SHOWING.replace(b"house: {", b"house: {journal: {keep_days: 9}, "))
        await controller.policy.reload()
        assert controller._keep() == timedelta(days=9)


async def test_ready_follows_the_nodes(tmp_path: Path, asterisk: FakeAri) -> None:
    """Ready is 200 while new sessions are possible, and else says what is missing; alive is alive all the time."""
    async with Controller(settings(tmp_path, asterisk)) as controller:
        await seeing(controller)
        assert await got(controller, "/readyz") == (200, "ok\n")
        asterisk.refuse = 503
        await asterisk.cut()
        await eventually(lambda: bool(controller.floor.nodes.blind()))
        assert await got(controller, "/readyz") == (503, "node pbx: not connected\n")
        assert await got(controller, "/healthz") == (200, "ok\n")


async def test_a_broken_policy_is_an_alarm(tmp_path: Path, asterisk: FakeAri) -> None:
    """Before the first good one nothing is ready; afterwards a broken one is told and the last good one goes on."""
    wanted = settings(tmp_path, asterisk)
    good = (tmp_path / "policy.yaml").read_bytes()
    (tmp_path / "policy.yaml").write_bytes(b"{")
    async with Controller(wanted) as controller:
        await eventually(lambda: not controller.floor.nodes.blind())
        status, why = await got(controller, "/readyz")
        assert (status, "no policy has been in force yet" in why) == (503, True)
        (tmp_path / "policy.yaml").write_bytes(good)
        await controller.policy.reload()
        assert await got(controller, "/readyz") == (200, "ok\n")
        assert (await figures(controller))["supervise_policy_healthy"] == 1
        (tmp_path / "policy.yaml").write_bytes(b"rules: [")
        await controller.policy.reload()
        status, why = await got(controller, "/readyz")
        assert (status, why.startswith("ok\nalarm: the policy's file cannot be used")) == (200, True)
        assert (await figures(controller))["supervise_policy_healthy"] == 0


async def test_a_taken_address_ends_the_start(tmp_path: Path, asterisk: FakeAri) -> None:
    """A controller whose address is taken does not run half."""
    async with Controller(settings(tmp_path, asterisk)) as controller:
        assert controller.web is not None
        port = int(controller.web.url.rsplit(":", 1)[1])
        with pytest.raises(WebError):
            await Controller(settings(tmp_path, asterisk, port=port)).__aenter__()
