"""After a restart everybody is back at once: F69. And what a password costs: F64."""

import asyncio
import statistics
import time
from pathlib import Path

import aiohttp
import pytest
from argon2 import PasswordHasher

from supervise.policyfile.pins import Checker
from supervise.web.board import BoardSettings
from supervise.web.server import WebServer
from tests.support.board import BoardUnderTest, Browser, Socket
from tests.support.figures import keep_figure

pytestmark = pytest.mark.unit

PEOPLE = ("hilda", "sven", "anna", "ben")
EACH = 15
TRIES = 15


class SamePort(BoardUnderTest):
    """A board that comes back where it was."""

    def __init__(self, store: Path, port: int) -> None:
        """Listen there; 0 is anywhere."""
        super().__init__(settings=BoardSettings(store=store, tokens=store.with_name("tokens.json")))
        self.server = WebServer("127.0.0.1", port)
        self.board.serve_on(self.server)


async def _come_back(browser: Browser, kinds: list[str]) -> Socket:
    """As the page does: again and again, until it is let in; what comes is noted up to a change of Anna's row."""
    while True:
        try:
            live = await browser.session.ws_connect("/api/live", headers=browser.headers, protocols=("supervise.1",))
        except OSError:
            await asyncio.sleep(0.01)
            continue
        socket = Socket(live)
        await socket.until("sessions")
        kinds += [message["type"] for message in socket.all]
        return socket


async def test_everybody_who_comes_back_at_once_is_told_everything_once_and_then_what_changes(tmp_path: Path) -> None:
    """F69: sixty browsers lose the board and are all back: one whole board for each, then differences alone."""
    store = tmp_path / "journal.db.board"
    async with SamePort(store, 0) as before:
        port = int(before.url.rsplit(":", 1)[1])
        browsers = [await _signed_in(before, name) for name in PEOPLE for _ in range(EACH)]
    async with SamePort(store, port) as after:
        kinds: list[list[str]] = [[] for _ in browsers]
        sockets = await asyncio.gather(*(_come_back(b, k) for b, k in zip(browsers, kinds, strict=True)))
        assert after.board.live.connections == len(browsers)
        after.floor.hold("agent")
        leads = [
            socket for socket, browser in zip(sockets, browsers, strict=True) if browser.me["id"] in ("hilda", "sven")
        ]
        await asyncio.gather(*(socket.until("rows") for socket in leads))
        for socket in leads:
            told = [message["type"] for message in socket.all]
            assert (told.count("snapshot"), told.count("rows")) == (1, 1)
        assert {kind.count("snapshot") for kind in kinds} == {1}
        for socket in sockets:
            await socket.socket.close()
    for browser in browsers:
        await browser.session.close()


async def _signed_in(at: BoardUnderTest, name: str) -> Browser:
    browser = Browser(aiohttp.ClientSession(at.url, cookie_jar=aiohttp.CookieJar(unsafe=True)), at.url)
    await browser.sign_in(name)
    return browser


async def test_unknown_and_wrong_take_as_long() -> None:
    """F64: a name that nobody has is held against a hash that costs what everybody's does.

    The times are kept as figures; what is asserted is that neither is several times the other, as it would be if one of
    them were answered without a hash.
    """
    known, checker = PasswordHasher().hash("correct horse"), Checker()
    times: dict[str, list[float]] = {"wrong": [], "unknown": []}
    try:
        assert not await checker.matches("warm up", None)
        for _ in range(TRIES):
            for name, against in (("wrong", known), ("unknown", None)):
                began = time.perf_counter()
                assert not await checker.matches("wrong password", against)
                times[name].append(1000 * (time.perf_counter() - began))
    finally:
        checker.close()
    for name, values in times.items():
        keep_figure(f"password-{name}-ms", values)
    ratio = statistics.median(times["wrong"]) / statistics.median(times["unknown"])
    assert 0.5 < ratio < 2
