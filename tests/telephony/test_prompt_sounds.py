"""The sounds that set-up makes from the spoken words, with the machine's own espeak-ng and sox."""

import wave
from pathlib import Path

import pytest

from supervise.prompts import PROMPTS, RATES, make_prompts

pytestmark = pytest.mark.telephony


def test_the_sounds_are_ready_for_asterisk(tmp_path: Path) -> None:
    """Each prompt is there in both rates, mono, 16 bits, loud enough, not clipped, and starts within 150 ms."""
    make_prompts(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.{end}" for name in PROMPTS for end in RATES}
    for path in tmp_path.iterdir():
        with wave.open(str(path)) as sound:
            assert (sound.getnchannels(), sound.getsampwidth()) == (1, 2)
            assert sound.getframerate() == RATES[path.suffix.removeprefix(".")]
            samples = memoryview(sound.readframes(sound.getnframes())).cast("h")
            rate = sound.getframerate()
        peak = max(abs(sample) for sample in samples)
        soft = path.stem == "tick"  # it goes on for as long as somebody waits
        assert (0.05 if soft else 0.6) * 32768 < peak < (0.1 if soft else 0.9) * 32768
        assert any(abs(sample) > 0.03 * 32768 for sample in samples[: int(0.15 * rate)]), path.name
