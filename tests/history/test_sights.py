"""Who may read what of the journal, and what an agent may read about themselves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from supervise.domain.records import Deed, Record
from supervise.domain.rights.decisions import Sight
from supervise.domain.rights.house import Keeping
from supervise.domain.rights.policy import Policy
from supervise.domain.words import Mode, Visibility
from supervise.history.reading.sights import View, about, by_policy
from supervise.policyfile.load import load
from tests.history.helpers import NOON

pytestmark = pytest.mark.unit

HIDDEN = Record(
    Deed.OPENED, NOON, session="s1", supervisor="anna", agent="ben", number="+49301234567", visibility=Visibility.HIDDEN
)
VISIBLE = replace(HIDDEN, session="s2", visibility=Visibility.VISIBLE, mode=Mode.COACH)
ELSEWHERE = replace(VISIBLE, session="s3", agent="dora")

POLICY = """
people:
  anna: {role: lead, endpoint: "301"}
  cleo: {role: lead, endpoint: "302"}
  root: {role: boss, endpoint: "309"}
  ben: {role: agent, endpoint: "201"}
  dora: {role: agent, endpoint: "202"}
teams:
  sales: {leads: [anna], members: [ben]}
  support: {leads: [cleo], members: [dora]}
roles:
  lead:
  boss: {admin: yes}
  agent:
rules:
  - {who: lead, may: [see-history], whom: own-teams}
  - {who: boss, may: [see-history, see-hidden, export], whom: everybody}
house:
  mask_numbers: {for: [lead], keep: 3}
"""


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    """Two leads with a team each, and one who sees everything."""
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return load(path).policy


def read(view: View, *records: Record) -> Iterator[Record]:
    """What a view leaves of records."""
    return (seen for record in records if (seen := view(record)) is not None)


def test_a_lead_reads_of_their_own_team_with_masked_numbers(policy: Policy) -> None:
    """What the policy does not let somebody read is not there, and of a number they see the end."""
    found = list(read(by_policy(policy, "cleo", NOON), HIDDEN, VISIBLE, ELSEWHERE))
    assert found == [replace(ELSEWHERE, number="*********567")]


def test_hidden_supervisors_are_read_about_by_who_may(policy: Policy) -> None:
    """A hidden session is read by its own supervisor and by those who may see hidden ones."""
    other = replace(HIDDEN, supervisor="cleo")
    assert [r.supervisor for r in read(by_policy(policy, "anna", NOON), HIDDEN, other)] == ["anna"]
    assert list(read(by_policy(policy, "root", NOON), HIDDEN, other)) == [HIDDEN, other]


def test_reading_is_not_taking_away(policy: Policy) -> None:
    """An export needs its own right."""
    assert list(read(by_policy(policy, "anna", NOON, Sight.EXPORT), VISIBLE)) == []
    assert list(read(by_policy(policy, "root", NOON, Sight.EXPORT), VISIBLE)) == [VISIBLE]


def test_what_is_about_no_agent_is_for_administrators(policy: Policy) -> None:
    """Sign-ins, policies and exports are read by administrators; everybody reads their own."""
    own, change = Record(Deed.SIGN_IN, NOON, supervisor="anna"), Record(Deed.POLICY, NOON)
    assert list(read(by_policy(policy, "anna", NOON), own, change)) == [own]
    assert list(read(by_policy(policy, "root", NOON), own, change)) == [own, change]
    assert list(read(by_policy(policy, "stranger", NOON), own, change, VISIBLE)) == []


def test_an_agent_reads_who_was_visibly_with_them() -> None:
    """Of visible sessions with oneself everything, of hidden ones, other agents' and refused attempts nothing."""
    attempt = replace(VISIBLE, session="s4", deed=Deed.REFUSED)
    view = about("ben", Keeping(), NOON + timedelta(days=400))
    assert list(read(view, HIDDEN, VISIBLE, ELSEWHERE, attempt)) == [VISIBLE]


def test_a_supervisor_who_hides_has_left_for_the_agent() -> None:
    """Neither hiding nor going on with somebody else tells the agent more than that the supervisor left."""
    hides = replace(HIDDEN, session="s2", deed=Deed.VISIBILITY, mode=Mode.MONITOR, at=NOON + timedelta(minutes=2))
    closed = replace(hides, deed=Deed.CLOSED)
    left = Record(Deed.CLOSED, hides.at, session="s2", supervisor="anna", agent="ben", reason="left")
    assert list(read(about("ben", Keeping(), NOON), VISIBLE, hides, closed)) == [VISIBLE, left]
    moved = replace(ELSEWHERE, session="s2", deed=Deed.TARGET, at=hides.at, number="+1555", call="other")
    assert list(read(about("ben", Keeping(), NOON), VISIBLE, moved)) == [VISIBLE, left]
    assert list(read(about("dora", Keeping(), NOON), VISIBLE, moved)) == [moved]


def test_a_recovered_closing_ends_a_visible_session() -> None:
    """A closing that says nothing of visibility belongs to what came before it."""
    closing = replace(VISIBLE, deed=Deed.CLOSED, visibility=None)
    assert list(read(about("ben", Keeping(), NOON), VISIBLE, closing)) == [VISIBLE, closing]
    assert list(read(about("ben", Keeping(), NOON), HIDDEN, replace(closing, session="s1"))) == []


@pytest.mark.parametrize(("days", "found"), [(29, 0), (30, 1), (31, 1)])
def test_hidden_sessions_are_told_when_the_policy_says(days: int, found: int) -> None:
    """After the days that the policy sets an agent reads of hidden sessions too."""
    view = about("ben", Keeping(hidden_to_agent_after=30), NOON + timedelta(days=days))
    assert len(list(read(view, HIDDEN))) == found


def test_a_policy_may_tell_agents_nothing() -> None:
    """Where the policy shows agents nothing, they read nothing."""
    assert list(read(about("ben", Keeping(visible_to_agent=False), NOON), VISIBLE)) == []
