"""The pages History, Policy and Health, with the real journal and the real policy file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from supervise.domain.records import Deed, Record
from supervise.domain.words import Mode, Source, Visibility
from tests.history.helpers import eventually
from tests.support.board import Browser
from tests.support.whole_board import LOGIN, POLICY, WholeBoard

pytestmark = pytest.mark.unit


async def keep(at: WholeBoard, session: str, visibility: Visibility = Visibility.VISIBLE, agent: str = "anna") -> None:
    """A session that was opened, went to coach and was left."""
    for deed, mode, reason in (
        (Deed.OPENED, Mode.MONITOR, ""),
        (Deed.MODE, Mode.COACH, ""),
        (Deed.CLOSED, Mode.COACH, "left"),
    ):
        await at.controller.journal.write(
            Record(
                deed,
                at=datetime.now(UTC),
                node="pbx",
                session=session,
                supervisor="hilda",
                agent=agent,
                call="call",
                number="0301234567",
                mode=mode,
                muted=True,
                visibility=visibility,
                source=Source.PHONE,
                reason=reason,
            )
        )


async def listed(browser: Browser, path: str = "/api/history") -> list[dict[str, Any]]:
    """The items of a page."""
    status, answer = await browser.ask("GET", path)
    assert status == 200, answer
    return list(answer["items"])


async def test_history_is_paged_from_the_newest_on(tmp_path: Path) -> None:
    """Each page begins where the last one ended, and the last one says so."""
    async with WholeBoard(tmp_path) as at:
        for number in range(5):
            await keep(at, f"{number:032x}")
        browser = await at.browser("hilda")
        found, path = [], "/api/history?limit=2"
        while True:
            _, page = await browser.ask("GET", path)
            found += [item["id"] for item in page["items"]]
            if page["next"] is None:
                break
            path = f"/api/history?limit=2&before={page['next']}"
        assert found == [f"{number:032x}" for number in (4, 3, 2, 1, 0)]


async def test_one_session_is_told_step_by_step(tmp_path: Path) -> None:
    """Everything that the drawing of a session needs is in it."""
    async with WholeBoard(tmp_path) as at:
        await keep(at, "a" * 32)
        browser = await at.browser("hilda")
        status, detail = await browser.ask("GET", f"/api/history/{'a' * 32}")
        assert status == 200
        assert [step["deed"] for step in detail["steps"]] == ["opened", "mode", "closed"]
        assert (detail["says"], detail["modes"]) == ("The supervisor left.", ["monitor", "coach"])


async def test_agents_read_about_visible_sessions_with_them_and_no_others(tmp_path: Path) -> None:
    """A hidden session is in no list, behind no address and in no number of items."""
    async with WholeBoard(tmp_path) as at:
        await keep(at, "a" * 32)
        await keep(at, "b" * 32, Visibility.HIDDEN)
        await keep(at, "c" * 32, agent="ben")
        browser = await at.browser("anna")
        assert [item["id"] for item in await listed(browser, "/api/history/mine")] == ["a" * 32]
        assert await listed(browser) == []
        for hidden in ("b" * 32, "c" * 32, "d" * 32):
            status, answer = await browser.ask("GET", f"/api/history/{hidden}")
            assert (status, answer["error"]) == (404, "not-found")


async def test_an_export_needs_its_right_and_is_in_the_journal(tmp_path: Path) -> None:
    """Who took what away is written down; who may not take gets nothing."""
    async with WholeBoard(tmp_path) as at:
        await keep(at, "a" * 32)
        lead, agent = await at.browser("hilda"), await at.browser("anna")
        status, text = await lead.ask("GET", "/api/history.csv?whom=anna")
        assert (status, text.count("\n")) == (200, 4)
        assert (await agent.ask("GET", "/api/history.csv"))[0] == 403
        status, answer = await lead.ask("GET", "/api/history.jsonl")
        assert status == 200
        assert '"deed":"opened"' in answer
        found = await at.controller.journal.ask(lambda reader: [e.record for e in reader.entries()])
        taken = [record for record in found if record.deed is Deed.EXPORT]
        assert [(record.supervisor, record.reason) for record in taken] == [("hilda", "csv"), ("hilda", "jsonl")]
        assert taken[0].detail == {"whom": "anna"}


@pytest.mark.parametrize("filters", ["who=' OR 1=1 --", "whom=%25", "number=%27%3B DROP TABLE records", "outcome=%00"])
async def test_filters_are_values_and_never_commands(tmp_path: Path, filters: str) -> None:
    """Whatever stands in a filter finds nothing, and does nothing."""
    async with WholeBoard(tmp_path) as at:
        await keep(at, "a" * 32)
        browser = await at.browser("hilda")
        assert await listed(browser, f"/api/history?{filters}") == []
        assert len(await listed(browser)) == 1


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)"])
async def test_an_export_is_no_formula(tmp_path: Path, name: str) -> None:
    """What a spreadsheet would calculate gets an apostrophe."""
    async with WholeBoard(tmp_path) as at:
        await at.controller.journal.write(
            Record(Deed.REFUSED, at=datetime.now(UTC), supervisor="hilda", agent="anna", reason=name)
        )
        browser = await at.browser("hilda")
        _, text = await browser.ask("GET", "/api/history.csv")
        assert f"'{name}"[:3] in text


async def test_the_policy_page_is_for_admins_and_has_no_hashes(tmp_path: Path) -> None:
    """Admins read the policy, with what it says of PINs and passwords blacked out."""
    async with WholeBoard(tmp_path) as at:
        admin, lead = await at.browser("mara"), await at.browser("hilda")
        status, page = await admin.ask("GET", "/api/policy")
        assert status == 200
        assert page["disk"]["same"]
        text = page["files"][0]["text"]
        assert "hilda" in text
        assert LOGIN.rpartition("$")[2] not in text
        for path in ("/api/policy", "/api/policy/explain?who=a&whom=b&right=coach", "/api/health"):
            assert (await lead.ask("GET", path))[0] == 403


async def test_what_the_file_on_disk_would_change_is_told(tmp_path: Path) -> None:
    """Mistakes with their place, or who gains and loses what."""
    async with WholeBoard(tmp_path) as at:
        admin = await at.browser("mara")
        at.policy.write_text(POLICY.replace("coach, barge, ", ""))
        at.controller.policy._seen = None
        status, page = await admin.ask("GET", "/api/policy")
        assert status == 200
        assert page["disk"]["same"] or {"loses"} <= {change["kind"] for change in page["disk"]["changes"]}
        at.policy.write_text("people: [")
        _, broken = await admin.ask("GET", "/api/policy")
        assert broken["disk"]["problems"][0]["at"].startswith(str(at.policy))


async def test_decisions_are_explained(tmp_path: Path) -> None:
    """The rule that decides, and who else holds the right."""
    async with WholeBoard(tmp_path) as at:
        admin = await at.browser("mara")
        _, yes = await admin.ask("GET", "/api/policy/explain?who=hilda&whom=anna&right=coach&visibility=visible")
        _, no = await admin.ask("GET", "/api/policy/explain?who=anna&whom=hilda&right=coach")
        assert (yes["allowed"], no["allowed"]) == (True, False)
        assert yes["rule"].startswith("policy.yaml:")
        _, holders = await admin.ask("GET", "/api/policy/who-can?whom=201&right=barge")
        assert [each["id"] for each in holders["people"]] == ["hilda"]
        assert (await admin.ask("GET", "/api/policy/explain?who=nobody&whom=anna&right=coach"))[0] == 400


async def test_health_says_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    """A node that cannot be seen is told to everybody in short and to admins in full."""
    async with WholeBoard(tmp_path) as at:
        await eventually(lambda: not at.controller.floor.nodes.blind())
        admin = await at.browser("mara")
        _, well = await admin.ask("GET", "/api/health")
        assert (well["ok"], well["nodes"][0]["calls"], well["journal"]["engine"]) == (True, 1, "sqlite")
        async with (await at.browser("hilda")).live() as socket:
            await socket.until("mine")
            at.asterisk.refuse = 503
            await at.asterisk.cut()
            told = await socket.until("health", lambda message: not message["ok"])
            assert told["says"].startswith("pbx cannot be seen")
        _, ill = await admin.ask("GET", "/api/health")
        assert (ill["ok"], ill["warnings"][0]["level"]) == (False, "error")
