"""What one viewer may see of the board: the policy decides about each agent, each call and each supervisor.

A hidden supervisor is nowhere in what somebody sees who may not know of them: not with the agent, not as a person who
supervises, not in what sorts or counts. It is as if the session were not there (`tests/domain/test_sight.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from supervise.domain.board.board import Facts, Group, Hand, Talk, Watched, Why
from supervise.domain.calls.calls import Channel
from supervise.domain.rights.admission import admit, may_follow, opening_visibility
from supervise.domain.rights.decisions import Action, Allowed, Follow, Notice, Refusal, Refused, Rights, Sight
from supervise.domain.rights.limits import Usage
from supervise.domain.rights.policy import Policy
from supervise.domain.rights.rules import CallFacts, Question
from supervise.domain.sessions.session import Stage
from supervise.domain.words import Mode, Visibility


@dataclass(frozen=True, slots=True)
class Leave:
    """Whether a click would be granted now.

    Attributes:
        refusal: why not; None when it would be.
        visibilities: in which one may be chosen; empty where that does not matter.
        asks: what the phone asks for first.
    """

    refusal: Refusal | None = None
    visibilities: tuple[Visibility, ...] = ()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Other:
    """The other party as a viewer may read them; both empty where they may not."""

    number: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class CallSeen:
    """A call as a viewer may see it."""

    talk: Talk
    other: Other

    @property
    def others(self) -> int:
        """How many other parties there are."""
        return len(self.talk.others)


@dataclass(frozen=True, slots=True)
class Row:
    """One member of the team as one viewer may see them."""

    facts: Facts
    group: Group
    why: Why
    since: datetime | None
    call: CallSeen | None = None
    supervisors: tuple[Watched, ...] = ()
    hand: Hand | None = None
    may: Mapping[Mode, Leave] | None = None
    wait: Leave | None = None

    @property
    def order(self) -> str:
        """What needs eyes sorts first: a raised hand, a party on hold, the longest call."""
        if self.hand is not None:
            return f"0 {moment(self.hand.since)}"
        if self.call is None:
            return f"3 {moment(self.since)}" if self.since else "4"
        held = self.call.talk.held_since
        return f"1 {moment(held)}" if held else f"2 {moment(self.call.talk.since)}"


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who looks, by which policy, at which moment.

    Attributes:
        viewer: their name in the policy.
        policy: the one in force.
        at: now.
        sessions: how many sessions the viewer has.
    """

    viewer: str
    policy: Policy
    at: datetime
    sessions: int = 0

    # --- the board

    def row(self, facts: Facts) -> Row | None:
        """Somebody as the viewer may see them; None where they may not see them at all."""
        if not self._sees(facts.person.name, None) and not self._sees_call(facts):
            return None
        there = tuple(each for each in facts.with_them if self.knows_of(each, facts))
        call = self.call(facts.talk) if facts.talk is not None and self._sees_call(facts) else None
        group, why, since = self._standing(facts, in_call=call is not None)
        return Row(
            facts,
            group,
            why,
            since,
            call=call,
            supervisors=there if call is not None else (),
            hand=facts.hand if self.answers(facts) else None,
            may=self._may(facts, there) if call is not None else None,
            wait=self._wait(facts.person.name) if call is None else None,
        )

    def _sees(self, agent: str, call: CallFacts | None) -> bool:
        """Whether an agent, or a call of theirs, is for the viewer to see: by the board, or by a right to be there."""
        question = Question(self.viewer, agent, self.at, call)
        if isinstance(self.policy.may_see(question, Sight.BOARD), Allowed):
            return True
        rights = self.policy.rights(question)
        decisions = (*rights.modes.values(), rights.actions[Action.ANSWER_HAND])
        return any(isinstance(decision, Allowed) for decision in decisions)

    def _sees_call(self, facts: Facts) -> bool:
        """That a call is private is no secret; who is on it is."""
        return facts.talk is not None and self._sees(facts.person.name, replace(facts.talk.facts, private=False))

    def knows_of(self, watched: Watched, facts: Facts) -> bool:
        """Whether the viewer may know of a session about somebody."""
        if watched.session.supervisor.name == self.viewer:
            return True
        if watched.session.stage is not Stage.LIVE:
            return False
        return watched.told or self._sees_hidden(facts.person.name, facts.talk)

    def knows_of_session(self, watched: Watched) -> bool:
        """Whether the viewer may know of a session, whatever call it is about."""
        return self._knows_they_supervise(watched)

    def _sees_hidden(self, agent: str, talk: Talk | None) -> bool:
        question = Question(self.viewer, agent, self.at, None if talk is None else talk.facts)
        return isinstance(self.policy.may_see(question, Sight.HIDDEN), Allowed)

    def _standing(self, facts: Facts, *, in_call: bool) -> tuple[Group, Why, datetime | None]:
        if in_call and facts.talk is not None:
            return Group.ON_CALL, Why.NOTHING, facts.talk.since
        if facts.talk is not None:
            return Group.NOT_AVAILABLE, Why.BUSY, None
        for each in facts.theirs:
            if self._knows_they_supervise(each):
                return Group.NOT_AVAILABLE, Why.SUPERVISING, each.since
        return *standing(facts), facts.since

    def _knows_they_supervise(self, watched: Watched) -> bool:
        """Of somebody who supervises an agent whom the viewer cannot see, nothing is said."""
        agent = watched.session.agent.name
        if watched.session.supervisor.name == self.viewer:
            return True
        if watched.session.stage is not Stage.LIVE or not self._sees(agent, None):
            return False
        return watched.told or self._sees_hidden(agent, None)

    def answers(self, facts: Facts) -> bool:
        """Whether the viewer may answer somebody's raised hand."""
        question = Question(self.viewer, facts.person.name, self.at, None if facts.talk is None else facts.talk.facts)
        return isinstance(self.policy.may_act(question, Action.ANSWER_HAND), Allowed)

    def _may(self, facts: Facts, there: tuple[Watched, ...]) -> Mapping[Mode, Leave]:
        """What a click on each mode would be answered with.

        The limits count the sessions that the viewer may know of; what else there is shows when they click.
        """
        day, month = facts.past.day + len(there), facts.past.month + len(there)
        usage = Usage(on_call=len(there), at_once=self.sessions, agent_day=day, agent_month=month)
        call = None if facts.talk is None else facts.talk.facts
        rights = self.policy.rights(Question(self.viewer, facts.person.name, self.at, call, usage))
        return {mode: beginning(mode, rights) for mode in Mode}

    def _wait(self, agent: str) -> Leave | None:
        """Whether the viewer may wait for somebody's next call; None where they have no right to be offered it."""
        rights = self.policy.rights(Question(self.viewer, agent, self.at))
        if not self.policy.people[agent].extension or may_follow(Follow.AGENT, rights) is not None:
            return None
        leave = beginning(Mode.MONITOR, rights)
        return leave if leave.refusal is None else None

    # --- calls and parties

    def call(self, talk: Talk) -> CallSeen:
        """A call as the viewer may read it."""
        first = talk.others[0] if talk.others else None
        hidden = first is None or talk.facts.private
        return CallSeen(talk, Other() if hidden or first is None else self.party(first))

    def party(self, channel: Channel) -> Other:
        """A party's number and name; a name with digits in it might be the number that is masked."""
        person = self.policy.person_by_endpoint(channel.endpoint)
        if person is not None:
            return Other(person.extension, person.display)
        number = self.policy.number_for(self.viewer, channel.number)
        masked = number != channel.number
        name = "" if masked and any(sign.isdigit() for sign in channel.display_name) else channel.display_name
        return Other(number, name)

    # --- the agent's own page

    def with_me(self, facts: Facts) -> tuple[Watched, ...]:
        """Who is with the viewer themselves, as far as the house tells agents on the board."""
        if Notice.BOARD not in self.policy.house.session.notices:
            return ()
        return tuple(each for each in facts.with_them if self.knows_of(each, facts))

    def transfers_to(self, watched: Watched, facts: Facts) -> bool:
        """Whether the viewer is offered somebody who is with them to hand their call over to; the hidden never are."""
        if not watched.told:
            return False
        call = None if facts.talk is None else facts.talk.facts
        question = Question(watched.session.supervisor.name, facts.person.name, self.at, call)
        return isinstance(self.policy.may_act(question, Action.RECEIVE_TRANSFER), Allowed)


