"""A real browser, and a board made of paper to look at with it."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.support.looking import CHROMIUM, FLAGS, Looking
from tests.support.paper_board import PaperBoard

# How long a condition may take on a machine that does other things as well; nothing is timed here.
expect.set_options(timeout=15_000)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium, once for all tests."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def board() -> AsyncIterator[PaperBoard]:
    """The paper board, with nobody on it."""
    async with PaperBoard() as paper:
        yield paper


@pytest_asyncio.fixture(loop_scope="session")
async def looking(chromium: Browser) -> AsyncIterator[Looking]:
    """Opens pages, and fails the test when one of them complains in its console."""
    async with Looking(chromium, Path(os.environ.get("SUPERVISE_SCREENS", "build/screens"))) as eyes:
        yield eyes


@pytest_asyncio.fixture(loop_scope="session")
async def page(looking: Looking, board: PaperBoard) -> Page:
    """A page of somebody who has signed in to the paper board; it is not opened yet."""
    return await looking.page(board.url)
