"""Call status: groups, search, the keyboard, and rows that do not move under a hand."""

import pytest
from playwright.async_api import Page, expect

from tests.support.looking import Looking
from tests.support.paper_board import PaperBoard
from tests.support.paper_people import ago, call, may, only_visible, person, present, row, talking

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

_NAMES = "[...document.querySelectorAll('[data-row]')].map((row) => row.dataset.row)"


async def test_agents_stand_in_three_groups_and_move_between_them(board: PaperBoard, page: Page) -> None:
    """Whoever begins a call is under On call from then on, with whom, how long and from which queue."""
    board.people(row("Anna Agent", "201"), row("Ben Okoro", "202", group="not-available", says="Not registered"))
    await page.goto("/board")
    await expect(page.get_by_role("heading", name="Available 1", exact=True)).to_be_visible()
    await expect(page.locator(".group-not-available")).to_contain_text("Not registered")
    await board.show(talking("Anna Agent", "201", 65))
    busy = page.locator(".group-on-call [data-row=anna]")
    await expect(busy).to_contain_text("Bob Customer")
    await expect(busy).to_contain_text("sales-in")
    await expect(busy.locator(".cell-time")).to_have_text("1:05")
    await expect(busy.locator(".cell-time")).to_have_text("1:06")
    await board.show(gone=("ben",))
    await expect(page.locator("[data-row=ben]")).to_have_count(0)


async def test_the_row_says_what_needs_eyes(board: PaperBoard, page: Page) -> None:
    """A raised hand, a long hold, a private mark and who supervises are on the row, and what comes first is on top."""
    hand = {"since": ago(20), "reason": "Refund above 500", "answered_by": None}
    held = call(1260, held_since=ago(94))
    board.people(
        talking("Cleo Marin", "203", 30, supervisors=[present("Sam Second", "coach")]),
        talking("Dora Lind", "204", 1260, call=held, order="1"),
        talking("Ben Okoro", "202", 95, hand=hand, order="0"),
        talking("Emil Strand", "205", 10, call=call(10, private=True), order="9"),
    )
    await page.goto("/board")
    await expect(page.locator("[data-row=ben]")).to_contain_text("Refund above 500")
    await expect(page.locator("[data-row=dora] .tag-bad")).to_contain_text("Hold 1:3")
    await expect(page.locator("[data-row=cleo]")).to_contain_text("Sam Second coaches, microphone open, visible")
    await expect(page.locator("[data-row=emil]")).to_contain_text("Private")
    assert await page.evaluate(_NAMES) == ["ben", "dora", "cleo", "emil"]
    await expect(page.get_by_role("link", name="Call status")).to_contain_text("1 raised hand")


@pytest.mark.parametrize(
    ("words", "found"),
    [("MÜLLER", ["eva"]), ("muller", ["eva"]), ("202", ["ben"]), ("billing", ["ben"]), ("789 anna", ["anna"])],
)
async def test_search_finds_names_extensions_teams_and_numbers(
    board: PaperBoard, page: Page, words: str, found: list[str]
) -> None:
    """Whatever one remembers of an agent or their call finds them, with or without accents."""
    billing = call(50, queue="billing", other={"number": "030111", "name": ""})
    board.people(talking("Anna Agent", "201"), talking("Ben Okoro", "202", call=billing), row("Eva Müller", "203"))
    await page.goto("/board")
    await expect(page.locator("[data-row]")).to_have_count(3)
    await page.keyboard.press("/")
    await page.keyboard.type(words)
    await expect(page.locator("[data-row]")).to_have_count(len(found))
    assert await page.evaluate(_NAMES) == found
    await page.keyboard.press("Escape")
    await expect(page.locator("[data-row]")).to_have_count(3)


async def test_a_filter_survives_a_reload(board: PaperBoard, page: Page) -> None:
    """Team and words are in the address, so a reload and a bookmark keep them."""
    board.people(row("Anna Agent", "201"), row("Ben Okoro", "202", teams=[{"id": "sales", "name": "Sales"}]))
    await page.goto("/board")
    await page.get_by_role("combobox", name="Team").select_option("Sales")
    await expect(page.locator("[data-row]")).to_have_count(1)
    await page.reload()
    await expect(page.locator("[data-row]")).to_have_attribute("data-row", "ben")


async def test_a_mode_that_is_not_allowed_says_why(board: PaperBoard, page: Page) -> None:
    """The button can be reached, and says its reason to the mouse, to a screen reader and when it is pressed."""
    reason = "Dora Lind is supervised by Quality only."
    board.people(talking("Dora Lind", "204", may=may(barge=reason)))
    await page.goto("/board")
    button = page.get_by_role("button", name="Barge Dora Lind")
    await expect(button).to_have_attribute("aria-disabled", "true")
    await expect(button).to_have_accessible_description(reason)
    await button.hover()
    await expect(page.locator(".tip")).to_have_text(reason)
    await button.click(force=True)
    await expect(page.get_by_role("log")).to_contain_text(reason)
    assert board.asked == []


