"""What somebody heard around a change: somebody all the time, and nobody who is not for them."""

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import structlog

from supervise.lab.callcentre import CallCentre
from supervise.lab.hearing.ear import Window
from supervise.lab.hearing.hearing import Listener
from supervise.lab.phones.call import Call
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice

log = structlog.get_logger(__name__)

LONGEST_GAP_MS = 200
"""What is being mixed when a bridge changes its technology is lost or silent: up to 90 ms at rest (22.10.1).

On a machine that also does other work up to 165 ms were seen.
"""

LONGEST_TO_A_STRANGER_MS = 800
"""From the agent's last sound to the stranger's first, or from the end of the music: 40 to 140 ms, as without us.

Completing a consultation by Asterisk's own keys takes 455 to 475 ms, without us as well.
"""

LONGEST_ALONE_MS = 800
"""Nobody, where a supervisor has barged and the agent goes: the seat stays half a second for an agent who comes back.

515 to 525 ms at rest; the supervisor is silent, for nothing has been decided yet about who comes next.
"""

BEFORE_NS = 100_000_000
"""So much is judged from before the moment at which a change is asked for."""

_SETTLED_NS = 60_000_000
"""What was sent so lately may not have been captured yet."""

_KEY_TAIL_NS = 40_000_000
"""A phone repeats the end of a key, and its voice comes after that."""

_USUAL_MS = 40.0
"""Two frames are 20 ms apart, and on a busy machine 40."""

_AUDIBLE = 1e-5
"""The mean power of 20 ms in which there is something: a voice has 7e-3, the music 5e-3, a voice halved thrice 1e-4."""


@dataclass(frozen=True, slots=True)
class Around:
    """One call of a phone, from a moment before a change until now, or until the call has ended.

    Attributes:
        listener: the phone in that call, whatever other calls it has by now.
        keyed: phones that press keys in it: a phone sends its keys instead of its voice.
    """

    centre: CallCentre
    listener: Listener
    call: Call
    since_ns: int
    keyed: tuple[Phone, ...] = ()

    def only(self, *voices: Voice) -> None:
        """Not one frame of anybody but these was heard, not of the phone's own voice either; there may be music."""
        expect_only(self.centre, self.listener, voices, self.window)

    def never_without(self, *voices: Voice, longest: float = LONGEST_GAP_MS) -> None:
        """At no time was none of these heard for longer than that."""
        self._expect(_heard(self.centre, self.listener, voices, self.window), " or ".join(voices), longest)

    def never_silent(self, *, longest: float = LONGEST_GAP_MS) -> None:
        """At no time was there nothing for longer than that: nobody, and neither music nor ringing."""
        self._expect(self._audible(), "anything", longest)

    def parted(self, one: Voice, other: Voice) -> None:
        """The last frame of one voice came before the first frame of the other, which was heard."""
        ones, others = (_heard(self.centre, self.listener, (voice,), self.window) for voice in (one, other))
        assert others, f"{self.listener.name} did not hear {other}"
        assert not ones or ones[-1] < others[0], f"{self.listener.name} heard {one} beside {other}"

    @property
    def window(self) -> Window:
        """What is judged."""
        messages = self.centre.sniffer.sip(self.since_ns)
        mine = (each for each in messages if each.method == "BYE" and each.header("Call-ID") == self.call.id)
        return Window(self.since_ns, min([time.time_ns() - _SETTLED_NS, *(bye.at_ns for bye in mine)]))

    def _audible(self) -> list[int]:
        sound = self.centre.hearing.sound(self.listener, self.window)
        powers = np.add.reduceat(sound.pcm**2, sound.starts) if len(sound.starts) else sound.pcm
        lengths = np.diff([*sound.starts, len(sound.pcm)])
        return [int(at_ns) for at_ns in sound.at_ns[powers >= _AUDIBLE * lengths]]

    def _expect(self, moments: Iterable[int], whom: str, longest: float) -> None:
        window = self.window
        gaps = [Window(*pair) for pair in pairwise([window.start_ns, *moments, window.end_ns])]
        gap = max(gaps, key=self._away)
        after = (gap.start_ns - self.since_ns - BEFORE_NS) / 1e6
        told = f"{self.listener.name} was without {whom} for {self._away(gap):.0f} ms, {after:.0f} ms after the change"
        log.info(told, longest=longest)
        assert self._away(gap) <= longest, told

    def _away(self, gap: Window) -> float:
        return _away(self.centre, self.keyed, gap)


def around(centre: CallCentre, phone: Phone, *, keyed: Iterable[Phone] = (), before_ns: int = BEFORE_NS) -> Around:
    """Open a window on what a phone hears in its latest call: before something is done that changes the call."""
    return Around(centre, phone.line(phone.call), phone.call, time.time_ns() - before_ns, tuple(keyed))


def unkeyed_ms(centre: CallCentre, phones: Iterable[Phone], gap: Window) -> float:
    """The milliseconds of a gap in which none of these phones was sending a key instead of its voice."""
    around_it = Window(gap.start_ns - 500_000_000, gap.end_ns + 500_000_000)
    keyed = sum(
        max(0, min(key.up_ns + _KEY_TAIL_NS, gap.end_ns) - max(key.down_ns, gap.start_ns))
        for phone in phones
        for key in centre.hearing.keys_sent(phone, around_it)
    )
    return (gap.end_ns - gap.start_ns - keyed) / 1e6


def expect_no_gap(
    centre: CallCentre, phone: Listener, window: Window, *, keyed: Collection[Phone] = (), longest: int = LONGEST_GAP_MS
) -> None:
    """A phone heard an agent or a supervisor all the time, but for the keys of those who are `keyed`."""
    moments = _heard(centre, phone, (Voice.AGENT, Voice.SUPERVISOR), window)
    gaps = [_away(centre, keyed, Window(*pair)) for pair in pairwise(moments)]
    assert gaps, f"{phone.name} heard nobody"
    assert max(gaps) <= longest, f"{phone.name} heard nobody for {max(gaps):.0f} ms"


def _away(centre: CallCentre, keyed: Iterable[Phone], gap: Window) -> float:
    return gap.milliseconds if gap.milliseconds <= _USUAL_MS else unkeyed_ms(centre, keyed, gap)


def expect_only(centre: CallCentre, phone: Listener, voices: Collection[Voice], window: Window) -> None:
    """A phone heard not one frame of anybody but these; there may be music."""
    heard = centre.hearing.heard(phone, window)
    strange = {voice: heard.cell(voice) for voice in set(Voice) - set(voices) if not heard.voices[voice].unheard}
    assert not strange, f"{phone.name} heard {strange}"


def _heard(centre: CallCentre, phone: Listener, voices: Iterable[Voice], window: Window) -> list[int]:
    """When each frame of some voices arrived."""
    return sorted(moment for voice in voices for moment in centre.hearing._moments(phone, voice, window))
