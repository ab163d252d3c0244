"""What strangers, forged pages and broken clients try: measuring.md, F60 to F66."""

import asyncio
import base64
import os
import socket as sockets
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from supervise.domain.records import Deed
from supervise.domain.words import Mode
from supervise.web.wire import Wire
from tests.support.board import AGENTS, ALL, PASSWORD, PEOPLE, BoardUnderTest, Browser
from tests.support.fake_floor import policy

pytestmark = pytest.mark.unit

CHANGES = [
    ("POST", "/api/sessions", {"agent": "anna", "mode": "monitor"}),
    ("PATCH", "/api/sessions/{session}", {"version": 2, "mode": "coach"}),
    ("DELETE", "/api/sessions/{session}", None),
    ("POST", "/api/sessions/{session}/hold", {"version": 2}),
    ("PUT", "/api/hand", {"reason": ""}),
    ("DELETE", "/api/hand", None),
    ("POST", "/api/hands/anna/answer", None),
    ("POST", "/api/signout", {"everywhere": True}),
]


async def with_session(at: BoardUnderTest) -> str:
    """A session of Hilda's, by phone; its id."""
    at.floor.dial("*55201")
    await at.until(lambda: any(session.stage == "live" for session in at.floor.sessions))
    return at.floor.sessions[0].id


# --- F60


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
async def test_a_forged_request_changes_nothing(method: str, path: str, body: Any) -> None:
    """F60: without the page's own token, or from another page, no change is made."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser:
        session = await with_session(at)
        where, good = path.format(session=session), dict(browser.headers)
        forged: list[dict[str, str]] = [
            {"Origin": good["Origin"]},
            {**good, "X-CSRF-Token": "wrong"},
            {**good, "Origin": "https://evil.example"},
            {**good, "Origin": "null"},
            {**good, "Origin": good["Origin"] + ".evil.example"},
            {"X-CSRF-Token": good["X-CSRF-Token"]},
        ]
        for headers in forged:
            browser.headers = headers
            status, answer = await browser.ask(method, where, body, Idempotency_Key="forged-01")
            assert (status, answer["error"]) == (403, "forbidden"), headers
        [still] = at.floor.sessions
        assert still.wanted.mode is Mode.MONITOR
        assert not at.floor.board.rung


async def test_signing_in_cannot_be_forged_from_another_page() -> None:
    """F60: nobody is signed in as somebody else by a page they look at."""
    async with BoardUnderTest() as at, at.browser(None) as browser:
        browser.headers = {"Origin": "https://evil.example"}
        assert (await browser.sign_in("hilda"))[0] == 403


# --- F61


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "{url}.evil.example", "{url}/", "{URL}"])
async def test_another_pages_websocket_is_refused(origin: str | None) -> None:
    """F61: missing, null and look-alike origins are refused at the handshake."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser:
        given = origin and origin.format(url=at.url, URL=at.url.replace("127.0.0.1", "localhost"))
        headers = {"Origin": given} if given else {}
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await browser.session.ws_connect("/api/live", headers=headers)
        assert refused.value.status == 403


async def test_a_websocket_without_a_sign_in_is_refused() -> None:
    """F61: the right origin alone is nobody."""
    async with BoardUnderTest() as at, at.browser(None) as browser:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await browser.session.ws_connect("/api/live", headers=browser.headers)
        assert refused.value.status == 401


async def test_a_name_that_is_not_ours_is_refused() -> None:
    """F61: a name that somebody lets point to us is no origin of ours (DNS rebinding)."""
    async with BoardUnderTest() as at, at.browser(None) as browser:
        browser.headers = {"Origin": "http://rebound.example", "Host": "rebound.example"}
        assert (await browser.sign_in("hilda"))[0] == 403


# --- F62


