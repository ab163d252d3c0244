import random

import pytest

from supervise.lab.wire.badnetwork import Badness

pytestmark = pytest.mark.unit


def test_the_words_are_netems() -> None:
    """Delay, jitter and loss are read as the kernel's own netem has them; the last two may be left out."""
    assert Badness.read("delay 40ms 8ms loss 0.5%") == Badness(0.04, 0.008, 0.005)
    assert Badness.read("delay 100ms") == Badness(0.1, 0.0, 0.0)


@pytest.mark.parametrize("words", ["", "delay", "delay 40", "loss 1%", "delay 40ms; reboot"])
def test_other_words_are_refused(words: str) -> None:
    """What is not understood is told, with an example of what would be."""
    with pytest.raises(ValueError, match="is not like 'delay 40ms"):
        Badness.read(words)


def test_every_packets_fate() -> None:
    """Each packet is late within the jitter's bounds, and about as many as asked for never come."""
    badness = Badness.read("delay 40ms 8ms loss 10%")
    chance = random.Random(7)  # noqa: S311 - to be repeated
    fates = [badness.fate(chance) for _ in range(10_000)]
    late = [fate for fate in fates if fate is not None]
    assert 0.032 <= min(late) <= max(late) <= 0.048
    assert 800 <= fates.count(None) <= 1200
