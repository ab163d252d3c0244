import math
from itertools import product

import pytest

from supervise.checkup.tones import FLOOR_DB, SAMPLES, SILENCE, Voice, decode, encode, is_silence, level_db, packet
from supervise.checkup.verdict import BACK, BARGE, CALL, COACH, MONITOR, Outcome, Step, problems

pytestmark = pytest.mark.unit

STEPS = [CALL, MONITOR, COACH, BARGE, BACK]


def levels(step: Step, **changed: float) -> dict[tuple[Voice, Voice], float]:
    """As it is to be in a step; ``agent_supervisor=0`` says how loud the agent hears the supervisor instead."""
    right = {pair: 0.0 if step.must_hear(*pair) else -60.0 for pair in product(Voice, Voice)}
    return right | {(Voice(one), Voice(two)): db for key, db in changed.items() for one, two in [key.split("_")]}


@pytest.mark.parametrize("step", STEPS)
def test_what_is_right(step: Step) -> None:
    """When everybody hears whom they are to hear, nothing is said."""
    assert problems(step, levels(step)) == []


@pytest.mark.parametrize(("step", "pair"), list(product(STEPS, product(Voice, Voice))))
def test_every_wrong_pair_is_seen(step: Step, pair: tuple[Voice, Voice]) -> None:
    """Any one of the nine who hears whom and turned around is a problem of that step."""
    wrong = levels(step, **{f"{pair[0]}_{pair[1]}": -60.0 if step.must_hear(*pair) else 0.0})
    (problem,) = problems(step, wrong)
    assert f"the {pair[0]}" in problem


def test_a_faint_leak_is_a_leak() -> None:
    """A voice that is faint but there counts as heard by whom it is not for, and not as heard by whom it is for."""
    assert problems(MONITOR, levels(MONITOR, customer_supervisor=-30.0))
    assert problems(COACH, levels(COACH, agent_supervisor=-30.0))


def test_a_single_packet_is_a_leak() -> None:
    """One packet that was not silent while the supervisor alone spoke is told."""
    outcome = Outcome(MONITOR, levels(MONITOR), {Voice.AGENT: 0, Voice.CUSTOMER: 1}, 0.0)
    assert outcome.problems == ("1 packets to the customer were not silent while the supervisor alone spoke",)


@pytest.mark.parametrize("voice", Voice)
def test_a_tone_is_itself_alone(voice: Voice) -> None:
    """A tone is found at its full level, and next to nothing of it in the places of the others."""
    heard = {each: level_db([packet(voice)] * 5, each) for each in Voice}
    assert heard.pop(voice) == pytest.approx(0.0, abs=0.2)
    assert max(heard.values()) < -45.0


def test_silence() -> None:
    """Both codes for nothing are silence, and any other byte is none."""
    assert is_silence(SILENCE)
    assert is_silence(b"\x7f\xff" * (SAMPLES // 2))
    assert not is_silence(SILENCE[:-1] + b"\xfe")
    assert level_db([SILENCE], Voice.AGENT) == FLOOR_DB
    assert level_db([], Voice.AGENT) == FLOOR_DB


def test_the_codec() -> None:
    """Each byte of G.711 stands for a sample that is coded as that byte, and samples come back nearly as they went."""
    assert all(encode(decode(byte)) == byte for byte in range(256) if byte != 0x7F)
    assert decode(0xFF) == decode(0x7F) == 0
    for sample in range(-32000, 32000, 37):
        assert math.isclose(decode(encode(sample)), sample, rel_tol=0.04, abs_tol=8)
