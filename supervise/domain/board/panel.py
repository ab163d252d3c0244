"""A supervisor's own session as their panel shows it: what it is, who is there, who hears them, what they may do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from supervise.domain.board.board import Talk, Watched
from supervise.domain.board.sight import Eyes, Leave, Other
from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.rights.admission import admit, may_follow, may_turn
from supervise.domain.rights.decisions import Action, Follow, Refusal, Refused
from supervise.domain.sessions.agents import OtherAgent
from supervise.domain.sessions.session import AgentPlace, Session, Stage
from supervise.domain.sessions.truth import call_of, hearers
from supervise.domain.words import Mode, Visibility


class Act(StrEnum):
    """Everything a panel has a button for beside the modes."""

    MUTE = "mute"
    UNMUTE = "unmute"
    VISIBLE = "visible"
    HIDDEN = "hidden"
    HOLD = "hold"
    BRING_BACK = "bring-back"
    REMOVE = "remove"
    TAKE_OVER = "take-over"
    HAND_BACK = "hand-back"
    FOLLOW_THIS_CALL = "follow-this-call"
    FOLLOW_AGENT = "follow-agent"
    FOLLOW_CUSTOMER = "follow-customer"


ACTION_OF: Mapping[Act, Action] = {
    Act.HOLD: Action.HOLD_AGENT,
    Act.REMOVE: Action.REMOVE_AGENT,
    Act.TAKE_OVER: Action.TAKE_OVER,
}
"""The right that each act upon the call needs; to bring back and to hand back take nothing from anybody."""


FOLLOWING: Mapping[Act, Follow] = {
    Act.FOLLOW_THIS_CALL: Follow.THIS_CALL,
    Act.FOLLOW_AGENT: Follow.AGENT,
    Act.FOLLOW_CUSTOMER: Follow.CUSTOMER,
}
"""What becomes of the supervisor when the call moves on, by the act that asks for it."""


class Heard(StrEnum):
    """Who hears a supervisor."""

    NOBODY = "nobody"
    AGENT = "agent"
    EVERYBODY = "everybody"
    SOME = "some"
    """Anything else: some of the parties."""


class Part(StrEnum):
    """What somebody is in a call."""

    SUPERVISOR = "supervisor"
    AGENT = "agent"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody in a session's call.

    Attributes:
        part: what they are in it.
        name: their key in the policy; empty for somebody it does not know.
        shown: number and name as the supervisor may read them.
        held: they have put the others on hold.
        hears_me: they hear the supervisor now.
        coachable: the supervisor may coach them.
        watched: their session, for a supervisor.
    """

    part: Part
    name: str
    shown: Other
    held: bool = False
    hears_me: bool = False
    coachable: bool = False
    watched: Watched | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """A session as its supervisor may see it."""

    watched: Watched
    heard: Heard
    attendees: tuple[Attendee, ...]
    may: Mapping[str, Leave]
    talk: Talk | None = None


def panel(watched: Watched, others: Iterable[Watched], talk: Talk | None, seen: tuple[CallBook, Eyes]) -> Panel:
    """A session's panel.

    Args:
        watched: the session.
        others: the sessions that may be about the same call.
        talk: the agent's call, if it goes on.
        seen: the book of its node, and its supervisor's eyes.
    """
    book, eyes = seen
    session = watched.session
    hearing = hearers(session, book) if session.stage is not Stage.CLOSED else frozenset[str]()
    call = None if session.stage is Stage.CLOSED else call_of(session, book)
    parties = () if call is None else call.parties
    facts = None if talk is None else talk.facts
    supervisors = [each for each in others if _beside(each, watched) and eyes.knows_beside(each.session, facts)]
    attendees = [_supervisor(each, eyes) for each in (watched, *supervisors)]
    attendees += [_party(party, watched, hearing, eyes) for party in (*_held(watched, book), *parties)]
    return Panel(watched, _heard(hearing, watched, parties), tuple(attendees), may(watched), talk)


def _held(watched: Watched, book: CallBook) -> tuple[Channel, ...]:
    """The agent, while the supervisor has them on hold: out of the call, and still to be seen."""
    agent = book.channel(watched.session.agent.channel)
    on_hold = watched.session.agent_place is AgentPlace.ON_HOLD
    return () if agent is None or not on_hold else (replace(agent, held=True),)


def _beside(other: Watched, mine: Watched) -> bool:
    """Another session on the same agent's channel."""
    same = other.session.agent.channel == mine.session.agent.channel and other.session.node == mine.session.node
    return same and other.session.id != mine.session.id


