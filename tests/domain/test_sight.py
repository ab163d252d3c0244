"""What viewers see: with a hidden session and without it, those who may not know of it see the very same."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervise.domain.board.board import Facts, Group, Hand, Talk, Watched, Why, about, facts_for, of, using
from supervise.domain.board.presence import Phones
from supervise.domain.board.sight import Eyes, Row
from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.rights.decisions import Refusal
from supervise.domain.rights.limits import NOTHING_USED
from supervise.domain.rights.policy import Policy
from supervise.domain.rights.rules import Question
from supervise.domain.sessions.session import Person, Session, Stage, Stance
from supervise.domain.words import Mode, Source, Visibility
from supervise.policyfile.load import load_bytes

pytestmark = pytest.mark.unit

NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)
NAMES = ("hilda", "sven", "anna", "ben", "olga", "ulla")

PEOPLE = """\
people:
  hilda: {role: lead, endpoint: "301"}
  sven: {role: lead, endpoint: "302"}
  anna: {role: agent, endpoint: "201"}
  ben: {role: agent, endpoint: "202"}
  olga: {role: outsider, endpoint: "401"}
  ulla: {role: quality, endpoint: "402"}
teams: {support: {leads: [hilda, sven], members: [anna, ben]}}
roles: {lead: , agent: , outsider: , quality: }
"""

RULES = (
    "{who: lead, may: [monitor, coach, barge, see-board, answer-hand], whom: own-teams, how: choice}",
    "{who: agent, may: [see-board], whom: own-teams}",
    "{who: quality, may: [see-board, see-hidden], whom: everybody}",
)


def policy(*rules: str, further: str = "") -> Policy:
    """A policy of some rules."""
    return load_bytes([("p.yaml", f"{PEOPLE}rules: [{', '.join(rules or RULES)}]\n{further}".encode())]).policy


POLICY = policy()


def talk_of(agent: str, number: str = "101", *, rules: Policy = POLICY) -> Talk:
    """A call of somebody's with a customer."""
    book = CallBook()
    person = rules.people[agent]
    for index, (id_, endpoint, caller) in enumerate(
        (("customer", "trunk", number), (f"{agent}-phone", person.endpoint, person.extension))
    ):
        name = f"PJSIP/{endpoint}-0000000{index}"
        book.see(Channel(id_, name, up=True, number=caller, display_name="Bob", created=f"2026-03-16T11:00:0{index}"))
        book.entered("bridge", id_)
    channel, call = book.calls_at(person.endpoint)[0]
    return Talk("pbx", channel, call, facts_for(call, channel.id, rules, frozenset()), NOW - timedelta(minutes=5))


def watched(
    supervisor: str, agent: str, visibility: Visibility, mode: Mode = Mode.COACH, stage: Stage = Stage.LIVE
) -> Watched:
    """A session."""
    session = Session(
        id=f"{supervisor}-{agent}",
        node="pbx",
        supervisor=Person(supervisor, f"{supervisor}-phone"),
        agent=Person(agent, f"{agent}-phone"),
        call="customer",
        number="101",
        source=Source.PHONE,
        stance=Stance(mode),
        wanted=Stance(mode),
        visibility=visibility,
        stage=stage,
    )
    rights = POLICY.rights(Question(supervisor, agent, NOW, None, NOTHING_USED))
    return Watched(session, NOW - timedelta(minutes=1), 1, rights)


def world(sessions: tuple[Watched, ...], talking: frozenset[str], hands: frozenset[str]) -> dict[str, Facts]:
    """Everybody, with these sessions, calls and hands."""
    return {
        name: Facts(
            person,
            Phones(registered=True),
            talk_of(name) if name in talking else None,
            Why.NOTHING,
            NOW - timedelta(hours=1),
            Hand(NOW, "help") if name in hands else None,
            tuple(about(name, sessions)),
            tuple(of(name, sessions)),
        )
        for name, person in POLICY.people.items()
    }


def seen(viewer: str, facts: dict[str, Facts]) -> list[Any]:
    """All that a viewer sees, in a form that can be compared; what they cannot see is not in it."""
    eyes = Eyes(viewer, POLICY, NOW)
    return [_shown(row) for each in facts.values() if (row := eyes.row(each)) is not None] + [
        [each.session.id for each in eyes.with_me(facts[viewer])]
    ]


