"""From a file to a scenario, or to every mistake in it at its line and column."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supervise.lab.scenarios.schema import NOBODY, OF_NO_PHONE, PhonePart, ScenarioPart, StepPart
from supervise.lab.sound import Voice
from supervise.policyfile.errors import PolicyFileError, Problem
from supervise.policyfile.load import load_bytes
from supervise.policyfile.parts import read_part
from supervise.policyfile.problems import Loc, Source
from supervise.policyfile.words import closest

_VOICES: Final = {"1": Voice.CUSTOMER, "2": Voice.AGENT, "3": Voice.SUPERVISOR, "4": Voice.OTHER}


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that can be played.

    Attributes:
        file: where it stands.
        part: what it says.
        voices: whose tones each phone speaks, by the phone's name; None for silence.
    """

    file: Path
    part: ScenarioPart
    voices: dict[str, Voice | None]

    @property
    def name(self) -> str:
        """What it is called."""
        return self.part.name


def read_scenario(path: Path) -> Scenario:
    """Read a scenario.

    Raises:
        PolicyFileError: it cannot be used; all that is wrong is in it.
    """
    part, source = read_part(path, ScenarioPart, "should be a mapping with 'name', 'phones' and 'steps'")
    problems = [*_voices(part, source), *_names(part, source), *_policies(part, source)]
    if problems:
        raise PolicyFileError(tuple(problems))
    return Scenario(path, part, {name: voice_of(phone) for name, phone in part.phones.items()})


def voice_of(phone: PhonePart) -> Voice | None:
    """Whose tones a phone speaks."""
    return None if phone.silent else phone.voice or _VOICES.get(phone.user[0])


def _voices(part: ScenarioPart, source: Source) -> Iterator[Problem]:
    """Two phones with one voice could not be told apart."""
    seen: dict[Voice, str] = {}
    for name, phone in part.phones.items():
        voice = voice_of(phone)
        loc: Loc = ("phones", name, "user")
        if voice is None and not phone.silent:
            yield source.problem(loc, "should begin with 1 (customer), 2 (agent), 3 (supervisor) or 4 (others)")
        elif voice is not None and voice in seen:
            words = f"speaks as '{seen[voice]}' does; give one of them another 'voice': {', '.join(Voice)}"
            yield source.problem_with_key(("phones", name), words)
        elif voice is not None:
            seen[voice] = name


def _names(part: ScenarioPart, source: Source) -> Iterator[Problem]:
    for number, step in enumerate(part.steps):
        for loc, name, allowed in _mentioned(step):
            if name not in part.phones and name not in allowed:
                words = f"there is no phone '{name}'"
                yield source.problem(("steps", number, *loc), words, closest(name, part.phones))
        for listener, speakers in step.hears.items():
            if NOBODY in speakers and len(speakers) > 1:
                yield source.problem(("steps", number, "hears", listener), "hears nobody, or somebody, but not both")


def _mentioned(step: StepPart) -> Iterator[tuple[Loc, str, tuple[str, ...]]]:
    """Every name of a phone in a step: where it stands, and what else could stand there."""
    for deed in step.deeds:
        value = getattr(step, deed)
        if deed in OF_NO_PHONE:
            continue
        if isinstance(value, str):
            yield (deed,), value, ()
            continue
        yield (deed, "by"), value.by, ()
        if deed == "call":
            yield (deed, "to"), value.to, ()
    for number, name in enumerate(step.ended or ()):
        yield ("ended", number), name, ()
    for listener, speakers in step.hears.items():
        yield ("hears", listener), listener, ()
        for number, speaker in enumerate(speakers):
            yield ("hears", listener, number), speaker, (NOBODY,)


def _policies(part: ScenarioPart, source: Source) -> Iterator[Problem]:
    """A policy in a scenario is checked as one in a file; its own line is counted from where it begins."""
    texts: list[tuple[Loc, str | None]] = [(("policy",), part.policy)]
    texts += [(("steps", number, "policy"), step.policy) for number, step in enumerate(part.steps)]
    for loc, text in texts:
        try:
            if text is not None:
                load_bytes([("policy", text.encode())])
        except PolicyFileError as error:
            for problem in error.problems:
                yield source.problem(loc, f"its line {problem.line}, {problem.path}: {problem.words}", problem.hint)
