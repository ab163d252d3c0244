"""Deciding about one arrival: everything that the policy needs to know is asked for, then all is decided at once."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from supervise.domain import reception as rules
from supervise.domain.keypad import Dialled
from supervise.domain.ports import Switchboard
from supervise.domain.reception import Target
from supervise.domain.rights.admission import admit, opening_visibility
from supervise.domain.rights.decisions import Action, Allowed, Refusal, Refused, Rights
from supervise.domain.rights.limits import NOTHING_USED
from supervise.domain.rights.people import Person
from supervise.domain.rights.private import Mark
from supervise.domain.rights.rules import CallFacts, Question
from supervise.domain.words import Mode, Visibility
from supervise.floor.house import Arrival, House
from supervise.floor.running.privacy import ask, says_private
from supervise.floor.usage import Asking, Counted, UsageCounter


@dataclass(frozen=True, slots=True)
class Admitted:
    """Somebody may begin: what with, and under which decision."""

    supervisor: Person
    target: Target
    mode: Mode
    visibility: Visibility
    decision: Allowed
    rights: Rights
    question: Question


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Somebody may not begin; the names, and the call that was meant, are for the journal."""

    refused: Refused
    supervisor: str
    agent: str = ""
    target: Target | None = None


Outcome = Admitted | TurnedAway


@dataclass(frozen=True, slots=True)
class _Known:
    """What had to be asked for, and so is a moment old."""

    marks: Mapping[str, Mark]
    counted: Counted


class Decider:
    """Decides about the calls that one arrival asks for."""

    def __init__(self, house: House, board: Switchboard, usage: UsageCounter, arrival: Arrival) -> None:
        """Decide by the policy of `house` about the calls of `board`."""
        self._house = house
        self._board = board
        self._usage = usage
        self._arrival = arrival

    async def decide(self, dialled: Dialled, call: str = "") -> Outcome:
        """Decide about an agent's call; of several that one may be with, the one that they talk in.

        Raises:
            UnrecordedError: the journal could not be asked.
        """
        outcomes = await self.outcomes(dialled, call)
        return next((each for each in outcomes if isinstance(each, Admitted)), outcomes[0])

    async def outcomes(self, dialled: Dialled, call: str = "") -> tuple[Outcome, ...]:
        """Decide about each call of an agent's, by the policy and the calls of the moment when this returns.

        Raises:
            UnrecordedError: the journal could not be asked.
        """
        agent = self._house.source.policy.person_by_extension(dialled.extension)
        targets = self._targets(dialled, call)
        if agent is None or isinstance(targets, Refused):
            return self._decided(dialled, call, _Known({}, Counted()))
        marks, counted = await asyncio.gather(
            ask(self._house, self._board, *(target.channel.id for target in targets)), self._usage.counted(agent.name)
        )
        return self._decided(dialled, call, _Known(marks, counted))

    def calls(self, dialled: Dialled) -> int:
        """In how many calls the agent is, of those that are meant; whatever may be done with them."""
        targets = self._targets(dialled, "")
        return 0 if isinstance(targets, Refused) else len(targets)

    def _targets(self, dialled: Dialled, call: str) -> tuple[Target, ...] | Refused:
        """The calls that are meant: all of them, or the one that was chosen."""
        found = rules.find_targets(self._house.source.policy, self._board.book, dialled.extension)
        if isinstance(found, Refused):
            return found
        meant = tuple(target for target in found if target.is_meant(call or self._arrival.call))
        return meant or Refused(Refusal.NOT_ON_A_CALL)

    def may(self, action: Action, supervisor: str, agent: str) -> bool:
        """Whether somebody may do something to an agent who is on no call."""
        rights = self._house.source.policy.rights(Question(supervisor, agent, self._house.now()))
        return isinstance(rights.actions.get(action), Allowed)

    def _decided(self, dialled: Dialled, call: str, known: _Known) -> tuple[Outcome, ...]:
        """Nothing may wait from here to the session."""
        policy = self._house.source.policy
        supervisor = policy.person_by_endpoint(self._arrival.endpoint)
        if supervisor is None:
            return (TurnedAway(Refused(Refusal.UNKNOWN_SUPERVISOR), self._arrival.endpoint),)
        agent = policy.person_by_extension(dialled.extension)
        if agent is None:
            return (TurnedAway(Refused(Refusal.NO_SUCH_AGENT), supervisor.name, dialled.extension),)
        targets = self._targets(dialled, call)
        each = (targets,) if isinstance(targets, Refused) else targets
        mode = min(dialled.mode, self._arrival.at_most, key=lambda mode: mode.right)
        return tuple(self._about(target, mode, self._question(supervisor, agent, target, known)) for target in each)

    def _about(self, target: Target | Refused, mode: Mode, question: Question) -> Outcome:
        policy = self._house.source.policy
        supervisor = policy.people[question.supervisor]
        rights = policy.rights(question)
        if isinstance(target, Target):
            rights = rules.possible(rights, self._board.book, target.channel.id)
        outcome = _outcome(supervisor, target, (mode, self._arrival.visibility), rights, question)
        if isinstance(outcome, TurnedAway) and isinstance(target, Target):
            return replace(self._without_the_call(outcome, mode, question), target=target)
        return outcome

    def _without_the_call(self, turned: TurnedAway, mode: Mode, question: Question) -> TurnedAway:
        """Who has no right to an agent whatever call they are on does not learn that they are on a protected one."""
        rights = self._house.source.policy.rights(replace(question, call=None, usage=NOTHING_USED))
        anyway = opening_visibility(mode, rights)
        return replace(turned, refused=anyway) if isinstance(anyway, Refused) else turned

    def _question(self, supervisor: Person, agent: Person, target: Target | Refused, known: _Known) -> Question:
        now = self._house.now()
        if isinstance(target, Refused):
            return Question(supervisor.name, agent.name, now)
        parties = frozenset(party.id for party in target.call.parties)
        usage = self._usage.before(Asking(supervisor.name, agent.name, self._board.node, parties), known.counted)
        return Question(supervisor.name, agent.name, now, self._facts(target, known), usage)

    def _facts(self, target: Target, known: _Known) -> CallFacts:
        """Who came into the call since it was asked may have any mark, and so makes it private."""
        connected = self._board.book.connected(target.channel.id)
        marks = {channel: known.marks.get(channel) for channel in connected}
        return target.facts(self._house.source.policy, private=says_private(self._house, marks))


def _outcome(
    supervisor: Person,
    target: Target | Refused,
    wanted: tuple[Mode, Visibility | None],
    rights: Rights,
    question: Question,
) -> Outcome:
    """Who has no right to an agent does not learn whether they are on a call."""
    mode, chosen = wanted
    visibility = opening_visibility(mode, rights) if chosen is None else admit(mode, chosen, rights)
    if isinstance(visibility, Refused):
        return TurnedAway(visibility, supervisor.name, question.agent)
    if isinstance(target, Refused):
        return TurnedAway(target, supervisor.name, question.agent)
    decision = rights.may(mode, visibility)
    if isinstance(decision, Refused):
        return TurnedAway(decision, supervisor.name, question.agent)
    return Admitted(supervisor, target, mode, visibility, decision, rights, question)
