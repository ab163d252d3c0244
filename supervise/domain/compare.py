"""Whose rights grow and whose shrink from one version of the policy to another.

The answer is found by asking both versions, not by comparing their texts: for each two kinds of people, in each kind of
circumstance that the rules between them can tell apart.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from supervise.domain.decisions import Action, Decision, Refused, Right, Sight
from supervise.domain.kinds import Likeness, kinds, pairs
from supervise.domain.people import Person, Tie, ties
from supervise.domain.policy import Policy
from supervise.domain.probes import Circumstance, circumstances
from supervise.domain.protect import Parties
from supervise.domain.rules import Question, Rule
from supervise.domain.words import Mode, Visibility


class Aspect(StrEnum):
    """What of a right has changed."""

    MAY = "may"
    WITHOUT_PIN = "without-pin"
    WITHOUT_REASON = "without-reason"
    LONGER = "longer"


@dataclass(frozen=True, slots=True)
class What:
    """One thing that grows or shrinks.

    Attributes:
        right: the right.
        visibility: for a mode, in which visibility.
        aspect: whether it is allowed at all, or how.
        grows: it is more than it was.
        always: in all circumstances; else in some, of which `example` is one.
        example: a circumstance in which it is so.
    """

    right: Right
    visibility: Visibility | None
    aspect: Aspect
    grows: bool
    always: bool
    example: Circumstance


@dataclass(frozen=True, slots=True)
class Change:
    """Things that grow or shrink for some people towards some others.

    Attributes:
        supervisors: for whom.
        agents: towards whom; a supervisor who is among them is not meant towards themselves.
        themselves: towards themselves, and nobody else.
        what: what grows or shrinks.
    """

    supervisors: tuple[str, ...]
    agents: tuple[str, ...]
    themselves: bool
    what: What

    def concerns(self, supervisor: str, agent: str) -> bool:
        """Whether it is about these two people."""
        if supervisor not in self.supervisors:
            return False
        return supervisor == agent if self.themselves else supervisor != agent and agent in self.agents


def changes(old: Policy, new: Policy, at: datetime) -> list[Change]:
    """Every right that differs between two people, by the hours of the week in which a moment lies.

    Calls that are protected for the sake of another party, or no longer, are another matter: `protection.changes`.
    """
    return list(_Comparison(old, new, at).changes())


_Static = tuple[frozenset[int], frozenset[Tie], bool, bool] | None
"""All that two people's rights depend on, in one version, beside the circumstances."""


class _Comparison:
    """Two versions side by side."""

    def __init__(self, old: Policy, new: Policy, at: datetime) -> None:
        self._versions = (old, new)
        self._at = at
        self._known: dict[tuple[_Static, _Static, str], tuple[What, ...]] = {}
        self._numbers: dict[int, int] = {}
        self._rules: list[Rule] = []
        self._number_rules()
        self._people = {**old.people, **new.people}
        self._everything = _protection(old) != _protection(new)

    def _number_rules(self) -> None:
        """Give each rule a number; those that say the same in both versions have the same one."""
        numbers: dict[Rule, int] = {}
        for version in self._versions:
            for rule in version.rules:
                plain = replace(rule, place="", name="")
                self._numbers[id(rule)] = numbers.setdefault(plain, len(numbers))
        self._rules = list(numbers)

    def changes(self) -> Iterator[Change]:
        likenesses = [Likeness(version) for version in self._versions]
        groups = kinds(self._people, _Both(*likenesses))
        supervising = [some for some in groups if self._may_anything(some[0].name)]
        for some in supervising:
            yield from self._changes_of(some, groups)

    def _may_anything(self, name: str) -> bool:
        return any(self._rules_of(version, name) for version in self._versions)

    def _rules_of(self, version: Policy, name: str) -> list[Rule]:
        person = version.person(name)
        return [rule for rule in version.rules if person is not None and person.role in rule.who]

    def _changes_of(self, some: list[Person], groups: list[list[Person]]) -> Iterator[Change]:
        """What changes for one kind of supervisors, with all whom it changes towards together."""
        supervisors = tuple(person.name for person in some)
        towards: defaultdict[tuple[What, bool], list[str]] = defaultdict(list)
        members = {person.name: group for group in groups for person in group[:2]}
        queues = self._queues(supervisors[0])
        concerned = groups if self._supervisor_differs(supervisors[0]) else [g for g in groups if self._differs(g[0])]
        for supervisor, agent in pairs([some], concerned):
            for what in self._between(supervisor.name, agent.name, queues):
                towards[what, supervisor is agent] += [person.name for person in members[agent.name]]
        for (what, themselves), agents in towards.items():
            yield Change(supervisors, tuple(agents), themselves, what)

    def _supervisor_differs(self, name: str) -> bool:
        """Whether something else about them than whom they meet has changed."""
        old, new = ({self._numbers[id(rule)] for rule in self._rules_of(v, name)} for v in self._versions)
        return self._everything or old != new or self._differs(self._people[name])

    def _differs(self, person: Person) -> bool:
        old, new = (version.person(person.name) for version in self._versions)
        return self._everything or old is None or new is None or _standing(old) != _standing(new)

    def _queues(self, supervisor: str) -> list[str]:
        """No queue, and every one that this supervisor's rules can tell from it."""
        found = {""}
        for version in self._versions:
            rules = self._rules_of(version, supervisor)
            teams = {team for rule in rules for team in rule.whom.teams | rule.but_not.teams}
            if any(rule.whom.own_teams or rule.but_not.own_teams for rule in rules):
                teams |= version.people[supervisor].teams
            teams |= {team.name for team in version.teams.values() if team.only_by is not None}
            teams |= {team for never in version.nevers for team in never.teams}
            found.update(queue for rule in rules for queue in rule.calls.queues)
            found.update(queue for team in teams for queue in version.teams[team].queues)
        return sorted(found)

    def _between(self, supervisor: str, agent: str, queues: Iterable[str]) -> Iterator[What]:
        """What changes between two people, each thing once."""
        found: dict[tuple[Right, Visibility | None, Aspect, bool], What] = {}
        answers = [self._in_queue(supervisor, agent, queue) for queue in queues]
        for whats in answers:
            for what in whats:
                key = (what.right, what.visibility, what.aspect, what.grows)
                found.setdefault(key, replace(what, always=all(_says(key, others) for others in answers)))
        yield from found.values()

    def _in_queue(self, supervisor: str, agent: str, queue: str) -> tuple[What, ...]:
        statics = [self._static(version, supervisor, agent, queue) for version in self._versions]
        if statics[0] == statics[1]:
            return ()
        key = (statics[0], statics[1], queue)
        if key not in self._known:
            self._known[key] = tuple(self._asked(supervisor, agent, queue, statics))
        return self._known[key]

    def _static(self, version: Policy, supervisor: str, agent: str, queue: str) -> _Static:
        one, other = version.person(supervisor), version.person(agent)
        if one is None or other is None:
            return None
        teams = other.teams | version.teams_of_queue(queue)
        between = ties(one, other)
        rules = frozenset(
            self._numbers[id(rule)]
            for rule in version.between(one, other, teams)
            if rule.forgives(between) and not rule.but_not.covers(one, other, teams)
        )
        if not rules:
            return None
        parties = Parties(other, teams)
        return rules, between, version.protects(one, parties) is not None, version.hides(parties) is not None

    def _asked(self, supervisor: str, agent: str, queue: str, statics: Iterable[_Static]) -> Iterator[What]:
        """Ask both versions in every circumstance."""
        numbers = frozenset[int]().union(*(static[0] for static in statics if static is not None))
        rules = [self._rules[number] for number in sorted(numbers)]
        examples: dict[tuple[Right, Visibility | None, Aspect, bool], tuple[Circumstance, int]] = {}
        all_of_them = circumstances(rules, queue, self._at)
        for circumstance in all_of_them:
            question = Question(supervisor, agent, circumstance.at, circumstance.call, circumstance.usage)
            before, after = (answers(version, question) for version in self._versions)
            for key in _differences(before, after):
                example, count = examples.get(key, (circumstance, 0))
                examples[key] = (example, count + 1)
        for key, (example, count) in examples.items():
            yield What(*key, always=count == len(all_of_them), example=example)


