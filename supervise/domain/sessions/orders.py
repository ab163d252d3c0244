"""What a session wants done, in order, each step only when the one before it has succeeded."""

from dataclasses import dataclass, field
from enum import StrEnum

from supervise.domain.calls.naming import OurId
from supervise.domain.records import Deed
from supervise.domain.rights.decisions import Occasion
from supervise.domain.sessions.session import Person
from supervise.domain.words import Mode, Visibility


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer the supervisor's phone."""


@dataclass(frozen=True, slots=True)
class MakeRoom:
    """Make the session's bridge and put the supervisor into it."""

    room: OurId


@dataclass(frozen=True, slots=True)
class Make:
    """Make an ear, a seat or a carrier; TapReady or TapFailed follows.

    Attributes:
        on: the channel that an ear hears, and in whose call a seat is.
    """

    tap: OurId
    on: str


@dataclass(frozen=True, slots=True)
class PutIn:
    """Put an ear or a seat into the room."""

    tap: OurId


@dataclass(frozen=True, slots=True)
class TakeOut:
    """Take an ear or a seat out of the room; one that is no longer there is out."""

    tap: OurId


@dataclass(frozen=True, slots=True)
class HangUp:
    """End a channel of ours; one that is no longer there has ended."""

    tap: OurId


@dataclass(frozen=True, slots=True)
class OpenMic:
    """Let the supervisor's voice into the room."""


@dataclass(frozen=True, slots=True)
class CloseMic:
    """Keep the supervisor's voice out of the room, whatever is in the room."""


@dataclass(frozen=True, slots=True)
class Drain:
    """Wait until the last that the supervisor said has left the call, so that no ear brings it back to them."""


@dataclass(frozen=True, slots=True)
class HoldAgent:
    """Take the agent out of the call and let them hear music; done when they are out."""

    seat: OurId


@dataclass(frozen=True, slots=True)
class BringBack:
    """Put the agent back into the call; done when they are in, and one who is there is back."""

    seat: OurId


@dataclass(frozen=True, slots=True)
class RemoveAgent:
    """Take the agent out of the call for good, and tell them; done when they are out."""

    seat: OurId


@dataclass(frozen=True, slots=True)
class CallBack:
    """Ring the phone of an agent who was removed, as a channel; who answers is in the call. Done when it rings."""

    seat: OurId
    channel: str


@dataclass(frozen=True, slots=True)
class StopCalling:
    """Let the phone of an agent ring no more; one that does not ring needs nothing."""

    channel: str


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Put the supervisor's own phone into the call, whose agent is out of it already; done when it is there."""

    seat: OurId


@dataclass(frozen=True, slots=True)
class Receive:
    """Put the supervisor's own phone beside the customer who has come by a channel; done when they are together.

    Attributes:
        rings: it has been let ring, and the customer is at its other end and hears that.
    """

    channel: str
    rings: bool = False


@dataclass(frozen=True, slots=True)
class LetGo:
    """Let a channel that has come for the supervisor go on as if we were not there; one that has gone needs nothing."""

    channel: str


@dataclass(frozen=True, slots=True)
class Ring:
    """Let the agent who calls the supervisor hear that it rings."""

    channel: str


@dataclass(frozen=True, slots=True)
class TakeIn:
    """Answer the agent who calls the supervisor, and put them into the room, `over` a Local channel of ours if any."""

    channel: str
    over: OurId | None = None


@dataclass(frozen=True, slots=True)
class EndConsult:
    """Hang up the agent's call to the supervisor, and with it what stands for it; one that is not there has ended."""

    channel: str


@dataclass(frozen=True, slots=True)
class Write:
    """Write to the journal how the session stands.

    Attributes:
        must: without this record nothing that follows may be done.
        about: whom it is about, by name, where that is not the session's agent.
        before: the agent that the session had until now, where it has another one from now on.
    """

    deed: Deed
    mode: Mode
    muted: bool
    visibility: Visibility
    must: bool = False
    reason: str = ""
    rule: str = ""
    about: str = ""
    before: Person | None = None


@dataclass(frozen=True, slots=True)
class Say:
    """Let the supervisor alone hear these words (prompt ids, see ``supervise.prompts``).

    They take the place of what is being said, so that the latest truth is heard first; or they come `after` it.
    """

    words: tuple[str, ...]
    after: bool = False


class Presence(StrEnum):
    """What the agent is told of a visible supervisor."""

    ENTERED = "entered"
    CHANGED = "changed"
    HID = "hid"
    LEFT = "left"


def occasion_of(presence: Presence) -> Occasion:
    """The occasion, in the house's words."""
    return _OCCASIONS[presence]


_OCCASIONS = {
    Presence.ENTERED: Occasion.ENTER,
    Presence.CHANGED: Occasion.MODE,
    Presence.HID: Occasion.VISIBILITY,
    Presence.LEFT: Occasion.LEAVE,
}


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell an agent."""

    presence: Presence
    mode: Mode
    agent: Person


@dataclass(frozen=True, slots=True)
class Finish:
    """End the room, tell the supervisor why where there are words for it, and hang up.

    Attributes:
        keep: the supervisor's phone goes on without a room, and hears no words.
    """

    room: OurId
    words: tuple[str, ...] = field(default=())
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Together:
    """Steps that may be done at the same time; all must succeed."""

    orders: tuple["Order", ...]


Order = (
    Answer
    | MakeRoom
    | Make
    | PutIn
    | Drain
    | TakeOut
    | HangUp
    | OpenMic
    | CloseMic
    | HoldAgent
    | BringBack
    | RemoveAgent
    | CallBack
    | StopCalling
    | TakeOver
    | Receive
    | LetGo
    | Ring
    | TakeIn
    | EndConsult
    | Write
    | Say
    | Tell
    | Finish
    | Together
)
