"""The kernel's side of capturing: a packet socket, its filter, its time stamps, its count of what it dropped."""

import ctypes
import socket
import struct
from typing import Final

from supervise.lab.phone_errors import CaptureError

LOOPBACK: Final = "lo"
"""Where every datagram passes twice, once on its way out and once on its way in."""

BUFFER: Final = 64 * 1024 * 1024
"""Bytes that may wait to be read."""

# Names from linux/socket.h, linux/if_packet.h and linux/filter.h that Python's socket module has not got.
_SO_TIMESTAMPNS: Final = 35
_SO_ATTACH_FILTER: Final = 26
_SO_RCVBUFFORCE: Final = 33
_SOL_PACKET: Final = 263
_PACKET_STATISTICS: Final = 6
_PACKET_IGNORE_OUTGOING: Final = 23
_ETH_P_IP: Final = 0x0800
_ETH_P_ALL: Final = 0x0003
"""The one protocol whose sockets are shown what goes out as well (packet(7))."""

_PROTOCOL: Final = 0xFFFFF000
"""Where a filter finds a packet's protocol (SKF_AD_OFF + SKF_AD_PROTOCOL, linux/filter.h)."""

_LARGEST: Final = 65535
_ANCILLARY: Final = 128
_PATIENCE: Final = struct.pack("ll", 0, 100_000)
"""How long one read may block, as a timeval: 0.1 s."""


def capturing(interface: str, ports: range) -> socket.socket:
    """A packet socket that sees each datagram once, stamped by the kernel: on loopback as it is delivered.

    On any other interface what goes out is seen as it goes, and what comes in as it comes. It sees UDP to or from one
    of the ports, and SIP on any port. Raises `CaptureError` without the right to capture.
    """
    try:
        packets = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    except PermissionError:
        raise CaptureError("capturing packets needs root, or the capability NET_RAW") from None
    packets.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, BUFFER)
    packets.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    packets.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _PATIENCE)
    packets.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, int(interface == LOOPBACK))
    _attach(packets, _program(ports))
    packets.bind((interface, _ETH_P_IP if interface == LOOPBACK else _ETH_P_ALL))
    return packets


def receive(packets: socket.socket) -> tuple[int, bytes] | None:
    """The next datagram, from its IP header on, and its moment in nanoseconds; None when there is none for 0.1 s."""
    try:
        datagram, ancillary, _, _ = packets.recvmsg(_LARGEST, _ANCILLARY)
    except BlockingIOError:
        return None
    seconds, nanoseconds = struct.unpack("ll", ancillary[0][2])
    return seconds * 1_000_000_000 + nanoseconds, datagram


def dropped(packets: socket.socket) -> int:
    """How many datagrams the kernel has dropped since this was last asked; none by a socket that is closed."""
    if packets.fileno() < 0:
        return 0
    _, lost = struct.unpack("II", packets.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))
    return int(lost)


def _program(ports: range) -> bytes:
    """A classic BPF program: unfragmented UDP that has one of the ports, or whose payload begins like SIP.

    Each instruction is code, jump if true, jump if false, value (linux/filter.h); jumps count from the next one. A
    SOCK_DGRAM packet socket shows the program the IP header first.
    """
    load_byte, load_half, load_half_x, load_byte_x, length_x = 0x30, 0x28, 0x48, 0x50, 0xB1
    equal, at_least, any_bit, answer = 0x15, 0x35, 0x45, 0x06
    lines = [
        (load_half, 0, 0, _PROTOCOL),
        (equal, 0, 15, _ETH_P_IP),
        (load_byte, 0, 0, 9),  # the protocol of what is in the IP packet
        (equal, 0, 13, socket.IPPROTO_UDP),
        (load_half, 0, 0, 6),  # flags and fragment offset
        (any_bit, 11, 0, 0x1FFF),
        (length_x, 0, 0, 0),  # from here on relative to the UDP header
        (load_half_x, 0, 0, 0),  # the source port
        (at_least, 0, 1, ports.start),
        (at_least, 0, 6, ports.stop),
        (load_half_x, 0, 0, 2),  # the target port
        (at_least, 0, 1, ports.start),
        (at_least, 0, 3, ports.stop),
        (load_byte_x, 0, 0, 8),  # the payload's first byte: SIP begins with a capital letter
        (at_least, 0, 2, ord("A")),
        (at_least, 1, 0, ord("Z") + 1),
        (answer, 0, 0, _LARGEST),
        (answer, 0, 0, 0),
    ]
    return b"".join(struct.pack("HBBI", *line) for line in lines)


def _attach(packets: socket.socket, program: bytes) -> None:
    """Hand the program to the kernel as a sock_fprog: how many instructions of eight bytes, and where they are."""
    code = ctypes.create_string_buffer(program, len(program))
    packets.setsockopt(
        socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HL", len(program) // 8, ctypes.addressof(code))
    )
