"""What is measured: two sides, and the journeys of a supervisor through the modes on each of them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from supervise.domain.words import Mode
from supervise.lab.sound import Voice


class Side(StrEnum):
    """Who supervises."""

    OURS = "supervise"
    CHANSPY = "ChanSpy"
    NOBODY = "nobody"
    """The control: the same call without any supervisor."""


CODES: Final = {Side.OURS: "*55", Side.CHANSPY: "*80"}
"""What is dialled before the agent's extension; both know the keys 4, 5 and 6."""

FOLLOW_AGENT: Final = "96"
"""What a supervisor presses to be in the agent's next call too; ChanSpy has nothing like it."""

MODES: Final = {"4": Mode.MONITOR, "5": Mode.COACH, "6": Mode.BARGE}


class Switch(StrEnum):
    """The kinds of switch between two modes."""

    TO_COACH = "monitor to coach"
    FIRST_BARGE = "first barge"
    """Makes the seat in the call, which then stays there until the session ends."""
    COACH_TO_BARGE = "coach to barge, again"
    MONITOR_TO_BARGE = "monitor to barge, again"
    BARGE_TO_COACH = "barge to coach"
    BARGE_TO_MONITOR = "barge to monitor"
    COACH_TO_MONITOR = "coach to monitor"


UP: Final = {
    Switch.TO_COACH: Voice.AGENT,
    Switch.FIRST_BARGE: Voice.CUSTOMER,
    Switch.COACH_TO_BARGE: Voice.CUSTOMER,
    Switch.MONITOR_TO_BARGE: Voice.CUSTOMER,
}
"""The switches that let one more person hear the supervisor, and whom."""

DOWN: Final = {
    Switch.BARGE_TO_COACH: frozenset({Voice.CUSTOMER}),
    Switch.BARGE_TO_MONITOR: frozenset({Voice.AGENT, Voice.CUSTOMER}),
    Switch.COACH_TO_MONITOR: frozenset({Voice.AGENT}),
}
"""The switches after which somebody hears the supervisor no longer, and who."""

JOURNEYS: Final = ("565646454", "645654654")
"""The keys of two visits, which together have every kind of switch at least twice (the first barge once in each)."""

_KINDS: Final = {
    (Mode.MONITOR, Mode.COACH): Switch.TO_COACH,
    (Mode.COACH, Mode.BARGE): Switch.COACH_TO_BARGE,
    (Mode.MONITOR, Mode.BARGE): Switch.MONITOR_TO_BARGE,
    (Mode.BARGE, Mode.COACH): Switch.BARGE_TO_COACH,
    (Mode.BARGE, Mode.MONITOR): Switch.BARGE_TO_MONITOR,
    (Mode.COACH, Mode.MONITOR): Switch.COACH_TO_MONITOR,
}


def switches(keys: str) -> Iterator[Switch]:
    """The switches that keys cause, from a monitoring supervisor on."""
    mode, barged = Mode.MONITOR, False
    for key in keys:
        kind = _KINDS[mode, MODES[key]]
        mode = MODES[key]
        yield Switch.FIRST_BARGE if mode is Mode.BARGE and not barged else kind
        barged = barged or mode is Mode.BARGE


@dataclass(frozen=True, slots=True)
class Visit:
    """A supervisor's visit to a call: on which side, and with which keys."""

    side: Side
    keys: str


def visits(repetitions: int, chance: random.Random) -> list[Visit]:
    """So many visits of each side, with the journeys in turn, all in random order."""
    every = [
        Visit(side, "" if side is Side.NOBODY else JOURNEYS[number % len(JOURNEYS)])
        for side in Side
        for number in range(repetitions)
    ]
    chance.shuffle(every)
    return every


def policy(agents: tuple[str, ...], supervisors: tuple[str, ...]) -> str:
    """One key must change the sound: unmuted at once, hidden in every mode, nobody told, as with ChanSpy."""
    people = [f'  a{user}: {{role: agent, endpoint: "{user}"}}' for user in agents]
    people += [f'  s{user}: {{role: lead, endpoint: "{user}"}}' for user in supervisors]
    return "\n".join(("people:", *people, _RULES))


_RULES: Final = """\
roles: {lead: , agent: }
rules:
  - {who: lead, may: [monitor, coach, barge, follow-agent], whom: everybody, how: choice}
house:
  start: hidden
  start_muted: no
  visible_before: {coach: not-required, barge: not-required}
  tell_agent: {by: []}
"""
