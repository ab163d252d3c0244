"""What a client counts, for logs and metrics."""

from collections import Counter
from dataclasses import dataclass, field

MOST_TYPES = 64


@dataclass(slots=True)
class Counters:
    """Totals since the client was made; each only grows.

    Attributes:
        connects: times that a connection was ready to work with.
        losses: times that one was lost, or could not be made.
        events: events read.
        unknown: messages of a type that we do not read.
        malformed: messages that should have been an event of ours and were not; each is a fault of somebody.
        overflows: connections given up because their events were not taken in time.
        requests: requests sent or tried.
        failures: those of them that ended in an error.
        unknown_types: `unknown`, by type; only so many types are told apart.
    """

    connects: int = 0
    losses: int = 0
    events: int = 0
    unknown: int = 0
    malformed: int = 0
    overflows: int = 0
    requests: int = 0
    failures: int = 0
    unknown_types: Counter[str] = field(default_factory=Counter)

    def count_unknown(self, name: str) -> None:
        """One more message of a type that we do not read."""
        self.unknown += 1
        known = name in self.unknown_types or len(self.unknown_types) < MOST_TYPES
        self.unknown_types[name if known else "others"] += 1
