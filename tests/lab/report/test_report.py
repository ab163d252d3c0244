import io
import json
import re
import wave
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import av
import numpy as np
import pytest

from supervise.lab.hearing.continuity import Continuity
from supervise.lab.report.picture import COLOURS, spectrogram
from supervise.lab.report.recording import wav
from supervise.lab.report.write import write_report
from supervise.lab.scenarios.result import Cell, Fate, Heard, Message, ScenarioResult, StepResult, Track
from supervise.lab.sound import Voice, speak

pytestmark = pytest.mark.unit

EVIL = "<script>alert('x')</script>"
TRACK = Track("agent", 8000, speak(Voice.CUSTOMER, 8000, 100))
HEARD = (
    Heard("agent", "customer", Cell.HEARD, -0.1, 0.0, 20, 41.5),
    Heard("agent", "lead", Cell.UNHEARD, -46.0, -41.0, 0),
    Heard("customer", "lead", Cell.UNHEARD, -120.0, -120.0, 0),
)
GOOD = ScenarioResult(
    name="A good one",
    about="All is as it must be.",
    file=Path("good.yaml"),
    began_ns=1_760_000_000_000_000_000,
    took_s=2.0,
    steps=(StepResult("customer calls agent", 1_760_000_000_500_000_000, 41.5, HEARD),),
    fates=(Fate("customer", "agent", Continuity(100, 0, 0, 0, 0, 0, (0.4, 0.5)), 21.0),),
    tracks=(TRACK,),
    ladder=(
        Message(1_760_000_000_100_000_000, "customer", "Asterisk", "INVITE with SDP", "x", "INVITE sip:201 SIP/2.0"),
    ),
    records=({"deed": "opened", "at": "2026-01-01 10:00:00.123456+00:00", "supervisor": "hilda"},),
    versions={"Asterisk": "22.10.1"},
    voices={"customer": "customer", "agent": "agent", "lead": "supervisor"},
)
LEAK = Heard("customer", "lead", Cell.LEAKED, -3.0, -1.0, 7)
BAD = replace(
    GOOD,
    name=EVIL,
    steps=(replace(GOOD.steps[0], what=EVIL, heard=(*HEARD[:2], LEAK), problems=(f"customer hears {EVIL}",)),),
    ladder=(replace(GOOD.ladder[0], text=EVIL),),
    records=({"deed": EVIL},),
)


