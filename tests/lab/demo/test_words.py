from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from supervise.domain.records import Deed, Record
from supervise.domain.words import Mode, Visibility
from supervise.lab.demo.words import sentence

pytestmark = pytest.mark.unit

NAMES = {"hilda": "Hilda Lead", "anna": "Anna Agent"}

MONITOR = Record(
    Deed.OPENED,
    at=datetime(2026, 1, 1, tzinfo=UTC),
    session="s",
    supervisor="hilda",
    agent="anna",
    mode=Mode.MONITOR,
    muted=True,
    visibility=Visibility.HIDDEN,
    policy="0123456789abcdef",
)
COACH = replace(MONITOR, deed=Deed.MODE, mode=Mode.COACH, muted=False, visibility=Visibility.VISIBLE)
BARGE = replace(COACH, mode=Mode.BARGE)


def named(name: str) -> str:
    """Who is meant."""
    return NAMES.get(name, name)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (MONITOR, "Hilda Lead monitors Anna Agent (hidden)"),
        (replace(COACH, deed=Deed.OPENED), "Hilda Lead coaches Anna Agent: Anna Agent alone hears them (visible)"),
        (COACH, "Hilda Lead coaches Anna Agent: Anna Agent alone hears them"),
        (replace(COACH, muted=True), "Hilda Lead coaches Anna Agent, muted: nobody hears them"),
        (BARGE, "Hilda Lead barges into the call of Anna Agent: everybody hears them"),
        (
            replace(MONITOR, deed=Deed.MODE, reason="failed"),
            "Hilda Lead monitors Anna Agent (That did not work. Please try again.)",
        ),
        (replace(COACH, deed=Deed.MUTE), "Hilda Lead is unmuted: Anna Agent alone hears them"),
        (replace(BARGE, deed=Deed.MUTE), "Hilda Lead is unmuted: everybody hears them"),
        (replace(BARGE, deed=Deed.MUTE, muted=True), "Hilda Lead is muted: nobody hears them"),
        (replace(COACH, deed=Deed.VISIBILITY), "Hilda Lead is visible to Anna Agent now"),
        (
            replace(COACH, deed=Deed.REFUSED, reason="visible-first"),
            "Hilda Lead may not coach Anna Agent: Press 8 to become visible first.",
        ),
        (
            replace(MONITOR, deed=Deed.REFUSED, supervisor="401", agent="", mode=None, reason="unknown-supervisor"),
            "401 may not do that: This phone may not supervise calls.",
        ),
        (replace(BARGE, deed=Deed.NOTICE, reason="changed"), "Anna Agent is told: Hilda Lead has changed to barge"),
        (replace(BARGE, deed=Deed.NOTICE, reason="left"), "Anna Agent is told: Hilda Lead has left"),
        (
            replace(COACH, deed=Deed.INAUDIBLE),
            "Anna Agent may not hear Hilda Lead: nothing is being sent to their phone",
        ),
        (replace(COACH, deed=Deed.PRIVATE), "The call is private: Hilda Lead hears nobody, and nobody hears them"),
        (replace(MONITOR, deed=Deed.PRIVATE_OVER), "The call is private no longer. Hilda Lead monitors Anna Agent"),
        (
            replace(MONITOR, deed=Deed.CLOSED, reason="left", elapsed=timedelta(seconds=7.4)),
            "Hilda Lead has left, after 7 s",
        ),
        (replace(MONITOR, deed=Deed.CLOSED, reason="blind"), "Hilda Lead is out (blind)"),
        (replace(MONITOR, deed=Deed.POLICY), "The policy file is in force (version 01234567)"),
        (
            replace(MONITOR, deed=Deed.POLICY, detail={"problem": "policy.yaml:3:1: no"}),
            "The policy file has a mistake, the last good one stays in force: policy.yaml:3:1: no",
        ),
        (replace(MONITOR, deed=Deed.JOURNAL), ""),
    ],
)
def test_sentences(record: Record, expected: str) -> None:
    """Each record of a session is one plain sentence with people's names, and says who hears whom."""
    assert sentence(record, named) == expected
