"""The controller's one HTTP listener. What it serves is added by whoever has it; what it bears is bounded here.

A request's head has to be complete in time and small, and so has its body, which is there before a handler begins.
Handlers that answer for long (a websocket) bound themselves.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog
from aiohttp import web

HEAD_SECONDS = 10.0
"""How long a connection may be idle, or take over a request's head."""

BODY_SECONDS = 10.0
"""How long a request's body may take to arrive."""

CLOSING_SECONDS = 3.0
"""How long answers that are under way are waited for at the end."""

MOST_BODY = 64 * 1024
MOST_HEADERS = 64
MOST_FIELD = 8 * 1024
"""Bytes of a request's body, its header fields, bytes of one field or of the first line."""

MOST_CONNECTIONS = 2000
"""While there are more, every request is answered with 503; the ones that idle are closed soon."""

MOST_TURNED_AWAY = 200
"""So many more are answered so; any further one is closed at once, before anything is read of it."""

HANDSHAKE_SECONDS = 10.0
"""How long TLS may take to begin."""

COMING_SECONDS = 0.1
"""For so long one that was taken counts as one that is coming: it is among the others when it has begun."""

WAITING = 512
"""Connections that may wait to be taken: five hundred browsers come back together when the controller was away."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger(__name__)


class WebError(Exception):
    """The listener cannot be opened; the message says where, why, and what to do."""


class WebServer:
    """Used as ``async with WebServer(address, port)``; add routes to its `application` before.

    Attributes:
        application: what is served.
    """

    def __init__(self, address: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        """Nothing listens yet. Port 0 is any free one."""
        self._tls = tls
        self.application = web.Application(client_max_size=MOST_BODY, middlewares=[self._bounded])
        self._address = address
        self._port = port
        self._listening: asyncio.Server | None = None
        self._coming = 0
        self._runner = web.AppRunner(
            self.application,
            access_log=None,
            keepalive_timeout=HEAD_SECONDS,
            max_line_size=MOST_FIELD,
            max_field_size=MOST_FIELD,
            max_headers=MOST_HEADERS,
            lingering_time=1.0,
            shutdown_timeout=CLOSING_SECONDS,
        )

    def add(self, routes: Iterable[web.AbstractRouteDef]) -> None:
        """Serve these as well; only before it listens."""
        self.application.add_routes(routes)

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        if self._listening is None:
            raise RuntimeError("used with `async with`")
        host, port = self._listening.sockets[0].getsockname()[:2]
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            WebError: the address cannot be had.
        """
        await self._runner.setup()
        try:
            self._listening = await self._listen()
        except OSError as error:
            await self._runner.cleanup()
            where = f"{self._address} port {self._port}"
            raise WebError(f"cannot listen on {where}: {error.strerror}; name another in [web]") from error
        log.info("web.listening", url=self.url)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Answer what is under way, and close every connection."""
        if self._listening is not None:
            self._listening.close()
        await self._runner.cleanup()

    @property
    def _connections(self) -> int:
        return 0 if self._runner.server is None else len(self._runner.server.connections)

    def _came(self) -> None:
        self._coming -= 1

    async def _listen(self) -> asyncio.Server:
        served, tls = self._runner.server, self._tls
        if served is None:
            raise RuntimeError("the runner is set up first")

        handshake = None if tls is None else HANDSHAKE_SECONDS
        loop, place = asyncio.get_running_loop(), (self._address, self._port)

        def protocol() -> asyncio.Protocol:
            if self._connections + self._coming >= MOST_CONNECTIONS + MOST_TURNED_AWAY:
                return _TurnedAway()
            self._coming += 1
            loop.call_later(handshake or COMING_SECONDS, self._came)
            return served()

        return await loop.create_server(protocol, *place, ssl=tls, ssl_handshake_timeout=handshake, backlog=WAITING)

    @web.middleware
    async def _bounded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Take the body in before anybody acts on it; one that is too large is answered with 413."""
        if self._connections > MOST_CONNECTIONS:
            return _closing(web.Response(status=503, text="too many connections; try again later\n"))
        try:
            async with asyncio.timeout(BODY_SECONDS):
                await request.read()
        except TimeoutError:
            return _closing(web.Response(status=408, text=f"the body took more than {BODY_SECONDS:g} s\n"))
        return await handler(request)


class _TurnedAway(asyncio.Protocol):
    """A connection for which there is no room."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Not even a word: whoever opens thousands does not read it."""
        if isinstance(transport, asyncio.Transport):
            transport.abort()


def tls_of(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS with a certificate of one's own.

    Raises:
        WebError: the files cannot be used.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise WebError(f"{certificate} and {key} are no certificate and key that fit: {error}") from error
    return context


def _closing(answer: web.Response) -> web.Response:
    """An answer after which the connection is closed."""
    answer.force_close()
    return answer
