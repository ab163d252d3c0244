"""Words recognised by their sound in what arrived at a phone: not what was to be played, but what was heard."""

import asyncio
import re
import time
import wave
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from supervise import prompts
from supervise.lab.asterisk.soundfiles import lab_sounds
from supervise.lab.callcentre import CallCentre
from supervise.lab.checkout import cache_folder
from supervise.lab.hearing.ear import Window
from supervise.lab.phones.call import Call
from supervise.lab.phones.phone import Phone
from supervise.lab.progress import Progress
from supervise.lab.sound import Samples
from tests.support.quiet import since, sound_at

_RATE = 8000
_ALIKE = 0.8
"""Correlation from which on a piece is the same: a whole word gives 0.98 with itself and 0.56 at most with another."""

_PIECE = _RATE // 10
_LATEST = _RATE // 5
_ENOUGH = 0.8
"""The share of a word's pieces that must be found, all in their places give or take `_LATEST`."""

_LONGEST = int(1.5 * _RATE)
"""Words are known by their beginning; nobody waits for all of *help*."""

_FAINT, _LOUD = 0.01, 0.05
"""What is fainter than this share of the word is no part of it."""

_LOOK_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Said:
    """A word and when it began and ended, by the kernel's clock."""

    word: str
    start_ns: int
    end_ns: int


class Words:
    """Knows some words by their sound. For G.711, and for phones that hear nothing else at the moment."""

    def __init__(self, centre: CallCentre, sounds: Mapping[str, Samples]) -> None:
        """Know `sounds`, which are of 8000 samples a second."""
        self._centre = centre
        self._sounds = {word: sound[:_LONGEST] for word, sound in sounds.items()}

    def heard(self, phone: Phone, window: Window) -> list[Said]:
        """Every known word that a phone heard to its end, as often as it did, in order."""
        found = [said for word in self._sounds for said in self._every(phone, word, window)]
        return sorted(found, key=lambda said: said.start_ns)

    def _every(self, phone: Phone, word: str, window: Window) -> Iterator[Said]:
        said = self._find(phone, word, window)
        if said is not None:
            yield from self._every(phone, word, Window(window.start_ns, said.start_ns))
            yield said
            yield from self._every(phone, word, Window(said.end_ns, window.end_ns))

    async def until(self, phone: Phone, *words: str, start_ns: int, within: float = 5.0) -> Said:
        """Wait until a phone has heard these words one after the other since a moment; give the last one."""
        end, last = time.monotonic() + within, Said("", start_ns, start_ns)
        for word in words:
            while (said := self._find(phone, word, since(last.end_ns))) is None:
                assert time.monotonic() < end, self._story(phone, word, start_ns)
                await asyncio.sleep(_LOOK_EVERY_S)
            last = said
        return last

    def _find(self, phone: Phone, word: str, window: Window) -> Said | None:
        sound = sound_at(self._centre, phone, window)
        place = find(sound.pcm, self._sounds[word])
        if place is None:
            return None
        packets = np.searchsorted(sound.starts, [place, place + len(self._sounds[word]) - 1], side="right") - 1
        return Said(word, int(sound.at_ns[packets[0]]), int(sound.at_ns[packets[1]]))

    def _story(self, phone: Phone, word: str, start_ns: int) -> str:
        heard = [said.word for said in self.heard(phone, since(start_ns))]
        return f"{phone.name} did not hear {word!r}, but {heard}; asked for: {asked_for(self._centre)}"


def find(heard: Samples, word: Samples) -> int | None:
    """Where a word begins in what was heard, or None.

    It is looked for piece by piece: on a busy machine Asterisk plays 20 ms of nothing here and there in a word, which
    moves the rest of it. And it may have begun once before, and been cut short.
    """
    loud = _power(word) * _LOUD
    pieces = {at: word[at : at + _PIECE] for at in range(0, len(word) - _PIECE + 1, _PIECE)}
    likeness = {at: _likeness(heard, piece) for at, piece in pieces.items() if _power(piece) > loud}
    begins = {int(like.argmax()) - at for at, like in likeness.items() if len(like) and like.max() >= _ALIKE}
    together = {begin: _count(likeness, begin) for begin in begins}
    best = max(together, key=lambda begin: together[begin], default=0)
    return max(best, 0) if together.get(best, 0) >= max(_ENOUGH * len(likeness), 1) else None


def _count(likeness: Mapping[int, Samples], begin: int) -> int:
    """How many pieces are where they should be if the word begins there."""
    around = {at: range(max(0, begin + at - _LATEST), begin + at + _LATEST) for at in likeness}
    return sum(bool((likeness[at][near.start : near.stop] >= _ALIKE).any()) for at, near in around.items() if near)


def _likeness(heard: Samples, piece: Samples) -> Samples:
    """The normalised correlation with a piece at each place."""
    if len(heard) < len(piece):
        return np.zeros(0, np.float32)
    length = 1 << (len(heard) + len(piece)).bit_length()
    products = np.fft.irfft(np.fft.rfft(heard, length) * np.conj(np.fft.rfft(piece, length)), length)
    sums = np.concatenate([np.zeros(1), np.cumsum(np.square(heard, dtype=np.float64))])
    own = _power(piece) * len(piece)
    powers = np.maximum(sums[len(piece) :] - sums[: -len(piece)], _FAINT * own)
    return np.asarray(products[: len(powers)] / np.sqrt(powers * own), np.float32)


def _power(samples: Samples) -> float:
    return float(np.square(samples, dtype=np.float64).mean())


def asked_for(centre: CallCentre) -> list[str]:
    """The sounds that Asterisk has played last, by its log."""
    return re.findall(r"Playing '([^']+)'", centre.asterisk.log())[-8:]


async def know(centre: CallCentre, *core: str) -> Words:
    """All prompts of our own, and some of Asterisk's own sounds, which a phone is made to hear first."""
    folder = await lab_sounds(cache_folder(), Progress()) / "prompts"
    own = {word: _read(folder / f"{word}.wav") for word, prompt in prompts.PROMPTS.items() if prompt.core is None}
    return Words(centre, own | await _learn(centre, core))


def _read(path: Path) -> Samples:
    with wave.open(str(path)) as file:
        return (np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768).astype(np.float32)


async def _learn(centre: CallCentre, names: Iterable[str]) -> dict[str, Samples]:
    """Listen to Asterisk's own sounds: where they are, and in which format, is its own affair."""
    if not (wanted := list(names)):
        return {}
    phone, start_ns = await centre.phone("102", silent=True), time.time_ns()
    calls = [await _let_play(centre, phone, name) for name in wanted]
    for call in calls:
        await phone.until_closed(call)
    return {
        name: sound_at(centre, phone.line(call), since(start_ns)).pcm for name, call in zip(wanted, calls, strict=True)
    }


async def _let_play(centre: CallCentre, phone: Phone, name: str) -> Call:
    known = len(phone.calls)
    await centre.asterisk.cli(f"channel originate PJSIP/{phone.user} application Playback {name}")
    end = time.monotonic() + 5
    while len(phone.calls) == known:
        assert time.monotonic() < end, f"{phone.name} was not called to hear {name}"
        await asyncio.sleep(_LOOK_EVERY_S)
    return phone.calls[-1]
