"""The listener: what it serves, and what it does not bear."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import pytest
from aiohttp import ClientSession, web

from supervise.web import server as bounds
from supervise.web.server import WebError, WebServer

pytestmark = pytest.mark.unit


async def echo(request: web.Request) -> web.Response:
    """Say what was sent."""
    return web.Response(text=await request.text())


@pytest.fixture
async def server() -> AsyncIterator[WebServer]:
    """A listener that echoes, on any free port."""
    listener = WebServer("127.0.0.1", 0)
    listener.add([web.post("/echo", echo), web.get("/echo", echo)])
    async with listener:
        yield listener


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Time limits that a test can wait for."""
    monkeypatch.setattr(bounds, "HEAD_SECONDS", 0.1)
    monkeypatch.setattr(bounds, "BODY_SECONDS", 0.1)
    return iter(())


async def said(server: WebServer, head: bytes) -> bytes:
    """What comes back for raw bytes until the server closes the connection."""
    host, port = server.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(head)
        return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


async def test_what_was_added_is_served(server: WebServer) -> None:
    """Whoever has the listener adds routes to it; what nobody added is not found."""
    async with ClientSession() as client:
        async with client.post(server.url + "/echo", data=b"hello") as answer:
            assert await answer.text() == "hello"
        async with client.get(server.url + "/other") as answer:
            assert answer.status == 404


async def test_a_body_that_is_too_large_is_refused(server: WebServer) -> None:
    """More than the limit is answered with 413, just the limit is taken."""
    async with ClientSession() as client:
        async with client.post(server.url + "/echo", data=bytes(bounds.MOST_BODY)) as answer:
            assert answer.status == 200
        async with client.post(server.url + "/echo", data=bytes(bounds.MOST_BODY + 1)) as answer:
            assert answer.status == 413


@pytest.mark.parametrize(
    "head",
    [
        b"GET /echo HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * (bounds.MOST_HEADERS + 1) + b"\r\n",
        b"GET /echo HTTP/1.1\r\nHost: a\r\nX: " + b"y" * (bounds.MOST_FIELD + 1) + b"\r\n\r\n",
        b"GET /" + b"y" * (bounds.MOST_FIELD + 1) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
    ids=["many", "long", "first-line", "nonsense"],
)
async def test_a_head_that_is_too_large_is_refused(server: WebServer, head: bytes) -> None:
    """Too many fields, too long ones and what is no HTTP are answered with 400, and the connection is closed."""
    assert b" 400 " in (await said(server, head))[:20]


@pytest.mark.usefixtures("hasty")
async def test_who_dawdles_is_sent_away() -> None:
    """A head that does not end is cut off; a body that does not come is answered with 408."""
    listener = WebServer("127.0.0.1", 0)
    listener.add([web.post("/echo", echo)])
    async with listener:
        assert await said(listener, b"POST /echo HTTP/1.1\r\nHost: a\r\n") == b""
        answer = await said(listener, b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nfour")
        assert b" 408 " in answer[:20]


async def test_a_crowd_is_told_to_come_later(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many connections every request is answered with 503."""
    monkeypatch.setattr(bounds, "MOST_CONNECTIONS", 0)
    async with ClientSession() as client, client.get(server.url + "/echo") as answer:
        assert answer.status == 503


async def test_thousands_of_silent_connections_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """F66: beyond the bound they are closed at once; when some of the others have gone one is served as ever."""
    monkeypatch.setattr(bounds, "MOST_CONNECTIONS", 20)
    monkeypatch.setattr(bounds, "MOST_TURNED_AWAY", 5)
    listener = WebServer("127.0.0.1", 0)
    listener.add([web.post("/echo", echo)])
    async with listener:
        silent = await asyncio.gather(*(_connected(listener.url) for _ in range(1000)))
        endings = {asyncio.create_task(_end_of(each)) for each in silent}
        while len(endings) > 25:
            _, endings = await asyncio.wait(endings, return_when=asyncio.FIRST_COMPLETED)
        assert len(endings) == 25
        for each in endings:
            each.cancel()
        await asyncio.wait(endings)
        assert (await said(listener, HELLO)).startswith(b"HTTP/1.1 200 ")


HELLO = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"


async def _connected(url: str) -> socket.socket:
    host, port = url.removeprefix("http://").split(":")
    made = socket.socket()
    made.setblocking(False)  # noqa: FBT003 - it has no other way to say so
    await asyncio.get_running_loop().sock_connect(made, (host, int(port)))
    return made


async def _end_of(silent: socket.socket) -> None:
    with silent, suppress(ConnectionError):
        assert await asyncio.get_running_loop().sock_recv(silent, 10) == b""


async def test_an_address_that_is_taken_is_said(server: WebServer) -> None:
    """Two listeners cannot share a port, and the message says what to do about it."""
    port = int(server.url.rsplit(":", 1)[1])
    with pytest.raises(WebError, match=r"port \d+: .*; name another in \[web\]"):
        await WebServer("127.0.0.1", port).__aenter__()


async def converse(request: web.Request) -> web.WebSocketResponse:
    """Say every message back."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(message.data)
    return socket


async def test_a_websocket_outlives_the_limits_of_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the time for a head nor that for a body ends a conversation."""
    monkeypatch.setattr(bounds, "HEAD_SECONDS", 0.1)
    monkeypatch.setattr(bounds, "BODY_SECONDS", 0.1)
    listener = WebServer("127.0.0.1", 0)
    listener.add([web.get("/live", converse)])
    async with ClientSession() as client, listener:
        async with client.ws_connect(listener.url + "/live") as socket:
            loop, words = asyncio.get_running_loop(), 0
            end = loop.time() + 0.4
            while loop.time() < end:
                await socket.send_str("still here?")
                assert await socket.receive_str() == "still here?"
                words += 1
        assert words > 1
