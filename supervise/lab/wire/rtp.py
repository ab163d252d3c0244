"""Packets as they went over the wire: RTP (RFC 3550), keys pressed (RFC 4733), and what SDP says of both (RFC 8866)."""

import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

Address = tuple[str, int]
"""An IPv4 address and a port."""

STATIC_CODECS: Final[Mapping[int, str]] = {0: "PCMU", 8: "PCMA", 9: "G722", 13: "CN"}
"""Payload types that need no SDP (RFC 3551)."""

KEYS: Final = "0123456789*#ABCD"
"""The keys by their RFC 4733 event code."""

TELEPHONE_EVENT: Final = "TELEPHONE-EVENT"

_RTP_VERSION: Final = 2
_RTP_HEADER: Final = struct.Struct(">BBHII")
_EVENT: Final = struct.Struct(">BBH")
_RTCP_TYPES: Final = range(200, 208)


class RtpPacket(NamedTuple):
    """One RTP packet and the moment at which the kernel saw it."""

    at_ns: int
    """The kernel's clock, nanoseconds since 1970."""
    source: Address
    target: Address
    sequence: int
    timestamp: int
    ssrc: int
    payload_type: int
    marker: bool
    raw: bytes
    """The UDP payload: RTP header and all."""

    @property
    def payload(self) -> bytes:
        """What follows the header, its list of contributing sources, and its extension."""
        start = 12 + 4 * (self.raw[0] & 0x0F)
        if self.raw[0] & 0x10:
            start += 4 + 4 * int.from_bytes(self.raw[start + 2 : start + 4], "big")
        end = len(self.raw) - (self.raw[-1] if self.raw[0] & 0x20 else 0)
        return self.raw[start:end]


class SipPacket(NamedTuple):
    """One SIP message over UDP and the moment at which the kernel saw it."""

    at_ns: int
    source: Address
    target: Address
    raw: bytes

    @property
    def first_line(self) -> str:
        """``INVITE sip:101@127.0.0.1 SIP/2.0``, or ``SIP/2.0 200 OK``."""
        return self.raw.partition(b"\r\n")[0].decode(errors="replace")

    @property
    def method(self) -> str:
        """The request's method; of an answer, the method that it answers."""
        if not self.first_line.startswith("SIP/"):
            return self.first_line.partition(" ")[0]
        return self.header("CSeq").rpartition(" ")[2]

    @property
    def status(self) -> int:
        """An answer's code; 0 for a request."""
        return int(self.first_line.split(" ")[1]) if self.first_line.startswith("SIP/") else 0

    def header(self, name: str) -> str:
        """The value of the first header of that name, or nothing."""
        head = self.raw.partition(b"\r\n\r\n")[0].decode(errors="replace")
        found = re.search(rf"^{re.escape(name)}[ \t]*:[ \t]*(.*?)\r?$", head, re.MULTILINE | re.IGNORECASE)
        return found[1] if found else ""

    @property
    def body(self) -> str:
        """What follows the headers."""
        return self.raw.partition(b"\r\n\r\n")[2].decode(errors="replace")


def rtp(at_ns: int, source: Address, target: Address, raw: bytes) -> RtpPacket | None:
    """The RTP packet in a UDP payload, or None when it is something else (RTCP shares the first bits)."""
    if len(raw) <= _RTP_HEADER.size or raw[0] >> 6 != _RTP_VERSION or raw[1] in _RTCP_TYPES:
        return None
    _, kind, sequence, timestamp, ssrc = _RTP_HEADER.unpack_from(raw)
    return RtpPacket(at_ns, source, target, sequence, timestamp, ssrc, kind & 0x7F, bool(kind & 0x80), raw)


@dataclass(frozen=True, slots=True)
class KeyPress:
    """One key, as told by the telephone events of RFC 4733."""

    key: str
    down_ns: int
    """When its first packet went over the wire."""
    up_ns: int
    """When its first packet with the end bit did; 0 while the key is down."""
    duration: int
    """What the last packet says, in timestamp units (8 a millisecond)."""


def key_presses(packets: Iterable[RtpPacket]) -> list[KeyPress]:
    """The keys in telephone-event packets; those of one event share stream and timestamp, and its end comes thrice."""
    presses: dict[tuple[int, int], KeyPress] = {}
    for packet in packets:
        code, flags, duration = _EVENT.unpack_from(packet.payload)
        event = packet.ssrc, packet.timestamp
        ended = packet.at_ns if flags & 0x80 else 0
        known = presses.get(event)
        down, up = (known.down_ns, known.up_ns) if known else (packet.at_ns, 0)
        presses[event] = KeyPress(KEYS[code] if code < len(KEYS) else f"event {code}", down, up or ended, duration)
    return list(presses.values())


def announced(sdp: str) -> tuple[Address, dict[int, str]] | None:
    """Where an SDP wants its audio, and what each payload type means there; None without an audio line."""
    media = re.search(r"^m=audio (\d+) \S+ ([\d ]+)", sdp, re.MULTILINE)
    if not media:
        return None
    before, _, after = sdp.partition(media[0])
    own = after.partition("\nm=")[0]
    host = re.search(r"^c=IN IP4 (\S+)", own, re.MULTILINE) or re.search(r"^c=IN IP4 (\S+)", before, re.MULTILINE)
    codecs = {int(number): STATIC_CODECS.get(int(number), "unknown") for number in media[2].split()}
    named = re.findall(r"^a=rtpmap:(\d+) ([^/\s]+)", own, re.MULTILINE)
    codecs |= {int(number): name.upper() for number, name in named}
    return (host[1] if host else "", int(media[1])), codecs
