"""History, Policy and Health."""

import pytest
from playwright.async_api import Page, expect

from tests.support import paper_records
from tests.support.looking import Looking
from tests.support.paper_board import PaperBoard
from tests.support.paper_records import entry

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_the_history_shows_sessions_and_refusals(board: PaperBoard, page: Page) -> None:
    """What goes on, what ended and what was refused can be told apart, and the export has the same filters."""
    await page.goto("/history?whom=anna")
    table = page.get_by_role("table", name="Sessions and refused attempts")
    await expect(table).to_contain_text("Going on")
    await expect(table).to_contain_text("Refused: Management's calls are nobody's business")
    await expect(page.get_by_role("link", name="CSV")).to_have_attribute("href", "/api/history.csv?whom=anna")
    assert board.asked == []


async def test_filters_are_asked_of_the_server(board: PaperBoard, page: Page) -> None:
    """And stand in the address."""
    await page.goto("/history")
    await page.get_by_label("Agent").fill("anna")
    await page.get_by_label("Outcome").select_option("Refused")
    async with page.expect_request("**/api/history?whom=anna&outcome=refused"):
        await page.get_by_role("button", name="Filter").click()
    await expect(page).to_have_url(f"{board.url}/history?whom=anna&outcome=refused")
    await expect(page.get_by_label("Agent")).to_have_value("anna")


@pytest.mark.usefixtures("board")
async def test_a_session_is_drawn_over_time(page: Page) -> None:
    """The drawing has each stretch of each mode, in words too, and the steps stand below."""
    await page.goto("/history")
    await page.get_by_role("row", name="Sam Second").get_by_role("link").click()
    drawing = page.get_by_role("img", name="Modes over time")
    await expect(drawing).to_have_accessible_name(
        "Modes over time: Monitor from 0:00 to 0:34, Coach from 0:34 to 1:43, Barge from 1:43 to 3:04."
    )
    await expect(page.locator(".stretch.is-open title")).to_have_text("Open, 0:41 to 2:40")
    await expect(page.get_by_text("Opened the microphone")).to_be_visible()


@pytest.mark.usefixtures("board")
async def test_a_private_passage_is_a_gap(page: Page) -> None:
    """It has a bar of its own, whatever was asked for meanwhile; nothing was said in it."""
    await page.goto("/history")
    await page.get_by_role("row", name="Quinn Quality").get_by_role("link").click()
    await expect(page.get_by_role("img", name="Modes over time")).to_have_accessible_name(
        "Modes over time: Coach from 0:00 to 1:00, Private from 1:00 to 1:50, Coach from 1:50 to 3:04."
    )
    await expect(page.locator(".stretch.is-private title")).to_have_text("Private, 1:00 to 1:50")
    await expect(page.locator(".stretch.is-open title")).to_have_text(["Open, 0:00 to 1:00", "Open, 1:50 to 3:04"])


@pytest.mark.usefixtures("board")
async def test_older_ones_come_when_asked_for(page: Page) -> None:
    """A page at a time, below what is there."""
    await page.goto("/history")
    async with page.expect_request("**/api/history?before=4"):
        await page.get_by_role("button", name="Show older ones").click()
    await expect(page.get_by_role("row")).to_have_count(9)


async def test_what_cannot_be_read_says_so_and_can_be_tried_again(board: PaperBoard, page: Page) -> None:
    """The server's words are shown, and one click asks again."""
    says = "The journal cannot be read: the disk is full."
    board.refusals["/api/history"] = (503, {"error": "unavailable", "says": says})
    await page.goto("/history")
    await expect(page.get_by_role("alert")).to_contain_text(says)
    board.refusals.clear()
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("table")).to_be_visible()


@pytest.mark.usefixtures("board")
async def test_the_policy_says_who_may_and_why(page: Page) -> None:
    """An answer comes as soon as the question is whole."""
    await page.goto("/policy")
    explain = page.get_by_role("region", name="May they, and why?")
    await explain.get_by_label("Whom").select_option("Anna Agent")
    async with page.expect_request("**/api/policy/explain?who=hilda&whom=anna&right=monitor"):
        await explain.get_by_role("combobox", name="Who", exact=True).select_option("Hilda Lead")
    await expect(explain).to_contain_text("Hilda Lead may monitor Anna Agent, visible or hidden.")
    who = page.get_by_role("region", name="Who may?")
    await who.get_by_label("Whom").select_option("Anna Agent")
    await expect(who).to_contain_text("Hilda Lead visible or hidden")


async def test_the_policy_page_tells_what_is_on_disk(board: PaperBoard, page: Page) -> None:
    """A refused file says where it is wrong; a changed one says who gains and who loses."""
    problems = [{"at": "policy.yaml:4:22", "says": "did you mean 'barge'?"}]
    board.answers["/api/policy"] = paper_records.policy(same=False, problems=problems)
    await page.goto("/policy")
    await expect(page.get_by_text("The file on disk was refused.")).to_be_visible()
    await expect(page.get_by_role("region", name="On disk")).to_contain_text("policy.yaml:4:22")
    changes = [{"kind": "loses", "says": "Hilda Lead: barge with Anna Agent"}]
    board.answers["/api/policy"] = paper_records.policy(same=False, changes=changes)
    await page.get_by_role("button", name="Look again").click()
    await expect(page.get_by_role("region", name="On disk")).to_contain_text("LosesHilda Lead: barge with Anna Agent")


async def test_health_says_what_is_wrong_and_what_to_do(board: PaperBoard, page: Page) -> None:
    """Nodes, journal and warnings; and it looks again by itself."""
    await page.goto("/health")
    await expect(page.get_by_text("All is well.")).to_be_visible()
    await expect(page.get_by_role("region", name="Node pbx", exact=True)).to_contain_text("22.10.1")
    warning = {"level": "warning", "says": "Asterisk 22.11.0 has a fault with whispers.", "todo": "Use 22.10.1."}
    board.answers["/api/health"] = paper_records.health(ok=False, warnings=[warning])
    await expect(page.get_by_text("Something needs you: see below.")).to_be_visible()
    await expect(page.get_by_role("region", name="Warnings")).to_contain_text("Use 22.10.1.")


async def test_what_stands_in_records_and_policies_is_text(board: PaperBoard, page: Page, looking: Looking) -> None:
    """A number, a reason or a policy with markup in it is shown as it is written, and nothing of it runs (F62)."""
    evil = "<img src=x onerror=alert(1)>"
    board.answers["/api/history"] = {"items": [entry(9, evil, evil, number=evil)], "next": None, "export": False}
    board.answers["/api/policy"] = paper_records.policy(
        files=[{"name": evil, "text": evil}], warnings=[{"at": evil, "says": evil}]
    )
    await page.goto("/history?whom=%3Cscript%3Ealert(2)%3C/script%3E")
    await expect(page.get_by_label("Agent")).to_have_value("<script>alert(2)</script>")
    await expect(page.get_by_role("table")).to_contain_text(evil)
    await page.goto("/policy")
    await expect(page.get_by_role("main")).to_contain_text(evil)
    assert (await page.locator("img").count(), looking.complaints) == (0, [])
