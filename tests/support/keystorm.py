"""Keys as no simulated phone can press them: RFC 4733 packets written by hand into the stream of a phone in a call."""

import asyncio
import socket
import struct
import time
from types import TracebackType
from typing import Final, Self

from supervise.lab.callcentre import CallCentre
from supervise.lab.phones.phone import Phone
from supervise.lab.wire.rtp import KEYS, TELEPHONE_EVENT

_RTP: Final = struct.Struct(">BBHII")
_EVENT: Final = struct.Struct(">BBH")
_UDP: Final = struct.Struct(">HHHH")
_VERSION_2, _MARKER, _END, _VOLUME = 0x80, 0x80, 0x80, 10
_TICKS_PER_MS = 8
_DOWN_MS = 30
_RECENT_NS = 500_000_000


class KeyStorm:
    """Presses keys as fast as told, in the name of a phone. ``with KeyStorm(centre, phone) as storm``."""

    def __init__(self, centre: CallCentre, phone: Phone) -> None:
        """Go on where the phone's own stream is: another one Asterisk would take for a stranger's."""
        now = time.time_ns()
        sent = centre.sniffer.left(phone.rtp_address, now - _RECENT_NS, now)
        self._centre = centre
        self._like = sent[-1]
        self._sequence = self._like.sequence
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        """Open a socket that may send from another's port."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self._socket.close()

    async def press(self, keys: str, *, a_second: float, ends: int = 3) -> None:
        """Press keys at a rate; the end of each is told `ends` times, which is three by the RFC."""
        due = time.monotonic()
        for key in keys:
            timestamp = self._now()
            self._send(key, timestamp, 0, 10, marker=True)
            self._send(key, timestamp, 0, _DOWN_MS)
            for _ in range(ends):
                self._send(key, timestamp, _END, _DOWN_MS)
            due += 1 / a_second
            await asyncio.sleep(due - time.monotonic())

    def _now(self) -> int:
        elapsed_ms = int((time.monotonic() - self._began) * 1000)
        return (self._like.timestamp + (elapsed_ms + _DOWN_MS) * _TICKS_PER_MS) % 2**32

    def _send(self, key: str, timestamp: int, end: int, duration_ms: int, *, marker: bool = False) -> None:
        self._sequence = (self._sequence + 1) % 2**16
        kind = self._event_type() | (_MARKER if marker else 0)
        rtp = _RTP.pack(_VERSION_2, kind, self._sequence, timestamp, self._like.ssrc)
        event = _EVENT.pack(KEYS.index(key), end | _VOLUME, duration_ms * _TICKS_PER_MS)
        (_, source), (host, target) = self._like.source, self._like.target
        self._socket.sendto(_UDP.pack(source, target, _UDP.size + len(rtp + event), 0) + rtp + event, (host, 0))

    def _event_type(self) -> int:
        """What a key's payload type is at Asterisk, by the SDP that it has sent."""
        return next(
            number
            for number in range(96, 128)
            if self._centre.sniffer.codec(self._like._replace(payload_type=number)) == TELEPHONE_EVENT
        )
