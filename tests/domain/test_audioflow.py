"""Who hears whom, computed."""

import pytest

from supervise.domain.calls.audioflow import Direction, Flow, Tap, hearing, who_hears

pytestmark = pytest.mark.unit

CALL = {"call": frozenset({"agent", "customer"})}


def room(*others: str) -> dict[str, frozenset[str]]:
    """Build a call and a room with the supervisor and others in it."""
    return {**CALL, "room": frozenset({"supervisor", *others})}


@pytest.mark.parametrize(
    ("whisper", "hearers"),
    [
        (Direction.NONE, set()),
        (Direction.OUT, {"agent"}),
        (Direction.IN, {"customer"}),
        (Direction.BOTH, {"agent", "customer"}),
    ],
)
def test_a_whisper_reaches_whom_its_direction_says(whisper: Direction, hearers: set[str]) -> None:
    """The table of directions as measured on a real Asterisk (reference: who hears what of a snoop)."""
    flow = Flow(room("ear"), taps={"ear": Tap("agent", Direction.BOTH, whisper)})
    assert who_hears(flow, "supervisor") == hearers
    assert hearing(flow)["supervisor"] == {"agent", "customer"}
    assert all(phone not in voices for phone, voices in hearing(flow).items())


def test_a_seat_makes_the_supervisor_one_of_the_call() -> None:
    """Through a Local channel into the call's bridge everybody hears everybody, and nobody themselves."""
    flow = Flow(
        {"call": frozenset({"agent", "customer", "far"}), "room": frozenset({"supervisor", "seat"})},
        halves={"seat": "far", "far": "seat"},
    )
    heard = hearing(flow)
    assert heard["customer"] == {"agent", "supervisor"}
    assert heard["agent"] == {"customer", "supervisor"}
    assert heard["supervisor"] == {"agent", "customer"}


def test_a_seat_outside_the_room_carries_nothing() -> None:
    """A leg that stays in the call without the supervisor is silent both ways."""
    flow = Flow(
        {"call": frozenset({"agent", "customer", "far"}), "room": frozenset({"supervisor"})},
        halves={"seat": "far", "far": "seat"},
    )
    assert who_hears(flow, "supervisor") == frozenset()
    assert hearing(flow)["supervisor"] == frozenset()


def test_two_taps_in_one_room_let_the_agent_hear_themselves() -> None:
    """The echo that make-before-break has: the reason why a switch takes the old tap out first."""
    flow = Flow(
        room("old", "new"),
        taps={
            "old": Tap("agent", Direction.BOTH, Direction.NONE),
            "new": Tap("agent", Direction.BOTH, Direction.OUT),
        },
    )
    assert "agent" in hearing(flow)["agent"]


def test_who_is_muted_is_heard_by_nobody() -> None:
    """A closed microphone keeps a voice out of every tap and bridge."""
    flow = Flow(
        room("ear"), taps={"ear": Tap("agent", Direction.BOTH, Direction.BOTH)}, muted=frozenset({"supervisor"})
    )
    assert who_hears(flow, "supervisor") == frozenset()


def test_a_coached_agent_is_not_overheard_by_a_second_supervisor() -> None:
    """A whisper is mixed in after the spies are fed, so another ear on the same agent does not hear it."""
    flow = Flow(
        {**room("ear"), "room2": frozenset({"second", "ear2"})},
        taps={
            "ear": Tap("agent", Direction.BOTH, Direction.OUT),
            "ear2": Tap("agent", Direction.BOTH, Direction.NONE),
        },
    )
    assert who_hears(flow, "supervisor") == {"agent"}
    assert hearing(flow)["second"] == {"agent", "customer"}


def test_a_barge_is_heard_by_a_second_supervisor_too() -> None:
    """What everybody in the call hears, an ear on the agent hears as well."""
    flow = Flow(
        {
            "call": frozenset({"agent", "customer", "far"}),
            "room": frozenset({"supervisor", "seat"}),
            "room2": frozenset({"second", "ear2"}),
        },
        halves={"seat": "far", "far": "seat"},
        taps={"ear2": Tap("agent", Direction.BOTH, Direction.NONE)},
    )
    assert hearing(flow)["second"] == {"agent", "customer", "supervisor"}
