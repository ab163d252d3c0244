"""The policy: who may do what to whom, decided.

Nothing is allowed unless a rule allows it, and any one rule suffices. A *never*, a protected person or team, and the
private mark of a call win over every rule. The order of the rules means nothing: where several allow the same thing,
the most generous one answers (`Rule.generosity`), and nothing is mixed from two.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from supervise.domain.rights.decisions import Action, Decision, Refusal, Refused, Right, Rights, Sight
from supervise.domain.rights.house import HouseRules
from supervise.domain.rights.numbers import masked
from supervise.domain.rights.people import Person, Role, Team, Tie, ties
from supervise.domain.rights.protect import Guard, Never, Parties, Shield
from supervise.domain.rights.rulebook import RuleBook
from supervise.domain.rights.rules import CallFacts, Case, Failing, Question, Rule, failings, holds
from supervise.domain.words import Mode

EMPTY_HASH = hashlib.sha256(b"{}").hexdigest()
"""The hash of a policy that says nothing."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a policy says.

    Attributes:
        people, teams, roles: by their names in the policy.
        rules: whatever is allowed.
        nevers: whatever is forbidden all the same.
        house: what holds for every session.
        reasons: the reason codes, as they are dialled, and what they mean.
    """

    people: Mapping[str, Person] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    nevers: tuple[Never, ...] = ()
    house: HouseRules = field(default_factory=HouseRules)
    reasons: Mapping[str, str] = field(default_factory=dict)


class Policy:
    """One version of the policy. It never changes, so it may be asked from anywhere at any time."""

    __slots__ = (
        "_book",
        "_by_endpoint",
        "_by_extension",
        "_guard",
        "_queue_teams",
        "_shield",
        "_sight_shield",
        "hash",
        "house",
        "nevers",
        "people",
        "reasons",
        "roles",
        "rules",
        "teams",
    )

    def __init__(self, contents: Contents, digest: str) -> None:
        """Make contents ready for questions.

        Args:
            contents: what the policy says; endpoints and extensions are each somebody's alone.
            digest: the sha256 of the canonical contents, in hexadecimal.
        """
        self.hash = digest
        self.house = contents.house
        self.people = MappingProxyType(dict(contents.people))
        self.teams = MappingProxyType(dict(contents.teams))
        self.roles = MappingProxyType(dict(contents.roles))
        self.reasons = MappingProxyType(dict(contents.reasons))
        self.rules = tuple(rule.within(contents.house.limits) for rule in contents.rules)
        self.nevers = contents.nevers
        self._by_endpoint = {endpoint: person for person in self.people.values() for endpoint in person.endpoints}
        self._by_extension = {person.extension: person for person in self.people.values() if person.extension}
        self._queue_teams = _teams_by_queue(self.teams.values())
        self._book = RuleBook(self.rules)
        self._guard = Guard(self.teams.values())
        numbering = contents.house.numbering
        self._shield = Shield(contents.nevers, numbering)
        self._sight_shield = Shield((never for never in contents.nevers if never.sights), numbering)

    @classmethod
    def nobody(cls) -> "Policy":
        """The policy that knows nobody and so allows nothing: what holds until a good one was read."""
        return cls(Contents(), EMPTY_HASH)

    # --- who is who

    def person(self, name: str) -> Person | None:
        """Somebody by their name in the policy."""
        return self.people.get(name)

    def person_by_endpoint(self, endpoint: str) -> Person | None:
        """Whose phone this is. Only the authenticated PJSIP endpoint is an identity, a caller id never is."""
        return self._by_endpoint.get(endpoint)

    def person_by_extension(self, extension: str) -> Person | None:
        """Whom one reaches under an extension."""
        return self._by_extension.get(extension)

    def may_administer(self, name: str) -> bool:
        """Whether somebody may see the board's pages *Policy* and *Health*."""
        person = self.people.get(name)
        role = self.roles.get(person.role) if person else None
        return role is not None and role.admin

    def number_for(self, viewer: str | None, number: str) -> str:
        """A number as a viewer may read it; who is not in the policy reads it masked."""
        person = self.people.get(viewer) if viewer is not None else None
        masking = self.house.masking
        shown = person is not None and not masking.everybody and person.role not in masking.roles
        return number if shown else masked(number, masking.keep)

    def number_for_journal(self, number: str) -> str:
        """A number as the journal keeps it."""
        masking = self.house.masking
        return masked(number, masking.keep) if masking.journal else number

    # --- what is allowed

    def rights(self, question: Question) -> Rights:
        """All modes and actions at once, for one supervisor and one call at one moment."""
        case = self.case(question)
        refused = case if isinstance(case, Refused) else self.forbidden(case)
        if refused is not None or isinstance(case, Refused):
            return self._no_rights(refused)
        weighed = _Weighed(self.between(case.supervisor, case.agent, case.teams), case)
        ways = {mode: tuple(rule.allowed for rule in weighed.holding if mode in rule.may) for mode in Mode}
        return Rights(
            modes={mode: ways[mode][0] if ways[mode] else weighed.why_not(mode) for mode in Mode},
            rules=self.house.session,
            policy=self.hash,
            actions={action: weighed.decided(action) for action in Action},
            ways=ways,
        )

    def _no_rights(self, refused: Refused | None) -> Rights:
        no = refused or Refused(Refusal.NOT_ALLOWED)
        return Rights(dict.fromkeys(Mode, no), self.house.session, self.hash, dict.fromkeys(Action, no))

    def decide(self, question: Question, right: Right) -> Decision:
        """One right, for one supervisor or viewer and one agent at one moment."""
        case = self.case(question, right if isinstance(right, Sight) else None)
        if isinstance(case, Refused):
            return case
        refused = self.forbidden(case)
        if refused is not None:
            return refused
        return _Weighed(self.between(case.supervisor, case.agent, case.teams), case).decided(right)

    def may_act(self, question: Question, action: Action) -> Decision:
        """Whether a supervisor may do this beside the modes."""
        return self.decide(question, action)

    def may_see(self, question: Question, sight: Sight) -> Decision:
        """Whether a viewer, who is the question's supervisor, may see this of an agent."""
        return self.decide(question, sight)

    # --- how a decision comes about

    def case(self, question: Question, sight: Sight | None = None) -> Case | Refused:
        """A question with what the policy knows of the two people, or why there is nothing to decide."""
        supervisor = self.people.get(question.supervisor)
        if supervisor is None:
            return Refused(Refusal.UNKNOWN_SUPERVISOR)
        agent = self.people.get(question.agent)
        if agent is None:
            return Refused(Refusal.NO_SUCH_AGENT)
        return Case(
            supervisor,
            agent,
            self._teams_during(agent, question.call),
            ties(supervisor, agent),
            question.at,
            question.call,
            question.usage,
            sight,
        )

    def forbidden(self, case: Case) -> Refused | None:
        """What no rule can allow: private calls, a call with the supervisor in it, *never*, protected people."""
        parties = Parties(case.agent, case.teams, self._others(case), case.call)
        if case.sight is not None:
            place = self.hides(parties)
        elif case.call is not None and case.call.private:
            return Refused(Refusal.PRIVATE)
        elif case.supervisor in parties.others:
            return Refused(Refusal.ONESELF)
        else:
            place = self.protects(case.supervisor, parties)
        return Refused(Refusal.PROTECTED, place) if place is not None else None

    def protects(self, supervisor: Person, parties: Parties) -> str | None:
        """The place of a *never* or of an *only_by* that keeps a supervisor from a call, if one does."""
        return self.forbids(parties) or self._guard.against(supervisor.role, parties)

    def forbids(self, parties: Parties) -> str | None:
        """The place of a *never* that covers a call, if one does."""
        return self._shield.over(parties)

    def hides(self, parties: Parties) -> str | None:
        """The place of a *never* that keeps a call from everybody's sight, if one does."""
        return self._sight_shield.over(parties)

    def between(self, supervisor: Person, agent: Person, teams: frozenset[str]) -> tuple[Rule, ...]:
        """The rules whose *who* and *whom* cover two people, the most generous first; `teams` are the agent's."""
        return self._book.concerning(supervisor, agent, teams)

    def teams_of_queue(self, queue: str) -> frozenset[str]:
        """The teams whose calls come through a queue."""
        return self._queue_teams.get(queue, frozenset())

    def _teams_during(self, agent: Person, call: CallFacts | None) -> frozenset[str]:
        extra = self.teams_of_queue(call.queue) if call is not None and call.queue else None
        return agent.teams | extra if extra else agent.teams

    def _others(self, case: Case) -> tuple[Person, ...]:
        """The other parties whom the policy knows, by their phone or by their extension."""
        if case.call is None:
            return ()
        known = [self._by_endpoint.get(endpoint) for endpoint in case.call.endpoints]
        known += [self._by_extension.get(number) for number in case.call.numbers]
        found = {person.name: person for person in known if person is not None and person is not case.agent}
        return tuple(found[name] for name in sorted(found))


