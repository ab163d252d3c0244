"""Marked audio: every party speaks in tones of its own, and every 20 ms of it says which 20 ms it is.

A voice owns nine tones, 50 Hz apart (one bin of a 20 ms Fourier transform), with 250 Hz of nothing between two voices:

    agent 250-650   customer 900-1300   supervisor 1550-1950   second 2200-2600   other 2850-3250 Hz

Each 20 ms frame is one tone under a Hann window, so that it starts and ends at zero with no click: whatever shifts the
frames against the listener's (a resampler, a mixer), a voice leaks at most -43 dB into another's tones when it is heard
through a Hann window (measured for every shift; the guard of four bins is there for that).

Which tone comes next is given by `WALK`, 56 steps in which each ordered pair of tones at least two apart comes exactly
once and no tone comes twice within six frames. Two frames in a row therefore say where in 1.12 s of the voice they are:
a lost, repeated or swapped frame, or a jump in delay of up to half a second, is seen for what it is.
"""

import tempfile
import wave
from enum import StrEnum
from pathlib import Path
from typing import IO, Final

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
"""Sound as numbers from -1 to 1."""

FRAMES_PER_SECOND: Final = 50
"""One frame is 20 ms, as long as a packet of every phone here."""

TONES: Final = 9
"""Tones of one voice, each one bin (50 Hz) from the next."""

WALK: Final = tuple(int(tone) for tone in "08531407581304725180635248615028374620573826417036842716")
"""The tone of each frame, over and over; found by a search for the properties named above."""

PEAK: Final = 0.2
"""A voice's amplitude: five at once still do not clip. With the Hann window that is -15 dBm0."""

_LOWEST_BIN: Final = 5
_BINS_PER_VOICE: Final = 13


class Voice(StrEnum):
    """Whose tones they are."""

    AGENT = "agent"
    CUSTOMER = "customer"
    SUPERVISOR = "supervisor"
    SECOND = "second"
    """A second supervisor."""
    OTHER = "other"
    """A third party of any kind: another customer, the agent of a transfer."""

    @property
    def lowest_bin(self) -> int:
        """The Fourier bin (50 Hz each) of the voice's lowest tone."""
        return _LOWEST_BIN + _BINS_PER_VOICE * list(Voice).index(self)

    @property
    def bins(self) -> slice:
        """The bins in which the voice's power is looked for: its tones, and one bin on either side."""
        return slice(self.lowest_bin - 1, self.lowest_bin + TONES + 1)


def hann(length: int) -> Samples:
    """A periodic Hann window."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)).astype(np.float32)


def speak(voice: Voice, rate: int, frames: int, *, first: int = 0) -> Samples:
    """`frames` frames of a voice at `rate` Hz, beginning with its frame number `first`."""
    length = rate // FRAMES_PER_SECOND
    turns = 2 * np.pi * np.arange(length) / length
    tones = [np.sin((voice.lowest_bin + tone) * turns) * hann(length) * PEAK for tone in range(TONES)]
    walk = [tones[WALK[(first + frame) % len(WALK)]] for frame in range(frames)]
    return np.concatenate(walk).astype(np.float32) if walk else np.zeros(0, np.float32)


def recording(voice: Voice | None, rate: int, seconds: int, folder: Path) -> Path:
    """A WAV file (16 bit, mono) of a voice, or of digital silence for None; made once and kept in `folder`.

    It is a little longer than `seconds`, so that it ends where the walk ends and can be played again seamlessly.
    """
    walks = -(-seconds * FRAMES_PER_SECOND // len(WALK))
    path = folder / f"{voice or 'silence'}-{rate}-{walks * len(WALK)}.wav"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        once = np.zeros(len(WALK) * rate // FRAMES_PER_SECOND, np.float32)
        if voice is not None:
            once = speak(voice, rate, len(WALK))
        _write(path, np.round(once * 32767).astype("<i2").tobytes(), walks, rate)
    return path


def _write(path: Path, once: bytes, times: int, rate: int) -> None:
    """Write a WAV file under another name first: several phones may want the same one at the same moment."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.stem, suffix=".part", delete=False) as raw:
        _write_wave(raw, once, times, rate)
    Path(raw.name).replace(path)


def _write_wave(raw: IO[bytes], once: bytes, times: int, rate: int) -> None:
    with wave.open(raw, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.setnframes(times * len(once) // 2)
        for _ in range(times):
            file.writeframesraw(once)
