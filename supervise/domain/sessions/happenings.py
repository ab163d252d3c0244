"""What can happen to a session: wishes of the supervisor, news from Asterisk, and what became of an order."""

from dataclasses import dataclass

from supervise.domain.calls.naming import OurId
from supervise.domain.rights.decisions import Action, Follow
from supervise.domain.sessions.orders import Order, Write
from supervise.domain.sessions.session import Person
from supervise.domain.words import Mode, Visibility


@dataclass(frozen=True, slots=True)
class ModeAsked:
    """The supervisor asks for a mode."""

    mode: Mode


@dataclass(frozen=True, slots=True)
class MuteAsked:
    """The supervisor asks to be muted, or to be heard again."""

    muted: bool


@dataclass(frozen=True, slots=True)
class VisibilityAsked:
    """The supervisor asks to be seen by the agent, or not."""

    visibility: Visibility


@dataclass(frozen=True, slots=True)
class LeaveAsked:
    """The supervisor wants to leave."""


@dataclass(frozen=True, slots=True)
class ActionAsked:
    """The supervisor asks to put the agent on hold, to remove them, or to take the call over."""

    action: Action


@dataclass(frozen=True, slots=True)
class BackAsked:
    """The supervisor asks for the agent to come back, from hold or after they were removed."""


@dataclass(frozen=True, slots=True)
class FollowAsked:
    """The supervisor asks to stay with this call only, with the agent, or with the customer."""

    follow: Follow


@dataclass(frozen=True, slots=True)
class AgentAsked:
    """The supervisor asks for another agent of the same call; the rights are those towards that agent.

    Attributes:
        agent: who, with their channel in the call.
        extension: as which they are spoken of.
        mode: to be in with them; None keeps the one of now.
    """

    agent: Person
    extension: str
    mode: Mode | None = None


@dataclass(frozen=True, slots=True)
class AgentLeft:
    """The agent is out of the call, in which another one stays who may be monitored; the rights are towards them."""

    agent: Person
    extension: str


@dataclass(frozen=True, slots=True)
class ConsultAnswered:
    """The supervisor answers the agent who calls them to hand the call over."""


@dataclass(frozen=True, slots=True)
class AgentConsults:
    """The agent consults somebody, on this channel, while the customer waits; the rights are those towards that."""

    agent: Person


@dataclass(frozen=True, slots=True)
class AgentConsultOver:
    """The consult call that was heard is over, or may not be heard any more."""


@dataclass(frozen=True, slots=True)
class UnknownAsked:
    """The supervisor pressed a key that has no meaning here."""


@dataclass(frozen=True, slots=True)
class TapReady:
    """An ear, a seat or a carrier that was asked for is there."""

    tap: OurId


@dataclass(frozen=True, slots=True)
class TapLost:
    """An ear, a seat or a carrier has ended, or did not come in time."""

    tap: OurId


@dataclass(frozen=True, slots=True)
class OrderFailed:
    """Asterisk did not carry out an order, or nobody knows whether it did; the ones behind it were dropped."""

    order: Order


@dataclass(frozen=True, slots=True)
class Overtaken:
    """The agent was to be moved, and has left the call before, by their own transfer; nobody has been moved."""


@dataclass(frozen=True, slots=True)
class RecordFailed:
    """The journal could not be written; the orders behind that record were dropped."""

    write: Write


@dataclass(frozen=True, slots=True)
class SupervisorGone:
    """The supervisor's phone has hung up."""


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The agent is in no call any more."""


@dataclass(frozen=True, slots=True)
class CallChanged:
    """The agent's channel is in another call than the one that was decided about."""


@dataclass(frozen=True, slots=True)
class Parted:
    """The agent's channel has left the call's bridge, nobody knows yet for where."""


@dataclass(frozen=True, slots=True)
class Astray:
    """The agent's channel has been out of the call for more than a moment, and no supervisor has put it on hold."""


@dataclass(frozen=True, slots=True)
class Rejoined:
    """The agent's channel is back among the parties that were decided about."""


@dataclass(frozen=True, slots=True)
class Regrouped:
    """Others have come beside the agent, or gone: what the agent is sent comes from elsewhere from now on."""


@dataclass(frozen=True, slots=True)
class HoldChanged:
    """A party has put the others on hold by their phone, or nobody does any more."""

    held: bool


@dataclass(frozen=True, slots=True)
class MusicHeard:
    """The supervisor has heard the music of a hold for long enough."""


@dataclass(frozen=True, slots=True)
class AgentGone:
    """The agent, whom the supervisor had put on hold or was bringing back, has hung up."""


@dataclass(frozen=True, slots=True)
class AgentReturned:
    """The agent, whom the supervisor had put on hold, is back in the call without having been brought back."""


@dataclass(frozen=True, slots=True)
class AgentCalledBack:
    """The agent, who was removed, has answered and is in the call again by this channel."""

    channel: str


@dataclass(frozen=True, slots=True)
class AgentUnreached:
    """The agent, who was removed, is not called back by this channel any more: busy, or they did not answer."""

    channel: str
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Handed:
    """The agent has handed the call over, and it comes by this channel.

    Attributes:
        consulted: the supervisor has talked with the agent before, and the customer is in the room already.
        stands_in: it is no phone's, but stands for the agent, at whose place in the call its other half is.
    """

    channel: str
    consulted: bool = False
    stands_in: bool = False


@dataclass(frozen=True, slots=True)
class Consulted:
    """The agent calls the supervisor by this channel while the customer is on hold.

    Attributes:
        asker: the agent's own channel at the end of it, where that is another one.
    """

    channel: str
    asker: str = ""


@dataclass(frozen=True, slots=True)
class ConsultUnanswered:
    """The supervisor has not answered that call for as long as it may ring."""

    channel: str


@dataclass(frozen=True, slots=True)
class ConsultEnded:
    """That call has ended, or has left our hands."""

    channel: str


@dataclass(frozen=True, slots=True)
class RightsChanged:
    """Something that rights depend on has changed: the policy, the hour, the call's marks or members."""


@dataclass(frozen=True, slots=True)
class TimeUp:
    """The session has lasted as long as its rule allows."""


@dataclass(frozen=True, slots=True)
class Untold:
    """What the policy wants the customer to be told could not be told."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody came into the call while orders were being carried out, and the room was emptied at once."""


@dataclass(frozen=True, slots=True)
class Leaking:
    """Somebody hears the supervisor who must not, by what is in which bridge."""


@dataclass(frozen=True, slots=True)
class GoneBlind:
    """The connection to Asterisk has been lost for too long."""


@dataclass(frozen=True, slots=True)
class Stalled:
    """Nothing is being sent to the agent any more (or it is again), and a coach is heard only along with it."""

    stalled: bool


Happening = (
    ModeAsked
    | MuteAsked
    | VisibilityAsked
    | LeaveAsked
    | ActionAsked
    | BackAsked
    | FollowAsked
    | AgentAsked
    | AgentLeft
    | ConsultAnswered
    | AgentConsults
    | AgentConsultOver
    | UnknownAsked
    | TapReady
    | TapLost
    | OrderFailed
    | Overtaken
    | RecordFailed
    | SupervisorGone
    | CallEnded
    | CallChanged
    | HoldChanged
    | MusicHeard
    | Parted
    | Astray
    | Rejoined
    | Regrouped
    | AgentGone
    | AgentReturned
    | AgentCalledBack
    | AgentUnreached
    | Handed
    | Consulted
    | ConsultUnanswered
    | ConsultEnded
    | RightsChanged
    | TimeUp
    | Untold
    | GoneBlind
    | Joined
    | Leaking
    | Stalled
)
