"""Looking at the board with a real browser: pages, their complaints, accessibility, and pictures."""

from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

CHROMIUM = "/usr/bin/chromium"

# The last ones keep it from asking for anything outside this machine.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=user-gesture-required",
]

AXE = Path(__file__).parents[2] / "supervise" / "web" / "page" / "node_modules" / "axe-core" / "axe.min.js"

_AXE_RUN = """async () => {
  const runOnly = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await axe.run(document, { runOnly });
  const told = (node) => `${node.target.join(" ")} ${node.failureSummary}`;
  return found.violations.map((violation) => `${violation.id}: ${violation.nodes.map(told).join(" | ")}`);
}"""

Theme = Literal["light", "dark"]

SIZE = (1366, 768)


class Looking:
    """Used as ``async with Looking(browser, folder) as looking``.

    Attributes:
        complaints: what pages have said in their consoles: errors of scripts, and what the CSP has kept out.
    """

    def __init__(self, browser: Browser, folder: Path) -> None:
        """Look with this browser, and put pictures into the folder."""
        self._browser = browser
        self._folder = folder
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    async def __aenter__(self) -> Self:
        """Begin with no page."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every page; a test that went well fails if one of them has complained."""
        for context in self._contexts:
            await context.close()
        if error is None:
            assert self.complaints == []

    async def page(self, url: str, *, theme: Theme = "light", size: tuple[int, int] = SIZE) -> Page:
        """A new page in a browser profile of its own."""
        context = await self._browser.new_context(
            base_url=url,
            color_scheme=theme,
            viewport={"width": size[0], "height": size[1]},
            bypass_csp=False,
            locale="en-GB",
        )
        context.set_default_timeout(20_000)
        self._contexts.append(context)
        page = await context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _console(self, message: ConsoleMessage) -> None:
        # A lost network, a refusal and a sign-in that has ended are told by the browser too; they are no mistakes.
        if (
            message.type == "error"
            and "Failed to load resource" not in message.text
            and "WebSocket" not in message.text
        ):
            self.complaints.append(message.text)

    async def violations(self, page: Page) -> list[str]:
        """What axe finds wrong with a page, by WCAG 2.2 AA and good practice."""
        await page.evaluate(AXE.read_text("utf-8"))  # by the debugger, which no CSP keeps out
        found: list[str] = await page.evaluate(_AXE_RUN)
        return found

    async def picture(self, page: Page, name: str) -> None:
        """Keep a picture of what is seen."""
        self._folder.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=self._folder / f"{name}.png", animations="disabled")
