import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from supervise.lab.hearing import marks
from supervise.lab.sound import PEAK, TONES, WALK, Samples, Voice, recording, speak

pytestmark = pytest.mark.unit

RATES = [8000, 16000]


def g711(sound: Samples) -> Samples:
    """The sound after mu-law and back, by ITU-T G.711's formula rather than by the decoder under test."""
    magnitude = np.minimum(np.abs(sound) * 32768 / 4, 8158) + 33
    step = 2.0 ** (np.floor(np.log2(magnitude)) - 4)
    coded = np.sign(sound) * (np.floor(magnitude / step) * step + step / 2 - 33) * 4 / 32768
    return np.asarray(coded, np.float32)


def test_the_walk_names_each_pair_once() -> None:
    """Two frames in a row tell where in the walk they are, and tones next to each other never meet."""
    pairs = [(tone, WALK[(n + 1) % len(WALK)]) for n, tone in enumerate(WALK)]
    assert len(set(pairs)) == len(WALK) == 56
    assert set(pairs) == {(one, two) for one in range(TONES) for two in range(TONES) if abs(one - two) >= 2}


def test_no_tone_returns_within_six_frames() -> None:
    """A frame's neighbours cannot be taken for it."""
    for start in range(len(WALK)):
        assert len({WALK[(start + n) % len(WALK)] for n in range(6)}) == 6


def test_the_voices_keep_apart_within_the_telephone_band() -> None:
    """No bin belongs to two voices, and all lie between 200 and 3400 Hz."""
    bins = [list(range(voice.bins.start, voice.bins.stop)) for voice in Voice]
    flat = [each for own in bins for each in own]
    assert len(flat) == len(set(flat))
    assert (min(flat) * 50, max(flat) * 50) == (200, 3300)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("voice", Voice)
def test_a_voice_is_found_alone_at_every_shift(voice: Voice, rate: int) -> None:
    """Whatever the shift of the frames, 200 ms show the one voice, at its level, and none of the others."""
    spoken = speak(voice, rate, 40)
    frame = rate // 50
    for shift in range(0, frame, frame // 32):
        heard = spoken[shift : shift + 10 * frame]
        own = marks.presence(heard, rate, voice)
        assert own.heard
        assert own.level_db == pytest.approx(0, abs=0.6)
        others = [marks.presence(heard, rate, other) for other in Voice if other is not voice]
        assert all(other.never_audible and other.unheard for other in others)
        assert max(other.loudest_db for other in others) < -42


def test_five_voices_at_once_are_all_found_after_g711() -> None:
    """All five together do not clip, and each is heard through mu-law at its level."""
    together = np.sum([speak(voice, 8000, 50, first=7 * n) for n, voice in enumerate(Voice)], axis=0)
    assert np.abs(together).max() <= 5 * PEAK
    for voice in Voice:
        found = marks.presence(g711(together), 8000, voice)
        assert found.heard
        assert found.level_db == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize("level_db", [-20.0, -12.0, -6.0, 3.0])
def test_a_level_is_measured_beside_a_louder_voice(level_db: float) -> None:
    """A quiet voice is found at its level though another is loud and mu-law adds its noise."""
    quiet = speak(Voice.SUPERVISOR, 8000, 50) * 10 ** (level_db / 20)
    found = marks.presence(g711(quiet + speak(Voice.AGENT, 8000, 50, first=3)), 8000, Voice.SUPERVISOR)
    assert found.heard
    assert found.level_db == pytest.approx(level_db, abs=0.7)


def test_a_voice_below_the_threshold_is_not_heard() -> None:
    """-28 dB does not count as heard, with 4 dB of margin below the threshold."""
    faint = speak(Voice.SUPERVISOR, 8000, 50) * 10 ** (-28 / 20)
    found = marks.presence(g711(faint + speak(Voice.AGENT, 8000, 50)), 8000, Voice.SUPERVISOR)
    assert found.never_audible
    assert not found.heard


def test_mu_law_noise_stays_far_below_the_threshold() -> None:
    """Beside four voices the missing fifth stays, in its worst frame, 8 dB below what would count as heard."""
    for missing in Voice:
        rest = np.sum([speak(voice, 8000, 60) for voice in Voice if voice is not missing], axis=0)
        assert marks.presence(g711(rest), 8000, missing).loudest_db < marks.AUDIBLE_DB - 8


@pytest.mark.parametrize("seed", range(20))
def test_loud_noise_is_not_taken_for_a_voice(seed: int) -> None:
    """Sound in everybody's tones, as a prompt makes it, is audible but is nobody's voice."""
    noise = np.random.default_rng(seed).normal(0, 0.2, 8000).astype(np.float32)
    for voice in Voice:
        found = marks.presence(noise, 8000, voice)
        assert not found.never_audible
        assert not found.heard


def test_a_beep_is_not_taken_for_a_voice() -> None:
    """A steady tone in a voice's block is audible there, but follows no walk."""
    beep = (0.3 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)).astype(np.float32)
    found = marks.presence(beep, 8000, Voice.AGENT)
    assert not found.never_audible
    assert found.unheard
    assert not found.heard


