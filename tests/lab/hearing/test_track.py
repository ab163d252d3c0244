import numpy as np
import pytest

from supervise.lab.hearing.ear import Sound, Window
from supervise.lab.hearing.track import track

pytestmark = pytest.mark.unit

SECOND = Window(0, 1_000_000_000)


def sound(*moments_ms: int) -> Sound:
    """A packet of 20 ms at each of these moments, full of ones."""
    count = len(moments_ms)
    starts = np.arange(count, dtype=np.int64) * 160
    at_ns = np.array(moments_ms, np.int64) * 1_000_000
    return Sound("PCMU", 8000, np.ones(160 * count, np.float32), starts, at_ns, silent=False)


def test_no_sound_at_all() -> None:
    """Where no packet came there is silence, as long as the window."""
    assert track(sound(), SECOND).tolist() == [0.0] * 8000


def test_a_pause_stays_a_pause() -> None:
    """Sound lies where it was heard, late packets lie one after the other, and a pause is silence."""
    pcm = track(sound(0, 25, 500), SECOND)
    assert pcm[:320].all()
    assert not pcm[320:4000].any()
    assert pcm[4000:4160].all()
    assert not pcm[4160:].any()