_REASONS: tuple[tuple[frozenset[Failing], Refusal], ...] = (
    (frozenset({Failing.LIMITS}), Refusal.LIMIT),
    (frozenset({Failing.HOURS, Failing.LIMITS}), Refusal.HOURS),
)
"""What a rule lacks that would otherwise hold, and the reason this gives; the nearest first."""


class _Weighed:
    """The rules that concern a case: those that hold, and what the others lack."""

    __slots__ = ("_near", "_ties", "holding")

    def __init__(self, concerning: Iterable[Rule], case: Case) -> None:
        self.holding: list[Rule] = []
        self._ties = case.ties
        self._near: list[tuple[frozenset[Failing], Rule]] = []
        for rule in concerning:
            if holds(rule, case):
                self.holding.append(rule)
            else:
                self._near.append((frozenset(failings(rule, case)), rule))

    def decided(self, right: Right) -> Decision:
        for rule in self.holding:
            if right in rule.may:
                return rule.allowed
        return self.why_not(right)

    def why_not(self, right: Right) -> Refused:
        """Why nothing allows it: the reason of the rule that came nearest to allowing it."""
        for enough, reason in _REASONS if self._near else ():
            for lacks, rule in self._near:
                if lacks <= enough and right in rule.may:
                    return Refused(reason, rule.place)
        between = any(Failing.TIES in lacks and right in rule.may for lacks, rule in self._near)
        return _TIE_REFUSALS[self._ties] if between or Tie.ONESELF in self._ties else _NOT_ALLOWED


_NOT_ALLOWED = Refused(Refusal.NOT_ALLOWED)

_TIE_REFUSALS = {
    frozenset({Tie.ONESELF}): Refused(Refusal.ONESELF),
    frozenset({Tie.PEERS}): Refused(Refusal.PEER),
    frozenset({Tie.OWN_LEAD}): Refused(Refusal.OWN_LEAD),
    frozenset({Tie.PEERS, Tie.OWN_LEAD}): Refused(Refusal.OWN_LEAD),
}
"""The reason where a rule would come nearer but for what stands between the two."""


def _teams_by_queue(teams: Iterable[Team]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for team in teams:
        for queue in team.queues:
            found[queue] = found.get(queue, frozenset()) | {team.name}
    return found
