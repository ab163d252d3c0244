"""What came of a scenario: values, from which reports are made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from supervise.lab.hearing.continuity import Continuity
from supervise.lab.sound import Samples


class Cell(StrEnum):
    """What a listener heard of a speaker, held against what they were to hear."""

    HEARD = "heard"
    """As it is to be."""
    UNHEARD = "unheard"
    """As it is to be."""
    MISSING = "missing"
    LEAKED = "leaked"
    UNASKED = "unasked"
    """The scenario says nothing about it."""
    OWN = "own"
    """Listener and speaker are one; unheard, as it is to be."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one phone heard of another in a step.

    Attributes:
        listener, speaker: the phones' names.
        cell: what that is, held against the scenario.
        level_db: how loud, relative to how it was spoken.
        loudest_db: the loudest 20 ms.
        frames: how many frames were the voice itself.
        switched_ms: where the step changed it: until the voice was heard for the first time, or the last.
    """

    listener: str
    speaker: str
    cell: Cell
    level_db: float
    loudest_db: float
    frames: int
    switched_ms: float | None = None


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step.

    Attributes:
        what: what was done, in words.
        at_ns: when, by the clock of the packets.
        settled_ms: from then until it was as it had to be.
        heard: who heard whom.
        problems: what was not as it had to be.
    """

    what: str
    at_ns: int
    settled_ms: float
    heard: tuple[Heard, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether it was as it had to be."""
        return not self.problems

    @property
    def leaked(self) -> int:
        """Frames that were heard by whom they were not for."""
        return sum(each.frames for each in self.heard if each.cell is Cell.LEAKED)


@dataclass(frozen=True, slots=True)
class Message:
    """A SIP message between a phone and Asterisk, as in a ladder."""

    at_ns: int
    source: str
    target: str
    what: str
    call: str
    text: str


@dataclass(frozen=True, slots=True)
class Track:
    """What a phone heard, from the beginning to the end."""

    listener: str
    rate: int
    pcm: Samples = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of the frames from one party of the call to the other.

    Attributes:
        speaker, listener: the phones' names.
        frames: what became of them.
        gap_ms: the longest time between two packets in a row.
    """

    speaker: str
    listener: str
    frames: Continuity
    gap_ms: float

    @property
    def lost(self) -> int:
        """Frames that never came. A frame under a beep cannot be read, but it did come."""
        return max(0, self.frames.lost - self.frames.damaged - self.frames.repeated)


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """A whole scenario.

    Attributes:
        name, about, file: of the scenario.
        began_ns, took_s: when, and how long.
        steps: as far as it was played.
        trouble: why it was not played to its end; empty when it was.
        fates: of the call's frames, where there was a call.
        may_lose: how many of them may be lost in all.
        dropped: packets of sound that a phone sent and that never came onto the wire.
        tracks: what each phone heard.
        ladder: the SIP messages.
        records: the journal, each record as plain values.
        versions: of everything that took part.
        voices: whose tones each phone speaks.
    """

    name: str
    about: str
    file: Path
    began_ns: int = 0
    took_s: float = 0.0
    steps: tuple[StepResult, ...] = ()
    trouble: str = ""
    fates: tuple[Fate, ...] = ()
    may_lose: int = 0
    dropped: int = 0
    tracks: tuple[Track, ...] = ()
    ladder: tuple[Message, ...] = ()
    records: tuple[Mapping[str, object], ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    voices: Mapping[str, str] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        """Frames of the call that never came."""
        return sum(fate.lost for fate in self.fates)

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that was not as it had to be."""
        return (
            *(
                f"step {number}, {step.what}: {each}"
                for number, step in enumerate(self.steps, 1)
                for each in step.problems
            ),
            *self.of_the_whole,
        )

    @property
    def of_the_whole(self) -> tuple[str, ...]:
        """Those that belong to no step."""
        found = []
        if self.lost > self.may_lose:
            found.append(f"{self.lost} frames of the call were lost, {self.may_lose} may be")
        if any(not fate.frames.matched for fate in self.fates):
            found.append("no frame of the call could be followed from one party to the other")
        if self.trouble:
            found.append(self.trouble)
        return tuple(found)

    @property
    def right(self) -> bool:
        """Whether all was as it had to be."""
        return not self.problems
