"""What is true of one member of the team, whoever looks: the call they are in, how they can be reached, who is there.

What a viewer may see of it is in `supervise.domain.board.sight`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from supervise.domain.board.presence import Phones
from supervise.domain.calls.calls import Call, CallBook, Channel
from supervise.domain.reception import facts_of, targets_of
from supervise.domain.rights.decisions import Rights
from supervise.domain.rights.people import Person
from supervise.domain.rights.policy import Policy
from supervise.domain.rights.rules import CallFacts
from supervise.domain.sessions.agents import OtherAgent
from supervise.domain.sessions.session import Session, Stage
from supervise.domain.words import Visibility

_UNKNOWN = Phones()


class Group(StrEnum):
    """Where a member of the team stands on the board."""

    ON_CALL = "on-call"
    AVAILABLE = "available"
    NOT_AVAILABLE = "not-available"


class Why(StrEnum):
    """What else is to be said of somebody who is in no call."""

    NOTHING = ""
    RINGING = "ringing"
    NOT_REGISTERED = "not-registered"
    PAUSED = "paused"
    DO_NOT_DISTURB = "do-not-disturb"
    BUSY = "busy"
    SUPERVISING = "supervising"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Watched:
    """A session as it stands, with what the floor knows beside it.

    Attributes:
        session: the session.
        since: when it began.
        version: another number whenever what its supervisor could click on has changed.
        rights: what its supervisor may do now.
        asks: what their phone asks for: ``pin``, ``reason`` or nothing.
        refused: why their last wish was refused, and when; None when the last one was granted.
        agents: the other agents in its call.
        own: it has ended with the call taken over, which is its supervisor's own until they hand it back.
    """

    session: Session
    since: datetime
    version: int
    rights: Rights
    asks: str = ""
    refused: tuple[str, datetime] | None = None
    own: bool = False
    agents: tuple[OtherAgent, ...] = ()

    @property
    def told(self) -> bool:
        """Whether it is there for everybody who sees the agent: visible, and begun."""
        return self.session.visibility is Visibility.VISIBLE and self.session.stage is Stage.LIVE


@dataclass(frozen=True, slots=True)
class Hand:
    """A raised hand.

    Attributes:
        since: when it was raised.
        reason: the agent's words; empty for none.
        answered_by: who said that they are coming, by their name in the policy; empty for nobody yet.
    """

    since: datetime
    reason: str = ""
    answered_by: str = ""


@dataclass(frozen=True, slots=True)
class Talk:
    """The call that somebody is in.

    Attributes:
        node: where.
        channel: their own channel.
        call: everybody in it.
        facts: what the policy needs to know of it.
        since: when it began for them.
        held_since: when one of the parties was put on hold; None where nobody is.
    """

    node: str
    channel: Channel
    call: Call
    facts: CallFacts
    since: datetime
    held_since: datetime | None = None

    @property
    def others(self) -> tuple[Channel, ...]:
        """The other parties, the longest there first."""
        return self.call.others(self.channel.id)


@dataclass(frozen=True, slots=True)
class Past:
    """How many sessions about somebody have ended since the day and the month began, in the zone of the house."""

    day: int = 0
    month: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is true of one member of the team.

    Attributes:
        person: who.
        phones: how their phones are.
        talk: the call they talk in.
        using: what their phones do beside calls and supervision: `Why.RINGING`, `Why.BUSY` or nothing.
        since: since when that is so.
        hand: their raised hand.
        with_them: the sessions about them.
        theirs: the sessions in which they supervise.
        past: the sessions about them that have ended, where a limit counts them.
    """

    person: Person
    phones: Phones = _UNKNOWN
    talk: Talk | None = None
    using: Why = Why.NOTHING
    since: datetime | None = None
    hand: Hand | None = None
    with_them: tuple[Watched, ...] = ()
    theirs: tuple[Watched, ...] = ()
    past: Past = Past()


def talking(person: Person, books: Mapping[str, CallBook]) -> tuple[str, Channel, Call] | None:
    """The call somebody is in, and its node. One that they talk in goes before one that they hold."""
    found = [(target.channel.held, node, target) for node, book in books.items() for target in targets_of(person, book)]
    for _, node, target in sorted(found, key=lambda each: each[0]):
        return node, target.channel, target.call
    return None


def facts_for(call: Call, channel: str, policy: Policy, private: frozenset[str]) -> CallFacts:
    """What the policy needs to know of a call of which some channels are marked private."""
    marked = not private.isdisjoint(party.id for party in call.parties)
    return facts_of(call, channel, policy, private=marked)


def using(channels: Iterable[Channel], ours: frozenset[str]) -> Why:
    """What a person's phones do outside of calls.

    Lines of supervision are left out: who may know of them is decided for each viewer.
    """
    up = [channel.up for channel in channels if channel.id not in ours]
    if any(up):
        return Why.BUSY
    return Why.RINGING if up else Why.NOTHING


def about(name: str, watched: Iterable[Watched]) -> Iterator[Watched]:
    """The sessions about somebody."""
    return (each for each in watched if each.session.agent.name == name)


def of(name: str, watched: Iterable[Watched]) -> Iterator[Watched]:
    """The sessions in which somebody supervises."""
    return (each for each in watched if each.session.supervisor.name == name)
