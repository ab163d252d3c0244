"""Random policies and questions in a world small enough that they often meet."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from supervise.domain.decisions import Action, Right, Sight
from supervise.domain.hours import Hours, Window
from supervise.domain.house import HouseRules
from supervise.domain.limits import Limits, Usage
from supervise.domain.people import Person, Role, Team, Tie
from supervise.domain.policy import Contents, Policy
from supervise.domain.protect import Never
from supervise.domain.rules import Calls, CallFacts, Direction, Question, Rule, Whom
from supervise.domain.words import Mode, Visibility

PEOPLE = [f"p{number}" for number in range(5)]
TEAMS = ["t0", "t1"]
ROLES = ["r0", "r1", "r2"]
QUEUES = ["q0", "q1"]
NUMBERS = ["110", "115", "0301", "0302", ""]
RIGHTS: list[Right] = [*Mode, *Action, *Sight]
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def some(names: list[str], **kwargs: int) -> st.SearchStrategy[frozenset[str]]:
    """Draw some of these names."""
    return st.frozensets(st.sampled_from(names), **kwargs)


whoms = st.builds(
    Whom,
    everybody=st.booleans(),
    own_teams=st.booleans(),
    teams=some(TEAMS),
    people=some(PEOPLE, max_size=2),
    roles=some(ROLES, max_size=1),
)

windows = st.builds(
    Window,
    days=st.frozensets(st.integers(0, 6), min_size=1),
    start=st.sampled_from([0, 480, 1200]),
    end=st.sampled_from([360, 1080, 1440]),
)

hours = st.builds(
    Hours,
    windows=st.tuples(windows),
    zone=st.just(UTC),
    not_on=st.sampled_from([frozenset[date](), frozenset({date(2026, 3, 4)})]),
)

limits = st.builds(Limits, *[st.none() | st.integers(1, 2)] * 4, st.none() | st.sampled_from([10, 30]))

calls = st.builds(
    Calls,
    queues=some(QUEUES, max_size=1),
    directions=st.frozensets(st.sampled_from(Direction), max_size=1),
)


@st.composite
def rules(draw: st.DrawFn, place: str = "p:1") -> Rule:
    """Draw a rule; what makes it narrower is often left out."""
    often_nothing = st.booleans()
    return Rule(
        place=place,
        who=draw(some(ROLES, min_size=1)),
        may=frozenset(draw(st.frozensets(st.sampled_from(RIGHTS), min_size=1, max_size=5))),
        whom=draw(whoms),
        but_not=draw(whoms) if draw(often_nothing) else Whom(),
        how=draw(st.frozensets(st.sampled_from(Visibility), min_size=1)),
        even=draw(st.frozensets(st.sampled_from(Tie))),
        calls=draw(calls) if draw(often_nothing) else Calls(),
        hours=draw(st.tuples(hours)) if draw(often_nothing) else (),
        limits=draw(limits) if draw(often_nothing) else Limits(),
        pin=draw(st.booleans()),
        reason=draw(st.booleans()),
    )


nevers = st.builds(
    Never,
    place=st.just("p:900"),
    people=some(PEOPLE, max_size=1),
    teams=some(TEAMS, max_size=1),
    roles=some(ROLES, max_size=1),
    endpoints=some(["e0", "e1", "x"], max_size=1),
    numbers=some(["110", "11X", "0301"], max_size=1),
    prefixes=some(["03", "11"], max_size=1),
    withheld=st.booleans(),
    sights=st.booleans(),
)


@st.composite
def people(draw: st.DrawFn) -> dict[str, Person]:
    """Draw most of the people."""
    found = {}
    for number, name in enumerate(PEOPLE):
        if number > 1 and draw(st.integers(0, 5)) == 0:
            continue
        teams = draw(some(TEAMS))
        leads = draw(st.frozensets(st.sampled_from(sorted(teams)))) if teams else frozenset[str]()
        only_by = draw(st.none() | st.none() | some(ROLES))
        found[name] = Person(
            name, name, draw(st.sampled_from(ROLES)), (f"e{number}",), f"20{number}", teams, leads, only_by
        )
    return found


@st.composite
def contents(draw: st.DrawFn) -> Contents:
    """Draw a whole policy."""
    count = draw(st.integers(0, 4))
    return Contents(
        people=draw(people()),
        teams={
            name: Team(name, name, draw(some(QUEUES, max_size=1)), draw(st.none() | st.none() | some(ROLES)), "p:800")
            for name in TEAMS
        },
        roles={name: Role(name, name) for name in ROLES},
        rules=tuple(draw(rules(f"p:{number}")) for number in range(count)),
        nevers=tuple(draw(st.lists(nevers, max_size=1))),
        house=HouseRules(limits=draw(limits) if draw(st.booleans()) else Limits()),
    )


policies = contents().map(lambda drawn: Policy(drawn, "hash"))

facts = st.builds(
    CallFacts,
    numbers=some(NUMBERS, max_size=1),
    endpoints=some(["e0", "e1", "e2", "x"], max_size=1),
    queue=st.sampled_from(["", *QUEUES]),
    direction=st.none() | st.sampled_from(Direction),
    private=st.sampled_from([False, False, False, True]),
)

questions = st.builds(
    Question,
    supervisor=st.sampled_from(PEOPLE),
    agent=st.sampled_from(PEOPLE),
    at=st.integers(0, 7 * 24 * 4 - 1).map(lambda quarters: MONDAY + timedelta(minutes=15 * quarters)),
    call=st.none() | facts,
    usage=st.builds(Usage, *[st.integers(0, 2)] * 4, st.sampled_from([0, 10, 40])),
)
