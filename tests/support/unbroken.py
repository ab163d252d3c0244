"""What somebody heard around a change: somebody all the time, and nobody who is not for them."""

from collections.abc import Collection
from itertools import pairwise

from supervise.lab.callcentre import CallCentre
from supervise.lab.hearing.ear import Window
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice

LONGEST_GAP_MS = 200
"""What is being mixed when a bridge changes its technology is lost or silent: up to 90 ms at rest (22.10.1).

On a machine that also does other work up to 165 ms were seen.
"""


def expect_no_gap(centre: CallCentre, phone: Phone, window: Window, *, longest: int = LONGEST_GAP_MS) -> None:
    """A phone heard an agent or a supervisor all the time."""
    voices = (Voice.AGENT, Voice.SUPERVISOR)
    moments = sorted(m for voice in voices for m in centre.hearing._moments(phone, voice, window))
    gaps = [(two - one) / 1e6 for one, two in pairwise(moments)]
    assert gaps, f"{phone.name} heard nobody"
    assert max(gaps) <= longest, f"{phone.name} heard nobody for {max(gaps):.0f} ms"


def expect_only(centre: CallCentre, phone: Phone, voices: Collection[Voice], window: Window) -> None:
    """A phone heard not one frame of anybody but these; there may be music."""
    heard = centre.hearing.heard(phone, window)
    strange = {voice: heard.cell(voice) for voice in set(Voice) - set(voices) if not heard.voices[voice].unheard}
    assert not strange, f"{phone.name} heard {strange}"