async def test_text_of_callers_stays_text() -> None:
    """F62: JSON carries it as it is, and no page may run a script that is not a file of ours."""
    evil = "<script>alert(1)</script>"
    async with BoardUnderTest() as at, at.browser("hilda") as browser:
        at.floor.board.book.see(_renamed(at, evil))
        at.board.lookout.all_moved()
        _, row = await browser.ask("GET", "/api/agents/anna")
        assert row["call"]["other"]["name"] == evil
        async with browser.session.get("/api/agents") as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy


def _renamed(at: BoardUnderTest, name: str) -> Any:
    found = at.floor.board.book.channel("customer")
    assert found is not None
    return replace(found, display_name=name)


# --- F63


async def test_the_session_id_is_new_at_each_sign_in_and_dead_after_sign_out() -> None:
    """F63: no fixation, no reuse; a socket that is open is closed."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser:
        before = _cookie(browser)
        await browser.sign_in("hilda")
        after = _cookie(browser)
        assert before != after
        async with browser.live() as socket:
            await socket.until("mine")
            assert (await browser.ask("POST", "/api/signout", {}))[0] == 204
            assert (await socket.until("bye", within=1.0))["reason"] == "signed-out"
        for old in (before, after):
            browser.session.cookie_jar.update_cookies({"supervise": old})
            assert (await browser.ask("GET", "/api/me"))[0] == 401


async def test_a_cookie_that_somebody_chose_is_worth_nothing() -> None:
    """F63: only ids that we have given count, and signing in replaces a planted one."""
    async with BoardUnderTest() as at, at.browser(None) as browser:
        await browser.ask("POST", "/api/signin", {"name": "hilda", "password": PASSWORD}, Cookie="supervise=planted")
        assert _cookie(browser) != "planted"
        async with aiohttp.ClientSession(at.url, cookies={"supervise": "planted"}) as thief:
            assert (await thief.get("/api/me")).status == 401


async def test_the_cookie_is_for_this_page_alone() -> None:
    """F63: no script reads it, no other page sends it."""
    async with BoardUnderTest() as at, at.browser(None) as browser:
        body = {"name": "hilda", "password": PASSWORD}
        async with browser.session.post("/api/signin", json=body, headers=browser.headers) as answer:
            words = answer.headers["Set-Cookie"].lower()
        assert "httponly" in words
        assert "samesite=strict" in words


async def test_another_role_or_none_closes_what_is_open() -> None:
    """F63: who is somebody else in the new policy signs in again; within a second their socket is closed."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser, browser.live() as socket:
        await socket.until("mine")
        at.floor.rule(policy(ALL, AGENTS, people=PEOPLE.replace("Hilda Lead, role: lead", "Hilda Lead, role: agent")))
        assert (await socket.until("bye", within=2.0))["again_in"] is None
        assert (await browser.ask("GET", "/api/me"))[0] == 401


async def test_signing_out_everywhere_ends_every_browser() -> None:
    """F63: one click, and a forgotten browser is signed out as well."""
    async with BoardUnderTest() as at, at.browser("hilda") as one, at.browser("hilda") as other:
        assert (await one.ask("POST", "/api/signout", {"everywhere": True}))[0] == 204
        assert (await other.ask("GET", "/api/me"))[0] == 401


def _cookie(browser: Browser) -> str:
    return next(cookie.value for cookie in browser.session.cookie_jar if cookie.key == "supervise")


# --- F64


async def test_unknown_and_wrong_are_one_answer() -> None:
    """F64: nothing tells whether a name exists; both are held against a hash."""
    async with BoardUnderTest() as at, at.browser(None) as browser:
        answers = [await browser.sign_in(name, "wrong") for name in ("hilda", "nobody", "x" * 64)]
        assert answers[0] == answers[1] == answers[2]
        assert answers[0][0] == 401
        reasons = [record.reason for record in at.floor.journal.records if record.deed is Deed.SIGN_IN]
        assert reasons == ["wrong"] * 3


