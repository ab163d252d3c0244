from pathlib import Path

import pytest

from supervise.lab.scenarios.result import ScenarioResult
from supervise.lab.scenarios.run import on_a_bad_network

pytestmark = pytest.mark.unit


def test_a_bad_network_may_lose_frames() -> None:
    """What a bad network lost is told, and held against nobody."""
    (told,) = on_a_bad_network([ScenarioResult("x", "", Path(), dropped=7)], "loss 1%")
    assert told.right
    assert told.versions["network"] == "loss 1%; 7 packets lost"


def test_a_network_that_was_not_bad_is_wrong() -> None:
    """A run that was to lose packets and lost none has not shown what it was to show."""
    (told,) = on_a_bad_network([ScenarioResult("x", "", Path())], "loss 1%")
    assert told.problems == ("the network was not made worse: loss 1%; 0 packets lost",)