async def test_the_keyboard_is_enough(board: PaperBoard, page: Page) -> None:
    """Arrows go from agent to agent, a letter starts a mode, and the dialog gives the focus back."""
    board.people(
        talking("Anna Agent", "201", 300),
        talking("Ben Okoro", "202", 200, may=only_visible(coach="Not today.")),
        row("Cleo Marin", "203"),
    )
    await page.goto("/board")
    await page.locator("[data-row=anna]").focus()
    await page.keyboard.press("m")
    await expect(page.get_by_role("dialog")).to_contain_text("Should Anna Agent know that you are there?")
    await page.keyboard.press("Escape")
    await expect(page.locator("[data-row=anna]")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("[data-row=ben]")).to_be_focused()
    await page.keyboard.press("c")
    await expect(page.get_by_role("log")).to_contain_text("Not today.")
    await page.keyboard.press("End")
    await expect(page.locator("[data-row=cleo]")).to_be_focused()
    await page.keyboard.press("Home")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("b")
    asked = await board.until_asked("POST", "/api/sessions")
    assert (asked.body["agent"], asked.body["mode"]) == ("ben", "barge")


async def test_single_keys_can_be_switched_off(board: PaperBoard, page: Page) -> None:
    """Who speaks to their computer switches letters off; then nothing starts by a word."""
    board.people(talking("Anna Agent", "201", may=only_visible()))
    await page.goto("/board")
    await page.get_by_text("Hilda Lead").first.click()
    await page.get_by_role("switch", name="Single-key shortcuts").click()
    await page.keyboard.press("Escape")
    await page.locator("[data-row=anna]").focus()
    await page.keyboard.type("mcb/?p")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert board.asked == []


async def test_a_start_asks_what_there_is_to_choose_and_sends_one_key(board: PaperBoard, page: Page) -> None:
    """Hidden or visible is asked where the policy leaves the choice; the request can be repeated safely."""
    board.people(talking("Anna Agent", "201"))
    await page.goto("/board")
    await page.get_by_role("button", name="Monitor Anna Agent").click()
    await page.get_by_role("radio", name="No, keep me hidden").check()
    await page.get_by_role("dialog").get_by_role("button", name="Monitor", exact=True).click()
    asked = await board.until_asked("POST", "/api/sessions")
    assert asked.body == {"agent": "anna", "mode": "monitor", "visibility": "hidden", "call": "1763730000.12"}
    assert len(asked.headers["Idempotency-Key"]) >= 16
    assert asked.headers["X-CSRF-Token"] == "paper-csrf"
    await expect(page.get_by_role("complementary", name="Live call")).to_contain_text("Your phone is ringing")


async def test_a_start_that_is_refused_says_why(board: PaperBoard, page: Page) -> None:
    """The server's reason is shown, and nothing pretends to have begun."""
    board.people(talking("Anna Agent", "201", may=only_visible()))
    board.refusals["POST /api/sessions"] = (409, {"error": "stale", "says": "Anna Agent is in another call by now."})
    await page.goto("/board")
    await page.get_by_role("button", name="Coach Anna Agent").click()
    await expect(page.get_by_role("log")).to_contain_text("Anna Agent is in another call by now.")
    await expect(page.get_by_role("complementary", name="Live call")).to_have_count(0)


async def test_names_are_text_everywhere(board: PaperBoard, page: Page, looking: Looking) -> None:
    """A caller or an agent with markup for a name is shown by that name, and nothing of it runs (F62)."""
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    board.people(
        talking(evil, "201", id="anna", call=call(5, other={"number": "1", "name": evil}, queue=evil)),
    )
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    await page.goto("/board")
    await expect(page.locator("[data-row=anna]")).to_contain_text(evil)
    await board.tell(
        {"type": "toast", "id": "1", "at": ago(0), "kind": "hand", "who": person(evil), "mode": None, "says": evil}
    )
    await expect(page.get_by_role("log")).to_contain_text(evil)
    assert await page.locator("img, main script").count() == 0
    assert (dialogs, looking.complaints) == ([], [])


async def test_a_wall_screen_shows_the_board_alone(board: PaperBoard, page: Page) -> None:
    """No navigation and no buttons to press, and a way back."""
    board.people(talking("Anna Agent", "201"))
    await page.goto("/board")
    await page.get_by_role("button", name="Wall screen").click()
    await expect(page.locator("[data-row=anna]")).to_be_visible()
    await expect(page.get_by_role("navigation")).to_be_hidden()
    await expect(page.get_by_role("button", name="Monitor Anna Agent")).to_be_hidden()
    await page.get_by_role("button", name="Leave the wall screen").click()
    await expect(page.get_by_role("navigation")).to_be_visible()
