"""A fake Asterisk on loopback: scriptable calls, and every fault that a network and an Asterisk can have.

::

    async with FakeAri() as fake:
        fake.switch.new_channel("agent", "PJSIP/200"); fake.switch.new_channel("customer", "PJSIP/trunk")
        fake.switch.call("call", "agent", "customer")
        fake.on("POST", r"/snoop/", Delay(0.05)); fake.on("DELETE", "/channels/", DropReply(), times=1)
        async with Ari(fake.access) as ari: ...
        await fake.cut(); await fake.restart(); fake.silence()

`fake.switch` plays the phones, `fake.operations` holds the knobs of timing, `fake.asked` is every request that came.
"""

import asyncio
import base64
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote

from aiohttp import WSMsgType, web

from supervise.ari import Access
from tests.ari.fake_operations import Asked, FakeApp, Operations
from tests.ari.fake_switch import FakeSwitch, Json, now

USER, PASSWORD, APP = "supervise", "s3cret/+:päss", "supervise"


@dataclass(frozen=True, slots=True)
class Delay:
    """Do it and answer, but later."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Never:
    """Do nothing and answer nothing."""


@dataclass(frozen=True, slots=True)
class DropReply:
    """Do it, and break the connection instead of answering."""


@dataclass(frozen=True, slots=True)
class Status:
    """Do nothing, and answer this."""

    status: int
    message: str = "scripted"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Body:
    """Do nothing, and answer 200 with these bytes."""

    body: bytes


Fault = Delay | Never | DropReply | Status | Body


@dataclass(slots=True)
class _Script:
    method: str
    path: re.Pattern[str]
    fault: Fault
    times: int | None


@dataclass(slots=True)
class _Socket:
    app: str
    ws: web.WebSocketResponse
    outgoing: asyncio.Queue[bytes | tuple[bytes, WSMsgType]] = field(default_factory=asyncio.Queue)
    silent: asyncio.Event = field(default_factory=asyncio.Event)


class FakeAri:
    """The server; all its addresses are on 127.0.0.1.

    Attributes:
        access: how a client reaches it.
        switch: its channels and bridges.
        operations: how its requests behave.
        asked: the requests that came, oldest first.
        connections: how many websockets were accepted.
        password: what it wants to be told now; change it to lock clients out.
        read_only: refuse every request that changes something.
        refuse: the status that new websockets are refused with, if any.
        forgets: a lost websocket takes its application's subscriptions and filter with it, all but devices by name.
        sent: how many events were sent.
    """

    def __init__(self) -> None:
        self.apps: dict[str, FakeApp] = {}
        self.switch = FakeSwitch(self.emit)
        self.operations = Operations(self.switch, self.apps)
        self.asked: list[Asked] = []
        self.connections = 0
        self.password = PASSWORD
        self.read_only = False
        self.refuse: int | None = None
        self.forgets = True
        self.held: list[Json] | None = None
        self.sent = 0
        self._port = 0
        self._scripts: list[_Script] = []
        self._kept: dict[str, list[str]] = {}
        self._sockets: list[_Socket] = []
        self._runner: web.ServerRunner | None = None
        self._closing = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Listen."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        await self.stop()

    @property
    def access(self) -> Access:
        """How a client reaches it."""
        return Access("fake", f"http://127.0.0.1:{self._port}", USER, PASSWORD, APP)

    async def start(self) -> None:
        """Listen, on the same port as before."""
        self._closing = asyncio.Event()
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Break every connection and listen no more; channels and bridges stay."""
        self._closing.set()
        self.operations.close()
        for socket in list(self._sockets):
            self._abort(socket)
        self.apps.clear()
        self._kept.clear()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def restart(self) -> None:
        """As an Asterisk that is restarted: everything is gone, and it listens again."""
        await self.stop()
        self.switch.channels.clear()
        self.switch.bridges.clear()
        self.operations.started = now()
        await self.start()

    def on(self, method: str, path: str, fault: Fault, times: int | None = None) -> None:
        """From now on (`times` times) requests of this method, whose path the pattern is found in, meet this fault."""
        self._scripts.append(_Script(method, re.compile(path), fault, times))

    def heal(self) -> None:
        """Forget all scripted faults."""
        self._scripts.clear()

    def paths(self, method: str = "") -> list[str]:
        """The requests that came, as ``METHOD target``."""
        return [f"{each.method} {each.raw}" for each in self.asked if method in {"", each.method}]

    # Events.

    def emit(self, event: Json) -> None:
        """Send an event to whom it interests, as Asterisk would; or put it aside while events are held."""
        if self.held is not None:
            self.held.append(event)
            return
        for socket in self._sockets:
            app = self.apps.get(socket.app)
            if app is not None and app.wants(event["type"]) and self._interests(app, event):
                self._send(socket, json.dumps({**event, "application": app.name, "asterisk_id": "fake"}).encode())

    def hold_events(self) -> None:
        """Put events aside from now on."""
        self.held = []

    def flush(self, order: Sequence[int] | None = None) -> None:
        """Send what was put aside, in this order of positions: left out is lost, named twice comes twice."""
        held, self.held = self.held or [], None
        for position in order if order is not None else range(len(held)):
            self.emit(held[position])

    def raw(self, message: bytes, opcode: WSMsgType = WSMsgType.TEXT) -> None:
        """Send these bytes as a websocket message to every client."""
        for socket in self._sockets:
            socket.outgoing.put_nowait((message, opcode))

    def _send(self, socket: _Socket, message: bytes) -> None:
        self.sent += 1
        socket.outgoing.put_nowait(message)

    def _interests(self, app: FakeApp, event: Json) -> bool:
        kinds = {"channel": "channel", "peer": "channel", "bridge": "bridge", "endpoint": "endpoint"}
        kinds["device_state"] = "deviceState"
        for key, kind in kinds.items():
            if key in event:
                name = event[key].get("id") or event[key].get("resource") or event[key].get("name")
                if f"{kind}:" in app.sources or f"{kind}:{name}" in app.sources:
                    return True
                channel = self.switch.channels.get(str(name))
                if channel is not None and channel.stasis == app.name:
                    return True
        return "playback" in event

    # Faults of the websocket.

    async def cut(self, *, fin: bool = True) -> None:
        """End every websocket: with a closing handshake, or by breaking the connection."""
        for socket in list(self._sockets):
            if fin:
                with suppress(TimeoutError):
                    await asyncio.wait_for(socket.ws.close(code=1011), 1)
            else:
                self._abort(socket)

    def silence(self) -> None:
        """Stop reading and writing on the websockets that are open now, without closing them."""
        for socket in self._sockets:
            socket.silent.set()

    def _abort(self, socket: _Socket) -> None:
        transport = socket.ws._req.transport if socket.ws._req else None
        if transport is not None:
            transport.abort()

    def _drop(self, socket: _Socket) -> None:
        if socket in self._sockets:
            self._sockets.remove(socket)
        if self.forgets and not any(other.app == socket.app for other in self._sockets):
            app = self.apps.pop(socket.app, FakeApp(socket.app))
            self._kept[socket.app] = [source for source in app.sources if re.match("deviceState:.", source)]

    def _authorized(self, request: web.BaseRequest) -> bool:
        told = request.headers.get("Authorization", "").removeprefix("Basic ")
        return told == base64.b64encode(f"{USER}:{self.password}".encode()).decode()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One path is the websocket's, and nothing but ARI is here: what else is asked for is answered without JSON."""
        if not request.path.startswith("/ari/"):
            return web.Response(status=404)
        return await (self._websocket(request) if request.path == "/ari/events" else self._request(request))

    async def _websocket(self, request: web.BaseRequest) -> web.StreamResponse:
        if not self._authorized(request):
            return web.json_response({"message": "Authentication required"}, status=401)
        if self.refuse is not None:
            return web.json_response({"message": "scripted"}, status=self.refuse)
        ws = web.WebSocketResponse(compress=False)
        await ws.prepare(request)
        socket = _Socket(request.query["app"], ws)
        for other in [each for each in self._sockets if each.app == socket.app]:
            self._send(other, json.dumps({"type": "ApplicationReplaced", "timestamp": now()}).encode())
        self.apps.setdefault(socket.app, FakeApp(socket.app, self._kept.pop(socket.app, [])))
        self._sockets.append(socket)
        self.connections += 1
        await self._serve(socket)
        return ws

    async def _serve(self, socket: _Socket) -> None:
        tasks = [asyncio.create_task(each) for each in (self._listen(socket), self._write(socket))]
        quiet: asyncio.Task[Any] = asyncio.create_task(socket.silent.wait())
        try:
            await asyncio.wait([*tasks, quiet], return_when=asyncio.FIRST_COMPLETED)
            if socket.silent.is_set():
                for task in tasks:
                    task.cancel()
                await self._closing.wait()
        finally:
            for task in (*tasks, quiet):
                task.cancel()
            await asyncio.gather(*tasks, quiet, return_exceptions=True)
            self._drop(socket)

    async def _listen(self, socket: _Socket) -> None:
        async for _ in socket.ws:
            pass

    async def _write(self, socket: _Socket) -> None:
        with suppress(ConnectionError):
            while True:
                item = await socket.outgoing.get()
                message, opcode = item if isinstance(item, tuple) else (item, WSMsgType.TEXT)
                await socket.ws.send_frame(message, opcode)

    # Requests.

    async def _request(self, request: web.BaseRequest) -> web.StreamResponse:
        asked = await self._asked(request)
        self.asked.append(asked)
        if not self._authorized(request):
            return web.json_response({"message": "Authentication required"}, status=401)
        if self.read_only and asked.method != "GET":
            return web.json_response({"message": "Write access denied"}, status=403)
        fault = self._fault(asked)
        if isinstance(fault, Status):
            return web.json_response({"message": fault.message}, status=fault.status, headers=fault.headers)
        if isinstance(fault, Body):
            return web.Response(body=fault.body, content_type="application/json")
        return await self._answer(request, asked, fault)

    async def _answer(
        self, request: web.BaseRequest, asked: Asked, fault: Delay | Never | DropReply | None
    ) -> web.Response:
        if isinstance(fault, Never):
            await self._closing.wait()
            return web.Response()
        answer = self._perform(asked)
        if isinstance(fault, DropReply) and request.transport is not None:
            request.transport.abort()
        if isinstance(fault, Delay):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), fault.seconds)
        return answer

    def _perform(self, asked: Asked) -> web.Response:
        status, answer = self.operations.perform(asked)
        return web.Response(status=status) if answer is None else web.json_response(answer, status=status)

    def _fault(self, asked: Asked) -> Fault | None:
        path = "/" + "/".join(asked.segments)
        for script in self._scripts:
            if script.method == asked.method and script.path.search(path) and script.times != 0:
                if script.times is not None:
                    script.times -= 1
                return script.fault
        return None

    async def _asked(self, request: web.BaseRequest) -> Asked:
        path, _, query = request.raw_path.removeprefix("/ari/").partition("?")
        body: Any = json.loads(await request.read() or b"{}")
        peer = request.transport.get_extra_info("peername")[1] if request.transport else 0
        return Asked(
            request.method,
            request.raw_path,
            tuple(unquote(segment) for segment in path.split("/")),
            dict(parse_qsl(query, keep_blank_values=True)),
            body,
            dict(request.headers),
            peer,
        )
