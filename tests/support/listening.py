"""Questions about what was heard that only the tests of trouble ask."""

from itertools import pairwise

from supervise.lab.hearing import Hearing, Listener
from supervise.lab.hearing.ear import Window
from supervise.lab.sound import Voice
from tests.support.supervising import STANCES

COACH, BARGE = (next(stance for stance in STANCES if stance.name == name) for name in ("coach", "barge"))
"""Heard by the agent alone; heard by both."""


def longest_silence_ms(hearing: Hearing, listener: Listener, voice: Voice, window: Window) -> float:
    """The longest stretch of a window in which a listener did not hear a voice."""
    heard = [window.start_ns, *hearing._moments(listener, voice, window), window.end_ns]
    return max(two - one for one, two in pairwise(heard)) / 1e6