class _Both(Likeness):
    """Alike under both versions."""

    __slots__ = ("_likenesses",)

    def __init__(self, *likenesses: Likeness) -> None:
        self._likenesses = likenesses

    def of(self, name: str) -> tuple[object, ...]:
        return tuple(likeness.of(name) for likeness in self._likenesses)


_Key = tuple[Right, Visibility | None, Aspect, bool]
_Answer = tuple[bool, bool, bool, float]


def answers(policy: Policy, question: Question) -> dict[tuple[Right, Visibility | None], _Answer]:
    """Every right between two people at one moment: allowed, without a PIN, without a reason, for so many minutes."""
    rights = policy.rights(question)
    found: dict[tuple[Right, Visibility | None], _Answer] = {}
    for mode in Mode:
        for visibility in Visibility:
            found[mode, visibility] = _answer(rights.may(mode, visibility))
    for action in Action:
        found[action, None] = _answer(rights.actions[action])
    for sight in Sight:
        found[sight, None] = _answer(policy.decide(question, sight))
    return found


def _answer(decision: Decision) -> _Answer:
    if isinstance(decision, Refused):
        return (False, False, False, 0.0)
    minutes = float("inf") if decision.minutes is None else decision.minutes
    return (True, not decision.pin, not decision.reason_code, minutes)


def _differences(
    before: Mapping[tuple[Right, Visibility | None], _Answer], after: Mapping[tuple[Right, Visibility | None], _Answer]
) -> Iterator[_Key]:
    for (right, visibility), old in before.items():
        new = after[right, visibility]
        if old[0] != new[0]:
            yield right, visibility, Aspect.MAY, new[0]
            continue
        for aspect, was, is_now in zip(Aspect, old, new, strict=True):
            if was != is_now:
                yield right, visibility, aspect, is_now > was


def _says(key: _Key, whats: Iterable[What]) -> bool:
    return any((what.right, what.visibility, what.aspect, what.grows) == key and what.always for what in whats)


def _standing(person: Person) -> tuple[object, ...]:
    return (person.role, person.teams, person.leads, person.only_by)


def _protection(policy: Policy) -> tuple[object, ...]:
    """What concerns everybody: protected people and teams, and whose calls come from which queue."""
    nevers = {(never.people, never.teams, never.roles, never.endpoints, never.sights) for never in policy.nevers}
    teams = {(team.name, team.queues, team.only_by) for team in policy.teams.values()}
    endpoints = {endpoint for never in policy.nevers for endpoint in never.endpoints}
    owners = {endpoint: owner.name for endpoint in endpoints if (owner := policy.person_by_endpoint(endpoint))}
    return nevers, teams, owners
