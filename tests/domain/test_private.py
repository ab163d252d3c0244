"""What makes a call private, and where a call came from."""

import pytest

from supervise.domain.calls.calls import Call, Channel
from supervise.domain.reception import direction_of, facts_of
from supervise.domain.rights.policy import Policy
from supervise.domain.rights.private import AGENTS_MARK, Mark, is_private
from supervise.domain.rights.rules import CallFacts, Direction
from supervise.policyfile.load import load_bytes

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("marks", "with_agents", "without"),
    [
        ((), False, False),
        (("", "0", "no", "NO", "false", " False "), False, False),
        (("", "yes"), True, True),
        (("1",), True, True),
        (("whatever",), True, True),
        ((AGENTS_MARK,), True, False),
        ((AGENTS_MARK, "yes"), True, True),
        (("", None), True, True),
    ],
)
def test_marks(marks: tuple[Mark, ...], *, with_agents: bool, without: bool) -> None:
    """Anything but an empty word, 0, no and false is a mark, and so is what cannot be told."""
    assert is_private(marks, agents_count=True) is with_agents
    assert is_private(marks, agents_count=False) is without


PEOPLE = b"""\
people: {anna: {role: agent, endpoint: "201"}, ben: {role: agent, endpoint: "202"}}
roles: {agent: }
"""


def people() -> Policy:
    """Two agents."""
    return load_bytes([("policy.yaml", PEOPLE)]).policy


def call(*names: str) -> Call:
    """A call of these phones, in the order in which they came."""
    return Call("call", tuple(Channel(name, f"PJSIP/{name}-00000001", number=name) for name in names))


@pytest.mark.parametrize(
    ("phones", "direction"),
    [
        (("trunk", "201"), Direction.INBOUND),
        (("201", "trunk"), Direction.OUTBOUND),
        (("201", "202"), Direction.INTERNAL),
        (("201", "202", "trunk"), Direction.OUTBOUND),
        (("trunk", "202", "201"), Direction.INBOUND),
    ],
)
def test_direction(phones: tuple[str, ...], direction: Direction) -> None:
    """Whoever was there first called the others; among people of the policy alone it is internal."""
    assert direction_of(call(*phones), people()) is direction


def test_facts() -> None:
    """The agent's own phone is no other party, and the mark is handed on."""
    facts = facts_of(call("trunk", "201"), "201", people(), private=True)
    assert facts == CallFacts(frozenset({"trunk"}), frozenset({"trunk"}), direction=Direction.INBOUND, private=True)
