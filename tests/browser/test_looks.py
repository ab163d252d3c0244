"""Every page in both looks, with data, empty and in trouble: no fault that axe finds, and a picture to look at."""

from collections.abc import Awaitable, Callable
from typing import get_args

import pytest
from playwright.async_api import Page, expect

from tests.support import paper_records
from tests.support.looking import SIZE, Looking, Theme
from tests.support.paper_board import PaperBoard
from tests.support.paper_crowd import working_day
from tests.support.paper_people import Json, mine, present, session
from tests.support.paper_records import entry

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

Do = Callable[[PaperBoard, Page], Awaitable[None]]

_EMPTY: Json = {"items": [], "next": None, "export": False}


async def _board(board: PaperBoard, page: Page) -> None:
    board.people(*working_day())
    await page.goto("/board")
    await expect(page.locator("[data-row=anna]")).to_be_visible()


async def _board_empty(board: PaperBoard, page: Page) -> None:
    del board
    await page.goto("/board")
    await expect(page.get_by_text("There is nobody whom you may see")).to_be_visible()


async def _board_nobody_matches(board: PaperBoard, page: Page) -> None:
    board.people(*working_day())
    await page.goto("/board?q=zzz")
    await expect(page.get_by_text("Nobody matches")).to_be_visible()


async def _board_start(board: PaperBoard, page: Page) -> None:
    await _board(board, page)
    await page.get_by_role("button", name="Coach Ben Okoro").click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def _board_coach(board: PaperBoard, page: Page) -> None:
    board.sessions = [session("coach", muted=False)]
    await _board(board, page)
    await expect(page.locator("[data-hears=agent]")).to_be_visible()


async def _board_barge(board: PaperBoard, page: Page) -> None:
    board.sessions = [session("barge", muted=False)]
    await _board(board, page)
    await page.get_by_role("button", name="Remove Anna").click()


async def _board_lost(board: PaperBoard, page: Page) -> None:
    board.sessions = [session()]
    await _board(board, page)
    board.down = True
    board.cut()
    await expect(page.get_by_text("Connection lost.")).to_be_visible()


async def _menu(board: PaperBoard, page: Page) -> None:
    await _board(board, page)
    await page.get_by_text("Hilda Lead").first.click()
    await expect(page.get_by_role("radio", name="Dark")).to_be_attached()


async def _keys(board: PaperBoard, page: Page) -> None:
    await _board(board, page)
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()


async def _wall(board: PaperBoard, page: Page) -> None:
    board.people(*working_day())
    await page.goto("/board?wall=1")
    await expect(page.locator("[data-row=anna]")).to_be_visible()


async def _agent(board: PaperBoard, page: Page) -> None:
    board.mine = mine(present("Hilda Lead", "coach", extension="301"), present("Sam Second", "monitor", muted=True))
    board.answers["/api/history/mine"] = {
        "items": [entry(4000, "Hilda Lead", "Anna Agent")],
        "next": None,
        "export": False,
    }
    await page.goto("/agent")
    await expect(page.get_by_role("table")).to_be_visible()


async def _agent_empty(board: PaperBoard, page: Page) -> None:
    board.mine = mine(call=None, group="available", may_raise_hand=False)
    await page.goto("/agent")
    await expect(page.get_by_text("You are in no call")).to_be_visible()


async def _history(board: PaperBoard, page: Page) -> None:
    del board
    await page.goto("/history")
    await expect(page.get_by_role("table")).to_be_visible()


async def _history_empty(board: PaperBoard, page: Page) -> None:
    board.answers["/api/history"] = _EMPTY
    await page.goto("/history")
    await expect(page.get_by_text("No sessions yet")).to_be_visible()


async def _history_error(board: PaperBoard, page: Page) -> None:
    board.refusals["/api/history"] = (503, {"error": "unavailable", "says": "The journal cannot be read."})
    await page.goto("/history")
    await expect(page.get_by_role("alert")).to_be_visible()


async def _detail(board: PaperBoard, page: Page) -> None:
    del board
    await page.goto("/history/s2")
    await expect(page.get_by_role("img", name="Modes over time")).to_be_visible()


