"""A supervision session as a value: who, whom, how it stands, and what is on its way."""

from dataclasses import dataclass
from enum import StrEnum

from supervise.domain.calls.naming import Kind, OurId
from supervise.domain.rights.decisions import Follow
from supervise.domain.words import Mode, Source, Visibility


class Stage(StrEnum):
    """How far a session is."""

    OPENING = "opening"
    LIVE = "live"
    CLOSED = "closed"


class Ending(StrEnum):
    """Why a session ended; where there is a prompt of the same name, the supervisor hears it."""

    LEFT = "left"
    SUPERVISOR_GONE = "supervisor-gone"
    CALL_ENDED = "call-ended"
    CALL_CHANGED = "call-changed"
    REVOKED = "revoked"
    PRIVATE = "private"
    """The call has been marked private."""
    UNTOLD = "untold"
    """The customer has to be told, and that did not work."""
    TIME_UP = "time-up"
    UNRECORDED = "unrecorded"
    BLIND = "blind"
    FAILED = "failed"
    RECOVERED = "recovered"
    """Found by a restarted controller, which took it down."""
    SHUT_DOWN = "shut-down"
    """The controller was stopped."""
    TAKEN_OVER = "taken-over"
    """The call is the supervisor's own now."""
    HANDED_OVER = "handed-over"
    """The same, by the agent's own transfer."""

    @property
    def own(self) -> bool:
        """Whether the call has become the supervisor's own."""
        return self in (Ending.TAKEN_OVER, Ending.HANDED_OVER)


_UNSPOKEN = {Ending.LEFT, Ending.SUPERVISOR_GONE, Ending.RECOVERED, Ending.TAKEN_OVER, Ending.HANDED_OVER}

SPOKEN_ENDINGS = frozenset(Ending) - _UNSPOKEN
"""The endings of which the supervisor is told before their phone is hung up."""


class AgentPlace(StrEnum):
    """Where the agent is."""

    IN_CALL = "in-call"
    ON_HOLD = "on-hold"
    """Out of the call and hearing music, put there by the supervisor."""
    REMOVED = "removed"
    """Out of the call for good; customer and supervisor go on."""
    REPLACED = "replaced"
    """The same, and the supervisor's own phone is in the call instead of a seat."""


MOVED_ON = frozenset({Ending.CALL_ENDED, Ending.CALL_CHANGED})
"""The endings after which a supervisor may follow; what they hear next is decided about anew, in another session."""


@dataclass(frozen=True, slots=True)
class Stance:
    """A mode, and whether the supervisor is muted in it. Monitor is always muted."""

    mode: Mode
    muted: bool = True

    @property
    def reach(self) -> int:
        """How far the supervisor's voice goes: 0 nobody, 1 the agent, 2 everybody."""
        return 0 if self.muted else self.mode.right - 1

    @property
    def tap(self) -> Kind:
        """What the room needs beside the supervisor. One that is muted has only an ear: no way out for a voice."""
        return _TAP_FOR_REACH[self.reach]


MONITOR = Stance(Mode.MONITOR)

_QUIET = {Kind.EAR: Kind.QUIET_EAR, Kind.COACH_EAR: Kind.QUIET_COACH_EAR}

