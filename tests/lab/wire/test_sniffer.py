"""Capturing needs root and a kernel, so these tests run with the telephony ones."""

import socket
import time
from collections.abc import Iterator

import pytest

from supervise.lab.errors import LabError
from supervise.lab.phone_errors import KeepError, PacketLossError
from supervise.lab.wire import packetsocket
from supervise.lab.wire import sniffer as module
from supervise.lab.wire.rtp import Address
from supervise.lab.wire.sniffer import Sniffer, own_ports

pytestmark = pytest.mark.telephony

INVITE = b"INVITE sip:101@h SIP/2.0\r\nCall-ID: one\r\nCSeq: 1 INVITE\r\n\r\n"
SDP = "c=IN IP4 127.0.0.1\r\nm=audio {} RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n"


@pytest.fixture
def ear() -> Iterator[Address]:
    """Where a phone would listen; no other test sends anything there meanwhile."""
    with own_ports() as ports:
        yield ("127.0.0.1", ports[0])


@pytest.fixture
def sender() -> Iterator[socket.socket]:
    """A socket that nobody else has."""
    with socket.socket(type=socket.SOCK_DGRAM) as own:
        own.bind(("127.0.0.1", 0))
        yield own


def send(sender: socket.socket, target: Address, count: int = 1, *, payload_type: int = 0) -> None:
    """So many RTP packets."""
    for n in range(count):
        head = bytes([0x80, payload_type]) + (n % 65536).to_bytes(2, "big") + bytes(8)
        sender.sendto(head + b"\xff" * 160, target)


def test_nobody_has_the_ports_of_another_call_centre(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has a part of its own, as many as there are, and a part that was given up is given again."""
    monkeypatch.setattr(module, "RTP_PORTS", range(9000, 9400))
    with own_ports() as one:
        with own_ports() as other:
            assert set(one).isdisjoint(other)
            assert {*one, *other} < set(range(9000, 9400))
            with pytest.raises(LabError, match="end some"), own_ports():
                pass
        with own_ports() as again:
            assert again == other


def test_each_packet_is_seen_once_with_the_kernels_time(sender: socket.socket, ear: Address) -> None:
    """A datagram to a phone's port is seen once, stamped between before and after; other ports are not seen."""
    with Sniffer() as sniffer:
        before = time.time_ns()
        send(sender, ear)
        send(sender, ("127.0.0.1", 33000))
        after = time.time_ns()
    (packet,) = sniffer.arrived(ear, 0, after)
    assert before <= packet.at_ns <= after
    assert packet.source == sender.getsockname()
    assert sniffer.arrived(("127.0.0.1", 33000), 0, after) == []


def test_sip_is_seen_on_every_port_and_names_the_codecs(sender: socket.socket, ear: Address) -> None:
    """An INVITE to any port is kept with its moment, and its SDP tells what the payload types at its address mean."""
    with Sniffer() as sniffer:
        start = time.time_ns()
        sender.sendto(INVITE + SDP.format(ear[1]).encode(), ("127.0.0.1", 33000))
        send(sender, ear, payload_type=96)
    (message,) = (sip for sip in sniffer.sip(start) if sip.source == sender.getsockname())
    assert sniffer.invited_ns("one") == message.at_ns
    assert sniffer.invited_ns("two") is None
    (packet,) = sniffer.arrived(ear, start, time.time_ns())
    assert sniffer.codec(packet) == "OPUS"


def test_what_the_kernel_dropped_makes_the_capture_worthless(
    sender: socket.socket, ear: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a buffer that is too small for the flood, leaving the block and every question are errors."""
    monkeypatch.setattr(packetsocket, "BUFFER", 1)
    with pytest.raises(PacketLossError, match="dropped"), Sniffer() as sniffer:
        send(sender, ear, 20_000)
    with pytest.raises(PacketLossError, match="dropped"):
        sniffer.arrived(ear, 0, time.time_ns())


def test_old_packets_are_forgotten_unless_kept(sender: socket.socket, ear: Address) -> None:
    """Beyond its seconds nothing is held, but all that comes within `keep` is."""
    with Sniffer(seconds=0.001) as sniffer:
        with sniffer.keep():
            send(sender, ear, 5000)
            assert_arrived(sniffer, ear, 5000)
        send(sender, ear, 5000)
    assert len(sniffer.arrived(ear, 0, time.time_ns())) < 5000


def test_keeping_too_much_is_an_error(sender: socket.socket, ear: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    """A keep that outgrows the bound says so instead of eating the memory."""
    monkeypatch.setattr(module, "MOST_PACKETS", 2000)
    with pytest.raises(KeepError, match="2000"), Sniffer() as sniffer, sniffer.keep():
        send(sender, ear, 5000)


def assert_arrived(sniffer: Sniffer, ear: Address, count: int) -> None:
    """So many packets are there within two seconds."""
    end = time.monotonic() + 2
    while len(sniffer.arrived(ear, 0, time.time_ns())) < count:
        assert time.monotonic() < end
