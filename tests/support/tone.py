"""A tone found in what arrived at a phone, by its frequency."""

import asyncio
import time
from dataclasses import dataclass

import numpy as np

from supervise.lab.callcentre import CallCentre
from supervise.lab.hearing import ear
from supervise.lab.hearing.ear import WARM_UP_NS, Window
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import FRAMES_PER_SECOND, hann

HERTZ = 1400
"""Between the customer's voice (up to 1300 Hz) and the supervisor's (from 1550 Hz): nobody's tone."""

_LOUD_DB = -36.0
"""Asterisk's own tones arrive at -25 dB by this measure; another voice leaks at -44 dB at most."""

READ_NS = 60_000_000
"""What has been sent so lately may still have to be read."""

_LONGEST_GAP = 4
"""Frames: on a busy machine Asterisk plays 20 ms of nothing here and there."""

_INEXACT = 60
"""Milliseconds."""

_SHORTEST = 5
"""Frames of 20 ms: a syllable of a prompt may pass through the frequency for one or two."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A tone as it was heard: when it began and ended, in nanoseconds since 1970, and how much of it there was."""

    start_ns: int
    end_ns: int
    milliseconds: int


def tones(centre: CallCentre, phone: Phone, window: Window, hertz: int = HERTZ) -> list[Heard]:
    """Every tone of a frequency that a phone heard in a window, in order."""
    sniffer = centre.sniffer
    packets = sniffer.arrived(phone.rtp_address, window.start_ns - WARM_UP_NS, window.end_ns)
    sound = ear.sound(packets, sniffer.codec, window)
    length = sound.rate // FRAMES_PER_SECOND
    count = len(sound.pcm) // length
    frames = sound.pcm[: count * length].reshape(count, length) * hann(length)
    wave = np.exp(-2j * np.pi * hertz * np.arange(length) / sound.rate)
    levels = 20 * np.log10(np.abs(frames @ wave) / length + 1e-6)
    moments = sound.at_ns[np.searchsorted(sound.starts, np.arange(count) * length, side="right") - 1]
    runs = _runs([frame for frame in range(count) if levels[frame] > _LOUD_DB])
    return [Heard(int(moments[run[0]]), int(moments[run[-1]]), len(run) * 20) for run in runs if len(run) >= _SHORTEST]


def _runs(frames: list[int]) -> list[list[int]]:
    """Each stretch of frames; a few may be missing in one."""
    runs: list[list[int]] = []
    for frame in frames:
        if runs and frame - runs[-1][-1] <= _LONGEST_GAP:
            runs[-1].append(frame)
        else:
            runs.append([frame])
    return runs


async def until_tones(
    centre: CallCentre, phone: Phone, since_ns: int, *milliseconds: int, within: float = 6.0
) -> list[Heard]:
    """Wait until a phone has heard tones of these lengths since a moment, one after the other and no others."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while not _alike(heard := tones(centre, phone, Window(since_ns, time.time_ns() - READ_NS)), milliseconds):
        assert loop.time() < end, f"{phone.name} has heard {heard} within {within:g} s"
        await asyncio.sleep(0.05)
    return heard


def _alike(heard: list[Heard], milliseconds: tuple[int, ...]) -> bool:
    """A frame may be lost at each end, and a few in the middle on a busy machine."""
    pairs = zip(heard, milliseconds, strict=False)
    return len(heard) == len(milliseconds) and all(abs(tone.milliseconds - due) <= _INEXACT for tone, due in pairs)
