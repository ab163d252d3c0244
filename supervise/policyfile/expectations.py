"""Expectations of a policy, written in YAML beside it and held against it like tests."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, PlainValidator, model_validator

from supervise.domain.review.explain import Explanation, explain
from supervise.domain.rights.decisions import Refusal, Refused, Right
from supervise.domain.rights.limits import Limit, Usage
from supervise.domain.rights.policy import Policy
from supervise.domain.rights.rules import STRANGER, CallFacts, Direction, Question
from supervise.domain.words import Visibility
from supervise.policyfile.build import RIGHTS
from supervise.policyfile.errors import PolicyFileError, Problem
from supervise.policyfile.load import DEFAULT_LIMITS
from supervise.policyfile.nodes import ReadLimits
from supervise.policyfile.parts import read_part
from supervise.policyfile.problems import Loc, Source
from supervise.policyfile.schema.base import Names, Part
from supervise.policyfile.words import Endpoint, Label, RightWord, Some, Whole, YesNo, closest, wrong


def moment(value: object) -> datetime:
    """A moment as it is typed: ``2026-03-02 10:00``, perhaps with an offset."""
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        raise wrong("should be a moment such as 2026-03-02 10:00") from None


Moment = Annotated[datetime, PlainValidator(moment)]


class UsagePart(Part):
    """How much supervision there is already."""

    sessions_per_call: Whole = Field(default=0)
    sessions_at_once: Whole = Field(default=0)
    sessions_per_agent_a_day: Whole = Field(default=0)
    sessions_per_agent_a_month: Whole = Field(default=0)
    minutes: Whole = Field(default=0)

    def usage(self) -> Usage:
        """As the domain counts it."""
        return Usage(*(getattr(self, limit.value) for limit in Limit))


class ExpectationPart(Part):
    """Some people may, or may not, do something to some others."""

    who: Names
    may: Some[RightWord] | None = None
    may_not: Some[RightWord] | None = None
    whom: Names
    how: Visibility | None = None
    at: Moment | None = None
    numbers: Some[Label] | None = None
    endpoints: Some[Endpoint] | None = None
    queue: Label | None = None
    direction: Direction | None = None
    private: YesNo = Field(default=False)
    used: UsagePart = Field(default_factory=UsagePart)
    because: Refusal | None = None

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.may is None) == (self.may_not is None):
            raise wrong("says either 'may' or 'may_not'")
        if self.because is not None and self.may_not is None:
            raise wrong("'because' goes with 'may_not'")
        return self

    def call(self) -> CallFacts:
        """The call it is about, with a stranger in it unless it names somebody."""
        numbers, endpoints = frozenset(self.numbers or ()), frozenset(self.endpoints or ())
        others = endpoints if numbers or endpoints else STRANGER
        return CallFacts(numbers, others, self.queue or "", self.direction, self.private)


class ExpectationsPart(Part):
    """A file of expectations."""

    policy: str | None = None
    at: Moment | None = None
    expect: list[ExpectationPart] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one expectation was met.

    Attributes:
        place: where it stands, as ``file:line``.
        wanted: it is to be allowed.
        because: the reason for which it is to be refused; None for any.
        explanation: what the policy decides, and why.
    """

    place: str
    wanted: Literal["may", "may not"]
    because: Refusal | None
    explanation: Explanation

    @property
    def met(self) -> bool:
        """Whether the policy does what is expected."""
        decision = self.explanation.decision
        if not isinstance(decision, Refused):
            return self.wanted == "may"
        return self.wanted == "may not" and self.because in {None, decision.reason}


class Expectations:
    """A file of expectations that was read."""

    def __init__(self, path: Path, part: ExpectationsPart, source: Source) -> None:
        """Keep what was read."""
        self._path = path
        self._part = part
        self._source = source

    @property
    def policy(self) -> Path | None:
        """The policy that it names, beside itself."""
        return None if self._part.policy is None else self._path.parent / self._part.policy

    def against(self, policy: Policy) -> list[Outcome]:
        """Hold everything against a policy.

        Raises:
            PolicyFileError: it speaks of people whom the policy does not know, or needs a moment and names none.
        """
        problems = [*self._unknown(policy), *self._timeless(policy)]
        if problems:
            raise PolicyFileError(tuple(problems))
        return [
            outcome
            for number, expectation in enumerate(self._part.expect)
            for outcome in self._outcomes(policy, self._source.place(("expect", number)), expectation)
        ]

    def _unknown(self, policy: Policy) -> Iterator[Problem]:
        for number, expectation in enumerate(self._part.expect):
            for key, names in (("who", expectation.who), ("whom", expectation.whom)):
                for index, name in enumerate(names):
                    if name not in policy.people:
                        loc: Loc = ("expect", number, key, index)
                        yield self._source.problem(loc, f"there is no person '{name}'", closest(name, policy.people))

    def _timeless(self, policy: Policy) -> Iterator[Problem]:
        if self._part.at is not None or not any(rule.hours for rule in policy.rules):
            return
        for number, expectation in enumerate(self._part.expect):
            if expectation.at is None:
                words = "'at' is missing: rules of this policy have hours, and tests must not depend on the clock"
                yield self._source.problem(("expect", number), words)

    def _outcomes(self, policy: Policy, place: str, expectation: ExpectationPart) -> Iterator[Outcome]:
        words: Iterable[RightWord] = expectation.may or expectation.may_not or ()
        at = in_zone(expectation.at or self._part.at or datetime(2000, 1, 3, 12), policy)  # noqa: DTZ001  in_zone adds it
        for supervisor, agent, word in product(expectation.who, expectation.whom, words):
            question = Question(supervisor, agent, at, expectation.call(), expectation.used.usage())
            explanation = explain(policy, question, _right(word), expectation.how)
            yield Outcome(place, "may" if expectation.may else "may not", expectation.because, explanation)


def _right(word: RightWord) -> Right:
    return RIGHTS[word]


def in_zone(at: datetime, policy: Policy) -> datetime:
    """A moment with the zone of the house, unless it has its own."""
    return at if at.tzinfo is not None else at.replace(tzinfo=policy.house.zone)


def read_expectations(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> Expectations:
    """Read a file of expectations.

    Raises:
        PolicyFileError: it cannot be used; all that is wrong is in it.
    """
    part, source = read_part(path, ExpectationsPart, "should be a mapping with 'expect'", limits)
    return Expectations(path, part, source)
