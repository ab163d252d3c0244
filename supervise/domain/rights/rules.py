"""One rule: who may do what to whom, how, when, within which limits and with what; and whether it holds in a case."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from supervise.domain.rights.decisions import Allowed, Right, Sight
from supervise.domain.rights.hours import Hours
from supervise.domain.rights.limits import NO_LIMITS, NOTHING_USED, Limits, Usage
from supervise.domain.rights.people import Person, Tie
from supervise.domain.words import Visibility


class Direction(StrEnum):
    """Where a call came from."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


STRANGER = frozenset({"\N{REPLACEMENT CHARACTER}"})
"""The endpoint of somebody whom no policy can know, for questions about a call with nobody in particular."""


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What a decision needs to know of the call.

    Attributes:
        numbers: of all parties but the agent, as Asterisk gives them; a withheld one is empty.
        endpoints: the PJSIP endpoints of those parties that have one here.
        queue: the queue it came through; empty for none.
        direction: as seen from the house; None when it is not known, which satisfies no rule that asks for one.
        private: it is marked private, or nobody can tell.
    """

    numbers: frozenset[str] = frozenset()
    endpoints: frozenset[str] = frozenset()
    queue: str = ""
    direction: Direction | None = None
    private: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """May this supervisor do something to this agent, now?

    Attributes:
        supervisor, agent: names of people in the policy.
        at: now, with its zone.
        call: the call it is about; None where there is none, or not yet.
        usage: how much supervision there is beside this session.
    """

    supervisor: str
    agent: str
    at: datetime
    call: CallFacts | None = None
    usage: Usage = NOTHING_USED


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom a rule covers: everybody it names, in whichever way."""

    everybody: bool = False
    own_teams: bool = False
    teams: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()

    def covers(self, supervisor: Person, agent: Person, teams: frozenset[str]) -> bool:
        """Whether an agent, who belongs to these teams during this call, is covered for a supervisor."""
        return (
            self.everybody
            or agent.name in self.people
            or agent.role in self.roles
            or not self.teams.isdisjoint(teams)
            or (self.own_teams and not supervisor.teams.isdisjoint(teams))
        )


NOBODY = Whom()


@dataclass(frozen=True, slots=True)
class Calls:
    """Which calls a rule is about; an empty set asks nothing."""

    queues: frozenset[str] = frozenset()
    directions: frozenset[Direction] = frozenset()

    def include(self, call: CallFacts | None) -> bool:
        """Whether a call is among them; where there is no call, only a rule that asks nothing includes it."""
        if not self.queues and not self.directions:
            return True
        return (
            call is not None
            and (not self.queues or call.queue in self.queues)
            and (not self.directions or call.direction in self.directions)
        )


ALL_CALLS = Calls()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the policy. It only ever allows.

    Attributes:
        place: where it stands, as ``file:line``.
        who: the roles it speaks of.
        may: what it allows.
        whom, but_not: whom it covers, and whom of those it does not.
        how: the visibilities that it allows a session to have.
        name: what its author calls it.
        even: what may stand between the two all the same.
        calls: the calls it is about.
        hours: when it holds; any of them suffices, none at all means always.
        limits: within which; those of the house are in them.
        pin, reason: a PIN, a reason code is to be asked for.
        allowed: the answer it gives where it holds.
    """

    place: str
    who: frozenset[str]
    may: frozenset[Right]
    whom: Whom
    but_not: Whom = NOBODY
    how: frozenset[Visibility] = frozenset({Visibility.VISIBLE})
    name: str = ""
    even: frozenset[Tie] = frozenset()
    calls: Calls = ALL_CALLS
    hours: tuple[Hours, ...] = ()
    limits: Limits = NO_LIMITS
    pin: bool = False
    reason: bool = False
    allowed: Allowed = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make the answer once: it is the same each time."""
        allowed = Allowed(self.place, self.how, self.pin, self.reason, self.limits.minutes)
        object.__setattr__(self, "allowed", allowed)

    def within(self, limits: Limits) -> "Rule":
        """The same rule, within these limits as well."""
        return self if limits == NO_LIMITS else replace(self, limits=self.limits.tightened(limits))

    def at_times(self, at: datetime) -> bool:
        """Whether a moment is within its hours."""
        return not self.hours or any(hours.hold(at) for hours in self.hours)

    @property
    def engages(self) -> bool:
        """Whether all that it allows is taking part, which *never* forbids, and no sight."""
        return not any(isinstance(right, Sight) for right in self.may)

    def forgives(self, between: frozenset[Tie]) -> bool:
        """Whether it covers two people in spite of what stands between them; the board stands open to peers."""
        return Sight.BOARD in self.may or between <= self.even

    @property
    def generosity(self) -> tuple[int, float, int, str]:
        """A key that sorts the most generous rule first: asks least, lasts longest, leaves most choice, stands first.

        It makes the choice between several rules that allow the same thing independent of their order in the policy;
        the place only decides between rules that give the very same answer.
        """
        minutes = float("inf") if self.limits.minutes is None else self.limits.minutes
        return (self.pin + self.reason, -minutes, -len(self.how), self.place)


@dataclass(frozen=True, slots=True)
class Case:
    """A question with all that the policy knows about it.

    Attributes:
        supervisor, agent: the two people.
        teams: those of the agent during this call: their own, and those whose queue the call came through.
        ties: what stands between the two.
        at, call, usage: as in the question.
        sight: what is to be seen, where it is about seeing.
    """

    supervisor: Person
    agent: Person
    teams: frozenset[str]
    ties: frozenset[Tie]
    at: datetime
    call: CallFacts | None
    usage: Usage
    sight: Sight | None = None


class Failing(StrEnum):
    """What keeps a rule from holding in a case, the least mendable first."""

    WHO = "who"
    RIGHT = "right"
    WHOM = "whom"
    BUT_NOT = "but-not"
    TIES = "ties"
    CALLS = "calls"
    HOURS = "hours"
    LIMITS = "limits"
    HOW = "how"


def _ties_allow(rule: Rule, case: Case) -> bool:
    return case.sight is Sight.BOARD or case.ties <= rule.even


def _limits_allow(rule: Rule, case: Case) -> bool:
    return case.sight is not None or rule.limits.reached(case.usage) is None


_CHECKS: tuple[tuple[Failing, Callable[[Rule, Case], bool]], ...] = (
    (Failing.WHO, lambda rule, case: case.supervisor.role in rule.who),
    (Failing.WHOM, lambda rule, case: rule.whom.covers(case.supervisor, case.agent, case.teams)),
    (Failing.BUT_NOT, lambda rule, case: not rule.but_not.covers(case.supervisor, case.agent, case.teams)),
    (Failing.TIES, _ties_allow),
    (Failing.CALLS, lambda rule, case: rule.calls.include(case.call)),
    (Failing.HOURS, lambda rule, case: rule.at_times(case.at)),
    (Failing.LIMITS, _limits_allow),
)


def holds(rule: Rule, case: Case) -> bool:
    """Whether nothing keeps a rule from holding; what it then allows is in its `may`."""
    return all(check(rule, case) for _, check in _CHECKS)


def failings(rule: Rule, case: Case) -> tuple[Failing, ...]:
    """All that keeps a rule from holding, by the very checks that `holds` makes."""
    return tuple(failing for failing, check in _CHECKS if not check(rule, case))
