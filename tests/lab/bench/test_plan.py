import random
from collections import Counter
from pathlib import Path

import pytest

from supervise.domain.rights.decisions import VisibleBefore
from supervise.domain.words import Visibility
from supervise.lab.bench.plan import DOWN, JOURNEYS, UP, Side, Switch, policy, switches, visits
from supervise.policyfile.load import load

pytestmark = pytest.mark.unit


def test_switches() -> None:
    """Each key is a switch from the mode before it; only a visit's first barge counts as the first."""
    assert list(switches("565646454")) == [
        Switch.TO_COACH,
        Switch.FIRST_BARGE,
        Switch.BARGE_TO_COACH,
        Switch.COACH_TO_BARGE,
        Switch.BARGE_TO_MONITOR,
        Switch.MONITOR_TO_BARGE,
        Switch.BARGE_TO_MONITOR,
        Switch.TO_COACH,
        Switch.COACH_TO_MONITOR,
    ]


def test_journeys() -> None:
    """Thirty visits have every kind of switch at least thirty times, and every kind is measured up or down."""
    counts = Counter(kind for number in range(30) for kind in switches(JOURNEYS[number % len(JOURNEYS)]))
    assert set(counts) == set(Switch) == {*UP, *DOWN}
    assert min(counts.values()) >= 30


def test_visits() -> None:
    """Every side gets as many visits, in an order that a seed gives again and that is not one side after the other."""
    drawn, again, other = (visits(10, random.Random(seed)) for seed in (7, 7, 8))  # noqa: S311 - an order, not a secret
    assert Counter(visit.side for visit in drawn) == dict.fromkeys(Side, 10)
    assert drawn == again != other
    assert len({visit.side for visit in drawn[:10]}) > 1
    assert all(bool(visit.keys) is (visit.side is not Side.NOBODY) for visit in drawn)


def test_policy(tmp_path: Path) -> None:
    """The benchmark's policy is a right one, in which a hidden supervisor is not muted."""
    file = tmp_path / "policy.yaml"
    file.write_text(policy(("201", "202"), ("301",)))
    loaded = load(file).policy
    rules = loaded.house.session
    assert loaded.person_by_extension("202") is not None
    assert (rules.start_muted, rules.start_visibility, rules.notices) == (False, Visibility.HIDDEN, frozenset())
    assert set(rules.visible_before.values()) == {VisibleBefore.NOT_REQUIRED}
