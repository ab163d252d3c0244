"""How much supervision there may be: the limits of a rule, and the counts they are held against."""

from dataclasses import dataclass, fields
from enum import StrEnum


class Limit(StrEnum):
    """The kinds of limit, by their names in the policy."""

    ON_CALL = "sessions_per_call"
    AT_ONCE = "sessions_at_once"
    AGENT_DAY = "sessions_per_agent_a_day"
    AGENT_MONTH = "sessions_per_agent_a_month"
    MINUTES = "minutes"


@dataclass(frozen=True, slots=True)
class Usage:
    """What there is already, not counting the session that is being decided about.

    Attributes:
        on_call: sessions of anybody on this call now.
        at_once: sessions of this supervisor now.
        agent_day, agent_month: sessions of anybody with this agent since the day and the month began in the zone of
            the house; running ones count.
        minutes: how long this session has lasted; 0 before it begins.
    """

    on_call: int = 0
    at_once: int = 0
    agent_day: int = 0
    agent_month: int = 0
    minutes: float = 0.0


NOTHING_USED = Usage()


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that may be; None is without limit. The fields are those of `Usage`."""

    on_call: int | None = None
    at_once: int | None = None
    agent_day: int | None = None
    agent_month: int | None = None
    minutes: int | None = None

    def reached(self, usage: Usage) -> Limit | None:
        """The first limit that leaves no room for this session, if any does."""
        for name, limit in _NAMES:
            most = getattr(self, name)
            if most is not None and getattr(usage, name) >= most:
                return limit
        return None

    def tightened(self, other: "Limits") -> "Limits":
        """Both limits at once: the smaller one of each kind."""
        return Limits(*(_smaller(getattr(self, name), getattr(other, name)) for name, _ in _NAMES))

    def given(self) -> dict[Limit, int]:
        """The limits that are set."""
        return {limit: most for name, limit in _NAMES if (most := getattr(self, name)) is not None}


NO_LIMITS = Limits()

_NAMES = tuple(zip((field.name for field in fields(Limits)), Limit, strict=True))


def _smaller(one: int | None, other: int | None) -> int | None:
    return min(one, other) if one is not None and other is not None else one if other is None else other
