import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervise.lab.hearing.continuity import Continuity, Frames, follow
from supervise.lab.hearing.marks import ABSENT
from supervise.lab.sound import WALK

pytestmark = pytest.mark.unit

FRAME_NS = 20_000_000
LENGTH = 150


def spoken(length: int = LENGTH) -> Frames:
    """What a phone sent."""
    tones = np.array([WALK[n % len(WALK)] for n in range(length)], np.int8)
    return Frames(tones, np.arange(length, dtype=np.int64) * FRAME_NS)


def told(story: list[int], *, delay_ns: int = 0) -> Continuity:
    """What becomes of a story: the numbers of the frames heard, -1 for silence, -2 for what nobody sent."""
    sent = spoken()
    strange = {ABSENT: ABSENT, -2: 20}
    tones = np.array([strange.get(n, int(sent.tones[max(n, 0)])) for n in story], np.int8)
    return follow(sent, Frames(tones, np.arange(len(story), dtype=np.int64) * FRAME_NS + delay_ns))


@pytest.mark.parametrize("delay_ms", [0, 0.2, 14, 39, 120, 500, 900])
def test_a_constant_delay_is_measured_and_nothing_else(delay_ms: float) -> None:
    """An undisturbed voice is perfect at every delay up to nearly the length of the walk."""
    found = told(list(range(LENGTH)), delay_ns=int(delay_ms * 1e6))
    assert found.perfect
    assert found.matched == LENGTH
    assert found.delay_ms(50) == found.delay_ms(99) == pytest.approx(delay_ms)


@given(at=st.integers(5, LENGTH - 60), count=st.integers(1, 40))
def test_lost_frames_are_counted_exactly(at: int, count: int) -> None:
    """However many frames in a row go missing, wherever, up to 0.8 s, their number is found."""
    found = told([*range(at), *range(at + count, LENGTH)], delay_ns=900_000_000)
    assert (found.lost, found.repeated, found.reordered, found.silent, found.damaged) == (count, 0, 0, 0, 0)


@given(at=st.integers(5, LENGTH - 10), count=st.integers(1, 5))
def test_repeated_frames_are_counted_exactly(at: int, count: int) -> None:
    """A stretch of one to five frames that is heard twice is found as so many repetitions."""
    found = told([*range(at), *range(at - count, LENGTH)])
    assert (found.lost, found.repeated, found.reordered, found.silent, found.damaged) == (0, count, 0, 0, 0)


@given(at=st.integers(5, LENGTH - 10))
def test_swapped_frames_are_out_of_order_and_not_lost(at: int) -> None:
    """Two neighbours that change places are one frame out of order."""
    found = told([*range(at), at + 1, at, *range(at + 2, LENGTH)])
    assert (found.lost, found.repeated, found.reordered, found.silent, found.damaged) == (0, 0, 1, 0, 0)


@given(at=st.integers(5, LENGTH - 30), count=st.integers(1, 20))
def test_silence_in_place_of_frames_is_silence_and_loss(at: int, count: int) -> None:
    """Frames that were replaced by silence were not heard, and the silence was."""
    found = told([*range(at), *[ABSENT] * count, *range(at + count, LENGTH)])
    assert (found.lost, found.repeated, found.reordered, found.silent, found.damaged) == (count, 0, 0, count, 0)


@given(at=st.integers(5, LENGTH - 10), count=st.integers(1, 20))
def test_inserted_silence_delays_but_loses_nothing(at: int, count: int) -> None:
    """Silence put in between is silence, and everything after it comes later."""
    found = told([*range(at), *[ABSENT] * count, *range(at, LENGTH)])
    assert (found.lost, found.repeated, found.reordered, found.silent, found.damaged) == (0, 0, 0, count, 0)
    assert max(found.delays_ms) == pytest.approx(20 * count)


@given(at=st.integers(5, LENGTH - 10), count=st.integers(1, 3))
def test_damaged_frames_are_neither_matched_nor_shift_the_rest(at: int, count: int) -> None:
    """Frames that are no frame sent are damaged, and count as lost; those after them are matched again."""
    found = told([*range(at), *[-2] * count, *range(at + count, LENGTH)])
    assert (found.lost, found.repeated, found.reordered, found.silent, found.damaged) == (count, 0, 0, 0, count)


def test_silence_that_was_sent_is_not_lost() -> None:
    """What a muted speaker did not say is missing nowhere."""
    sent = spoken()
    sent.tones[50:70] = ABSENT
    found = follow(sent, Frames(sent.tones.copy(), sent.at_ns + 1))
    assert (found.lost, found.silent, found.damaged) == (0, 20, 0)
    assert found.matched == LENGTH - 20


def test_nothing_heard_is_not_perfect() -> None:
    """Silence alone matches nothing, is not perfect, and has no delay to tell."""
    found = told([ABSENT] * 30)
    assert not found.perfect
    assert (found.matched, found.silent) == (0, 30)
    with pytest.raises(ValueError, match="no delay"):
        found.delay_ms(50)


def test_a_jump_in_delay_is_told_from_a_repetition() -> None:
    """A delay that grows by half a second after silence is found at both its values."""
    found = told([*range(40), *[ABSENT] * 25, *range(40, LENGTH)], delay_ns=100_000_000)
    assert sorted({round(delay) for delay in found.delays_ms}) == [100, 600]
    assert (found.lost, found.repeated) == (0, 0)
