"""A recording of what a phone heard, for the ears of people."""

import io
import wave

import numpy as np

from supervise.lab.scenarios.result import Track


def wav(track: Track) -> bytes:
    """A WAV file, mono, 16 bits."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(track.rate)
        out.writeframes(np.round(np.clip(track.pcm, -1, 1) * 32767).astype("<i2").tobytes())
    return file.getvalue()
