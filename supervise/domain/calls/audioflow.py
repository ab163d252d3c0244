"""Whose voice reaches whose ear, computed from channels, bridges, taps and mutes: what is, not what was asked for.

Two streams belong to a channel: what its phone says and what its phone hears. A bridge gives each member what all the
others say. What one half of a Local channel hears, the other half says. A Snoop channel says what it spies of its
target and whispers what it hears into its target. Spies are fed before whispers are mixed in
(``audio_audiohook_write_list`` in ``main/audiohook.c``), so no whisper is ever spied on the same channel.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Flag, auto


class Direction(Flag):
    """A direction as seen from the tapped channel, in ARI's words."""

    NONE = 0
    IN = auto()
    """What the channel's phone says."""
    OUT = auto()
    """What the channel's phone hears."""
    BOTH = IN | OUT


@dataclass(frozen=True, slots=True)
class Tap:
    """A Snoop channel: on which channel, what it hears of it and into what it speaks."""

    on: str
    spy: Direction
    whisper: Direction


@dataclass(frozen=True, slots=True)
class Flow:
    """One moment of an Asterisk.

    Attributes:
        bridges: the members of each bridge.
        halves: each half of a Local channel, with the other one.
        taps: the Snoop channels.
        muted: channels whose voice is kept out of everything.
    """

    bridges: Mapping[str, frozenset[str]]
    halves: Mapping[str, str] = field(default_factory=dict)
    taps: Mapping[str, Tap] = field(default_factory=dict)
    muted: frozenset[str] = frozenset()

    def channels(self) -> frozenset[str]:
        """Every channel that occurs."""
        members = frozenset().union(*self.bridges.values())
        return members | frozenset(self.halves) | frozenset(self.taps) | frozenset(t.on for t in self.taps.values())

    def phones(self) -> frozenset[str]:
        """The channels at whose end is a person."""
        return self.channels() - frozenset(self.halves) - frozenset(self.taps)


Hearing = dict[str, frozenset[str]]
"""For each phone the phones whose voices it hears."""


def hearing(flow: Flow) -> Hearing:
    """Who hears whom."""
    phones, ways = flow.phones(), _Ways(flow)
    speaks_to = {phone: ways.hearers(phone) for phone in phones - flow.muted}
    return {phone: frozenset(voice for voice, hearers in speaks_to.items() if phone in hearers) for phone in phones}


def who_hears(flow: Flow, speaker: str) -> frozenset[str]:
    """The phones that hear one phone."""
    return _Ways(flow).hearers(speaker) & flow.phones() if speaker not in flow.muted else frozenset()


class _Ways:
    """Where a voice goes from each channel: `said` on it, before anything is whispered into it, or `got` by it."""

    def __init__(self, flow: Flow) -> None:
        self._halves = flow.halves
        self._taps = flow.taps
        self._bridges: dict[str, list[frozenset[str]]] = {}
        self._on: dict[str, list[str]] = {}
        for members in flow.bridges.values():
            for member in members:
                self._bridges.setdefault(member, []).append(members)
        for snoop, tap in flow.taps.items():
            self._on.setdefault(tap.on, []).append(snoop)

    def hearers(self, speaker: str) -> frozenset[str]:
        """The channels that get a phone's voice, of their bridges or whispered."""
        said, got, heard = {speaker}, set[str](), set[str]()
        waiting = [(speaker, True)]
        while waiting:
            channel, says = waiting.pop()
            if says:
                says_next, gets_next = self._tapping(channel, Direction.IN), self._beside(channel)
            else:
                says_next, gets_next = self._from_got(channel)
                heard |= {channel} | self._whispered(channel)
            waiting += [(each, True) for each in says_next - said] + [(each, False) for each in gets_next - got]
            said |= says_next
            got |= gets_next
        return frozenset(heard)

    def _beside(self, channel: str) -> set[str]:
        return set[str]().union(*self._bridges.get(channel, ())) - {channel}

    def _tapping(self, channel: str, direction: Direction) -> set[str]:
        return {snoop for snoop in self._on.get(channel, ()) if direction in self._taps[snoop].spy}

    def _whispered(self, channel: str) -> set[str]:
        """Who hears what a Snoop channel gets."""
        tap = self._taps.get(channel)
        return {tap.on} if tap is not None and Direction.OUT in tap.whisper else set()

    def _from_got(self, channel: str) -> tuple[set[str], set[str]]:
        """The channels that say what a channel gets, and those that get it."""
        says, gets, tap = self._tapping(channel, Direction.OUT), set[str](), self._taps.get(channel)
        if channel in self._halves:
            says |= {self._halves[channel]}
        if tap is not None and Direction.OUT in tap.whisper and tap.on in self._halves:
            says |= {self._halves[tap.on]}
        if tap is not None and Direction.IN in tap.whisper:
            gets |= self._beside(tap.on)
        return says, gets
