"""The spoken words, and the sounds made from them."""

import re
from pathlib import Path

import pytest

from supervise.domain.rights.decisions import Refusal
from supervise.domain.sessions.session import SPOKEN_ENDINGS
from supervise.domain.words import Mode, Visibility
from supervise.prompts import PROMPTS, PromptsError, make_prompts, media

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("word", [*Refusal, *Mode, *Visibility, *sorted(SPOKEN_ENDINGS)])
def test_whatever_is_spoken_has_words(word: str) -> None:
    """Each refusal, mode, visibility and ending has a prompt by its own name: none of them ends in silence."""
    assert PROMPTS[word].words


def test_an_id_is_a_file_name() -> None:
    """Every id can be a file's name in Asterisk's sounds, and every prompt says something."""
    for name, prompt in PROMPTS.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
        assert prompt.words.strip() == prompt.words != ""


def test_a_prompt_is_played_from_our_folder_or_asterisks() -> None:
    """Asterisk's own sound is used where it says the very words, ours everywhere else."""
    assert media("monitor") == "sound:supervise/monitor"
    assert media("muted") == "sound:conf-muted"
    with pytest.raises(KeyError):
        media("whatever")


def test_a_missing_voice_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without espeak-ng the error says what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PromptsError, match="apt-get install espeak-ng sox"):
        make_prompts(tmp_path / "prompts")


def test_a_failing_voice_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What espeak-ng complains about reaches the person."""
    for program in ("espeak-ng", "sox"):
        (tmp_path / program).write_text("#!/bin/sh\necho no such voice >&2\nexit 1\n")
        (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PromptsError, match="no such voice"):
        make_prompts(tmp_path / "prompts")
