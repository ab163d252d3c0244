import pytest

from supervise.lab.hearing.marks import Presence
from supervise.lab.scenarios.judging import NOTHING, judge, loudest, problems
from supervise.lab.scenarios.result import Cell
from supervise.lab.scenarios.schema import StepPart
from supervise.lab.sound import Voice

pytestmark = pytest.mark.unit

LOUD = Presence(0.0, 0.0, 1.0, 20)
ONE_FRAME = Presence(-30.0, -5.0, 0.1, 4)
VOICES = {"customer": Voice.CUSTOMER, "agent": Voice.AGENT, "lead": Voice.SUPERVISOR}


def step(**hears: list[str]) -> StepPart:
    """A step in which nothing is done."""
    return StepPart.model_validate({"hears": hears})


def cells(wanted: StepPart, **heard: dict[Voice, Presence]) -> dict[tuple[str, str], Cell]:
    """What becomes of what was heard."""
    return {(each.listener, each.speaker): each.cell for each in judge(wanted, VOICES, heard)}


def test_all_right() -> None:
    """Who hears exactly whom they are to hear is right, and silence is right for who is to hear nobody."""
    found = cells(step(agent=["customer"], customer=["nobody"]), agent={Voice.CUSTOMER: LOUD})
    assert found["agent", "customer"] is Cell.HEARD
    assert found["agent", "lead"] is found["customer", "agent"] is Cell.UNHEARD
    assert found["lead", "agent"] is Cell.UNASKED
    assert found["agent", "agent"] is Cell.OWN


def test_a_single_run_of_frames_is_a_leak() -> None:
    """Four frames of a voice that is not for somebody are a leak, though it is not heard throughout."""
    heard = judge(step(customer=["agent"]), VOICES, {"customer": {Voice.AGENT: LOUD, Voice.SUPERVISOR: ONE_FRAME}})
    assert list(problems(heard)) == ["customer hears lead (-5 dB, 4 frames)"]


def test_what_is_missing() -> None:
    """A voice that is not heard, or only now and then, is missing."""
    for presence in (NOTHING, ONE_FRAME):
        heard = judge(step(agent=["customer"]), VOICES, {"agent": {Voice.CUSTOMER: presence}})
        assert "agent does not hear customer" in " ".join(problems(heard))


def test_nobody_hears_themselves() -> None:
    """An echo is a leak, whatever the scenario asks for."""
    heard = judge(step(customer=["agent"]), VOICES, {"lead": {Voice.SUPERVISOR: LOUD}})
    assert "lead hears themselves (0 dB, 20 frames)" in list(problems(heard))


def test_a_phone_with_two_calls_hears_both() -> None:
    """What comes in either of its calls counts, be it one run of frames in the one that is on hold."""
    one, other = dict.fromkeys(Voice, NOTHING), dict.fromkeys(Voice, NOTHING)
    found = loudest([one | {Voice.CUSTOMER: LOUD}, other | {Voice.SUPERVISOR: ONE_FRAME}])
    heard = judge(step(agent=["customer"]), VOICES, {"agent": found})
    assert list(problems(heard)) == ["agent hears lead (-5 dB, 4 frames)"]
    assert loudest([]) == {}