@pytest.mark.parametrize("name", ["hilda", "nobody"])
async def test_tries_are_throttled_for_known_and_unknown_names(name: str) -> None:
    """F64: after ten wrong ones the right one is not looked at, and the answer says when to come back."""
    async with BoardUnderTest() as at, at.browser(None) as browser:
        statuses = [(await browser.sign_in(name, "wrong"))[0] for _ in range(11)]
        assert statuses == [401] * 10 + [429]
        body = {"name": name, "password": PASSWORD}
        async with browser.session.post("/api/signin", json=body, headers=browser.headers) as answer:
            assert answer.status == 429
            assert int(answer.headers["Retry-After"]) > 0


async def test_many_names_do_not_fill_the_memory_and_are_braked_together() -> None:
    """F64: sixty wrong ones a minute, of whatever names, and nobody may try for a while."""
    async with BoardUnderTest() as at, at.browser(None) as browser:
        statuses = [(await browser.sign_in(f"name-{number}", "wrong"))[0] for number in range(62)]
        assert statuses[:60] == [401] * 60
        assert statuses[60:] == [429, 429]


# --- F65


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/..%2fserver.py",
        "/static/%2e%2e/server.py",
        "/static/..%5cserver.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/link.js",
        "/static/.hidden.js",
        "/static/folder",
        "/static/secret.toml",
        "/static/app.js%00.html",
    ],
)
async def test_no_path_leads_out_of_the_folder(tmp_path: Path, path: str) -> None:
    """F65: only files of the page's own kinds, in its one folder, no links."""
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "secret.toml").write_text("secret")
    (tmp_path / ".hidden.js").write_text("secret")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.js").symlink_to("/etc/passwd")
    async with BoardUnderTest(page=tmp_path) as at:
        host, port = at.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        assert answer.split(b" ", 2)[1] in (b"404", b"400"), answer[:80]
        assert b"root:" not in answer
        assert b"secret" not in answer


async def test_the_page_is_served_under_all_its_addresses(tmp_path: Path) -> None:
    """What is there is there; where nothing was built the answer says what to do."""
    (tmp_path / "index.html").write_text("<!doctype html>board")
    (tmp_path / "app.js").write_text("1")
    async with BoardUnderTest(page=tmp_path) as at, at.browser(None) as browser:
        for path in ("/", "/board", "/history/abc", "/signin"):
            assert await browser.ask("GET", path) == (200, "<!doctype html>board")
        assert (await browser.ask("GET", "/static/app.js"))[0] == 200
    async with BoardUnderTest(page=tmp_path / "nothing") as at, at.browser(None) as browser:
        status, text = await browser.ask("GET", "/")
        assert status == 503
        assert "make page" in text


# --- F66


async def test_a_message_too_large_or_not_understood_closes_the_socket() -> None:
    """F66: 4 kB of text that we know, and nothing else."""
    for text in ("x" * 5000, "{}", '{"type":"barge"}', "[" * 3000):
        async with BoardUnderTest() as at, at.browser("hilda") as browser, browser.live() as socket:
            await socket.until("mine")
            await socket.socket.send_str(text)
            assert await _closed(socket.socket)
    async with BoardUnderTest() as at, at.browser("hilda") as browser, browser.live() as socket:
        await socket.until("mine")
        await socket.socket.send_bytes(b'{"type":"ping"}')
        assert await _closed(socket.socket)


async def test_a_flood_of_messages_closes_the_socket() -> None:
    """F66: who asks again and again is not answered for ever."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser, browser.live() as socket:
        await socket.until("mine")
        for _ in range(40):
            await socket.socket.send_str('{"type":"again"}')
        assert await _closed(socket.socket)


async def test_nothing_is_compressed_on_the_socket() -> None:
    """F66: no compression is offered, so there is nothing to be blown up."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser:
        socket = await browser.session.ws_connect("/api/live", headers=browser.headers, compress=15)
        assert socket.compress == 0
        await socket.close()


