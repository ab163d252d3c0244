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
    """Who hears whom. The smallest answer that satisfies every rule, found by going on until nothing is added."""
    said = {channel: frozenset({channel}) - flow.muted for channel in flow.phones()}
    said |= {channel: frozenset() for channel in flow.channels() - flow.phones()}
    heard: Hearing = {channel: frozenset() for channel in flow.channels()}
    while True:
        said_next, heard_next = _said(flow, said, heard), _heard(flow, said, heard)
        if (said_next, heard_next) == (said, heard):
            return {phone: heard[phone] | _whispered(flow, phone, Direction.OUT, heard) for phone in flow.phones()}
        said, heard = said_next, heard_next


def who_hears(flow: Flow, speaker: str) -> frozenset[str]:
    """The phones that hear one phone."""
    return frozenset(phone for phone, voices in hearing(flow).items() if speaker in voices)


def _said(flow: Flow, said: Hearing, heard: Hearing) -> Hearing:
    """What each channel says, before anything is whispered into it."""
    following = dict(said)
    for half, other in flow.halves.items():
        following[half] = heard.get(other, frozenset()) | _whispered(flow, other, Direction.OUT, heard)
    for snoop, tap in flow.taps.items():
        spied = said[tap.on] if Direction.IN in tap.spy else frozenset()
        following[snoop] = spied | (heard[tap.on] if Direction.OUT in tap.spy else frozenset())
    return following


def _heard(flow: Flow, said: Hearing, heard: Hearing) -> Hearing:
    """What each channel gets from its bridges, before anything is whispered into it."""
    following = {channel: frozenset[str]() for channel in flow.channels()}
    for members in flow.bridges.values():
        for listener in members:
            for speaker in members - {listener}:
                following[listener] |= said[speaker] | _whispered(flow, speaker, Direction.IN, heard)
    return following


def _whispered(flow: Flow, channel: str, direction: Direction, heard: Hearing) -> frozenset[str]:
    voices = (heard[snoop] for snoop, tap in flow.taps.items() if tap.on == channel and direction in tap.whisper)
    return frozenset().union(*voices)
