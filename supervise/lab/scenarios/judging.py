"""What was heard in a step, held against what was to be heard: pure."""

from collections.abc import Collection, Iterator, Mapping

from supervise.lab.hearing.marks import FLOOR_DB, Presence
from supervise.lab.scenarios.result import Cell, Heard
from supervise.lab.scenarios.schema import NOBODY, StepPart
from supervise.lab.sound import Voice

NOTHING = Presence(FLOOR_DB, FLOOR_DB, 0.0, 0)
"""What there is of a voice where no sound came at all."""

Presences = Mapping[str, Mapping[Voice, Presence]]
"""How much of each voice each phone heard."""


def loudest(calls: Collection[Mapping[Voice, Presence]]) -> Mapping[Voice, Presence]:
    """How much of each voice a phone heard that has several calls: as much as came in the one in which most came."""
    if not calls:
        return {}
    return {
        voice: max((each[voice] for each in calls), key=lambda it: (it.heard, it.frames, it.level_db))
        for voice in Voice
    }


def judge(step: StepPart, voices: Mapping[str, Voice | None], presences: Presences) -> tuple[Heard, ...]:
    """Every listener and every speaker of a step."""
    speakers = {name: voice for name, voice in voices.items() if voice is not None}
    return tuple(
        _heard(step, (listener, speaker), presences.get(listener, {}).get(voice, NOTHING))
        for listener in voices
        for speaker, voice in speakers.items()
    )


def _heard(step: StepPart, pair: tuple[str, str], presence: Presence) -> Heard:
    cell = _cell(step, pair, presence)
    return Heard(*pair, cell, presence.level_db, presence.loudest_db, presence.frames)


def _cell(step: StepPart, pair: tuple[str, str], presence: Presence) -> Cell:
    listener, speaker = pair
    if listener == speaker:
        return Cell.LEAKED if presence.heard else Cell.OWN
    if listener not in step.hears:
        return Cell.UNASKED
    if speaker in step.hears[listener]:
        return Cell.HEARD if presence.heard else Cell.MISSING
    return Cell.UNHEARD if presence.unheard else Cell.LEAKED


def problems(heard: tuple[Heard, ...]) -> Iterator[str]:
    """What was not as it had to be, in sentences."""
    for each in heard:
        if each.cell is Cell.MISSING:
            yield f"{each.listener} does not hear {each.speaker} ({each.level_db:.0f} dB)"
        elif each.cell is Cell.LEAKED:
            whom = "themselves" if each.listener == each.speaker else each.speaker
            yield f"{each.listener} hears {whom} ({each.loudest_db:.0f} dB, {each.frames} frames)"


def wanted(step: StepPart, listener: str) -> frozenset[str]:
    """Whom a phone is to hear in a step."""
    return frozenset(step.hears.get(listener, ())) - {NOBODY}
