"""The product's words, each with one meaning everywhere: code, policy, log, screen and prompt."""

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """How a supervisor takes part in a call; each grants more than the one before."""

    MONITOR = "monitor"
    """Hears the call; nobody hears the supervisor."""
    COACH = "coach"
    """Heard by the one agent only."""
    BARGE = "barge"
    """Heard by everybody in the call."""

    @property
    def right(self) -> int:
        """The mode's place in monitor < coach < barge; no mode at all is 0."""
        return list(Mode).index(self) + 1


class Visibility(StrEnum):
    """Whether the agent is told that a supervisor is there."""

    VISIBLE = "visible"
    HIDDEN = "hidden"


class Source(StrEnum):
    """Where a supervisor's wish came from."""

    PHONE = "phone"
    BOARD = "board"
    API = "api"


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """A channel, bridge or call of one Asterisk: ids are unique only within their node."""

    node: str
    id: str

    def __str__(self) -> str:
        """``node/id``, for logs."""
        return f"{self.node}/{self.id}"