def standing(facts: Facts) -> tuple[Group, Why]:
    """Where somebody stands who is in no call, by their phones alone."""
    if facts.phones.registered is False:
        return Group.NOT_AVAILABLE, Why.NOT_REGISTERED
    if facts.using is Why.BUSY:
        return Group.NOT_AVAILABLE, Why.BUSY
    if facts.phones.do_not_disturb:
        return Group.NOT_AVAILABLE, Why.DO_NOT_DISTURB
    if facts.phones.paused:
        return Group.NOT_AVAILABLE, Why.PAUSED
    if facts.phones.registered is None:
        return Group.NOT_AVAILABLE, Why.UNKNOWN
    return Group.AVAILABLE, facts.using


def beginning(mode: Mode, rights: Rights) -> Leave:
    """Whether a session may begin in a mode, and in which visibilities."""
    opening = opening_visibility(mode, rights)
    if isinstance(opening, Refused):
        return Leave(opening.reason)
    chosen = tuple(each for each in Visibility if admit(mode, each, rights) is each)
    decision = rights.may(mode, opening)
    return Leave(None, chosen, _asks(decision) if isinstance(decision, Allowed) else ())


def _asks(decision: Allowed) -> tuple[str, ...]:
    return (*(("pin",) if decision.pin else ()), *(("reason",) if decision.reason_code else ()))


def moment(at: datetime) -> str:
    """A moment in UTC as text of one length, so that text order is time order; without a zone it would be nothing."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
