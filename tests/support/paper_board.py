"""A board made of paper: a server that speaks docs/api.md and says whatever a test puts on it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import WSMsgType, web

from tests.support import paper_people, paper_records
from tests.support.paper_people import Json, ago

STATIC = Path(__file__).parents[2] / "supervise" / "web" / "static"

CSP = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

PAGES = ("/", "/board", "/agent", "/history", "/history/{session}", "/policy", "/health", "/signin")


@dataclass(frozen=True, slots=True)
class Asked:
    """A change that the page has asked for."""

    method: str
    path: str
    body: Json
    headers: dict[str, str] = field(default_factory=dict)


class PaperBoard:
    """Used as ``async with PaperBoard() as board``; what stands on it can be changed at any time.

    Attributes:
        answers: what GET answers, by path.
        refusals: status and body for ``METHOD path``, or for one path whatever the method.
        asked: the changes that were asked for, in order.
        signed_in, silent, down: whether anybody is, whether pings stay unanswered, whether nobody is let in.
    """

    def __init__(self) -> None:
        """Nobody is on the board yet."""
        self.me = paper_people.me()
        self.rows: dict[str, Json] = {}
        self.sessions: list[Json] = []
        self.mine: Json = paper_people.mine(call=None, group="available")
        self.lamp: Json = {"ok": True, "nodes": [{"name": "pbx", "connected": True}], "says": ""}
        self.answers: dict[str, Json] = {
            "/api/history": paper_records.history(),
            "/api/history/mine": {"items": [], "next": None, "export": False},
            "/api/policy": paper_records.policy(),
            "/api/policy/explain": paper_records.explained(),
            "/api/policy/who-can": paper_records.who_can(),
            "/api/health": paper_records.health(),
        }
        self.refusals: dict[str, tuple[int, Json]] = {}
        self.asked: list[Asked] = []
        self.signed_in = True
        self.silent = self.down = False
        self.sockets: set[web.WebSocketResponse] = set()
        self.connections = 0
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        """Listen on loopback."""
        application = web.Application(middlewares=[self._guard])
        for path in PAGES:
            application.router.add_get(path, _index)
        application.router.add_static("/static", STATIC)
        application.router.add_get("/api/live", self._live)
        application.router.add_get("/api/{rest:.*}", self._get)
        application.router.add_route("*", "/api/{rest:.*}", self._change)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Listen no more."""
        self.cut()
        if self._runner:
            await self._runner.cleanup()

    def people(self, *rows: Json) -> None:
        """Who is on the board from now on; it is told with the next snapshot."""
        self.rows = {str(row["id"]): row for row in rows}

    async def show(self, *rows: Json, gone: tuple[str, ...] = ()) -> None:
        """Change rows, and tell it."""
        self.rows |= {str(row["id"]): row for row in rows}
        for name in gone:
            self.rows.pop(name, None)
        await self.tell({"type": "rows", "set": list(rows), "gone": list(gone)})

    async def show_sessions(self, *sessions: Json) -> None:
        """My sessions are these from now on."""
        self.sessions = list(sessions)
        await self.tell({"type": "sessions", "sessions": self.sessions})

    async def show_mine(self, mine: Json) -> None:
        """The agent's page is this from now on."""
        self.mine = mine
        await self.tell({"type": "mine"} | mine)

    async def tell(self, message: Json) -> None:
        """Send a message to every open page."""
        for socket in tuple(self.sockets):
            with suppress(ConnectionError):
                await socket.send_json(message)

    def cut(self) -> None:
        """Cut every connection off, as a network does."""
        for socket in tuple(self.sockets):
            transport = socket._req.transport if socket._req else None  # nothing else cuts so hard
            if transport is not None:
                transport.abort()

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if self.down and request.path.startswith("/api/"):
            raise web.HTTPServiceUnavailable(text="down")
        answer = await handler(request)
        if not answer.prepared:
            answer.headers["Content-Security-Policy"] = CSP
            answer.headers["Cache-Control"] = "no-store"
        return answer

    async def _get(self, request: web.Request) -> web.Response:
        path = request.path
        if path == "/api/signin":
            return web.json_response(self.answers.get(path, {"password": True, "oidc": None}))
        if not self.signed_in:
            return web.json_response({"error": "not-signed-in", "says": "Sign in."}, status=401)
        if path in self.refusals:
            status, body = self.refusals[path]
            return web.json_response(body, status=status)
        if path == "/api/me":
            return web.json_response(self.me)
        if path.startswith("/api/history/") and path not in self.answers:
            session = path.rpartition("/")[2]
            return web.json_response(paper_records.interrupted() if session == "s4" else paper_records.detail())
        return web.json_response(self.answers[path])

    async def _change(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else {}
        self.asked.append(Asked(request.method, request.path, body, dict(request.headers)))
        refusal = self.refusals.get(f"{request.method} {request.path}")
        if refusal is not None:
            return web.json_response(refusal[1], status=refusal[0])
        if request.path == "/api/signin":
            self.signed_in = True
            return web.json_response(self.me)
        if request.path == "/api/signout":
            self.signed_in = False
        if request.method == "POST" and request.path == "/api/sessions":
            ringing = paper_people.session(str(body["mode"]), stage="ringing")
            self.sessions = [ringing]
            return web.json_response(ringing, status=202)
        return web.json_response(self.sessions[0]) if self.sessions else web.Response(status=204)

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        if not self.signed_in:
            raise web.HTTPUnauthorized
        socket = web.WebSocketResponse(protocols=["supervise.1"])
        await socket.prepare(request)
        self.connections += 1
        await self._greet(socket)
        self.sockets.add(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT and not self.silent:
                    await socket.send_json({"type": "pong", "now": ago(0)})
        finally:
            self.sockets.discard(socket)
        return socket

    async def _greet(self, socket: web.WebSocketResponse) -> None:
        hello: Json = {"type": "hello", "now": ago(0), "version": "0.1.0", "me": self.me}
        hello |= {"reasons": [{"code": "1", "name": "Training"}], "long": {"call_s": 600, "hold_s": 60}}
        hello |= {"teams": [{"id": "support", "name": "Support"}, {"id": "sales", "name": "Sales"}]}
        await socket.send_json(hello)
        await socket.send_json({"type": "health"} | self.lamp)
        await socket.send_json({"type": "snapshot", "rows": list(self.rows.values())})
        await socket.send_json({"type": "sessions", "sessions": self.sessions})
        await socket.send_json({"type": "mine"} | self.mine)

    async def until_asked(self, method: str, path: str) -> Asked:
        """The first such change, when it has come."""
        async with asyncio.timeout(5):
            while True:
                for asked in self.asked:
                    if (asked.method, asked.path) == (method, path):
                        return asked
                await asyncio.sleep(0.01)


async def _index(request: web.Request) -> web.FileResponse:
    del request
    return web.FileResponse(STATIC / "index.html")
