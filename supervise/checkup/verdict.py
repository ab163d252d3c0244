"""What must be heard in each step of the self-test, what was, and whether that is right: pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from supervise.checkup.tones import Voice

HEARD_DB: Final = -20.0
"""From here on a voice counts as heard; a whisper into a call of two is passed on at its full level."""

UNHEARD_DB: Final = -40.0
"""Below this nothing of a voice is there but what the codec makes of the others (-57 dB at most, measured)."""

Levels = Mapping[tuple[Voice, Voice], float]
"""How loud each listener heard each speaker, in dB relative to how it was spoken."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        name: monitor, coach and so on.
        supervisor_hears: whom the supervisor is to hear.
        heard_by: who is to hear the supervisor.
    """

    name: str
    supervisor_hears: frozenset[Voice]
    heard_by: frozenset[Voice]

    def must_hear(self, listener: Voice, speaker: Voice) -> bool:
        """Whether somebody is to hear somebody; agent and customer hear each other in every step."""
        if listener is speaker:
            return False
        if speaker is Voice.SUPERVISOR:
            return listener in self.heard_by
        return listener is not Voice.SUPERVISOR or speaker in self.supervisor_hears


_BOTH: Final = frozenset({Voice.AGENT, Voice.CUSTOMER})
_NOBODY: Final[frozenset[Voice]] = frozenset()

CALL: Final = Step("call", _NOBODY, _NOBODY)
MONITOR: Final = Step("monitor", _BOTH, _NOBODY)
COACH: Final = Step("coach", _BOTH, frozenset({Voice.AGENT}))
BARGE: Final = Step("barge", _BOTH, _BOTH)
BACK: Final = Step("monitor again", _BOTH, _NOBODY)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was heard in a step.

    Attributes:
        step: the step.
        levels: who heard whom how loud.
        leaked: packets to somebody who was to hear nothing, that were not digital silence, while the supervisor alone
            spoke; by listener.
        took_ms: until everybody heard whom they were to hear, from the first request on.
    """

    step: Step
    levels: Levels
    leaked: Mapping[Voice, int]
    took_ms: float

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that is not as it must be, in sentences."""
        return tuple(problems(self.step, self.levels)) + tuple(
            f"{count} packets to the {listener} were not silent while the supervisor alone spoke"
            for listener, count in self.leaked.items()
            if count
        )


def problems(step: Step, levels: Levels) -> list[str]:
    """What is wrong with what was heard."""
    found = []
    for (listener, speaker), level in levels.items():
        wanted = step.must_hear(listener, speaker)
        if wanted and level < HEARD_DB:
            found.append(f"the {listener} does not hear the {speaker} ({level:.0f} dB)")
        if not wanted and level > UNHEARD_DB:
            themselves = "themselves" if listener is speaker else f"the {speaker}"
            found.append(f"the {listener} hears {themselves} ({level:.0f} dB)")
    return found