def _shown(row: Row) -> tuple[object, ...]:
    supervisors = [(each.session.supervisor.name, each.session.stance, each.since) for each in row.supervisors]
    return row.facts.person.name, row.group, row.why, row.since, row.call, supervisors, row.hand, row.may, row.order


some_sessions = st.lists(
    st.builds(
        watched,
        st.sampled_from(("hilda", "sven")),
        st.sampled_from(("anna", "ben")),
        st.sampled_from(Visibility),
        st.sampled_from(Mode),
        st.sampled_from(Stage),
    ),
    max_size=4,
    unique_by=lambda each: each.session.supervisor.name,
)
some_names = st.frozensets(st.sampled_from(NAMES))


@settings(max_examples=300)
@given(some_sessions, some_names, some_names, st.sampled_from(("anna", "ben", "olga")))
def test_hidden_sessions_make_no_difference_to_those_who_may_not_know(
    sessions: list[Watched], talking: frozenset[str], hands: frozenset[str], viewer: str
) -> None:
    """Whatever else goes on: an agent's board, page and order are those of a world without hidden sessions."""
    told = tuple(each for each in sessions if each.told)
    assert seen(viewer, world(tuple(sessions), talking, hands)) == seen(viewer, world(told, talking, hands))


@settings(max_examples=300)
@given(some_sessions, some_names, some_names, st.sampled_from(("hilda", "sven")))
def test_leads_know_of_their_own_hidden_sessions_and_of_no_others(
    sessions: list[Watched], talking: frozenset[str], hands: frozenset[str], viewer: str
) -> None:
    """A lead without the right to see hidden ones is as blind to a colleague's as an agent."""
    known = tuple(each for each in sessions if each.told or each.session.supervisor.name == viewer)
    assert seen(viewer, world(tuple(sessions), talking, hands)) == seen(viewer, world(known, talking, hands))


def test_who_may_see_hidden_supervisors_does() -> None:
    """The right makes the difference, with the agent and in the supervisor's own row."""
    facts = world((watched("hilda", "anna", Visibility.HIDDEN),), frozenset({"anna"}), frozenset())
    eyes = Eyes("ulla", POLICY, NOW)
    anna, hilda = eyes.row(facts["anna"]), eyes.row(facts["hilda"])
    assert anna is not None
    assert hilda is not None
    assert [each.session.supervisor.name for each in anna.supervisors] == ["hilda"]
    assert (hilda.group, hilda.why) == (Group.NOT_AVAILABLE, Why.SUPERVISING)


def test_nobody_without_a_rule_sees_anybody() -> None:
    """Deny by default holds for eyes as well."""
    facts = world((), frozenset(NAMES), frozenset(NAMES))
    eyes = Eyes("olga", POLICY, NOW)
    assert [eyes.row(each) for each in facts.values()] == [None] * len(facts)


def test_who_may_supervise_sees_whom_even_without_a_board() -> None:
    """A right to be on the call is a right to see that there is one."""
    rules = policy("{who: lead, may: [monitor], whom: {people: [anna]}}")
    facts = world((), frozenset({"anna", "ben"}), frozenset())
    eyes = Eyes("hilda", rules, NOW)
    assert eyes.row(facts["anna"]) is not None
    assert eyes.row(facts["ben"]) is None


def test_a_private_call_shows_that_it_is_one_and_with_whom_it_is_not() -> None:
    """The mark is seen, the other party is not, and nobody may click."""
    facts = world((), frozenset({"anna"}), frozenset())["anna"]
    assert facts.talk is not None
    private = replace(facts, talk=replace(facts.talk, facts=replace(facts.talk.facts, private=True)))
    row = Eyes("hilda", POLICY, NOW).row(private)
    assert row is not None
    assert row.call is not None
    assert (row.call.other.number, row.call.other.name) == ("", "")
    assert row.may is not None
    assert {leave.refusal for leave in row.may.values()} == {Refusal.PRIVATE}


