"""Finding voices in sound: how loud each one is, and which of its frames are there.

Everything is told in dB relative to the voice as it was spoken: 0 dB is "as loud as it went in".
"""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from supervise.lab.sound import FRAMES_PER_SECOND, PEAK, TONES, WALK, Samples, Voice, hann, speak

AUDIBLE_DB: Final = -24.0
"""From here on a voice counts as heard.

Below it lie another voice's leak (-43 dB at worst) and G.711's noise (-33 dB in the worst frame beside four voices);
above it lies every voice that was mixed, resampled, or halved three times (-6 dB each)."""

AGREEMENT: Final = 0.6
"""The share of frame pairs that must follow the voice's walk. Speech, beeps and noise do so by chance only:
five pairs of eight in less than one window of 10 000."""

FLOOR_DB: Final = -120.0
"""What digital silence is called, as the logarithm of nothing is no number."""

ABSENT: Final = -1
"""The mark of a frame in which the voice is not audible."""

_OFFSETS: Final = 16
_RUN: Final = 4
_NEXT: Final = {(tone, WALK[(n + 1) % len(WALK)]): n for n, tone in enumerate(WALK)}


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether, and how loudly, a voice is in a stretch of sound."""

    level_db: float
    """Mean level."""
    loudest_db: float
    """Level of the loudest 20 ms: a leak of a single frame shows here."""
    agreement: float
    """Share of frame pairs at one place of the voice's walk, 0 to 1: the voice, or just sound in its tones?"""
    frames: int
    """How many frames are the voice itself: each stands in a run of four that follows the walk."""

    @property
    def heard(self) -> bool:
        """The voice itself is audible throughout."""
        return self.level_db >= AUDIBLE_DB and self.agreement >= AGREEMENT

    @property
    def unheard(self) -> bool:
        """The voice itself is nowhere, whatever else (a prompt, a beep) may be in its tones."""
        return self.frames == 0

    @property
    def never_audible(self) -> bool:
        """Not one frame has anything audible in the voice's tones: stricter than `unheard`.

        Prompts and beeps fill everybody's tones, so ask this only of who gets none.
        """
        return self.loudest_db < AUDIBLE_DB


@dataclass(frozen=True, slots=True)
class Marks:
    """The frames of one voice as they lie in a stretch of sound."""

    offset: int
    """Samples before the first whole frame; the frames' boundaries are shifted by this much."""
    tones: npt.NDArray[np.int8]
    """The tone of each frame, or `ABSENT`."""
    levels_db: npt.NDArray[np.float64]
    """The level of each frame's tone."""


def presence(pcm: Samples, rate: int, voice: Voice) -> Presence:
    """How much of `voice` there is in at least 60 ms of sound (in less, nothing is found)."""
    powers = _block_powers(pcm, rate, voice)
    if len(powers) == 0:
        return Presence(FLOOR_DB, FLOOR_DB, 0.0, 0)
    level = _db(float(powers.mean()) / _reference())
    loudest = _db(float(powers.max()) / _reference())
    if loudest < AUDIBLE_DB:
        return Presence(level, loudest, 0.0, 0)
    tones = read(pcm, rate, voice).tones
    return Presence(level, loudest, agreement(tones), int(itself(tones).sum()))


def agreement(tones: npt.NDArray[np.int8]) -> float:
    """The largest share of neighbouring frames that lie at one place of the walk, 0 to 1."""
    pairs = list(pairwise(tones.tolist()))
    places = Counter((_NEXT[pair] - at) % len(WALK) for at, pair in enumerate(pairs) if pair in _NEXT)
    return max(places.values(), default=0) / max(len(pairs), 1)


def read(pcm: Samples, rate: int, voice: Voice) -> Marks:
    """The marks of `voice`, at whichever shift of the frame boundary shows them best."""
    length = rate // FRAMES_PER_SECOND
    spectra = {offset: _tone_powers(pcm[offset:], length, voice) for offset in range(0, length, length // _OFFSETS)}
    offset = max(spectra, key=lambda each: _clearness(spectra[each]))
    powers = spectra[offset]
    if len(powers) == 0:
        return Marks(0, np.zeros(0, np.int8), np.zeros(0))
    spoken = (PEAK * 3 / 16) ** 2
    levels = 10 * np.log10(np.maximum(powers.max(axis=1) / spoken, 10 ** (FLOOR_DB / 10)))
    tones = np.where(levels >= AUDIBLE_DB, powers.argmax(axis=1), ABSENT)
    return Marks(offset, tones.astype(np.int8), levels)


def itself(tones: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
    """For each frame, whether it stands in a run of four that follows the walk: the voice, not a beep in its tones."""
    places = np.array([_NEXT.get(pair, -2 * len(WALK)) for pair in pairwise(tones.tolist())], dtype=np.int64)
    steps = (np.diff(places) % len(WALK) == 1) & (places[1:] >= 0) & (places[:-1] >= 0)
    found = np.zeros(len(tones), np.bool_)
    for start in np.flatnonzero(steps[:-1] & steps[1:]):
        found[start : start + _RUN] = True
    return found


def _clearness(powers: npt.NDArray[np.float64]) -> float:
    return float(powers.max(axis=1).sum()) if len(powers) else 0.0


def _tone_powers(pcm: Samples, length: int, voice: Voice) -> npt.NDArray[np.float64]:
    """Frames x tones; normalised, so that the rate does not matter."""
    return _spectra(pcm, length)[:, voice.lowest_bin : voice.lowest_bin + TONES]


def _block_powers(pcm: Samples, rate: int, voice: Voice) -> npt.NDArray[np.float64]:
    """Half-overlapping frames: their mean is the same, within 0.5 dB, for every shift of the frame boundary."""
    length = rate // FRAMES_PER_SECOND
    both = np.concatenate([_spectra(pcm, length), _spectra(pcm[length // 2 :], length)])
    return np.asarray(both[:, voice.bins].sum(axis=1))


def _spectra(pcm: Samples, length: int) -> npt.NDArray[np.float64]:
    frames = pcm[: len(pcm) // length * length].reshape(-1, length) * hann(length)
    return np.abs(np.fft.rfft(frames, axis=1) / length) ** 2


@cache
def _reference() -> float:
    """The mean power of a voice's block as spoken; every voice and rate has the same."""
    powers = _block_powers(speak(Voice.AGENT, 8000, len(WALK)), 8000, Voice.AGENT)
    return float(powers.mean())


def _db(ratio: float) -> float:
    return float(10 * np.log10(max(ratio, 10 ** (FLOOR_DB / 10))))
