"""How much of a voice a listener missed around a switch, though words are spoken over it.

supervise says to the supervisor which mode they are in, over the call. A frame under such a word cannot be told from
another by itself; but from all frames before a switch together, and from all after it, one can tell which frames they
are, by majority. What lies between is what was heard of the switch: as much was missed as it is too short.
"""

from typing import Final

import numpy as np

from supervise.lab.hearing import ear
from supervise.lab.hearing.continuity import LONGEST_DELAY_NS, Frames
from supervise.lab.hearing.ear import Sound, Window
from supervise.lab.hearing.hearing import Capture
from supervise.lab.hearing.marks import ABSENT, Marks
from supervise.lab.sound import FRAMES_PER_SECOND, WALK, Voice
from supervise.lab.wire.rtp import Address

SWITCH_NS: Final = 160_000_000
"""From the end of a key: by then every switch is over."""

_CLEAR: Final = 0.4
"""The share of frames that must agree. By chance one in nine does; under words about two in three remain."""


def missed(
    capture: Capture, spoken: tuple[Voice, Address], listener: Address, at_ns: int, around: Window
) -> int | None:
    """Frames of a voice that did not reach a listener around a moment, silent ones included; None if unreadable.

    Args:
        capture: the packets.
        spoken: the voice, and where it was sent from.
        listener: where it was heard.
        at_ns: when the switch began.
        around: from some time before to some time after it.
    """
    voice, source = spoken
    sent = _sent(capture, voice, source, around)
    middle = Window(at_ns, at_ns + SWITCH_NS)
    before, during, after = (
        _heard(capture, listener, part)
        for part in (Window(around.start_ns, at_ns), middle, Window(middle.end_ns, around.end_ns))
    )
    length = before.rate // FRAMES_PER_SECOND
    marks_before, marks_after = before.frames(voice)[0], after.frames(voice)[0]
    first = _place(sent, marks_before, range(len(sent.tones)))
    if first is None:
        return None
    then = first + (len(before.pcm) + len(during.pcm)) // length
    second = _place(sent, marks_after, range(then - len(WALK) // 2, then + len(WALK) // 2))
    if second is None:
        return None
    heard = (len(before.pcm) + len(during.pcm) + marks_after.offset - marks_before.offset) / length
    silent = int((during.frames(voice)[0].tones == ABSENT).sum())
    return max(0, round(second - first - heard)) + silent


def _place(sent: Frames, heard: Marks, places: range) -> int | None:
    """Which of the frames sent the first one heard is, by most of those that follow it."""
    count = len(heard.tones)
    possible = range(max(0, places.start), min(places.stop, len(sent.tones) - count + 1))
    if not possible or not count:
        return None
    agreeing = [int((sent.tones[place : place + count] == heard.tones).sum()) for place in possible]
    best = int(np.argmax(agreeing))
    return possible[best] if agreeing[best] >= _CLEAR * count else None


def _heard(capture: Capture, listener: Address, window: Window) -> Sound:
    return ear.sound(capture.arrived(listener, window.start_ns, window.end_ns), capture.codec, window)


def _sent(capture: Capture, voice: Voice, source: Address, around: Window) -> Frames:
    earlier = Window(around.start_ns - LONGEST_DELAY_NS // 2, around.end_ns)
    return ear.sound(capture.left(source, earlier.start_ns, earlier.end_ns), capture.codec, earlier).frames(voice)[1]
