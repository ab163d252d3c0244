"""The board on a real listener, beside a floor without an Asterisk: browsers and programs can be let at it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

import aiohttp

from supervise.domain.board.presence import PresenceBook
from supervise.web.board import Board, BoardSettings
from supervise.web.server import WebServer
from tests.support.fake_floor import FakeFloor, policy

PASSWORD = "correct horse"
LOGIN = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$" + "B" * 22

PEOPLE = f"""\
people:
  hilda: {{name: Hilda Lead, role: lead, endpoint: "301", login: '{LOGIN}'}}
  sven: {{name: Sven Second, role: lead, endpoint: "302", login: '{LOGIN}'}}
  anna: {{name: Anna Agent, role: agent, endpoint: "201", login: '{LOGIN}'}}
  ben: {{name: Ben Agent, role: agent, endpoint: "202", login: '{LOGIN}'}}
  olga: {{name: Olga Other, role: outsider, endpoint: "401", login: '{LOGIN}'}}
  mara: {{name: Mara Admin, role: admin, endpoint: "100", login: '{LOGIN}'}}
teams: {{support: {{name: Support, leads: [hilda, sven], members: [anna, ben], queues: [sales-in]}}}}
roles: {{lead: , agent: , outsider: , admin: {{admin: yes}}}}
"""

EVERYTHING = "monitor, coach, barge, see-board, see-history, answer-hand, export"
ALL = f"{{who: lead, may: [{EVERYTHING}], whom: own-teams, how: choice}}"
AGENTS = "{who: agent, may: [see-board], whom: own-teams}"


def board_policy(*rules: str, house: str = "", further: str = "") -> Any:
    """A policy of people who can sign in."""
    return policy(*(rules or (ALL, AGENTS)), house=house, further=further, people=PEOPLE)


class Passwords:
    """Knows one password, everybody's."""

    async def matches(self, secret: str, known: str | None) -> bool:
        """Whether it is that password, for whoever has one."""
        await asyncio.sleep(0)
        return known == LOGIN and secret == PASSWORD


class BoardUnderTest:
    """Used as ``async with BoardUnderTest() as at``: a call between customer 101 and agent 201, and the board.

    Attributes:
        floor: the floor without an Asterisk; its phones dial, press and hang up.
        board: the board.
        url: where it listens.
    """

    def __init__(self, holds: Any = None, settings: BoardSettings | None = None, *, page: Path | None = None) -> None:
        """Nothing runs yet."""
        self._folder = TemporaryDirectory(prefix="board-")
        self.floor = FakeFloor(holds or board_policy())
        self.floor.board.presence = PresenceBook()
        for endpoint in ("201", "202", "301", "302", "401"):
            self.floor.board.presence.see_endpoint(endpoint, "online")
        tokens = Path(self._folder.name) / "tokens.json"
        self.tokens = tokens
        self.settings = settings or BoardSettings(tokens=tokens, page=page)
        self.board = Board(
            self.floor.house,
            Passwords(),
            self.floor.floor.desk,
            {self.floor.board.node: self.floor.board},
            self.settings,
        )
        self.floor.watch(self.board.lookout)
        self.server = WebServer("127.0.0.1", 0)
        self.board.serve_on(self.server)
        self._running: Any = None
        self._remembering = self.board.remembering()

    @property
    def url(self) -> str:
        """Where the board is."""
        return self.server.url

    async def __aenter__(self) -> Self:
        """Serve."""
        await self.floor.__aenter__()
        self._remembering.__enter__()
        await self.server.__aenter__()
        self._running = self.board.running()
        await self._running.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End everything."""
        await self._running.__aexit__(None, None, None)
        await self.server.__aexit__(None, None, None)
        self._remembering.__exit__(None, None, None)
        await self.floor.__aexit__(None, None, None)
        self._folder.cleanup()

    async def until(self, condition: Callable[[], bool], within: float = 5.0) -> None:
        """Wait for a condition."""
        async with asyncio.timeout(within):
            while not condition():  # noqa: ASYNC110 - what is waited for tells nobody
                await asyncio.sleep(0.005)

    @asynccontextmanager
    async def browser(self, name: str | None = "hilda") -> AsyncIterator["Browser"]:
        """Somebody's browser, signed in unless there is no name."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(self.url, cookie_jar=jar) as session:
            browser = Browser(session, self.url)
            if name is not None:
                await browser.sign_in(name)
            yield browser


class Browser:
    """What a page does: carries its cookie, its origin and its token."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        """Nobody is signed in."""
        self.session = session
        self.headers = {"Origin": url}
        self.me: dict[str, Any] = {}

    async def sign_in(self, name: str, password: str = PASSWORD) -> tuple[int, Any]:
        """Sign in."""
        status, answer = await self.ask("POST", "/api/signin", {"name": name, "password": password})
        if status == 200:
            self.me = answer
            self.headers["X-CSRF-Token"] = answer["csrf"]
        return status, answer

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Ask; status and JSON."""
        options = {"json": body} if body is not None else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(method, path, headers={**self.headers, **named}, **options) as answer:
            kind = answer.content_type
            return answer.status, await (answer.json() if kind == "application/json" else answer.text())

    @asynccontextmanager
    async def live(self) -> AsyncIterator["Socket"]:
        """The WebSocket."""
        async with self.session.ws_connect("/api/live", headers=self.headers, protocols=("supervise.1",)) as socket:
            yield Socket(socket)


class Socket:
    """Reads messages until one is what is waited for."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Nothing was read."""
        self.socket = socket
        self.all: list[dict[str, Any]] = []
        self.raw: list[str] = []

    async def until(self, kind: str, fits: Any = lambda _: True, within: float = 5.0) -> dict[str, Any]:
        """The next message of a type that fits."""
        async with asyncio.timeout(within):
            while True:
                message = await self.socket.receive()
                if message.type is not aiohttp.WSMsgType.TEXT:
                    raise AssertionError(f"closed with {message} before a {kind}; had {self.raw[-5:]}")
                self.raw.append(message.data)
                found = message.json()
                self.all.append(found)
                if found["type"] == kind and fits(found):
                    return dict(found)
