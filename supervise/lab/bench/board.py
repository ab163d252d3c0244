"""``supervise lab bench-board``: many browsers on one board, some of which read nothing, while calls change.

Then all of them come back at once, and then thousands of connections that send nothing knock as well.
"""

import asyncio
import base64
import multiprocessing
import os
import re
import socket
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import aiohttp

from supervise.lab.bench.board_report import Measured
from supervise.lab.bench.board_server import Load, serve, spent
from supervise.lab.machine import allow_files

_MOMENT = re.compile(r'"number":"(\d{10,20})"')
_SETTLED = 5.0
"""Seconds that everybody has to be told everything before it is measured."""

_AT_A_TIME = 250
"""So many connections that send nothing are opened together."""

_SPARE_FILES = 1000


@dataclass(slots=True)
class _Readings:
    """What all browsers have read since it was last asked."""

    delays: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    messages: int = 0
    snapshot: int = 0
    whole: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    again: asyncio.Event = field(default_factory=asyncio.Event)


def bench_board(load: Load) -> Measured:
    """Run the board in a process of its own, and the browsers in this one."""
    allow_files()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(load, theirs), daemon=True)
    process.start()
    try:
        url, tokens, _ = ours.recv()
        return asyncio.run(_Bench(load, url, tokens, (ours, process.pid or 0)).run())
    finally:
        process.join(10)
        if process.is_alive():
            process.kill()


class _Bench:
    """One run."""

    def __init__(self, load: Load, url: str, tokens: Sequence[str], controller: tuple[Connection, int]) -> None:
        self._load = load
        self._url = url
        self._tokens = tokens
        self._wire, self._pid = controller
        self._read = _Readings()

    def _token(self, number: int) -> str:
        return self._tokens[number % len(self._tokens)]

    async def run(self) -> Measured:
        async with AsyncExitStack() as stack:
            stalled = [_stall(self._url, self._token(n)) for n in range(self._load.sockets * self._load.stalled // 100)]
            for each in stalled:
                stack.callback(each.close)
            session = await stack.enter_async_context(
                aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True))
            )
            reading = self._load.sockets - len(stalled)
            readers = [asyncio.create_task(self._browser(session, self._token(n))) for n in range(reading)]
            stack.push_async_callback(_ended, readers)
            measured = Measured(self._load, first=await self._whole_boards(reading))
            measured.snapshot = self._read.snapshot
            await self._changing(measured)
            measured.storm = await self._all_come_back(reading)
            measured.besieged, measured.silent = await self._besieged()
            self._wire.send("end")
            return measured

    async def _whole_boards(self, count: int) -> list[float]:
        """Wait until so many browsers have the whole board; how long it took each."""
        for _ in range(count):
            await self._read.whole.acquire()
        first, self._read.first = self._read.first, []
        return first

    async def _changing(self, measured: Measured) -> None:
        """Calls change; what that costs, and how long it takes."""
        await asyncio.sleep(1.0)
        connected = spent(self._pid).memory / 1024
        self._wire.send("change")
        await asyncio.sleep(_SETTLED)
        self._read.delays, self._read.messages = [], 0
        before, began = spent(self._pid), time.monotonic()
        await asyncio.sleep(self._load.seconds)
        after, lasted = spent(self._pid), time.monotonic() - began
        measured.delays, measured.messages = self._read.delays, self._read.messages
        measured.processor = (after.processor - before.processor) / lasted * 100
        measured.memory = (connected, after.memory / 1024)

    async def _all_come_back(self, reading: int) -> list[float]:
        """Every browser that reads loses its connection and comes back at once, while calls go on to change."""
        lost, self._read.again = self._read.again, asyncio.Event()
        lost.set()
        return await self._whole_boards(reading)

    async def _besieged(self) -> tuple[list[float], int]:
        """As before, while connections that send nothing knock; the delays, and how many of them were taken."""
        count = min(self._load.silent, allow_files() - self._load.sockets - _SPARE_FILES)
        if count <= 0:
            return [], 0
        await asyncio.sleep(1.0)
        self._read.delays = []
        silent: list[socket.socket] = []
        try:
            for _ in range(0, count, _AT_A_TIME):
                silent += await asyncio.gather(*(_silent(self._url) for _ in range(_AT_A_TIME)))
            await asyncio.sleep(1.0)
            taken = sum(not _is_closed(each) for each in silent)
            await asyncio.sleep(max(1.0, self._load.seconds / 4))
            return self._read.delays, taken
        finally:
            for each in silent:
                each.close()

    async def _browser(self, session: aiohttp.ClientSession, token: str) -> None:
        """One browser, which comes back when it is told to."""
        while True:
            again, began = self._read.again, time.monotonic()
            headers = {"Authorization": f"Bearer {token}"}
            async with session.ws_connect(self._url + "/api/live", headers=headers, max_msg_size=0) as live:
                lost = asyncio.create_task(again.wait())
                reading = asyncio.create_task(self._until_lost(live, began))
                await asyncio.wait((lost, reading), return_when=asyncio.FIRST_COMPLETED)
                await _ended([lost, reading])

    async def _until_lost(self, live: aiohttp.ClientWebSocketResponse, began: float) -> None:
        seen: set[str] = set()
        read = self._read
        async for message in live:
            now = time.monotonic_ns()
            read.messages += 1
            moments = set(_MOMENT.findall(message.data)) - seen
            if message.data.startswith('{"type":"snapshot"') and not seen:
                read.snapshot = len(message.data)
                read.first.append((now / 1e9 - began) * 1000)
                read.whole.release()
            else:
                # A row comes again when somebody begins to supervise: the call in it is no news then.
                read.delays += [(now - int(moment)) / 1e6 for moment in moments]
            seen |= moments


async def _ended(tasks: Sequence[asyncio.Task[object]] | Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _silent(url: str) -> socket.socket:
    """A connection that sends nothing."""
    host, port = url.removeprefix("http://").split(":")
    made = socket.socket()
    made.setblocking(False)  # noqa: FBT003 - it has no other way to say so
    with suppress(ConnectionError):
        await asyncio.get_running_loop().sock_connect(made, (host, int(port)))
    return made


def _is_closed(silent: socket.socket) -> bool:
    try:
        return silent.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def _stall(url: str, token: str) -> socket.socket:
    """A browser that connects and then reads nothing."""
    host, port = url.removeprefix("http://").split(":")
    stalled = socket.socket()
    stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stalled.connect((host, int(port)))
    lines = [
        "GET /api/live HTTP/1.1",
        f"Host: {host}:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        f"Authorization: Bearer {token}",
    ]
    stalled.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    return stalled
