import pytest

from supervise.lab.demo.script import AGENT, BOTH, NOBODY, Measured, Step
from supervise.lab.hearing.ear import Arrivals
from supervise.lab.hearing.marks import FLOOR_DB, Presence
from supervise.lab.hearing.matrix import Heard, Matrix
from supervise.lab.sound import Voice

pytestmark = pytest.mark.unit

CALL = {("agent", Voice.CUSTOMER), ("customer", Voice.AGENT)}
LISTENING = {("supervisor", Voice.AGENT), ("supervisor", Voice.CUSTOMER)}
VOICES = (Voice.AGENT, Voice.CUSTOMER, Voice.SUPERVISOR)


def measured(step: Step, pairs: set[tuple[str, Voice]], leak: int = 0) -> Measured:
    """A step in which these pairs heard each other, and `leak` of the supervisor's frames came to the customer."""
    rows = tuple(
        Heard(
            str(listener),
            {voice: presence((str(listener), voice) in pairs, leak_of(listener, voice, leak)) for voice in VOICES},
            Arrivals(20, 0, 1, 0, 20.0),
            silent=False,
        )
        for listener in VOICES
    )
    return Measured(step, Matrix(rows, VOICES, {str(voice): voice for voice in VOICES}))


def presence(heard: bool, frames: int) -> Presence:  # noqa: FBT001 - heard or not
    """A voice that is heard, or of which some frames came."""
    return Presence(0.0, 0.0, 1.0, 20) if heard else Presence(FLOOR_DB, FLOOR_DB, 0.0, frames)


def leak_of(listener: Voice, voice: Voice, leak: int) -> int:
    """The leak is one of the supervisor to the customer."""
    return leak if (listener, voice) == (Voice.CUSTOMER, Voice.SUPERVISOR) else 0


@pytest.mark.parametrize(
    ("heard_by", "extra"),
    [
        (NOBODY, set()),
        (AGENT, {("agent", Voice.SUPERVISOR)}),
        (BOTH, {("agent", Voice.SUPERVISOR), ("customer", Voice.SUPERVISOR)}),
    ],
)
def test_right(heard_by: frozenset[Voice], extra: set[tuple[str, Voice]]) -> None:
    """A step is right when exactly those hear the supervisor who are to."""
    assert measured(Step("", "5", heard_by), CALL | LISTENING | extra).right


@pytest.mark.parametrize(
    "pairs",
    [
        CALL | LISTENING | {("customer", Voice.SUPERVISOR)},
        CALL | LISTENING | {("agent", Voice.SUPERVISOR)},
        CALL | LISTENING | {("supervisor", Voice.SUPERVISOR)},
        CALL | LISTENING | {("agent", Voice.AGENT)},
        CALL | {("supervisor", Voice.AGENT)},
        LISTENING | {("agent", Voice.CUSTOMER)},
        set(),
    ],
)
def test_wrong(pairs: set[tuple[str, Voice]]) -> None:
    """Whoever hears too much, too little or themselves makes a step in which nobody is to hear the supervisor wrong."""
    assert not measured(Step("", "4", NOBODY), pairs).right


def test_a_leak() -> None:
    """One frame of the supervisor where none may come is wrong, though nobody could call it heard."""
    leaking = measured(Step("", "5", AGENT), CALL | LISTENING | {("agent", Voice.SUPERVISOR)}, leak=1)
    assert (leaking.right, leaking.leaked) == (False, 1)
