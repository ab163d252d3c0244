"""``supervise lab bench-board``: many browsers on one board, some of which read nothing, while calls change."""

import asyncio
import base64
import multiprocessing
import os
import re
import socket
import statistics
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import aiohttp

from supervise.lab.bench.board_server import Load, serve, spent

_MOMENT = re.compile(r'"number":"(\d{10,20})"')
_SETTLED = 5.0
"""Seconds that everybody has to be told everything before it is measured."""


@dataclass(slots=True)
class Measured:
    """What came of it.

    Attributes:
        delays: milliseconds from each change to each browser that reads.
        messages: how many came.
        first: milliseconds from connecting to the whole board, for each browser.
        snapshot: bytes of a whole board.
        processor: of the controller, in per cent of one core.
        memory: of the controller, in megabytes, with everybody connected and at the end.
    """

    delays: list[float] = field(default_factory=list)
    messages: int = 0
    first: list[float] = field(default_factory=list)
    snapshot: int = 0
    processor: float = 0.0
    memory: tuple[float, float] = (0.0, 0.0)

    def lines(self) -> list[str]:
        """For people."""
        worst = f"{max(self.delays):.0f} ms (worst) of {len(self.delays)}"
        return [
            f"whole board: {self.snapshot / 1024:.0f} KiB, all connecting at once: {_told(self.first)}",
            f"change to browser: {_told(self.delays)}, {worst}",
            f"controller: {self.processor:.1f} % of a core, {self.messages} messages sent that were read",
            f"memory: {self.memory[0]:.0f} MiB with everybody connected, {self.memory[1]:.0f} MiB at the end",
        ]


def _told(values: list[float]) -> str:
    return f"{_p(values, 50):.0f} ms (p50), {_p(values, 99):.0f} ms (p99)"


def _p(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def bench_board(load: Load) -> Measured:
    """Run the board in a process of its own, and the browsers in this one."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(load, theirs), daemon=True)
    process.start()
    try:
        url, tokens = ours.recv()
        return asyncio.run(_measure(load, url, tokens, (ours, process.pid or 0)))
    finally:
        process.join(10)
        if process.is_alive():
            process.kill()


async def _measure(load: Load, url: str, tokens: list[str], controller: tuple[Connection, int]) -> Measured:
    wire, pid = controller
    measured = Measured()
    stalled = [_stall(url, tokens[number % len(tokens)]) for number in range(load.sockets * load.stalled // 100)]
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        reading = load.sockets - len(stalled)
        ready = asyncio.Semaphore(0)
        readers = [
            asyncio.create_task(_read(session, url, tokens[number % len(tokens)], (measured, ready)))
            for number in range(reading)
        ]
        for _ in readers:
            await ready.acquire()
        await asyncio.sleep(1.0)
        with_everybody = spent(pid).memory / 1024
        wire.send("change")
        await asyncio.sleep(_SETTLED)
        measured.delays.clear()
        measured.messages = 0
        before, began = spent(pid), time.monotonic()
        await asyncio.sleep(load.seconds)
        after, lasted = spent(pid), time.monotonic() - began
        measured.processor = (after.processor - before.processor) / lasted * 100
        measured.memory = (with_everybody, after.memory / 1024)
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
        for each in stalled:
            each.close()
        wire.send("end")
    return measured


async def _read(session: aiohttp.ClientSession, url: str, token: str, told: tuple[Measured, asyncio.Semaphore]) -> None:
    """One browser."""
    measured, ready = told
    began, seen = time.monotonic(), set[str]()
    headers = {"Authorization": f"Bearer {token}"}
    async with session.ws_connect(url + "/api/live", headers=headers, max_msg_size=0) as live:
        async for message in live:
            now = time.monotonic_ns()
            measured.messages += 1
            if message.data.startswith('{"type":"snapshot"') and not seen:
                measured.snapshot = len(message.data)
                measured.first.append((now / 1e9 - began) * 1000)
                seen.update(_MOMENT.findall(message.data))
                ready.release()
            else:
                # A row comes again when somebody begins to supervise: the call in it is no news then.
                moments = set(_MOMENT.findall(message.data)) - seen
                seen |= moments
                measured.delays += [(now - int(moment)) / 1e6 for moment in moments]


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