def test_one_leaked_frame_is_seen() -> None:
    """A single frame of a voice within a second shows in the loudest 20 ms, though not as a voice."""
    leak = np.zeros(8000, np.float32)
    leak[3200:3360] = speak(Voice.SUPERVISOR, 8000, 1, first=11)
    found = marks.presence(leak, 8000, Voice.SUPERVISOR)
    assert not found.heard
    assert not found.never_audible


@pytest.mark.parametrize("sound", [np.zeros(1600, np.float32), np.zeros(0, np.float32), np.zeros(100, np.float32)])
def test_silence_and_too_little_sound_have_nobody(sound: Samples) -> None:
    """Silence, nothing, and less than a frame are reported as no voice at all."""
    found = marks.presence(sound, 8000, Voice.AGENT)
    assert found == marks.Presence(marks.FLOOR_DB, marks.FLOOR_DB, 0.0, 0)


def test_marks_are_read_at_the_shift_they_have() -> None:
    """The tones of a voice shifted by 57 samples are read in order, at about that shift."""
    shifted = np.concatenate([np.zeros(57, np.float32), speak(Voice.OTHER, 8000, 30, first=5)])
    found = marks.read(shifted, 8000, Voice.OTHER)
    assert abs(found.offset - 57) <= 10
    assert found.tones.tolist() == [WALK[(5 + n) % len(WALK)] for n in range(len(found.tones))]
    assert marks.itself(found.tones).all()


def test_a_recording_is_made_once_and_is_the_voice(tmp_path: Path) -> None:
    """The file holds whole walks of the voice, 16 bit mono at its rate, and is not written a second time."""
    path = recording(Voice.CUSTOMER, 8000, 3, tmp_path)
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        assert file.getnframes() == 3 * len(WALK) * 160
        sound = (np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768).astype(np.float32)
    found = marks.presence(sound, 8000, Voice.CUSTOMER)
    assert found.heard
    assert found.agreement == 1
    made = path.stat().st_mtime_ns
    assert recording(Voice.CUSTOMER, 8000, 3, tmp_path).stat().st_mtime_ns == made
    assert list(tmp_path.iterdir()) == [path]


def test_a_recording_may_be_wanted_by_several_at_once(tmp_path: Path) -> None:
    """Phones that start together make the same file without harm to each other, and leave nothing unfinished."""
    with ThreadPoolExecutor(8) as threads:
        paths = set(threads.map(lambda _: recording(Voice.SECOND, 8000, 20, tmp_path), range(8)))
    assert set(tmp_path.iterdir()) == paths
    with wave.open(str(paths.pop())) as file:
        assert file.getnframes() == 18 * len(WALK) * 160


def test_the_recording_of_nobody_is_silence(tmp_path: Path) -> None:
    """No voice gives a file of noughts."""
    with wave.open(str(recording(None, 16000, 1, tmp_path))) as file:
        assert set(file.readframes(file.getnframes())) == {0}
