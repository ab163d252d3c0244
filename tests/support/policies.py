"""Random policies and questions in a world small enough that they often meet.

Each comes from one number, which is what a failing test shows: drawing every part by hypothesis is a hundred times
slower, and its shrinking is off here.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TypeVar

from hypothesis import strategies as st

from supervise.domain.rights.decisions import Action, Right, Sight
from supervise.domain.rights.hours import Hours, Window
from supervise.domain.rights.house import HouseRules
from supervise.domain.rights.limits import Limits, Usage
from supervise.domain.rights.people import Person, Role, Team, Tie
from supervise.domain.rights.policy import Contents, Policy
from supervise.domain.rights.protect import Never
from supervise.domain.rights.rules import CallFacts, Calls, Direction, Question, Rule, Whom
from supervise.domain.words import Mode, Visibility

T = TypeVar("T")

PEOPLE = [f"p{number}" for number in range(5)]
TEAMS = ["t0", "t1"]
ROLES = ["r0", "r1", "r2"]
QUEUES = ["q0", "q1"]
NUMBERS = ["110", "115", "0301", "0302", "4711", ""]
RIGHTS: list[Right] = [*Mode, *Action, *Sight]
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def from_a_number(make: Callable[[Random], T]) -> st.SearchStrategy[T]:
    """Draw whatever a function makes of a random generator."""
    return st.integers(0, 2**32 - 1).map(lambda number: make(Random(number)))  # noqa: S311  nothing is kept secret


def some(random: Random, items: Sequence[T], most: int | None = None) -> frozenset[T]:
    """Choose some of these, perhaps none."""
    count = random.randint(0, len(items) if most is None else most)
    return frozenset(random.sample(list(items), count))


def seldom(random: Random, make: Callable[[], T], otherwise: T) -> T:
    """Make something one time in four."""
    return make() if random.random() < 0.25 else otherwise


def make_whom(random: Random) -> Whom:
    """Make a whom."""
    return Whom(
        everybody=random.random() < 0.3,
        own_teams=random.random() < 0.4,
        teams=some(random, TEAMS, 1),
        people=some(random, PEOPLE, 2),
        roles=some(random, ROLES, 1),
    )


def make_hours(random: Random) -> Hours:
    """Make hours, some of them over midnight."""
    days = frozenset(random.sample(range(7), random.randint(1, 7)))
    window = Window(days, random.choice([0, 480, 1200]), random.choice([360, 1080, 1440]))
    return Hours((window,), UTC, frozenset({date(2026, 3, 4)}) if random.random() < 0.3 else frozenset())


def make_limits(random: Random) -> Limits:
    """Make limits."""
    on_call, at_once, day, month = (random.choice([None, None, 1, 2]) for _ in range(4))
    return Limits(on_call, at_once, day, month, random.choice([None, 10, 30]))


def make_rule(random: Random, place: str) -> Rule:
    """Make a rule; what makes it narrower is seldom there."""
    return Rule(
        place=place,
        who=some(random, ROLES) | {random.choice(ROLES)},
        may=some(random, RIGHTS, 8) | {random.choice(RIGHTS)},
        whom=make_whom(random),
        but_not=seldom(random, lambda: make_whom(random), Whom()),
        how=frozenset({random.choice(list(Visibility)), random.choice(list(Visibility))}),
        even=some(random, list(Tie)),
        calls=seldom(random, lambda: Calls(some(random, QUEUES, 1), some(random, list(Direction), 1)), Calls()),
        hours=seldom(random, lambda: (make_hours(random),), ()),
        limits=seldom(random, lambda: make_limits(random), Limits()),
        pin=random.random() < 0.3,
        reason=random.random() < 0.3,
    )


def make_never(random: Random) -> Never:
    """Make an entry under never, which may cover nothing."""
    return Never(
        place="p:900",
        people=seldom(random, lambda: some(random, PEOPLE, 1), frozenset()),
        teams=seldom(random, lambda: some(random, TEAMS, 1), frozenset()),
        roles=seldom(random, lambda: some(random, ROLES, 1), frozenset()),
        endpoints=seldom(random, lambda: some(random, ["e0", "e1", "x"], 1), frozenset()),
        numbers=some(random, ["110", "11X", "0301"], 1),
        prefixes=seldom(random, lambda: some(random, ["03", "11"], 1), frozenset()),
        withheld=random.random() < 0.3,
        sights=random.random() < 0.5,
    )


def make_person(random: Random, number: int) -> Person:
    """Make one of the people."""
    teams = some(random, TEAMS)
    return Person(
        name=PEOPLE[number],
        display=PEOPLE[number],
        role=random.choice(ROLES),
        endpoints=(f"e{number}",),
        extension=f"20{number}",
        teams=teams,
        leads=some(random, sorted(teams)),
        only_by=seldom(random, lambda: some(random, ROLES), None),
    )


def make_team(random: Random, name: str) -> Team:
    """Make one of the teams."""
    only_by = some(random, ROLES) if random.random() < 0.1 else None
    return Team(name, name, some(random, QUEUES, 1), only_by, "p:800")


def make_contents(random: Random) -> Contents:
    """Make a whole policy."""
    present = [number for number in range(len(PEOPLE)) if number < 2 or random.random() < 0.8]
    return Contents(
        people={PEOPLE[number]: make_person(random, number) for number in present},
        teams={name: make_team(random, name) for name in TEAMS},
        roles={name: Role(name, name) for name in ROLES},
        rules=tuple(make_rule(random, f"p:{number}") for number in range(random.randint(0, 5))),
        nevers=seldom(random, lambda: (make_never(random),), ()),
        house=HouseRules(limits=seldom(random, lambda: make_limits(random), Limits())),
    )


def make_facts(random: Random) -> CallFacts:
    """Make a call, most often with a stranger."""
    return CallFacts(
        numbers=frozenset({random.choice(NUMBERS)}) if random.random() < 0.8 else frozenset(),
        endpoints=seldom(random, lambda: some(random, ["e0", "e1", "e2", "x"], 1), frozenset()),
        queue=random.choice(["", *QUEUES]),
        direction=random.choice([None, *Direction]),
        private=random.random() < 0.1,
    )


def make_question(random: Random) -> Question:
    """Make a question, most often about the first few people in the week of `MONDAY`."""
    on_call, at_once, day, month = (random.choice([0, 0, 1, 2]) for _ in range(4))
    supervisor, agent = (random.choice(PEOPLE[: random.choice([2, 5])]) for _ in range(2))
    return Question(
        supervisor=supervisor,
        agent=agent,
        at=MONDAY + timedelta(minutes=15 * random.randrange(7 * 24 * 4)),
        call=make_facts(random) if random.random() < 0.8 else None,
        usage=Usage(on_call, at_once, day, month, random.choice([0, 0, 10, 40])),
    )


contents = from_a_number(make_contents)
policies = contents.map(lambda said: Policy(said, "hash"))
rules = from_a_number(lambda random: make_rule(random, "p:99"))
nevers = from_a_number(make_never)
questions = from_a_number(make_question)
