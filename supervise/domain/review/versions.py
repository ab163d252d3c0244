"""Two versions of the policy side by side, asked the same questions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from supervise.domain.review.probes import Circumstance, circumstances
from supervise.domain.rights.decisions import Action, Decision, Refused, Right, Sight
from supervise.domain.rights.limits import Usage
from supervise.domain.rights.people import Person, Tie, ties
from supervise.domain.rights.policy import Policy
from supervise.domain.rights.protect import Parties
from supervise.domain.rights.rules import NOBODY, Direction, Question, Rule
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

    @property
    def key(self) -> "_Key":
        """What it is apart from when it is so."""
        return self.right, self.visibility, self.aspect, self.grows


_Key = tuple[Right, Visibility | None, Aspect, bool]
_Answer = tuple[bool, bool, bool, float]
_Answers = Mapping[tuple[Right, Visibility | None], _Answer]

_NOWHERE = frozenset[int]()


@dataclass(frozen=True, slots=True)
class _Standing:
    """All that the rights between two people depend on in one version, beside the circumstances.

    Attributes:
        rules: the numbers of the rules that cover them.
        between: what stands between them.
        protected, hidden: something forbids taking part, and seeing, whatever the rules say.
    """

    rules: frozenset[int]
    between: frozenset[Tie] = frozenset()
    protected: bool = False
    hidden: bool = False


_UNKNOWN = _Standing(_NOWHERE)
"""One of the two is not in the policy."""


class Versions:
    """An old and a new version."""

    def __init__(self, old: Policy, new: Policy, at: datetime) -> None:
        """Give each rule a number; those that say the same in both versions get the same one."""
        self.both = (old, new)
        self._at = at
        self._numbers: dict[int, int] = {}
        plain: dict[Rule, int] = {}
        for version in self.both:
            for rule in version.rules:
                self._numbers[id(rule)] = plain.setdefault(replace(rule, place="", name=""), len(plain))
        self._rules = tuple(plain)
        self._asked: dict[tuple[tuple[_Standing, ...], str], tuple[What, ...]] = {}

    def numbers(self, rules: Iterable[Rule]) -> frozenset[int]:
        """What rules say, for comparing them across the versions."""
        return frozenset(self._numbers[id(rule)] for rule in rules)

    def standing(self, version: Policy, people: tuple[str, str], queue: str) -> _Standing:
        """How a supervisor and an agent stand to each other in calls from a queue."""
        one, other = map(version.person, people)
        if one is None or other is None:
            return _UNKNOWN
        teams = other.teams | version.teams_of_queue(queue)
        between = ties(one, other)
        rules = [
            rule
            for rule in version.between(one, other, teams)
            if rule.forgives(between) and not rule.but_not.covers(one, other, teams)
        ]
        parties = Parties(other, teams)
        protected, hidden = version.protects(one, parties) is not None, version.hides(parties) is not None
        return _Standing(self.numbers(rules), between, protected, hidden)

    def ask(self, people: tuple[str, str], queue: str, standings: Sequence[_Standing]) -> tuple[What, ...]:
        """What differs between the answers to two people in any circumstance of calls from a queue."""
        if standings[0] == standings[1] or not (standings[0].rules or standings[1].rules):
            return ()
        key = (tuple(standings), queue)
        if key not in self._asked:
            self._asked[key] = tuple(self._ask(people, queue, standings))
        return self._asked[key]

    def _ask(self, people: tuple[str, str], queue: str, standings: Sequence[_Standing]) -> Iterator[What]:
        said = [self._rules[number] for number in sorted(standings[0].rules | standings[1].rules)]
        rights = frozenset[Right]().union(*(rule.may for rule in said))
        every = circumstances(said, queue, self._at)
        likeness = _Likeness(said)
        known: dict[tuple[int, int], list[_Key]] = {}
        examples: dict[_Key, tuple[Circumstance, int]] = {}
        for circumstance in every:
            alike = likeness.of(circumstance)
            if alike not in known:
                question = Question(*people, circumstance.at, circumstance.call, circumstance.usage)
                before, after = (answers(version, question, rights) for version in self.both)
                known[alike] = list(_differences(before, after))
            for key in known[alike]:
                example, count = examples.get(key, (circumstance, 0))
                examples[key] = (example, count + 1)
        for key, (example, count) in examples.items():
            yield What(*key, always=count == len(every), example=example)


class _Likeness:
    """Tells circumstances apart by the rules that hold in them, one bit for each rule; each question is asked once."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._calls: dict[tuple[datetime, Direction | None], int] = {}
        self._room: dict[Usage, int] = {}

    def of(self, circumstance: Circumstance) -> tuple[int, int]:
        """The rules whose calls and hours are right, and those of them that have room; sights need no room."""
        at, usage, call = circumstance.at, circumstance.usage, circumstance.call
        if (at, call.direction) not in self._calls:
            self._calls[at, call.direction] = _bits(
                rule.at_times(at) and rule.calls.include(call) for rule in self._rules
            )
        if usage not in self._room:
            self._room[usage] = _bits(rule.limits.reached(usage) is None for rule in self._rules)
        fitting = self._calls[at, call.direction]
        return fitting, fitting & self._room[usage]