def _supervisor(watched: Watched, eyes: Eyes) -> Attendee:
    name = watched.session.supervisor.name
    person = eyes.policy.person(name)
    return Attendee(Part.SUPERVISOR, name, Other(name=person.display if person else name), watched=watched)


def _party(party: Channel, watched: Watched, hearing: frozenset[str], eyes: Eyes) -> Attendee:
    person = eyes.policy.person_by_endpoint(party.endpoint)
    return Attendee(
        Part.EXTERNAL if person is None else Part.AGENT,
        "" if person is None else person.name,
        eyes.party(party),
        held=party.held,
        hears_me=party.id in hearing,
        coachable=_coachable(party, watched),
    )


def _coachable(party: Channel, watched: Watched) -> bool:
    rights = {watched.session.agent.channel: watched.rights}
    rights |= {each.agent.channel: each.rights for each in watched.agents}
    return party.id in rights and not isinstance(rights[party.id].modes[Mode.COACH], Refused)


def _heard(hearing: frozenset[str], watched: Watched, parties: Iterable[Channel]) -> Heard:
    if not hearing:
        return Heard.NOBODY
    if hearing == {watched.session.agent.channel}:
        return Heard.AGENT
    return Heard.EVERYBODY if {party.id for party in parties} <= hearing else Heard.SOME


def may(watched: Watched) -> Mapping[str, Leave]:
    """What a click on each of the panel's buttons would be answered with."""
    session = watched.session
    if watched.own:
        return {Act.HAND_BACK: Leave()}
    if session.stage is Stage.CLOSED:
        return {}
    granted: dict[str, Leave] = {mode.value: Leave(_mode(watched, mode)) for mode in Mode}
    granted |= {Act.MUTE: Leave(), Act.UNMUTE: Leave(_unmute(session))}
    granted |= {each.value: Leave(_turn(watched, each)) for each in Visibility}
    granted |= {act.value: Leave(_action(watched, act)) for act in ACTION_OF}
    granted |= {act.value: Leave(_reason(may_follow(follow, watched.rights))) for act, follow in FOLLOWING.items()}
    granted[Act.BRING_BACK] = Leave(None if _is_away(session) else Refusal.NOT_AVAILABLE)
    return granted | {Act.HAND_BACK: Leave(Refusal.NOT_AVAILABLE)}


def _is_away(session: Session) -> bool:
    """Whether there is an agent to be brought back: from hold, or by a call to their phone."""
    removed = session.agent_place is session.agent_wanted is AgentPlace.REMOVED and not session.suspended
    return session.agent_wanted is AgentPlace.ON_HOLD or (removed and not session.recall)


def _mode(watched: Watched, mode: Mode) -> Refusal | None:
    if watched.session.agent_wanted is AgentPlace.REMOVED and mode is not watched.session.wanted.mode:
        return Refusal.NOT_AVAILABLE
    return _reason(admit(mode, watched.session.visibility, watched.rights))


def _unmute(session: Session) -> Refusal | None:
    if session.wanted.mode is Mode.MONITOR:
        return Refusal.NOT_AVAILABLE
    return Refusal.PRIVATE if session.private else None


def _turn(watched: Watched, visibility: Visibility) -> Refusal | None:
    return _reason(may_turn(visibility, watched.session.wanted.mode, watched.rights))


def choosing(watched: Watched, other: OtherAgent, mode: Mode) -> Leave:
    """What a click on another agent of the call would be answered with."""
    return Leave(_reason(admit(mode, watched.session.visibility, other.rights)))


def _action(watched: Watched, act: Act) -> Refusal | None:
    """As `supervise.domain.sessions.moves` decides it, but that the right is asked for before the mode."""
    session = watched.session
    decision = watched.rights.actions.get(ACTION_OF[act], Refused(Refusal.NOT_ALLOWED))
    if isinstance(decision, Refused):
        return decision.reason
    if session.wanted.mode is not Mode.BARGE:
        return Refusal.BARGE_FIRST
    if session.visibility not in decision.visibilities:
        return Refusal.VISIBLE_FIRST
    gone = session.agent_place is AgentPlace.REMOVED and act is not Act.TAKE_OVER
    return Refusal.NOT_AVAILABLE if gone or session.suspended else None


def _reason(decision: object) -> Refusal | None:
    return decision.reason if isinstance(decision, Refused) else None
