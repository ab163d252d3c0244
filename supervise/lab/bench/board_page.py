"""The board's page in a real Chromium: how long until it is drawn, and what that costs."""

import asyncio
import multiprocessing
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from supervise.lab.bench.board_server import Load, serve

if TYPE_CHECKING:
    from playwright.async_api import Browser

CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
_TIMES = 5

_DRAWN = """(count) => new Promise((done) => {
  const look = () => {
    const rows = document.querySelectorAll("[data-row]").length;
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    if (rows < count || !paint) return requestAnimationFrame(look);
    requestAnimationFrame(() => setTimeout(() => done([paint.startTime, performance.now()]), 0));
  };
  look();
})"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Each figure is the median of some loads.

    Attributes:
        agents: rows on the board.
        first: milliseconds from the address to the first paint.
        whole: to the frame in which every row is.
        processor: milliseconds of processor time that the page's own thread took until then.
    """

    agents: int
    first: float
    whole: float
    processor: float

    def rows(self) -> list[tuple[str, str]]:
        """What was measured, and the figure."""
        return [
            (f"the page with {self.agents} agents in Chromium: first paint", f"{self.first:.0f} ms"),
            ("every row drawn", f"{self.whole:.0f} ms, {self.processor:.0f} ms of processor time of its thread"),
        ]


def bench_page(load: Load) -> Drawn | None:
    """Draw the page some times; None where there is no Chromium, or the page is not built."""
    if not CHROMIUM.exists():
        return None
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(load, theirs), daemon=True)
    process.start()
    try:
        url, _, cookie = ours.recv()
        drawn = asyncio.run(_draw(load, url, cookie))
        ours.send("change")
        ours.send("end")
        return drawn
    finally:
        process.join(10)
        if process.is_alive():
            process.kill()


async def _draw(load: Load, url: str, cookie: tuple[str, str]) -> Drawn:
    from playwright.async_api import async_playwright  # noqa: PLC0415 - of the tests, and slow to load

    rows = load.agents
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        figures = [await _load(browser, url, cookie, rows) for _ in range(_TIMES)]
        await browser.close()
    return Drawn(rows, *(statistics.median(each) for each in zip(*figures, strict=True)))


async def _load(browser: "Browser", url: str, cookie: tuple[str, str], rows: int) -> tuple[float, float, float]:
    """One load, in a profile of its own: the cache is empty."""
    context = await browser.new_context(viewport={"width": 1366, "height": 768})
    try:
        await context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": url}])
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        await session.send("Performance.enable")
        await page.goto(f"{url}/board")
        first, whole = await page.evaluate(_DRAWN, rows)
        told = await session.send("Performance.getMetrics")
        return first, whole, 1000 * _metric(told["metrics"], "ThreadTime")
    finally:
        await context.close()


def _metric(told: Iterable[Mapping[str, str | float]], name: str) -> float:
    return next(float(each["value"]) for each in told if each["name"] == name)
