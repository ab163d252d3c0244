"""The first call of a scenario: what became of the frames that its two parties sent each other."""

from collections.abc import Iterator, Mapping
from typing import Final

from supervise.lab.hearing.ear import Window
from supervise.lab.hearing.hearing import Hearing
from supervise.lab.phones.call import Line
from supervise.lab.scenarios.result import Fate
from supervise.lab.scenarios.schema import StepPart

_PARTS_THEM: Final = frozenset({"hang_up", "vanish", "freeze", "hold", "mute", "transfer", "join"})
"""After one of these by one of them they no longer send each other every frame."""

_MOVES_THE_AGENT: Final = ("91", "93", "94")
"""Keys after which they are parted because the supervisor said so."""


class FirstCall:
    """Followed from the step in which it is made to the first one that parts the two, or to the scenario's end."""

    def __init__(self) -> None:
        """There is none yet."""
        self._lines: Mapping[str, Line] = {}
        self._window = Window(0, 0)
        self._over = False

    def begins(self, lines: Mapping[str, Line], now: int) -> None:
        """The two are in a call, by their phones' names; a later call of theirs is another one, at other ports."""
        if not self._lines:
            self._lines, self._window = lines, Window(now, now)

    def before(self, step: StepPart, now: int) -> None:
        """Up to now they had every frame to send, and after this step perhaps not."""
        self.reaches(now)
        self._over = self._over or bool(self._lines and self._parted_by(step))

    def reaches(self, now: int) -> None:
        """It goes on up to now, unless it is over."""
        if self._lines and not self._over:
            self._window = Window(self._window.start_ns, now)

    def fates(self, hearing: Hearing, speaks: Mapping[str, object]) -> Iterator[Fate]:
        """What became of the frames from each to the other, as far as they speak at all."""
        names = list(self._lines)
        for speaker, listener in zip(names, reversed(names), strict=True):
            if speaks[speaker] is not None:
                frames = hearing.continuity(self._lines[speaker], self._lines[listener], self._window)
                gap_ms = hearing.heard(self._lines[listener], self._window).arrivals.longest_gap_ms
                yield Fate(speaker, listener, frames, gap_ms)

    def _parted_by(self, step: StepPart) -> bool:
        if step.asterisk is not None:
            return True
        if step.press is not None and any(keys in step.press.keys for keys in _MOVES_THE_AGENT):
            return True
        done = {deed: getattr(step, deed) for deed in step.deeds if deed in _PARTS_THEM}
        return any((value if isinstance(value, str) else value.by) in self._lines for value in done.values())
