"""Captures the phones' packets live on the loopback interface.

Every phone and the Asterisk between them run on one machine, so one clock, the kernel's, times them all: one-way delays
need no synchronising. A packet counts as heard when the kernel delivers it to the phone's port, whatever the phone's
process is doing at that moment.
"""

import random
import socket
import struct
import threading
import time
from bisect import bisect_left, insort
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from supervise.lab.errors import LabError
from supervise.lab.phone_errors import KeepError, PacketLossError
from supervise.lab.wire import packetsocket, pcap
from supervise.lab.wire.rtp import STATIC_CODECS, Address, RtpPacket, SipPacket, announced, rtp
from supervise.lab.wire.srtp import Keyring

RTP_PORTS: Final = range(24000, 32000)
"""The phones' RTP ports: above Asterisk's own default range, below the kernel's ephemeral ports."""

_SHARE: Final = 200
"""Ports of one call centre: two for each call of each of its phones."""

MOST_PACKETS: Final = 1_000_000
"""How many a sniffer holds at most, about half a gigabyte."""

_FORGET_EVERY: Final = 1024

_KEY_LATE_NS: Final = 2_000_000_000
"""How far back sound is opened when its key becomes known."""

Packet = TypeVar("Packet", RtpPacket, SipPacket)


class Sniffer:
    """Holds the last seconds of the phones' RTP, and of everybody's SIP over UDP.

    with Sniffer() as sniffer: ...

    Leaving the block raises `PacketLossError` when the kernel had to drop a packet: nothing measured is then worth a
    thing. What was captured may still be asked for after that. A thread reads; any thread may ask.

    Attributes:
        ports: whose RTP it sees.
    """

    def __init__(self, interface: str = "lo", *, seconds: float = 60.0, ports: range = RTP_PORTS) -> None:
        self._interface = interface
        self.ports = ports
        self._lifetime_ns = int(seconds * 1e9)
        self._arrived: dict[Address, list[RtpPacket]] = {}
        self._left: dict[Address, list[RtpPacket]] = {}
        self._sip: list[SipPacket] = []
        self._codecs: dict[Address, dict[int, str]] = {}
        self._keyring = Keyring()
        self._packets = 0
        self._keepers = 0
        self._fresh = 0
        self._newest_ns = 0
        self._end_ns = 0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._read, name="sniffer", daemon=True)

    def __enter__(self) -> Self:
        """Begin to capture: what is sent from now on is seen."""
        self._socket = packetsocket.capturing(self._interface, self.ports)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Read what has come up to now, and stop.

        When packets were lost this says so loudly; another exception on its way goes first.
        """
        self._end_ns = time.time_ns()
        self._ended.set()
        self._thread.join()
        try:
            if problem is None:
                self.check()
        finally:
            self._socket.close()

    def check(self) -> None:
        """Raise `PacketLossError` or `KeepError` when what was captured is not the whole truth."""
        dropped = packetsocket.dropped(self._socket)
        if dropped and self._failure is None:
            self._failure = PacketLossError(f"the kernel dropped {dropped} captured packets: measure with less load")
        if self._failure is not None:
            raise self._failure

    def arrived(self, at: Address, since_ns: int, until_ns: int) -> list[RtpPacket]:
        """RTP delivered to one port within [since, until), as it came, from whomever."""
        return self._between(self._arrived, at, since_ns, until_ns)

    def left(self, source: Address, since_ns: int, until_ns: int) -> list[RtpPacket]:
        """RTP sent from one port within [since, until), to whomever."""
        return self._between(self._left, source, since_ns, until_ns)

    def take_sip(self, message: SipPacket) -> None:
        """A message that a phone told of, where the wire has it over TLS only."""
        with self._lock:
            self._add_sip(message)

    @property
    def sealed(self) -> str:
        """How the sound was protected, in words: SRTP if every packet up to now was, with its suites."""
        with self._lock:
            opened, suites = self._keyring.opened, ", ".join(sorted(self._keyring.suites))
            if opened and opened >= self._packets:
                return f"SRTP ({suites}), all {opened} packets"
            return f"SRTP ({suites}), but {self._packets - opened} packets were not" if opened else "plain RTP"

    def sip(self, since_ns: int = 0) -> list[SipPacket]:
        """All SIP messages over UDP since then."""
        with self._lock:
            return self._sip[bisect_left(self._sip, since_ns, key=_moment) :]

    def invited_ns(self, call_id: str) -> int | None:
        """When the first INVITE of a call went over the wire, before any that repeats it with a password."""
        calls = (message for message in self.sip() if message.method == "INVITE" and not message.status)
        return next((message.at_ns for message in calls if message.header("Call-ID") == call_id), None)

    def codec(self, packet: RtpPacket) -> str:
        """What a packet's payload type means, by the SDP that named its target; in capital letters."""
        named = self._codecs.get(packet.target, {}).get(packet.payload_type)
        return named or STATIC_CODECS.get(packet.payload_type, f"payload type {packet.payload_type}")

    @contextmanager
    def keep(self) -> Iterator[None]:
        """Forget nothing while the block lasts, up to `MOST_PACKETS`."""
        with self._lock:
            self._keepers += 1
        try:
            yield
        finally:
            with self._lock:
                self._keepers -= 1

    def save(self, path: Path) -> None:
        """Write all that is held as a pcap file, to be opened with Wireshark."""
        with self._lock:
            packets = {id(packet): packet for packets in self._arrived.values() for packet in packets}
            packets |= {id(packet): packet for packets in self._left.values() for packet in packets}
            everything: list[pcap.Captured] = [*packets.values(), *self._sip]
        pcap.write(path, everything)

    def _between(
        self, where: dict[Address, list[RtpPacket]], address: Address, since_ns: int, until_ns: int
    ) -> list[RtpPacket]:
        self.check()
        with self._lock:
            packets = where.get(address, [])
            return packets[bisect_left(packets, since_ns, key=_moment) : bisect_left(packets, until_ns, key=_moment)]

    def _read(self) -> None:
        try:
            while not self._ended.is_set() or self._newest_ns < self._end_ns:
                if not self._read_one() and self._ended.is_set():
                    return
        except BaseException as problem:
            self._failure = problem
            raise

    def _read_one(self) -> bool:
        captured = packetsocket.receive(self._socket)
        if captured is None:
            return False
        self._newest_ns, datagram = captured
        self._sort(self._newest_ns, datagram)
        return True

    def _sort(self, at_ns: int, datagram: bytes) -> None:
        start = (datagram[0] & 0x0F) * 4
        source_port, target_port = struct.unpack_from(">HH", datagram, start)
        source = (socket.inet_ntoa(datagram[12:16]), source_port)
        target = (socket.inet_ntoa(datagram[16:20]), target_port)
        payload = datagram[start + 8 :]
        with self._lock:
            if payload[:1].isalpha():
                self._add_sip(SipPacket(at_ns, source, target, payload))
            elif packet := rtp(at_ns, source, target, payload):
                self._add_rtp(packet)
            self._fresh += 1
            if self._fresh >= _FORGET_EVERY:
                self._forget(at_ns)

    def _add_sip(self, message: SipPacket) -> None:
        insort(self._sip, message, key=_moment)
        if sender := self._keyring.learn(message.body):
            self._open_again(sender, message.at_ns)
        if promise := announced(message.body):
            self._codecs[promise[0]] = promise[1]

    def _open_again(self, sender: Address, at_ns: int) -> None:
        """The first packets may have come before the news of their key."""
        for packets in (*self._arrived.values(), *self._left.values()):
            for number in range(bisect_left(packets, at_ns - _KEY_LATE_NS, key=_moment), len(packets)):
                if packets[number].source == sender:
                    packets[number] = self._keyring.open(packets[number])

    def _add_rtp(self, sealed: RtpPacket) -> None:
        packet = self._keyring.open(sealed)
        self._packets += 1
        if packet.target[1] in self.ports:
            self._arrived.setdefault(packet.target, []).append(packet)
        if packet.source[1] in self.ports:
            self._left.setdefault(packet.source, []).append(packet)

    def _forget(self, now_ns: int) -> None:
        """Drop what is too old, unless somebody keeps it; and drop it all the same when it is too much."""
        self._fresh = 0
        streams = [*self._arrived.values(), *self._left.values()]
        too_much = len(self._sip) + sum(len(packets) for packets in streams) > MOST_PACKETS
        if too_much and self._keepers:
            self._failure = KeepError(f"more than {MOST_PACKETS} packets were to be kept: keep them for a shorter time")
        if self._keepers and not too_much:
            return
        for packets in streams:
            _cut(packets, now_ns - self._lifetime_ns)
        _cut(self._sip, now_ns - self._lifetime_ns)
        self._arrived = {address: packets for address, packets in self._arrived.items() if packets}
        self._left = {address: packets for address, packets in self._left.items() if packets}


@contextmanager
def own_ports() -> Iterator[range]:
    """A part of the phones' ports that no other call centre of this machine has until the block is left.

    What an Asterisk still sends to a phone that has gone would be heard by a phone of another call centre that has got
    its port; and who captures their own part alone need not read what others' phones say. Its last port stands for it.

    Raises:
        LabError: every part is taken.
    """
    starts = list(RTP_PORTS[::_SHARE])
    random.shuffle(starts)
    for start in starts:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as claim:
            try:
                claim.bind(("127.0.0.1", start + _SHARE - 1))
            except OSError:
                continue
            yield range(start, start + _SHARE - 2)
            return
    raise LabError(f"{len(starts)} call centres run on this machine, and have all ports for phones: end some")


def _cut(packets: list[Packet], before_ns: int) -> None:
    del packets[: bisect_left(packets, before_ns, key=_moment)]


def _moment(packet: RtpPacket | SipPacket) -> int:
    return packet.at_ns
