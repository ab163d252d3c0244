"""Each construct of the language, and what it decides."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from supervise.domain.rights.decisions import (
    Action,
    Allowed,
    Decision,
    Refusal,
    Refused,
    Right,
    Sight,
)
from supervise.domain.rights.limits import NOTHING_USED, Usage
from supervise.domain.rights.rules import STRANGER, CallFacts, Direction, Question
from supervise.domain.words import Mode, Visibility
from supervise.policyfile.load import load_bytes
from tests.policyfile.world import policy

pytestmark = pytest.mark.unit

A_CALL = CallFacts(endpoints=STRANGER)

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
"""A Wednesday."""

YES = None
"""Allowed."""


@dataclass(frozen=True)
class Case:
    """One line of the table: with these rules, is this allowed, and if not, why not."""

    promise: str
    more: str
    expected: Refusal | None
    right: Right = Mode.MONITOR
    who: str = "anna"
    whom: str = "ben"
    at: datetime = NOON
    call: CallFacts | None = A_CALL
    usage: Usage = NOTHING_USED


def rule(more: str = "", who: str = "lead", may: str = "monitor", whom: str = "own-teams") -> str:
    """One rule, with more keys in it."""
    return f"rules:\n  - {{who: {who}, may: {may}, whom: {whom}{', ' + more if more else ''}}}\n"


ALL = rule(whom="everybody")

CASES = [
    Case("without a rule nothing is allowed", "", Refusal.NOT_ALLOWED),
    Case("a rule allows what it says", rule(), YES),
    Case("a rule does not allow another mode", rule(), Refusal.NOT_ALLOWED, right=Mode.COACH),
    Case("a rule speaks of its role only", rule(), Refusal.NOT_ALLOWED, who="quinn"),
    Case("own teams are those one belongs to", rule(), YES, whom="cleo"),
    Case("own teams are no others", rule(), Refusal.NOT_ALLOWED, who="otto"),
    Case("a call from a team's queue is the team's", rule(), YES, who="otto", call=CallFacts(queue="help-in")),
    Case(
        "a call from a named team's queue is that team's",
        rule(whom="{teams: help}", who="qa"),
        YES,
        who="quinn",
        call=CallFacts(queue="help-in"),
    ),
    Case("everybody", ALL, YES, who="otto"),
    Case("a team by name", rule(whom="{teams: sales}", who="qa"), YES, who="quinn"),
    Case("a person by name", rule(whom="{people: [ben]}", who="qa"), YES, who="quinn"),
    Case("not another person", rule(whom="{people: [cleo]}", who="qa"), Refusal.NOT_ALLOWED, who="quinn"),
    Case("a role by name", rule(whom="{roles: agent}"), YES, who="otto"),
    Case("several ways add up", rule(whom="{people: [cleo], own_teams: yes}"), YES),
    Case("who may be a list", rule(who="[qa, lead]"), YES),
    Case("but_not leaves out", rule("but_not: {people: ben}"), Refusal.NOT_ALLOWED),
    Case("but_not leaves the others", rule("but_not: {people: ben}"), YES, whom="cleo"),
    Case("nobody supervises themselves", rule(), Refusal.ONESELF, whom="anna"),
    Case("unless a rule says so", rule("even: oneself"), YES, whom="anna"),
    Case("nobody supervises a peer", ALL, Refusal.PEER, whom="otto"),
    Case("unless a rule says so of peers", rule("even: peers", whom="everybody"), YES, whom="otto"),
    Case("nobody supervises their lead", rule(who="agent"), Refusal.OWN_LEAD, who="ben", whom="anna"),
    Case("unless a rule says so of leads", rule("even: own-lead", who="agent"), YES, who="ben", whom="anna"),
    Case("a lead does not become a peer by that", rule("even: own-lead", whom="everybody"), Refusal.PEER, whom="otto"),
    Case("within the hours", rule("when: office"), YES),
    Case("outside the hours", rule("when: office"), Refusal.HOURS, at=NOON.replace(hour=18)),
    Case("not on other days", rule("when: office"), Refusal.HOURS, at=NOON.replace(day=8)),
    Case("hours in their zone", rule("when: {from: 14:00, to: 15:00, zone: Asia/Tokyo}"), Refusal.HOURS),
    Case(
        "hours in their zone hold there",
        rule("when: {from: 21:00, to: 22:00, zone: Asia/Tokyo}"),
        YES,
    ),
    Case(
        "hours in the zone of the house", rule("when: {from: 13:00, to: 14:00}") + "house: {zone: Europe/Berlin}", YES
    ),
    Case("hours over midnight", rule("when: {days: tue, from: 22:00, to: 06:00}"), YES, at=NOON.replace(hour=5)),
    Case("hours over midnight end", rule("when: {days: tue, from: 22:00, to: 06:00}"), Refusal.HOURS),
    Case("any of several hours", rule("when: [{days: sun}, office]"), YES),
    Case("dates without hours", rule("when: {not_on: 2026-03-04}"), Refusal.HOURS),
    Case(
        "one more on the call",
        rule("within: {sessions_per_call: 2}"),
        YES,
        usage=Usage(on_call=1),
    ),
    Case("no more on the call", rule("within: {sessions_per_call: 2}"), Refusal.LIMIT, usage=Usage(on_call=2)),
    Case("no more at once", rule("within: {sessions_at_once: 1}"), Refusal.LIMIT, usage=Usage(at_once=1)),
    Case("no more that day", rule("within: {sessions_per_agent_a_day: 3}"), Refusal.LIMIT, usage=Usage(agent_day=3)),
    Case(
        "no more that month", rule("within: {sessions_per_agent_a_month: 3}"), Refusal.LIMIT, usage=Usage(agent_month=3)
    ),
    Case("no longer than that", rule("within: {minutes: 30}"), Refusal.LIMIT, usage=Usage(minutes=30)),
    Case("until then", rule("within: {minutes: 30}"), YES, usage=Usage(minutes=29.9)),
    Case(
        "the house has limits too",
        rule("within: {sessions_per_call: 5}") + "house: {within: {sessions_per_call: 1}}",
        Refusal.LIMIT,
        usage=Usage(on_call=1),
    ),
    Case("another rule has room", rule("within: {sessions_per_call: 1}") + ALL[7:], YES, usage=Usage(on_call=1)),
    Case("calls from a queue", rule("calls: {queues: sales-in}"), YES, call=CallFacts(queue="sales-in")),
    Case("calls from no other", rule("calls: {queues: sales-in}"), Refusal.NOT_ALLOWED, call=CallFacts(queue="x")),
    Case("no call is no such call", rule("calls: {queues: sales-in}"), Refusal.NOT_ALLOWED, call=None),
    Case(
        "calls in a direction",
        rule("calls: {directions: inbound}"),
        YES,
        call=CallFacts(direction=Direction.INBOUND),
    ),
    Case("an unknown direction is none", rule("calls: {directions: inbound}"), Refusal.NOT_ALLOWED),
    Case("a private call is closed", ALL, Refusal.PRIVATE, call=CallFacts(private=True)),
    Case("never a person", ALL + "never: [{people: ben}]", Refusal.PROTECTED),
    Case("never a team", ALL + "never: [{teams: sales}]", Refusal.PROTECTED),
    Case("never a role", ALL + "never: [{roles: agent}]", Refusal.PROTECTED),
    Case("never an endpoint", ALL + "never: [{endpoints: 0201}]", Refusal.PROTECTED),
    Case(
        "never a phone that is nobody's",
        ALL + "never: [{endpoints: 900}]",
        Refusal.PROTECTED,
        call=CallFacts(endpoints=frozenset({"900"})),
    ),
    Case("never only whom it names", ALL + "never: [{people: cleo}]", YES),
    Case(
        "never with that person as the other party",
        ALL + "never: [{people: quinn}]",
        Refusal.PROTECTED,
        call=CallFacts(endpoints=frozenset({"303-web"})),
    ),
    Case(
        "never with that person by extension",
        ALL + "never: [{people: quinn}]",
        Refusal.PROTECTED,
        call=CallFacts(numbers=frozenset({"303"})),
    ),
    Case(
        "never a number",
        ALL + "never: [{numbers: 0800123}]",
        Refusal.PROTECTED,
        call=CallFacts(numbers=frozenset({"0800123"})),
    ),
    Case(
        "never a longer number",
        ALL + "never: [{numbers: 0800123}]",
        YES,
        call=CallFacts(numbers=frozenset({"08001234"})),
    ),
    Case(
        "never a pattern",
        ALL + "never: [{numbers: 11X}]",
        Refusal.PROTECTED,
        call=CallFacts(numbers=frozenset({"112"})),
    ),
    Case(
        "never a beginning",
        ALL + "never: [{prefixes: 090X}]",
        Refusal.PROTECTED,
        call=CallFacts(numbers=frozenset({"0905551"})),
    ),
    Case(
        "never a number in whatever form",
        ALL + "never: [{prefixes: 0900}]\nhouse: {numbering: {country: 49}}",
        Refusal.PROTECTED,
        call=CallFacts(numbers=frozenset({"0049 900-123"})),
    ),
    Case("never a withheld number", ALL + "never: [{withheld: yes}]", Refusal.PROTECTED, call=CallFacts()),
    Case(
        "never an anonymous one",
        ALL + "never: [{withheld: yes}]",
        Refusal.PROTECTED,
        call=CallFacts(numbers=frozenset({"anonymous"})),
    ),
    Case(
        "never one party of three",
        ALL + "never: [{numbers: 110}]",
        Refusal.PROTECTED,
        call=CallFacts(numbers=frozenset({"0301", "110"})),
    ),
    Case("only by some roles", ALL, Refusal.PROTECTED, whom="dora"),
    Case("by those roles", rule(who="qa", whom="everybody"), YES, who="quinn", whom="dora"),
    Case(
        "protected as the other party",
        ALL,
        Refusal.PROTECTED,
        call=CallFacts(endpoints=frozenset({"203"})),
    ),
    Case("a protected team's queue", ALL, Refusal.PROTECTED, call=CallFacts(queue="board-in")),
    Case(
        "not a call one is in oneself",
        ALL,
        Refusal.ONESELF,
        call=CallFacts(endpoints=frozenset({"301"})),
    ),
    Case("an action is a right of its own", rule(may="barge"), Refusal.NOT_ALLOWED, right=Action.HOLD_AGENT),
    Case("an action that is allowed", rule(may="[barge, take-over]"), YES, right=Action.TAKE_OVER),
    Case(
        "a never forbids actions", rule(may="take-over") + "never: [{people: ben}]", Refusal.PROTECTED, Action.TAKE_OVER
    ),
    Case("a sight is a right of its own", rule(), Refusal.NOT_ALLOWED, right=Sight.BOARD),
    Case("a sight that is allowed", rule(may="see-board"), YES, right=Sight.BOARD),
    Case("a never leaves the sights", rule(may="see-board") + "never: [{people: ben}]", YES, right=Sight.BOARD),
    Case(
        "unless it says so",
        rule(may="see-board") + "never: [{people: ben, sights: yes}]",
        Refusal.PROTECTED,
        right=Sight.BOARD,
    ),
    Case("a private call is on the board", rule(may="see-board"), YES, Sight.BOARD, call=CallFacts(private=True)),
    Case("peers are on the board", rule(may="see-board", whom="everybody"), YES, right=Sight.BOARD, whom="otto"),
    Case(
        "peers' history is closed", rule(may="see-history", whom="everybody"), Refusal.PEER, Sight.HISTORY, whom="otto"
    ),
    Case(
        "limits do not close sights",
        rule("within: {sessions_per_call: 1}", may="see-board"),
        YES,
        Sight.BOARD,
        usage=Usage(on_call=3),
    ),
    Case("an unknown supervisor", ALL, Refusal.UNKNOWN_SUPERVISOR, who="nobody"),
    Case("an unknown agent", ALL, Refusal.NO_SUCH_AGENT, whom="nobody"),
]


@pytest.mark.parametrize("case", CASES, ids=[case.promise for case in CASES])
def test_construct(case: Case) -> None:
    """The policy decides as the line of the table says."""
    question = Question(case.who, case.whom, case.at, case.call, case.usage)
    decision = policy(case.more).decide(question, case.right)
    assert (decision.reason if isinstance(decision, Refused) else None) == case.expected


def question(**changes: object) -> Question:
    """Ask about anna and ben at noon."""
    plain = Question("anna", "ben", NOON, A_CALL)
    return replace(plain, **changes)  # type: ignore[arg-type]  # replace() checks the names itself


def decided(more: str, mode: Mode, visibility: Visibility) -> Decision:
    """Decide about anna and ben."""
    return policy(more).rights(question()).may(mode, visibility)


@pytest.mark.parametrize(
    ("how", "visible", "hidden"),
    [("visible", True, False), ("hidden", False, True), ("choice", True, True)],
)
def test_how_says_in_which_visibilities(how: str, visible: bool, hidden: bool) -> None:  # noqa: FBT001  a table's cells
    """A session may be visible or hidden as the rule says."""
    for visibility, expected in ((Visibility.VISIBLE, visible), (Visibility.HIDDEN, hidden)):
        assert isinstance(decided(rule(f"how: {how}"), Mode.MONITOR, visibility), Allowed) is expected


def test_visible_is_what_a_rule_means_that_does_not_say_how() -> None:
    """Hidden supervision is never allowed by leaving something out."""
    assert decided(rule(), Mode.MONITOR, Visibility.HIDDEN) == Refused(Refusal.HIDDEN_NOT_ALLOWED, "policy.yaml:20")


def test_a_rule_tells_what_comes_with_it() -> None:
    """PIN, reason code and length come from the rule that allows, and its place with them."""
    found = decided(
        rule("with: [pin, reason], within: {minutes: 30}") + "reasons: {1: training}", Mode.MONITOR, Visibility.VISIBLE
    )
    assert found == Allowed("policy.yaml:20", frozenset({Visibility.VISIBLE}), pin=True, reason_code=True, minutes=30)


def test_the_most_generous_rule_answers_for_each_visibility() -> None:
    """Hidden with a PIN by one rule, visible without one by another: neither condition spreads to the other."""
    more = rule("how: choice, with: pin") + "  - {who: lead, may: monitor, whom: everybody}\n"
    rights = policy(more).rights(question())
    visible, hidden = (rights.may(Mode.MONITOR, visibility) for visibility in Visibility)
    assert isinstance(visible, Allowed)
    assert isinstance(hidden, Allowed)
    assert (visible.pin, hidden.pin) == (False, True)


def test_extensions_stay_what_was_typed() -> None:
    """0042 is neither 34 nor 42, and no is a person's name like any other."""
    text = b"people: {no: {role: on, endpoint: 0042}, x: {role: on, extension: 010}}\nroles: {on: }\n"
    found = load_bytes([("p.yaml", text)])
    person = found.policy.person_by_extension("0042")
    assert person is not None
    assert (person.name, person.role) == ("no", "on")
    assert found.policy.person_by_extension("010") == found.policy.people["x"]
    assert found.policy.person_by_extension("42") is None


def test_identity_is_the_endpoint() -> None:
    """Each of somebody's phones is theirs, and an unknown one is nobody's."""
    found = policy("")
    assert found.person_by_endpoint("303-web") == found.people["quinn"]
    assert found.person_by_endpoint("304") is None


def test_admins_see_the_pages_for_admins() -> None:
    """Only a role that says so may."""
    found = load_bytes([("p.yaml", b"people: {a: {role: boss}, b: {role: x}}\nroles: {boss: {admin: yes}, x: }\n")])
    assert [found.policy.may_administer(name) for name in ("a", "b", "c")] == [True, False, False]


def test_every_word_of_may_is_a_right() -> None:
    """The words of the language and the rights of the domain are the same."""
    every = [right.value for kind in (Mode, Action, Sight) for right in kind]
    said = policy(rule("how: choice", may=f"[{', '.join(every)}]"))
    assert all(isinstance(said.decide(question(), right), Allowed) for kind in (Mode, Action, Sight) for right in kind)
