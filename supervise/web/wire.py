"""One browser's WebSocket. It is never waited for: who does not read is told nothing, and later what is true then."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from supervise.domain.board.sight import moment
from supervise.floor.house import House
from supervise.web import shapes
from supervise.web.entry.signins import SignIn
from supervise.web.shapes import Json

PROTOCOL = "supervise.1"
MOST_BYTES = 4096
"""Of a message from a browser."""

MOST_MESSAGES = 20
"""From a browser, within `MESSAGES_SECONDS`."""
MESSAGES_SECONDS = 10.0

PATIENCE = 30.0
"""Seconds that a browser may read nothing."""

HELD = 64 * 1024
"""So many bytes may wait for a browser that reads slowly; with more it is told everything again when it has read.

What tells it everything waits besides, once.
"""

UNBOUNDED = 2**30
"""What waits for a browser is bounded here, so that nothing that is written ever waits."""

HEARTBEAT = 25.0

LOOK_SECONDS = 0.05
"""How often a connection is looked at that has been told more than it takes at once."""

ROUND_SECONDS = 0.5
"""Between telling a slow connection everything and telling it everything again."""

log = structlog.get_logger(__name__)


class Wire:
    """One connection.

    Attributes:
        sign_in: whose.
        behind: it has not been told everything yet, and is told what is true when it can be.
    """

    def __init__(self, sign_in: SignIn, house: House, catch_up: Callable[["Wire"], list[bytes]]) -> None:
        """Nothing is connected yet; `catch_up` gives the messages that tell a wire everything."""
        self.sign_in = sign_in
        self.behind = True
        self._house = house
        self._catch_up = catch_up
        self._socket = web.WebSocketResponse(
            protocols=(PROTOCOL,), heartbeat=HEARTBEAT, compress=False, max_msg_size=MOST_BYTES, timeout=2.0
        )
        self._transport: asyncio.Transport | None = None
        self._wake = asyncio.Event()
        self._wake.set()
        self._ending: Json | None = None
        self._whole = self._since = 0
        self._came = 0

    # --- being told; neither of these waits

    def takes(self, size: int) -> bool:
        """Whether a message of this size can be sent without waiting for the browser."""
        transport = self._transport
        if self.behind or transport is None or transport.is_closing():
            return False
        return transport.get_write_buffer_size() + size <= HELD + self._whole

    async def tell(self, text: bytes) -> None:
        """Send a message; when too much waits already, everything is told again as soon as that is possible."""
        if self._ending is not None or self.behind:
            return
        if not self.takes(len(text)):
            self.again()
            return
        try:
            await self._send(text)
            self._since += len(text)
        except ConnectionError:
            self.again()

    async def _send(self, text: bytes) -> None:
        """Hand a message over to be sent; with such a buffer that never waits."""
        await self._socket.send_frame(text, WSMsgType.TEXT)

    def again(self) -> None:
        """Tell everything when that is possible."""
        self.behind = True
        self._wake.set()

    def end(self, reason: str, again_in: float | None) -> None:
        """Say good-bye and close."""
        if self._ending is None:
            self._ending = {"type": "bye", "reason": reason, "again_in": again_in}
            self._wake.set()

    # --- the connection

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Go on until either side closes."""
        await self._socket.prepare(request)
        self._transport = request.transport
        if self._transport is not None:
            self._transport.set_write_buffer_limits(high=UNBOUNDED)
        telling = asyncio.create_task(self._tell_all())
        try:
            await self._listen()
        finally:
            telling.cancel()
            with suppress(asyncio.CancelledError):
                await telling
        return self._socket

    async def _listen(self) -> None:
        since = asyncio.get_running_loop().time()
        async for message in self._socket:
            now = asyncio.get_running_loop().time()
            if now - since > MESSAGES_SECONDS:
                since, self._came = now, 0
            self._came += 1
            understood = message.type is web.WSMsgType.TEXT and await self._take(message.data)
            if not understood or self._came > MOST_MESSAGES:
                await self._socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"not understood, or too much")

    async def _take(self, text: str) -> bool:
        """Take a message; False when it is not understood."""
        match text.replace(" ", ""):
            case '{"type":"ping"}':
                await self.tell(shapes.dumped({"type": "pong", "now": moment(self._house.now())}).encode())
            case '{"type":"again"}':
                self.again()
            case _:
                return False
        return True

    async def _tell_all(self) -> None:
        """Whenever this wire is behind: everything. Who does not take it in time is dropped."""
        try:
            while self._ending is None:
                await self._wake.wait()
                self._wake.clear()
                async with asyncio.timeout(PATIENCE):
                    await self._catch_up_once()
            await self._bye(self._ending)
        except TimeoutError:
            log.info("board.slow", person=self.sign_in.person)
            await self._abort()
        except ConnectionError:
            await self._abort()

    async def _catch_up_once(self) -> None:
        """What changes while the large messages are on their way follows them, as long as it is not too much.

        Else it is told by another round, a moment after this one was read.
        """
        if not self.behind or self._transport is None:
            return
        for text in self._catch_up(self):
            await self._send(text)
        self.behind, self._since = False, 0
        self._whole = self._transport.get_write_buffer_size()
        # A transport tells nobody when it has sent so much.
        while self._transport.get_write_buffer_size() > self._since:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)
        self._whole = 0
        if self.behind:
            await asyncio.sleep(ROUND_SECONDS)
            self._wake.set()

    async def _bye(self, words: Json) -> None:
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(1.0):
                await self._socket.send_str(shapes.dumped(words))
        await self._socket.close(code=WSCloseCode.GOING_AWAY, message=str(words["reason"]).encode())

    async def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()
