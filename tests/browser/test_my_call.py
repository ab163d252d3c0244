"""The agent's page: who is with me, toasts and sounds, raising a hand."""

import pytest
from playwright.async_api import Page, expect

from tests.support.paper_board import PaperBoard
from tests.support.paper_people import Json, ago, mine, person, present, talking
from tests.support.paper_records import entry

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def _entered() -> Json:
    says = "Hilda Lead coaches you: only you hear them."
    return {
        "type": "toast",
        "id": "1",
        "at": ago(0),
        "kind": "entered",
        "who": person("Hilda Lead"),
        "mode": "coach",
        "says": says,
    }


async def test_the_bar_is_green_while_somebody_is_with_me(board: PaperBoard, page: Page) -> None:
    """It says who is there and how they are heard, and is not green any more when they have gone."""
    board.mine = mine()
    await page.goto("/agent")
    bar = page.locator("[data-with]")
    await expect(bar).to_have_text("No visible supervisor is with you.")
    before = await bar.bounding_box()
    await board.show_mine(
        mine(present("Hilda Lead", "coach", extension="301"), present("Sam Second", "monitor", muted=True))
    )
    await expect(bar).to_contain_text("Hilda Lead speaks to you alone; Sam Second listens.")
    await expect(bar).to_have_css("background-color", "rgb(20, 113, 63)")
    assert await bar.bounding_box() == before
    offered = page.get_by_role("region", name="Transfer the call to")
    await expect(offered.get_by_role("listitem")).to_have_count(1)
    await expect(offered).to_contain_text("Hilda Lead")
    await expect(offered).to_contain_text("301")
    await board.show_mine(mine())
    await expect(offered).to_have_count(0)
    await expect(bar).to_have_text("No visible supervisor is with you.")


async def test_a_toast_and_a_sound_say_who_came(board: PaperBoard, page: Page) -> None:
    """Both come as soon as the server tells it; the toast goes by itself, and stays while it is read."""
    board.mine = mine()
    await page.add_init_script("""
      window.tones = 0;
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (...when) { window.tones += 1; return start.apply(this, when); };""")
    await page.goto("/agent")
    await expect(page.get_by_text("Sounds start with your first click")).to_be_visible()
    await page.get_by_role("heading", name="My call", level=1).click()
    await expect(page.get_by_text("Sounds start with your first click")).to_be_hidden()
    await board.tell(_entered())
    await expect(page.get_by_role("log")).to_contain_text("Hilda Lead coaches you: only you hear them.")
    assert await page.evaluate("window.tones") == 2
    await page.get_by_role("button", name="Dismiss").click()
    await expect(page.get_by_role("log")).to_be_empty()


async def test_sounds_can_be_switched_off(board: PaperBoard, page: Page) -> None:
    """Then a toast comes alone, and the choice is kept."""
    board.mine = mine()
    await page.add_init_script("""
      window.tones = 0;
      OscillatorNode.prototype.start = function () { window.tones += 1; };""")
    await page.goto("/agent")
    await page.get_by_text("Hilda Lead").first.click()
    await page.get_by_role("switch", name="Sounds").click()
    await page.reload()
    await page.get_by_role("heading", name="My call", level=1).click()
    await board.tell(_entered())
    await expect(page.get_by_role("log")).to_contain_text("Hilda Lead")
    assert await page.evaluate("window.tones") == 0


async def test_a_hand_goes_up_and_comes_down(board: PaperBoard, page: Page) -> None:
    """With a reason; the page says who is coming."""
    board.mine = mine()
    await page.goto("/agent")
    await page.get_by_label("What is it about?").fill("Refund above 500")
    await page.get_by_role("button", name="Raise my hand").click()
    assert (await board.until_asked("PUT", "/api/hand")).body == {"reason": "Refund above 500"}
    hand = {"since": ago(1), "reason": "Refund above 500", "answered_by": None}
    await board.show_mine(mine(hand=hand))
    await expect(page.get_by_text("Your hand is up.")).to_be_visible()
    await board.show_mine(mine(hand=hand | {"answered_by": person("Hilda Lead")}))
    await expect(page.get_by_text("Hilda Lead is coming.")).to_be_visible()
    await page.get_by_role("button", name="Take it down").click()
    await board.until_asked("DELETE", "/api/hand")


async def test_a_hand_is_not_offered_where_nobody_may_answer(board: PaperBoard, page: Page) -> None:
    """The button says why."""
    board.mine = mine(may_raise_hand=False)
    await page.goto("/agent")
    await expect(page.get_by_role("button", name="Raise my hand")).to_have_attribute("aria-disabled", "true")


async def test_my_own_history_is_here(board: PaperBoard, page: Page) -> None:
    """Who was with me, how and for how long."""
    board.answers["/api/history/mine"] = {
        "items": [entry(4000, "Hilda Lead", "Anna Agent")],
        "next": None,
        "export": False,
    }
    await page.goto("/agent")
    mine_ = page.get_by_role("table", name="Sessions with me")
    await expect(mine_).to_contain_text("Hilda Lead")
    await expect(mine_).to_contain_text("3:04")


async def test_a_raised_hand_stays_on_the_leads_screen(board: PaperBoard, page: Page) -> None:
    """The toast waits until it is looked at, and leads to the agent."""
    await page.goto("/history")
    await page.wait_for_selector("table")
    says = "Anna Agent asks for help: refund above 500."
    who = person("Anna Agent")
    await board.tell({"type": "toast", "id": "9", "at": ago(0), "kind": "hand", "who": who, "mode": None, "says": says})
    await expect(page.get_by_role("log")).to_contain_text(says)
    await page.get_by_role("link", name="Show").click()
    await expect(page).to_have_url(f"{board.url}/board?row=anna")


async def test_a_lead_says_that_they_are_coming(board: PaperBoard, page: Page) -> None:
    """One click on the hand; who is coming stands there then."""
    hand: Json = {"since": ago(20), "reason": "Refund above 500", "answered_by": None}
    board.people(talking("Ben Okoro", "202", hand=hand))
    await page.goto("/board")
    await page.get_by_role("button", name="Raised hand: Refund above 500").click()
    await board.until_asked("POST", "/api/hands/ben/answer")
    await board.show(talking("Ben Okoro", "202", hand=hand | {"answered_by": person("Hilda Lead")}))
    await expect(page.locator("[data-row=ben]")).to_contain_text("Hilda Lead is coming")
