"""The sound that a phone heard as a picture: time to the right, pitch upwards, each voice in its own colour."""

from collections.abc import Collection
from typing import Final

import av
import numpy as np
import numpy.typing as npt

from supervise.lab.hearing.marks import FLOOR_DB
from supervise.lab.scenarios.result import Track
from supervise.lab.sound import FRAMES_PER_SECOND, PEAK, Samples, Voice, hann

Pixels = npt.NDArray[np.uint8]

COLOURS: Final = {
    Voice.AGENT: (45, 212, 191),
    Voice.CUSTOMER: (251, 191, 36),
    Voice.SUPERVISOR: (244, 114, 182),
    Voice.SECOND: (129, 160, 255),
    Voice.OTHER: (190, 242, 100),
}
_OTHER_SOUND: Final = (148, 163, 184)
_GROUND: Final = (15, 23, 42)
_BINS: Final = 68
"""Rows of the picture: 50 Hz each, up to 3.4 kHz."""

_RANGE_DB: Final = 42.0
"""From the ground's colour to a voice's own."""

MOST_COLUMNS: Final = 4000


def spectrogram(track: Track, voices: Collection[Voice]) -> bytes:
    """A PNG, one column for each 20 ms; what is in the tones of nobody who is there is other sound."""
    return png(_painted(_levels(track.pcm, track.rate), voices))


def _levels(pcm: Samples, rate: int) -> npt.NDArray[np.float64]:
    """Rows of 50 Hz, columns of 20 ms, in dB relative to a voice as spoken; the highest pitch comes first."""
    length = rate // FRAMES_PER_SECOND
    frames = pcm[: len(pcm) // length * length].reshape(-1, length)[:MOST_COLUMNS] * hann(length)
    power = np.abs(np.fft.rfft(frames, axis=1)[:, 1 : _BINS + 1] / length) ** 2
    spoken = (PEAK * 3 / 16) ** 2
    return np.asarray(10 * np.log10(np.maximum(power / spoken, 10 ** (FLOOR_DB / 10)))).T[::-1]


def _painted(levels: npt.NDArray[np.float64], voices: Collection[Voice]) -> Pixels:
    strength = np.clip(1 + levels / _RANGE_DB, 0, 1)[:, :, None] ** 1.5
    colours = _row_colours(voices)[:, None, :]
    ground = np.array(_GROUND, np.float64)
    return np.asarray(ground + (colours - ground) * strength).astype(np.uint8)


def _row_colours(voices: Collection[Voice]) -> npt.NDArray[np.float64]:
    rows = np.tile(np.array(_OTHER_SOUND, np.float64), (_BINS, 1))
    for voice in voices:
        rows[voice.bins.start - 1 : voice.bins.stop - 1] = COLOURS[voice]
    return rows[::-1]


def png(pixels: Pixels) -> bytes:
    """Pixels as a PNG file."""
    height, width = max(1, pixels.shape[0]), max(1, pixels.shape[1])
    if pixels.size == 0:
        pixels = np.full((height, width, 3), _GROUND, np.uint8)
    encoder = av.CodecContext.create("png", "w")
    if not isinstance(encoder, av.VideoCodecContext):
        raise TypeError("FFmpeg's encoder of PNG is one of pictures")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "rgb24"
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