def _bits(truths: Iterable[bool]) -> int:
    return sum(1 << number for number, truth in enumerate(truths) if truth)


class SupervisorChanges:
    """What changes for one supervisor; agents to whom they stand alike are asked about once."""

    def __init__(self, versions: Versions, name: str) -> None:
        """Take the rules that speak of them in each version."""
        self._versions = versions
        self._name = name
        self.rules = [_rules_of(version, version.person(name)) for version in versions.both]
        self._leaving_out = [[rule for rule in rules if rule.but_not != NOBODY] for rules in self.rules]
        self._queues = self._all_queues()
        self._known: dict[object, tuple[What, ...]] = {}

    @property
    def rules_differ(self) -> bool:
        """Whether other rules speak of them now."""
        old, new = map(self._versions.numbers, self.rules)
        return old != new

    def towards(self, agent: str) -> tuple[What, ...]:
        """Everything that changes towards an agent, each thing once."""
        standings = tuple(self._versions.standing(version, (self._name, agent), "") for version in self._versions.both)
        likeness = (standings, *self._left_out(agent))
        if likeness not in self._known:
            self._known[likeness] = tuple(self._found(agent))
        return self._known[likeness]

    def _found(self, agent: str) -> Iterator[What]:
        in_queues = [self._in_queue(agent, queue) for queue in self._queues]
        always = [{what.key for what in whats if what.always} for whats in in_queues]
        found: dict[_Key, What] = {}
        for whats in in_queues:
            for what in whats:
                found.setdefault(what.key, replace(what, always=all(what.key in keys for keys in always)))
        yield from found.values()

    def _in_queue(self, agent: str, queue: str) -> tuple[What, ...]:
        people = (self._name, agent)
        standings = [self._versions.standing(version, people, queue) for version in self._versions.both]
        return self._versions.ask(people, queue, standings)

    def _left_out(self, agent: str) -> Iterator[frozenset[int]]:
        """The rules that would leave an agent out even where a queue brought them in."""
        for version, rules in zip(self._versions.both, self._leaving_out, strict=True):
            one, other = version.person(self._name), version.person(agent)
            if one is None or other is None:
                yield _NOWHERE
            else:
                yield self._versions.numbers(rule for rule in rules if rule.but_not.covers(one, other, other.teams))

    def _all_queues(self) -> list[str]:
        """No queue, and every one that these rules, or protected teams, can tell from it."""
        found = {""}
        for version, rules in zip(self._versions.both, self.rules, strict=True):
            person = version.person(self._name)
            teams = {team for rule in rules for team in rule.whom.teams | rule.but_not.teams}
            teams |= person.teams if person is not None else frozenset()
            teams |= {team.name for team in version.teams.values() if team.only_by is not None}
            teams |= {team for never in version.nevers for team in never.teams}
            found.update(queue for rule in rules for queue in rule.calls.queues)
            found.update(queue for team in teams for queue in version.teams[team].queues)
        return sorted(found)


def _rules_of(version: Policy, person: Person | None) -> list[Rule]:
    return [rule for rule in version.rules if person is not None and person.role in rule.who]


_NO: _Answer = (False, False, False, 0.0)

EVERY_RIGHT: frozenset[Right] = frozenset({*Mode, *Action, *Sight})


def answers(policy: Policy, question: Question, wanted: frozenset[Right] = EVERY_RIGHT) -> _Answers:
    """Rights between two people at one moment: allowed, without a PIN, without a reason, for so many minutes."""
    found: dict[tuple[Right, Visibility | None], _Answer] = {}
    if not all(isinstance(right, Sight) for right in wanted):
        rights = policy.rights(question)
        modes = {(mode, visibility): rights.may(mode, visibility) for mode in Mode for visibility in Visibility}
        found |= {key: _answer(decision) for key, decision in modes.items() if key[0] in wanted}
        found |= {(action, None): _answer(rights.actions[action]) for action in Action if action in wanted}
    return found | {(sight, None): _seeing(policy.decide(question, sight)) for sight in Sight if sight in wanted}


def _seeing(decision: Decision) -> _Answer:
    """Seeing is no session: no PIN is asked for, and it has no end."""
    return _NO if isinstance(decision, Refused) else (True, True, True, 0.0)


def _answer(decision: Decision) -> _Answer:
    if isinstance(decision, Refused):
        return _NO
    minutes = float("inf") if decision.minutes is None else decision.minutes
    return (True, not decision.pin, not decision.reason_code, minutes)


def _differences(before: _Answers, after: _Answers) -> Iterator[_Key]:
    for (right, visibility), old in before.items():
        new = after[right, visibility]
        if old[0] != new[0]:
            yield right, visibility, Aspect.MAY, new[0]
            continue
        for aspect, was, is_now in zip(Aspect, old, new, strict=True):
            if was != is_now:
                yield right, visibility, aspect, is_now > was
