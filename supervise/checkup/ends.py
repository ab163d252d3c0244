"""The self-test's phones: sockets of ours, which ARI's externalMedia connects to a channel."""

import asyncio
import secrets
import struct
import time
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from supervise.checkup.tones import PACKET_SECONDS, SAMPLES, SILENCE, Voice, packet

_HEADER: Final = struct.Struct(">BBHII")
_KEPT: Final = 500
"""Packets that are kept: ten seconds."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A packet of sound, and when it came by our monotonic clock."""

    at: float
    payload: bytes


class End(asyncio.DatagramProtocol):
    """One phone: it speaks its tone, or silence, and keeps what it hears.

    Attributes:
        voice: whose phone it is.
        speaks: whether it says its tone; else digital silence, for a phone always sends something.
        target: where Asterisk wants its sound; nothing is sent before it is known.
    """

    def __init__(self, voice: Voice) -> None:
        self.voice = voice
        self.speaks = True
        self.target: tuple[str, int] | None = None
        self._heard: deque[Arrived] = deque(maxlen=_KEPT)
        self._ssrc = secrets.randbits(32)
        self._sent = secrets.randbits(14)
        self._transport: asyncio.DatagramTransport | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        if self._transport is None:
            raise RuntimeError("the phone is used within Ends")
        host, port = self._transport.get_extra_info("sockname")[:2]
        return str(host), int(port)

    def heard(self, since: float) -> list[bytes]:
        """The packets that came since a moment."""
        return [each.payload for each in self._heard if each.at >= since]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket."""
        self._transport = transport  # type: ignore[assignment]  # asyncio gives a datagram transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Keep a packet of sound; whatever else comes is nobody's business."""
        if addr == self.target and len(data) == _HEADER.size + SAMPLES and data[1] & 0x7F == 0:
            self._heard.append(Arrived(time.monotonic(), data[_HEADER.size :]))

    def speak(self) -> None:
        """Send the next 20 ms."""
        if self.target is None or self._transport is None:
            return
        self._sent += 1
        header = _HEADER.pack(0x80, 0, self._sent & 0xFFFF, self._sent * SAMPLES & 0xFFFFFFFF, self._ssrc)
        self._transport.sendto(header + (packet(self.voice) if self.speaks else SILENCE), self.target)

    def close(self) -> None:
        """Let go of the socket."""
        if self._transport is not None:
            self._transport.close()


class Ends:
    """The three phones, used as ``async with Ends(host) as ends``; they speak until the block ends."""

    def __init__(self, host: str) -> None:
        """`host` is the address of ours that Asterisk can reach."""
        self._host = host
        self._speaking: asyncio.Task[None] | None = None
        self.all = {voice: End(voice) for voice in Voice}

    async def __aenter__(self) -> Self:
        """Open the sockets, and begin to speak."""
        loop = asyncio.get_running_loop()
        for end in self.all.values():
            await loop.create_datagram_endpoint(lambda end=end: end, (self._host, 0))  # type: ignore[misc]  # its own end
        self._speaking = asyncio.create_task(self._speak(), name="self-test phones")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Fall silent."""
        if self._speaking is not None:
            self._speaking.cancel()
            await asyncio.wait([self._speaking])
        for end in self.all.values():
            end.close()

    async def _speak(self) -> None:
        due = time.monotonic()
        while True:
            for end in self.all.values():
                end.speak()
            due = max(due + PACKET_SECONDS, time.monotonic() - 1)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