async def _policy(board: PaperBoard, page: Page) -> None:
    del board
    await page.goto("/policy")
    explain = page.get_by_role("region", name="May they, and why?")
    await explain.get_by_role("combobox", name="Who", exact=True).select_option("Hilda Lead")
    await explain.get_by_role("combobox", name="Whom").select_option("Anna Agent")
    await expect(explain.get_by_role("status")).to_be_visible()


async def _policy_refused(board: PaperBoard, page: Page) -> None:
    board.answers["/api/policy"] = paper_records.policy(same=False, problems=[{"at": "policy.yaml:4:22", "says": "no"}])
    await page.goto("/policy")
    await expect(page.get_by_text("The file on disk was refused.")).to_be_visible()


async def _health(board: PaperBoard, page: Page) -> None:
    del board
    await page.goto("/health")
    await expect(page.get_by_text("All is well.")).to_be_visible()


async def _health_bad(board: PaperBoard, page: Page) -> None:
    warning = {"level": "warning", "says": "Asterisk 22.11.0 has a fault with whispers.", "todo": "Use 22.10.1."}
    board.answers["/api/health"] = paper_records.health(ok=False, warnings=[warning])
    await page.goto("/health")
    await expect(page.get_by_text("Something needs you")).to_be_visible()


async def _signin(board: PaperBoard, page: Page) -> None:
    board.signed_in = False
    board.answers["/api/signin"] = {"password": True, "oidc": "Sign in with Example"}
    board.refusals["POST /api/signin"] = (403, {"error": "forbidden", "says": "Name or password is wrong."})
    await page.goto("/signin")
    await page.get_by_label("Name").fill("anna")
    await page.get_by_label("Password").fill("wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_be_visible()


STATES: dict[str, Do] = {
    "board": _board,
    "board-empty": _board_empty,
    "board-nobody-matches": _board_nobody_matches,
    "board-start": _board_start,
    "board-coach": _board_coach,
    "board-barge": _board_barge,
    "board-lost": _board_lost,
    "menu": _menu,
    "keys": _keys,
    "wall": _wall,
    "agent": _agent,
    "agent-empty": _agent_empty,
    "history": _history,
    "history-empty": _history_empty,
    "history-error": _history_error,
    "history-detail": _detail,
    "policy": _policy,
    "policy-refused": _policy_refused,
    "health": _health,
    "health-bad": _health_bad,
    "signin": _signin,
}


@pytest.mark.parametrize("state", STATES)
async def test_every_page_can_be_used_by_everybody(board: PaperBoard, looking: Looking, state: str) -> None:
    """WCAG 2.2 AA as far as axe can tell, in the light and in the dark look."""
    page = await looking.page(board.url, size=(1920, 1080) if state == "wall" else SIZE)
    await STATES[state](board, page)
    for theme in get_args(Theme):
        await page.emulate_media(color_scheme=theme)
        await looking.picture(page, f"{state}-{theme}")
        assert await looking.violations(page) == [], theme


@pytest.mark.parametrize("state", ["board-coach", "agent", "history-detail", "policy", "health"])
async def test_no_page_is_wider_than_the_screen(board: PaperBoard, looking: Looking, state: str) -> None:
    """On a laptop, a tablet either way round, a phone and a wall screen nothing has to be scrolled sideways."""
    page = await looking.page(board.url)
    await STATES[state](board, page)
    for width, height in [(1366, 768), (1024, 768), (768, 1024), (400, 800), (2560, 1440)]:
        await page.set_viewport_size({"width": width, "height": height})
        await looking.picture(page, f"{state}-{width}")
        assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_the_look_can_be_chosen_and_is_kept(board: PaperBoard, looking: Looking) -> None:
    """A dark page on a light system, also after a reload."""
    page = await looking.page(board.url)
    await _menu(board, page)
    await page.get_by_text("Dark", exact=True).click()
    await expect(page.locator("body")).to_have_css("background-color", "rgb(17, 21, 27)")
    await page.reload()
    await expect(page.locator("body")).to_have_css("background-color", "rgb(17, 21, 27)")
