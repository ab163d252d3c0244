"""What became of each frame of a voice on its way from its speaker to a listener."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from supervise.lab.hearing.marks import ABSENT

LONGEST_DELAY_NS: Final = 1_100_000_000
"""A frame heard later than this is taken for another: the walk of tones begins anew after 1.12 s."""

_CLOCK_SLACK_NS: Final = 5_000_000
_NEARBY: Final = 2
_CONTEXT: Final = 3
_FORESIGHT: Final = 6

Times = npt.NDArray[np.int64]
Tones = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Frames:
    """The frames of one voice at one place: their tones, and when each went over the wire there."""

    tones: Tones
    at_ns: Times


@dataclass(frozen=True, slots=True)
class Continuity:
    """The fate of a voice's frames between two places."""

    matched: int
    """Frames heard that are known to be a certain frame sent."""
    lost: int
    """Frames sent between the first and the last one heard that were never heard."""
    repeated: int
    """Frames heard once more than sent."""
    reordered: int
    """Frames heard after a later one."""
    silent: int
    """20 ms stretches in which the voice was not audible."""
    damaged: int
    """Frames in which the voice was audible, but that are no frame sent."""
    delays_ms: tuple[float, ...]
    """One-way delay of each matched frame."""

    @property
    def perfect(self) -> bool:
        """Something was heard, and nothing of it was lost, repeated, out of order, silent or damaged."""
        return self.matched > 0 and not (self.lost or self.repeated or self.reordered or self.silent or self.damaged)

    def delay_ms(self, percentile: float) -> float:
        """A percentile of the delay; raises `ValueError` when nothing was matched."""
        if not self.delays_ms:
            raise ValueError("no frame was matched, so there is no delay")
        return float(np.percentile(self.delays_ms, percentile))


def follow(sent: Frames, heard: Frames) -> Continuity:
    """Match each frame heard with a frame sent, and count what does not fit."""
    follower = _Follower(sent, heard)
    places = [follower.place(at) for at in range(len(heard.tones))]
    matched = [(at, place) for at, place in enumerate(places) if place is not None]
    order = [place for _, place in matched]
    between = range(min(order), max(order) + 1) if order else range(0)
    seen = set(order)
    silent = int((heard.tones == ABSENT).sum())
    return Continuity(
        matched=len(matched),
        lost=sum(1 for place in between if place not in seen and sent.tones[place] != ABSENT),
        repeated=len(order) - len(seen),
        reordered=_late(order),
        silent=silent,
        damaged=len(places) - len(matched) - silent,
        delays_ms=tuple(float(heard.at_ns[at] - sent.at_ns[place]) / 1e6 for at, place in matched),
    )


def _late(order: list[int]) -> int:
    """How many frames came for the first time after a later one."""
    seen: set[int] = set()
    latest = late = 0
    for place in order:
        late += place < latest and place not in seen
        latest = max(latest, place)
        seen.add(place)
    return late


class _Follower:
    """Finds for each frame heard, in turn, the frame sent that it is.

    As long as the next one heard is the next one sent, that is it. Otherwise three in a row tell where in the last
    1.1 s they belong, if more of what follows agrees with that than with what was due. Failing that (two
    swapped frames), a frame close by is taken.
    """

    def __init__(self, sent: Frames, heard: Frames) -> None:
        self._sent = sent
        self._heard = heard
        self._tones = sent.tones.tolist()
        self._due: int | None = None
        self._context: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for place in range(len(self._tones) - _CONTEXT + 1):
            self._context[tuple(self._tones[place : place + _CONTEXT])].append(place)

    def place(self, at: int) -> int | None:
        """Where among the frames sent the one heard at index `at` is; None for silence, and for what nobody sent."""
        tone = int(self._heard.tones[at])
        if tone == ABSENT:
            return None
        place = self._next(tone)
        if place is None:
            place = self._by_context(at)
        if place is not None:
            self._due = place + 1
            return place
        place = self._close_by(tone)
        if self._due is not None:
            # A damaged frame stands for the one that was due.
            self._due = self._due + 1 if place is None else max(self._due, place + 1)
        return place

    def _next(self, tone: int) -> int | None:
        due = self._due
        return due if due is not None and due < len(self._tones) and self._tones[due] == tone else None

    def _by_context(self, at: int) -> int | None:
        context = tuple(self._heard.tones[at : at + _CONTEXT].tolist())
        possible = [place for place in self._context.get(context, []) if self._in_time(at, place)]
        if not possible:
            return None
        due = self._due
        if due is None:
            return possible[-1]
        best = max(possible, key=lambda place: (self._agreement(at, place), -abs(place - due)))
        return best if self._agreement(at, best) > self._agreement(at, due) else None

    def _agreement(self, at: int, place: int) -> int:
        """How many of the next frames heard are the frames sent from `place` on."""
        heard = self._heard.tones[at : at + _FORESIGHT].tolist()
        return sum(one == two for one, two in zip(heard, self._tones[place : place + _FORESIGHT], strict=False))

    def _close_by(self, tone: int) -> int | None:
        if self._due is None:
            return None
        around = range(max(0, self._due - _NEARBY), min(len(self._tones), self._due + _NEARBY + 1))
        return next((place for place in around if self._tones[place] == tone), None)

    def _in_time(self, at: int, place: int) -> bool:
        delay = int(self._heard.at_ns[at] - self._sent.at_ns[place])
        return -_CLOCK_SLACK_NS <= delay <= LONGEST_DELAY_NS
