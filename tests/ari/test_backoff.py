from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervise.ari.client.backoff import Backoff

pytestmark = pytest.mark.unit


def test_first_attempt_is_made_at_once() -> None:
    """A lost connection is tried again without waiting."""
    assert Backoff(0.2, 5.0, lambda: 1.0).next(after_good=True) == 0.0


def test_bound_doubles_up_to_the_longest_wait() -> None:
    """Without luck the waits double, and stop growing at the longest one."""
    backoff = Backoff(0.2, 5.0, lambda: 1.0)

    waits = [backoff.next(after_good=False) for _ in range(9)]

    assert waits == pytest.approx([0.0, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0])


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=3000))
def test_no_wait_is_ever_longer_than_the_longest(chances: list[float]) -> None:
    """Whatever chance says, and after any number of attempts, a wait is between nothing and the longest."""
    draw = iter(chances)
    backoff = Backoff(0.2, 5.0, lambda: next(draw, 0.5))

    assert all(0.0 <= backoff.next(after_good=False) <= 5.0 for _ in chances)


def test_jitter_is_full() -> None:
    """Two clients that lost the same Asterisk do not come back together: chance picks from the whole range."""
    waits = [_second_wait(chance) for chance in (0.0, 0.25, 0.5, 0.75)]

    assert [later - earlier for earlier, later in pairwise(waits)] == pytest.approx([0.25, 0.25, 0.25])


def test_a_good_connection_is_forgiven_everything() -> None:
    """After a connection that lasted, the next attempt is made at once again."""
    backoff = Backoff(0.2, 5.0, lambda: 1.0)
    for _ in range(6):
        backoff.next(after_good=False)

    assert backoff.next(after_good=True) == 0.0
    assert backoff.next(after_good=False) == pytest.approx(0.2)


def _second_wait(chance: float) -> float:
    backoff = Backoff(1.0, 5.0, lambda: chance)
    backoff.next(after_good=False)
    return backoff.next(after_good=False)
