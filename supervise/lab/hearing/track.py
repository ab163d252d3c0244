"""What a phone heard as one recording, in which every sound lies where it was heard."""

from typing import Final

import numpy as np

from supervise.lab.hearing.ear import Sound, Window
from supervise.lab.sound import Samples

_LATE_NS: Final = 60_000_000
"""Packets a little early or late lie one after the other; only a real pause moves the rest."""


def track(sound: Sound, window: Window) -> Samples:
    """The sound of a window on the clock: silence where no packet came.

    Packets come a few milliseconds early or late. So each is put after the one before it, and only when the clock has
    gone on by more than a few packets is there silence in between.
    """
    length = round((window.end_ns - window.start_ns) * sound.rate / 1e9)
    pcm = np.zeros(length, np.float32)
    ends = [*sound.starts[1:], len(sound.pcm)][: len(sound.starts)]
    due = 0
    for start, end, at_ns in zip(sound.starts, ends, sound.at_ns, strict=True):
        place = round((int(at_ns) - window.start_ns) * sound.rate / 1e9)
        if abs(place - due) > _LATE_NS * sound.rate / 1e9:
            due = place
        taken = sound.pcm[start : min(end, start + max(0, length - due))]
        pcm[due : due + len(taken)] = taken
        due += len(taken)
    return pcm
