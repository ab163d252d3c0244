"""Writes captured packets to a file that Wireshark opens."""

import socket
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Protocol

from supervise.lab.wire.rtp import Address

_NANOSECOND_MAGIC: Final = 0xA1B23C4D
_RAW_IP: Final = 101
_LARGEST: Final = 65535


class Captured(Protocol):
    """A UDP datagram and its moment."""

    @property
    def at_ns(self) -> int:
        """Nanoseconds since 1970."""

    @property
    def source(self) -> Address:
        """Who sent it."""

    @property
    def target(self) -> Address:
        """To whom."""

    @property
    def raw(self) -> bytes:
        """The UDP payload."""


def write(path: Path, packets: Iterable[Captured]) -> None:
    """Write the packets, whose IP and UDP headers are made anew (without checksums), in order of time."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", _NANOSECOND_MAGIC, 2, 4, 0, 0, _LARGEST, _RAW_IP))
        for packet in sorted(packets, key=lambda each: each.at_ns):
            seconds, nanoseconds = divmod(packet.at_ns, 1_000_000_000)
            datagram = _headers(packet) + packet.raw
            file.write(struct.pack("<IIII", seconds, nanoseconds, len(datagram), len(datagram)) + datagram)


def _headers(packet: Captured) -> bytes:
    length = len(packet.raw) + 8
    ends = socket.inet_aton(packet.source[0]) + socket.inet_aton(packet.target[0])
    ip = struct.pack(">BBHHHBBH", 0x45, 0, length + 20, 0, 0, 64, socket.IPPROTO_UDP, 0) + ends
    return ip + struct.pack(">HHHH", packet.source[1], packet.target[1], length, 0)