class Outline(HTMLParser):
    """What is opened and closed, and what it refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open it, unless it is one that has no end."""
        self.tags.append(tag)
        self.sources += [value for name, value in attrs if name in {"src", "href"} and value]
        if tag not in {"meta", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened last."""
        assert self.open.pop() == tag


def outline(folder: Path, *results: ScenarioResult) -> tuple[Outline, str]:
    """The page's outline, and its text."""
    html = write_report(results, folder).read_text()
    parser = Outline()
    parser.feed(html)
    assert not parser.open
    return parser, html


def test_the_page_is_whole_by_itself(tmp_path: Path) -> None:
    """The page refers to nothing outside itself, has no script, and every element is closed."""
    parser, html = outline(tmp_path, GOOD, BAD)
    assert all(source.startswith(("data:", "#")) for source in parser.sources)
    assert "script" not in parser.tags
    assert "@import" not in html
    assert "url(" not in html


def test_what_comes_from_outside_is_text(tmp_path: Path) -> None:
    """A name, a SIP message or a record that looks like HTML is shown as it is."""
    _, html = outline(tmp_path, BAD)
    assert EVIL not in html
    assert "&lt;script&gt;" in html


def test_green_and_red(tmp_path: Path) -> None:
    """A page without a fault says so; one with a fault says how many, and has the recordings to listen to."""
    parser, html = outline(tmp_path, GOOD)
    assert "Everybody heard exactly whom they were to hear." in html
    assert "audio" not in parser.tags
    parser, html = outline(tmp_path, GOOD, BAD)
    assert "1 scenario is not as it must be." in html
    assert "7 frames" in html
    assert parser.tags.count("audio") == 1


def test_figures_of_a_step(tmp_path: Path) -> None:
    """Levels, moments and delays stand on the page."""
    _, html = outline(tmp_path, GOOD)
    for words in (
        "-46 dB",
        "silence",
        "after 42\xa0ms",
        "longest gap 21 ms",
        "0 ms (p99)",
        "10:00:00.123",
        "INVITE with SDP",
    ):
        assert words in html


def test_for_programs(tmp_path: Path) -> None:
    """The JSON has everything but the sound; JUnit's XML has a case for each scenario and its failures."""
    write_report([GOOD, BAD], tmp_path)
    good, bad = json.loads((tmp_path / "report.json").read_text())
    assert (good["right"], bad["right"], bad["leaked_frames"]) == (True, False, 7)
    assert good["call"][0]["delay_p99_ms"] == 0.5
    suite = ET.parse(tmp_path / "junit.xml").getroot()  # noqa: S314 - our own file
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert [case.get("name") for case in suite] == ["A good one", EVIL]


def test_lost_frames_count() -> None:
    """Frames of the call that were lost make a scenario wrong, unless it may lose so many."""
    lossy = replace(GOOD, fates=(replace(GOOD.fates[0], frames=Continuity(100, 3, 0, 0, 0, 0, (0.4,))),))
    assert lossy.problems == ("3 frames of the call were lost, 0 may be",)
    assert replace(lossy, may_lose=3).right
    blind = replace(GOOD, fates=(replace(GOOD.fates[0], frames=Continuity(0, 0, 0, 0, 0, 0, ())),))
    assert not blind.right


def test_the_picture_shows_the_voice() -> None:
    """The picture has a column for each frame, and the voice in its own colour at its own pitch."""
    with av.open(io.BytesIO(spectrogram(TRACK, [Voice.CUSTOMER])), "r") as file:
        pixels = next(file.decode(video=0)).to_ndarray(format="rgb24")
    assert pixels.shape == (68, 100, 3)
    brightest = int(pixels[:, 50].sum(axis=1).argmax())
    assert 68 - brightest in range(Voice.CUSTOMER.bins.start, Voice.CUSTOMER.bins.stop + 1)
    assert np.abs(pixels[brightest, 50].astype(int) - COLOURS[Voice.CUSTOMER]).max() < 60


def test_no_sound_is_a_picture_too() -> None:
    """A phone that heard nothing has an empty picture and an empty recording."""
    nothing = replace(TRACK, pcm=np.zeros(0, np.float32))
    assert spectrogram(nothing, []).startswith(b"\x89PNG")
    with wave.open(io.BytesIO(wav(nothing))) as file:
        assert file.getnframes() == 0


def test_the_recording_is_what_was_heard() -> None:
    """The recording has every sample at the rate at which it was heard."""
    with wave.open(io.BytesIO(wav(TRACK))) as file:
        assert (file.getframerate(), file.getnframes()) == (8000, len(TRACK.pcm))


def test_one_page_stays_small(tmp_path: Path) -> None:
    """Sound is on the page only where something was wrong: thirteen good scenarios are no burden for a mail."""
    html = write_report([GOOD] * 13, tmp_path).read_text()
    assert len(html) < 1_000_000
    assert not re.search("audio/wav", html)


def test_many_phones_stand_close(tmp_path: Path) -> None:
    """With four phones every column is still on the screen; what is as loud as it was spoken is told without a sign."""
    _, page = outline(tmp_path, GOOD)
    assert 'class="steps"' in page
    assert "-0 dB" not in page
    voices = {**GOOD.voices, "second": "second"}
    heard = tuple(Heard(each, "lead", Cell.UNHEARD, -46.0, -41.0, 0) for each in voices)
    _, page = outline(tmp_path, replace(GOOD, voices=voices, steps=(replace(GOOD.steps[0], heard=heard),)))
    assert 'class="steps many"' in page
