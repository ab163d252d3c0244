"""From captured RTP packets to continuous sound, and what the packets alone tell."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from supervise.lab.hearing import codecs, marks
from supervise.lab.hearing.continuity import Frames
from supervise.lab.hearing.marks import Marks
from supervise.lab.sound import FRAMES_PER_SECOND, Samples, Voice
from supervise.lab.wire.rtp import TELEPHONE_EVENT, RtpPacket

NO_SOUND: Final = frozenset({TELEPHONE_EVENT, "CN"})
"""What goes between the sound, under the same sequence numbers: keys, and comfort noise."""

WARM_UP_NS: Final = 300_000_000
"""How much sound before a window a codec with a memory gets, so that it has settled."""

CodecOf = Callable[[RtpPacket], str]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time by the kernel's clock, nanoseconds since 1970: from `start_ns` on, before `end_ns`."""

    start_ns: int
    end_ns: int

    @classmethod
    def last(cls, milliseconds: float) -> Self:
        """What has just been."""
        now = time.time_ns()
        return cls(now - int(milliseconds * 1e6), now)

    @property
    def milliseconds(self) -> float:
        """Its length."""
        return (self.end_ns - self.start_ns) / 1e6


@dataclass(frozen=True, slots=True)
class Sound:
    """The sound of a window, packet after packet; nothing is put in where packets are missing."""

    codec: str
    rate: int
    pcm: Samples
    starts: npt.NDArray[np.int64]
    """Of each packet, its first sample."""
    at_ns: npt.NDArray[np.int64]
    """Of each packet, when it came."""
    silent: bool
    """Every byte of every packet means nothing at all (G.711 only): digital silence."""

    def frames(self, voice: Voice) -> tuple[Marks, Frames]:
        """The marks of a voice, and when each came: the moment of the packet that holds the frame's middle."""
        found = marks.read(self.pcm, self.rate, voice)
        length = self.rate // FRAMES_PER_SECOND
        middles = found.offset + length // 2 + length * np.arange(len(found.tones))
        packets = np.searchsorted(self.starts, middles, side="right") - 1
        return found, Frames(found.tones, self.at_ns[packets] if len(middles) else np.zeros(0, np.int64))


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What the packets alone tell of a window."""

    packets: int
    missing: int
    """Gaps in the sequence numbers, in packets, within each stream."""
    streams: int
    """Streams by their SSRC: more than one means that it changed."""
    markers: int
    """Marker bits on sound: how often a talk spurt began."""
    longest_gap_ms: float
    """Between two packets of sound in a row."""


def sound(packets: Sequence[RtpPacket], codec_of: CodecOf, window: Window) -> Sound:
    """The sound that came within a window; the packets may begin earlier, to let the codec settle.

    When the codec changed on the way, only what came in the last one counts.
    """
    spoken = [packet for packet in packets if codec_of(packet) not in NO_SOUND]
    if not spoken:
        return Sound("", 8000, np.zeros(0, np.float32), np.zeros(0, np.int64), np.zeros(0, np.int64), silent=False)
    codec = codec_of(spoken[-1])
    ordered = in_order(packet for packet in spoken if codec_of(packet) == codec)
    pieces = [piece for _, stream in groupby(ordered, key=lambda each: each.ssrc) for piece in _decoded(stream, codec)]
    inside = [(packet, pcm) for packet, pcm in pieces if window.start_ns <= packet.at_ns < window.end_ns]
    lengths = [len(pcm) for _, pcm in inside]
    return Sound(
        codec=codec,
        rate=codecs.rate(codec),
        pcm=np.concatenate([np.zeros(0, np.float32), *(pcm for _, pcm in inside)]),
        starts=np.cumsum([0, *lengths[:-1]], dtype=np.int64)[: len(inside)],
        at_ns=np.array([packet.at_ns for packet, _ in inside], np.int64),
        silent=bool(inside) and all(codecs.is_silence(codec, packet.payload) for packet, _ in inside),
    )


def arrivals(packets: Sequence[RtpPacket], codec_of: CodecOf) -> Arrivals:
    """What the packets of a window tell by themselves."""
    spoken = [packet for packet in packets if codec_of(packet) not in NO_SOUND]
    ordered = in_order(packets)
    steps = [(two.sequence - one.sequence) % 65536 for one, two in pairwise(ordered) if one.ssrc == two.ssrc]
    gaps = [two.at_ns - one.at_ns for one, two in pairwise(spoken)]
    return Arrivals(
        packets=len(spoken),
        missing=sum(step - 1 for step in steps),
        streams=len({packet.ssrc for packet in packets}),
        markers=sum(packet.marker for packet in spoken),
        longest_gap_ms=max(gaps, default=0) / 1e6,
    )


def in_order(packets: Iterable[RtpPacket]) -> list[RtpPacket]:
    """Stream after stream as each began; within one by sequence number (RFC 3550 A.1), doubles dropped.

    A stream that comes back after another one begins anew: Asterisk passes the other phone's own stream on for as long
    as nobody listens to the call, and makes one of its own meanwhile.
    """
    runs = groupby(packets, key=lambda each: each.ssrc)
    return [packet for _, run in runs for packet in _in_sequence(run)]


def _in_sequence(packets: Iterable[RtpPacket]) -> list[RtpPacket]:
    numbered: dict[int, RtpPacket] = {}
    for packet in packets:
        latest = max(numbered, default=packet.sequence)
        extended = latest + (packet.sequence - latest + 32768) % 65536 - 32768
        numbered.setdefault(extended, packet)
    return [numbered[number] for number in sorted(numbered)]


def _decoded(stream: Iterable[RtpPacket], codec: str) -> list[tuple[RtpPacket, Samples]]:
    packets = list(stream)
    return list(zip(packets, codecs.decode(codec, [packet.payload for packet in packets]), strict=True))
