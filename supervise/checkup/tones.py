"""Tones in G.711: made, and looked for; plain Python, so that any machine that runs the controller can do it.

One packet is 20 ms, so a tone of a multiple of 50 Hz is the same in each, begins and ends at nothing, and lies in
one place of a packet's spectrum. The three voices are 13, 19 and 29 times 50 Hz: no sum or difference of the first two
up to the fifth order, which is what the logarithmic codec makes of them, comes near the third.
"""

import math
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from typing import Final

RATE: Final = 8000
SAMPLES: Final = 160
"""Of one packet."""

PACKET_SECONDS: Final = SAMPLES / RATE
SILENCE: Final = b"\xff" * SAMPLES
FLOOR_DB: Final = -99.0
"""What is told instead of the logarithm of nothing."""

_AMPLITUDE: Final = 6000.0
_BIAS: Final = 0x84
_LARGEST: Final = 32635


class Voice(StrEnum):
    """Whose tone it is."""

    AGENT = "agent"
    CUSTOMER = "customer"
    SUPERVISOR = "supervisor"

    @property
    def bin(self) -> int:
        """Its tone, in turns within a packet."""
        return {Voice.AGENT: 13, Voice.CUSTOMER: 19, Voice.SUPERVISOR: 29}[self]


@cache
def packet(voice: Voice) -> bytes:
    """20 ms of a voice."""
    turn = 2 * math.pi * voice.bin / SAMPLES
    return bytes(encode(round(_AMPLITUDE * math.sin(turn * n))) for n in range(SAMPLES))


def is_silence(payload: bytes) -> bool:
    """Whether a packet is digital silence, bit for bit (G.711 has two codes for nothing)."""
    return not payload.strip(b"\xff\x7f")


def level_db(payloads: Sequence[bytes], voice: Voice) -> float:
    """How loud a voice is in packets, on average, relative to how it was spoken."""
    if not payloads:
        return FLOOR_DB
    power = sum(_power(payload, voice) for payload in payloads) / len(payloads)
    return 10 * math.log10(power / _AMPLITUDE**2) if power > 0 else FLOOR_DB


def _power(payload: bytes, voice: Voice) -> float:
    """The square of a tone's amplitude in one packet, by its place in the discrete Fourier transform."""
    cosine, sine = _turns(voice)
    samples = [_DECODED[byte] for byte in payload[:SAMPLES]]
    one = sum(sample * turn for sample, turn in zip(samples, cosine, strict=False))
    other = sum(sample * turn for sample, turn in zip(samples, sine, strict=False))
    return (one * one + other * other) * (2 / SAMPLES) ** 2


@cache
def _turns(voice: Voice) -> tuple[tuple[float, ...], tuple[float, ...]]:
    angles = [2 * math.pi * voice.bin * n / SAMPLES for n in range(SAMPLES)]
    return tuple(map(math.cos, angles)), tuple(map(math.sin, angles))


def encode(sample: int) -> int:
    """A sample of 16 bits as a byte of G.711 with the mu law."""
    sign, size = (0x80, -sample) if sample < 0 else (0, sample)
    size = min(size, _LARGEST) + _BIAS
    exponent = size.bit_length() - 8
    return ~(sign | exponent << 4 | (size >> (exponent + 3)) & 0x0F) & 0xFF


def decode(byte: int) -> int:
    """A byte of G.711 as a sample of 16 bits."""
    inverted = ~byte & 0xFF
    size = (((inverted & 0x0F) << 3) + _BIAS << (inverted >> 4 & 0x07)) - _BIAS
    return -size if inverted & 0x80 else size


_DECODED: Final = tuple(decode(byte) for byte in range(256))