def test_masked_numbers_are_masked_and_so_are_names_that_might_be_numbers() -> None:
    """A caller's name with digits in it is not shown to whom the number is masked."""
    rules = policy(RULES[0], further="house: {mask_numbers: {for: [lead], keep: 2}}\n")
    talk = talk_of("anna", "0301234567")
    named = replace(talk.others[0], display_name="0301234567")
    eyes = Eyes("hilda", rules, NOW)
    assert eyes.party(talk.others[0]).number == "********67"
    assert eyes.party(named).name == ""


def test_only_the_visible_are_offered_to_hand_a_call_over_to() -> None:
    """Also where an agent may know of hidden supervisors: these are reached by number, and not offered."""
    receiving = "{who: lead, may: [monitor, receive-transfer], whom: own-teams, how: choice}"
    rules = policy(receiving, "{who: agent, may: [see-board, see-hidden], whom: own-teams}")
    eyes = Eyes("anna", rules, NOW)
    for visibility in Visibility:
        session = watched("hilda", "anna", visibility)
        facts = world((session,), frozenset({"anna"}), frozenset())["anna"]
        assert eyes.transfers_to(session, facts) is (visibility is Visibility.VISIBLE)
    assert not Eyes("anna", POLICY, NOW).transfers_to(watched("hilda", "anna", Visibility.VISIBLE), facts)


def test_calls_that_are_kept_from_sight_look_like_a_phone_in_use() -> None:
    """A *never* with sights: the colleague is busy, and with what is nobody's business."""
    rules = policy(*RULES, further="never: [{numbers: ['110'], sights: yes}]\n")
    facts = replace(world((), frozenset(), frozenset())["anna"], talk=talk_of("anna", "110", rules=rules))
    row = Eyes("hilda", rules, NOW).row(facts)
    assert row is not None
    assert (row.group, row.why, row.call, row.since) == (Group.NOT_AVAILABLE, Why.BUSY, None, None)


def test_what_needs_eyes_sorts_first() -> None:
    """A raised hand, then who has somebody on hold, then the longest call."""
    facts = world((), frozenset({"anna", "ben"}), frozenset())
    eyes = Eyes("hilda", POLICY, NOW)
    held = replace(facts["anna"], talk=replace(_talk(facts["anna"]), held_since=NOW))
    longer = replace(facts["anna"], talk=replace(_talk(facts["anna"]), since=NOW - timedelta(hours=2)))
    waving = replace(facts["ben"], hand=Hand(NOW))
    rows = [eyes.row(each) for each in (facts["anna"], longer, held, waving)]
    orders = [row.order for row in rows if row is not None]
    assert orders == sorted(orders, reverse=True)


def _talk(facts: Facts) -> Talk:
    assert facts.talk is not None
    return facts.talk


@pytest.mark.parametrize(
    ("phones", "group", "why"),
    [
        (Phones(registered=False, do_not_disturb=True), Group.NOT_AVAILABLE, Why.NOT_REGISTERED),
        (Phones(registered=True, do_not_disturb=True), Group.NOT_AVAILABLE, Why.DO_NOT_DISTURB),
        (Phones(registered=True, paused=("sales",)), Group.NOT_AVAILABLE, Why.PAUSED),
        (Phones(), Group.NOT_AVAILABLE, Why.UNKNOWN),
        (Phones(registered=True), Group.AVAILABLE, Why.NOTHING),
    ],
)
def test_who_is_in_no_call_stands_as_their_phones_say(phones: Phones, group: Group, why: Why) -> None:
    """Registration, do-not-disturb and pauses, in this order."""
    row = Eyes("hilda", POLICY, NOW).row(replace(world((), frozenset(), frozenset())["anna"], phones=phones))
    assert row is not None
    assert (row.group, row.why) == (group, why)


def test_a_supervisors_own_line_is_no_use_of_their_phone() -> None:
    """Else a hidden supervisor would look busy to those who may not know why."""
    line = Channel("line", "PJSIP/301-00000001", up=True)
    other = Channel("other", "PJSIP/301-00000002")
    assert using([line], frozenset({"line"})) is Why.NOTHING
    assert using([line, other], frozenset({"line"})) is Why.RINGING
    assert using([line], frozenset()) is Why.BUSY
