from pathlib import Path

import pytest

from supervise.lab.callcentre import POLICY
from supervise.lab.scenarios.result import ScenarioResult
from supervise.lab.scenarios.run import on_a_bad_network, with_sign_in
from supervise.policyfile.load import load_bytes

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


def test_the_lead_may_sign_in_to_the_board() -> None:
    """In the harness the call centre's policy is as everywhere, but that its lead has a password for the board."""
    policy = load_bytes([("policy", with_sign_in(POLICY).encode())]).policy
    assert policy.people["hilda"].login_hash
    assert {name for name, person in policy.people.items() if person.login_hash} == {"hilda"}