_TAP_FOR_REACH = (Kind.EAR, Kind.COACH_EAR, Kind.SEAT)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a session: their name in the policy, and their channel."""

    name: str
    channel: str


@dataclass(frozen=True, slots=True)
class Session:
    """One supervisor with one call.

    Attributes:
        id: 32 hexadecimal digits.
        node: the Asterisk that has the agent's channel.
        supervisor, agent: the two people by whom the policy decides.
        call: the id of the call that was decided about.
        number: the other party's number when the session began.
        stance: how the session stands. `wanted` is where it is going; the two differ only during a switch.
        visibility: whether the agent is told.
        tap: what is in the room beside the supervisor. `coming` has been asked for and is not there yet.
        ear_on: the channel that the ear in the room is on, where that may be another one than the agent's: another
            agent of the call has been chosen. What is `coming` is always for the agent of now.
        home: the agent in the session's own call, while a consult call of theirs is heard; `agent` is the one there.
        told: the channel of the agent who knows of the supervisor; empty when they were told that they left, None
            when nobody has been told anything.
        seat: our Local leg into the call's bridge, from the first barge to the end of the session: taking it out makes
            Asterisk change the bridge's technology, which can cost the call a frame (measured, 22.10.1). Out of the
            room it is silent, and keeps frames flowing to the agent. `seated` once it is there.
        mic_open: the supervisor's voice may enter the room.
        recall: the channel by which an agent who was removed is being called back; empty while nobody is.
        agent_place: where the agent is. `agent_wanted` is where they are to be, `agent_before` where they were when the
            last move was asked for.
        parted: the agent's channel is on its way between two bridges, or alone: nothing may be in the room meanwhile,
            since nobody knows yet whom it would hear.
        private: the call is marked private, and the session waits for the end of that: nothing may be in the room.
        held: one of the parties has put the others on hold by their phone.
        quiet: the supervisor has heard the music of that hold for long enough.
        follow: what becomes of the supervisor when the call ends or moves on.
        consult: the channel by which the agent calls the supervisor to hand the call over; `consulting` once the two
            talk, with nothing else in the room. `asker` is the agent's own channel at its end: the same one, or where
            they call by Asterisk's own keys the one that they have in the call. `over` is what stands for it in the
            room, so that Asterisk can put the customer in their place at once; a Local channel needs none.
        handed: the channel by which the call comes that the agent has handed over.
        turn: how many channels were asked for so far, so that each gets an id of its own.
        note: words that the supervisor is to hear before the next confirmation.
        failures: how often the session had to begin again from the least right.
    """

    id: str
    node: str
    supervisor: Person
    agent: Person
    call: str
    number: str
    source: Source
    stance: Stance
    wanted: Stance
    visibility: Visibility
    stage: Stage = Stage.OPENING
    tap: OurId | None = None
    coming: OurId | None = None
    seat: OurId | None = None
    seated: bool = False
    mic_open: bool = False
    turn: int = 0
    note: tuple[str, ...] = ()
    failures: int = 0
    ending: Ending | None = None
    agent_place: AgentPlace = AgentPlace.IN_CALL
    agent_wanted: AgentPlace = AgentPlace.IN_CALL
    agent_before: AgentPlace = AgentPlace.IN_CALL
    recall: str = ""
    parted: bool = False
    private: bool = False
    follow: Follow = Follow.THIS_CALL
    held: bool = False
    quiet: bool = False
    ear_on: str = ""
    home: Person | None = None
    told: str | None = None
    consult: str = ""
    asker: str = ""
    over: OurId | None = None
    consulting: bool = False
    handed: str = ""

    @property
    def without_agent(self) -> bool:
        """Whether the agent is out of the call, or about to be."""
        return not self.agent_place is self.agent_wanted is AgentPlace.IN_CALL

    @property
    def moves_agent(self) -> bool:
        """Whether the agent is kept out of the call for a while, or is on their way; who is removed for good is not."""
        return self.agent_place is not self.agent_wanted or AgentPlace.ON_HOLD is self.agent_place or bool(self.recall)

    @property
    def alone(self) -> bool:
        """Whether nobody is with the supervisor: nothing of the call, nor the agent who consults them."""
        return self.suspended and not self.consulting and not self.handed

    @property
    def suspended(self) -> bool:
        """Whether nothing of the call may be in the room for now; what is wanted comes back when this is over."""
        return self.parted or self.private or self.consulting

    @property
    def elsewhere(self) -> bool:
        """Whether the ear in the room is on another agent than the one whom the session is about by now."""
        ear = self.tap is not None and self.tap.kind is not Kind.SEAT
        return ear and self.ear_on not in ("", self.agent.channel)

    @property
    def goes_on(self) -> bool:
        """Whether the supervisor's phone goes on when this session has ended."""
        following = self.ending in MOVED_ON and self.follow is not Follow.THIS_CALL
        return (self.ending is not None and self.ending.own) or following

    @property
    def needed(self) -> Kind:
        """What the room needs beside the supervisor. Without the agent only a seat hears the others, even muted."""
        kind = Kind.SEAT if self.without_agent else self.wanted.tap
        return _QUIET.get(kind, kind) if self.quiet else kind

    @property
    def present(self) -> tuple[OurId, ...]:
        """The taps that are there."""
        seat = self.seat if self.seated and self.seat != self.tap else None
        return tuple(tap for tap in (self.tap, seat) if tap is not None)

    @property
    def room(self) -> OurId:
        """The session's bridge."""
        return OurId(Kind.ROOM, self.id, 0)
