"""The cable between controller and Asterisk: a TCP proxy that can be cut, or counts what goes over it."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from supervise.lab.callcentre import CallCentre

_CHUNK = 65536
_REQUEST = re.compile(rb"^(GET|POST|PUT|DELETE) (/\S*) HTTP/1\.1\r$", re.MULTILINE)

Requested = Callable[[str], None]
"""Told of each request that changes something, such as ``POST /ari/bridges/x``."""


@dataclass(slots=True)
class Cable:
    """One listening port in front of Asterisk's.

    Attributes:
        url: what the controller takes for Asterisk's address.
        requests: every request so far that is no GET, in the order of their answers.
        asking: told of a request before Asterisk gets it, which it does not while the cable is silent.
        requested: told of a request when it has been answered.
    """

    url: str
    _target: tuple[str, int]
    requests: list[str] = field(default_factory=list)
    asking: Requested = lambda _: None
    requested: Requested = lambda _: None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _passing: asyncio.Event = field(default_factory=asyncio.Event)
    _refusing: bool = False

    def cut(self) -> None:
        """End every connection with a FIN, and refuse new ones until `mend`."""
        self._refusing = True
        for writer in tuple(self._writers):
            writer.close()

    def silence(self) -> None:
        """Let nothing through until `mend`; nobody is told, and what waits then arrives, of those who gave up as well.

        So does an Asterisk that hangs: its kernel goes on taking connections and what is sent over them.
        """
        self._passing.clear()

    def mend(self) -> None:
        """Let everything through again, what waited as well."""
        self._refusing = False
        self._passing.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        if self._refusing:
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        ends = {writer, far_writer}
        self._writers |= ends
        asked: list[str] = []
        ways = [
            asyncio.create_task(self._carry(reader, far_writer, lambda data: self._note(data, asked))),
            asyncio.create_task(self._carry(far_reader, writer, lambda _: self._answered(asked))),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.wait(ways)
        for end in ends:
            end.close()
        self._writers -= ends

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, look: Callable[[bytes], None]
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(_CHUNK):
                await self._passing.wait()
                look(data)
                await self._passing.wait()
                writer.write(data)
                await writer.drain()

    def _note(self, data: bytes, asked: list[str]) -> None:
        """A request of ours begins a packet; the websocket's frames are masked and look like none."""
        for method, path in _REQUEST.findall(data[:4096]):
            if method != b"GET":
                asked.append(f"{method.decode()} {path.decode()}")
                self.asking(asked[-1])

    def _answered(self, asked: list[str]) -> None:
        while asked:
            request = asked.pop(0)
            self.requests.append(request)
            self.requested(request)


@asynccontextmanager
async def wire(ari_url: str) -> AsyncIterator[Cable]:
    """A cable to Asterisk, for whoever takes its address for Asterisk's."""
    asterisk = urlsplit(ari_url)
    line = Cable("", (asterisk.hostname or "", asterisk.port or 0))
    server = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    line.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    line.mend()
    try:
        yield line
    finally:
        line.mend()
        line.cut()
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def cable(centre: CallCentre) -> AsyncIterator[Cable]:
    """Put a cable between the controller, which is started anew for it, and Asterisk."""
    async with wire(centre.asterisk.ari_url) as line:
        await centre.controller.stop()
        centre.controller.ari_url = line.url
        await centre.controller.start()
        try:
            yield line
        finally:
            line.mend()
            await centre.controller.stop()