async def test_twenty_sockets_of_one_person_and_no_more() -> None:
    """F66: the oldest goes when another one comes."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser:
        first = await browser.session.ws_connect("/api/live", headers=browser.headers)
        others = [await browser.session.ws_connect("/api/live", headers=browser.headers) for _ in range(19)]
        assert at.board.live.connections == 20
        others.append(await browser.session.ws_connect("/api/live", headers=browser.headers))
        assert await _closed(first)
        await at.until(lambda: at.board.live.connections == 20)
        for socket in others:
            await socket.close()


async def test_twenty_sign_ins_of_one_person_and_no_more() -> None:
    """F66: the one that was used least recently ends when another one comes, and no other."""
    async with BoardUnderTest() as at, AsyncExitStack() as stack:
        browsers = [await stack.enter_async_context(at.browser("hilda")) for _ in range(20)]
        assert {(await browser.ask("GET", "/api/me"))[0] for browser in browsers} == {200}
        await stack.enter_async_context(at.browser("hilda"))
        statuses = [(await browser.ask("GET", "/api/me"))[0] for browser in browsers]
        assert statuses == [401] + [200] * 19


async def test_a_body_that_is_too_large_is_refused() -> None:
    """F66: 64 kB, and no JSON as deep as a well."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser:
        status, _ = await browser.ask("PUT", "/api/hand", {"reason": "x" * 70_000})
        assert status == 413
        async with browser.session.put(
            "/api/hand", data="[" * 60_000, headers={**browser.headers, "Content-Type": "application/json"}
        ) as answer:
            assert answer.status == 400


async def test_a_browser_that_reads_nothing_holds_nobody_up_and_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """F66, F69: others are told as ever; for the one that does not read nothing piles up, and it is told at last."""
    monkeypatch.setattr("supervise.web.wire.HELD", 2048)
    async with BoardUnderTest() as at, at.browser("hilda") as browser, at.browser("sven") as other:
        with await _stalled(at, _cookie(browser)) as stalled:
            [wire] = [wire for seat in at.board.live._seats.values() for wire in seat.wires]
            assert wire._transport is not None
            wire._transport.get_extra_info("socket").setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, 1)
            async with other.live() as board:
                await board.until("mine")
                for number in range(12):
                    at.floor.hold("agent", held=number % 2 == 0)
                    await board.until("rows")
                    assert wire._transport.get_write_buffer_size() <= 256 * 1024
                assert _waits(wire)
            told = await _read_all(stalled, b'"held_since":null')
            assert told.count(b'"type":"snapshot"') >= 2


def _waits(wire: Wire) -> bool:
    return wire.behind or wire._whole > 0


async def _stalled(at: BoardUnderTest, cookie: str) -> sockets.socket:
    """A WebSocket that is opened and not read."""
    host, port = at.url.removeprefix("http://").split(":")
    client = sockets.socket()
    client.settimeout(0)
    client.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 1)
    await asyncio.get_running_loop().sock_connect(client, (host, int(port)))
    lines = [
        "GET /api/live HTTP/1.1",
        f"Host: {host}:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        f"Origin: {at.url}",
        f"Cookie: supervise={cookie}",
    ]
    await asyncio.get_running_loop().sock_sendall(client, ("\r\n".join(lines) + "\r\n\r\n").encode())
    assert b"101" in await asyncio.get_running_loop().sock_recv(client, 20)
    await at.until(lambda: at.board.live.connections == 1)
    return client


async def _read_all(client: sockets.socket, until: bytes) -> bytes:
    """Everything that comes, up to some words after the second snapshot."""
    told = b""
    async with asyncio.timeout(10):
        while told.count(b'"type":"snapshot"') < 2 or until not in told.rpartition(b'"type":"snapshot"')[2]:
            told += await asyncio.get_running_loop().sock_recv(client, 4096)
    return told


async def _closed(socket: aiohttp.ClientWebSocketResponse) -> bool:
    async with asyncio.timeout(5):
        async for _ in socket:
            pass
    return True
