"""Signing in and out, and what the page says and does when the connection is not what it was."""

import pytest
from playwright.async_api import Page, expect

from tests.support.paper_board import PaperBoard
from tests.support.paper_people import me, row, session, talking

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_who_has_not_signed_in_signs_in(board: PaperBoard, page: Page) -> None:
    """The wrong password is told without more words; the right one leads to the first page."""
    board.signed_in = False
    board.people(row("Anna Agent", "201"))
    board.refusals["POST /api/signin"] = (403, {"error": "forbidden", "says": "Name or password is wrong."})
    await page.goto("/")
    await page.get_by_label("Name").fill("hilda")
    await page.get_by_label("Password").fill("wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_have_text("Name or password is wrong.")
    board.refusals.clear()
    await page.get_by_label("Password").fill("correct horse")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-row=anna]")).to_be_visible()
    assert board.asked[-1].body == {"name": "hilda", "password": "correct horse"}


async def test_the_other_ways_to_sign_in_are_offered(board: PaperBoard, page: Page) -> None:
    """Where the house has a provider, its name is on a link."""
    board.signed_in = False
    board.answers["/api/signin"] = {"password": False, "oidc": "Sign in with Example"}
    await page.goto("/signin")
    link = page.get_by_role("link", name="Sign in with Example")
    await expect(link).to_have_attribute("href", "/api/signin/oidc")
    await expect(page.get_by_label("Password")).to_have_count(0)


async def test_signing_out_leaves_nothing_on_the_screen(board: PaperBoard, page: Page) -> None:
    """Nothing that was shown stays, in this browser and in what it can go back to."""
    board.people(row("Anna Agent", "201"))
    await page.goto("/board")
    await page.wait_for_selector("[data-row]")
    await page.get_by_text("Hilda Lead").first.click()
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await expect(page.locator("[data-row]")).to_have_count(0)
    assert board.sockets == set()


@pytest.mark.parametrize(
    ("reason", "says"), [("expired", "nothing happened for a long time"), ("revoked", "Your sign-in was ended.")]
)
async def test_the_server_can_sign_one_out(board: PaperBoard, page: Page, reason: str, says: str) -> None:
    """The page says why, and shows nothing any more."""
    board.people(row("Anna Agent", "201"))
    await page.goto("/board")
    await page.wait_for_selector("[data-row]")
    board.signed_in = False
    await board.tell({"type": "bye", "reason": reason, "again_in": None})
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await expect(page.get_by_text(says)).to_be_visible()
    await expect(page.locator("[data-row]")).to_have_count(0)


async def test_a_lost_connection_is_said_and_mended(board: PaperBoard, page: Page) -> None:
    """Nothing can be pressed while it is lost, who hears me is not known, and afterwards all is true again."""
    board.people(talking("Anna Agent", "201"))
    board.sessions = [session("coach", muted=False)]
    await page.goto("/board")
    await expect(page.locator("[data-hears=agent]")).to_be_visible()
    board.down = True
    board.cut()
    await expect(page.get_by_text("Connection lost.")).to_be_visible()
    await expect(page.get_by_text("Not known who hears you")).to_be_visible()
    muting = page.get_by_role("button", name="Mic open")
    await expect(muting).to_have_accessible_description("Not connected: nothing can be changed now.")
    board.people(row("Anna Agent", "201"))
    board.sessions = []
    board.down = False
    await expect(page.get_by_text("Connection lost.")).to_be_hidden()
    await expect(page.locator(".group-available [data-row=anna]")).to_be_visible()
    await expect(page.get_by_role("complementary", name="Live call")).to_have_count(0)


async def test_a_sign_in_that_has_ended_meanwhile_is_noticed(board: PaperBoard, page: Page) -> None:
    """When the server is back and knows nobody, the page asks to sign in and shows nothing."""
    board.people(row("Anna Agent", "201"))
    await page.goto("/board")
    await page.wait_for_selector("[data-row]")
    board.signed_in = False
    board.cut()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await expect(page.locator("[data-row]")).to_have_count(0)


async def test_the_network_of_the_browser_goes_and_comes(board: PaperBoard, page: Page) -> None:
    """Offline is noticed at once, and so is online."""
    board.people(row("Anna Agent", "201"))
    await page.goto("/board")
    await page.wait_for_selector("[data-row]")
    await page.context.set_offline(offline=True)
    await expect(page.get_by_text("Connection lost.")).to_be_visible()
    await page.context.set_offline(offline=False)
    await expect(page.get_by_text("Connection lost.")).to_be_hidden()
    assert board.connections == 2


async def test_a_laptop_that_slept_asks_at_once(board: PaperBoard, page: Page) -> None:
    """A server that does not answer after the sleep is a lost connection, whatever the socket says."""
    await page.clock.install()
    board.people(row("Anna Agent", "201"))
    await page.goto("/board")
    await page.wait_for_selector("[data-row]")
    board.silent = board.down = True
    await page.clock.fast_forward("00:30")
    await page.clock.run_for(6_000)
    await expect(page.get_by_text("Connection lost.")).to_be_visible()


async def test_an_asterisk_that_cannot_be_seen_is_told(board: PaperBoard, page: Page) -> None:
    """The page says that what it shows is from before."""
    says = "pbx cannot be seen: what you see is from before."
    board.lamp = {"ok": False, "nodes": [{"name": "pbx", "connected": False}], "says": says}
    await page.goto("/board")
    await expect(page.get_by_text(says)).to_be_visible()


async def test_pages_that_are_not_mine_are_not_offered(board: PaperBoard, page: Page) -> None:
    """An agent has their own page alone, and an address of another says so."""
    board.me = me(name="Anna Agent", role="agent", admin=False, pages=["agent"])
    await page.goto("/policy")
    await expect(page.get_by_role("heading", name="There is no such page for you")).to_be_visible()
    await expect(page.get_by_role("link", name="Policy")).to_have_count(0)
    await page.get_by_role("link", name="To the first page").click()
    await expect(page.get_by_role("heading", name="My call", level=1)).to_be_visible()
