"""Two hundred rows change, and nothing moves under a hand; a thousand agents are drawn at once."""

import pytest
from playwright.async_api import Page, expect

from tests.support.paper_board import PaperBoard
from tests.support.paper_people import Json, row, talking

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

_WATCH_SHIFTS = """() => {
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shifted += entry.value;
  }).observe({ type: "layout-shift", buffered: false });
}"""


def _crowd(round_: int) -> list[Json]:
    changed = [
        talking(f"Agent {number:03d}", str(2000 + number), 60 + number + 7 * round_, id=f"a{number}")
        for number in range(100)
    ]
    return changed + [
        row(f"Agent {number:03d}", str(2000 + number), id=f"a{number}", says=f"Available {round_}")
        for number in range(100, 200)
    ]


async def test_two_hundred_rows_change_in_place(board: PaperBoard, page: Page) -> None:
    """Other names, longer texts and new durations in every row shift nothing on the page."""
    board.people(*_crowd(0))
    await page.goto("/board")
    await page.wait_for_selector("[data-row=a199]")
    await page.locator("[data-row=a3]").hover()
    await page.evaluate(_WATCH_SHIFTS)
    for round_ in range(1, 4):
        await board.show(*_crowd(round_))
        await expect(page.locator("[data-row=a199]")).to_contain_text(f"Available {round_}")
    assert await page.evaluate("window.shifted") == 0


async def test_no_row_moves_under_a_hand(board: PaperBoard, page: Page) -> None:
    """While the pointer is in the list, an agent whose call begins or ends stays where they are until it has gone."""
    board.people(talking("Anna Agent", "201", 300), talking("Ben Okoro", "202", 200), row("Cleo Marin", "203"))
    await page.goto("/board")
    ben = page.locator("[data-row=ben]")
    await ben.hover()
    before = await ben.bounding_box()
    await board.show(row("Anna Agent", "201"), talking("Cleo Marin", "203", 1, order="0"))
    await expect(page.locator("[data-row=anna]")).to_contain_text("Available")
    assert await ben.bounding_box() == before
    await expect(page.get_by_role("button", name="2 moved · sort now")).to_be_visible()
    await page.get_by_role("searchbox").hover()
    await expect(page.locator(".group-available [data-row=anna]")).to_be_visible()
    await expect(page.locator(".group-on-call [data-row=cleo]")).to_be_visible()


async def test_the_focus_stays_with_the_agent_who_moves(board: PaperBoard, page: Page) -> None:
    """Somebody on the keyboard stays on their agent, wherever the agent goes."""
    board.people(talking("Anna Agent", "201", 300), talking("Ben Okoro", "202", 200))
    await page.goto("/board")
    await page.locator("[data-row=ben]").focus()
    await board.show(talking("Ben Okoro", "202", 200, order="0"))
    await expect(page.locator("[data-row]").first).to_have_attribute("data-row", "ben")
    await expect(page.locator("[data-row=ben]")).to_be_focused()


async def test_a_thousand_agents_are_drawn(board: PaperBoard, page: Page) -> None:
    """All of them can be found, and the last one can be reached by one key."""
    board.people(*(talking(f"Agent {n:04d}", str(3000 + n), id=f"a{n}", order=f"{n:04d}") for n in range(1000)))
    await page.goto("/board")
    await expect(page.locator("#group-on-call")).to_have_text(
        "On call 1000"
    )  # asking by role is slow in a page so large
    await page.locator("[data-row=a0]").focus()
    await page.keyboard.press("End")
    await expect(page.locator("[data-row=a999]")).to_be_in_viewport()
