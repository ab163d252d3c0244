"""One scenario on the page."""

from base64 import b64encode
from collections.abc import Collection, Iterator

from supervise.lab.report.picture import COLOURS, spectrogram
from supervise.lab.report.recording import wav
from supervise.lab.report.tables import journal_table, ladder_table, steps_table
from supervise.lab.report.tags import Html, tag, text
from supervise.lab.scenarios.result import Fate, ScenarioResult, Track
from supervise.lab.sound import Voice


def scenario_section(number: int, result: ScenarioResult) -> Html:
    """Its picture, its figures, every step, and what lies behind them to open."""
    state = "good" if result.right else "bad"
    return tag(
        "section",
        tag("h2", tag("span", class_="dot"), text(result.name), tag("small", text(f"{result.took_s:.1f} s"))),
        tag("p", text(result.about), class_="about"),
        _problems(result),
        _pictures(result),
        steps_table(result),
        _fates(result),
        _recordings(result) if not result.right else tag("i"),
        _further(f"SIP, {len(result.ladder)} messages", ladder_table(result)),
        _further(f"Journal, {len(result.records)} records", journal_table(result)),
        id=f"s{number}",
        class_=state,
    )


def _problems(result: ScenarioResult) -> Html:
    return (
        tag("ul", *(tag("li", text(each)) for each in result.problems), class_="problems")
        if result.problems
        else tag("i")
    )


def _pictures(result: ScenarioResult) -> Html:
    voices = [Voice(voice) for voice in result.voices.values()]
    legend = (
        tag("span", tag("s", style=f"background:rgb{COLOURS[Voice(voice)]}"), text(name))
        for name, voice in result.voices.items()
    )
    return tag(
        "figure",
        *(_picture(track, voices) for track in result.tracks),
        tag("div", *_marks(result), class_="marks"),
        tag("figcaption", *legend, tag("span", tag("s", style="background:#94a3b8"), text("prompts and other sound"))),
    )


def _picture(track: Track, voices: Collection[Voice]) -> Html:
    source = f"data:image/png;base64,{b64encode(spectrogram(track, voices)).decode()}"
    words = f"What {track.listener} heard: time to the right, pitch upwards"
    return tag("div", tag("span", text(f"{track.listener} hears")), tag("img", src=source, alt=words), class_="track")


def _marks(result: ScenarioResult) -> Iterator[Html]:
    """A line through all pictures for each step."""
    whole = max(result.took_s, 0.001) * 1e9
    for number, step in enumerate(result.steps, 1):
        place = 100 * (step.at_ns - result.began_ns) / whole
        state = "good" if step.right else "bad"
        yield tag("a", tag("b", text(number)), style=f"left:{place:.2f}%", class_=state, title=step.what)


def _fates(result: ScenarioResult) -> Html:
    return tag("p", *(_fate(fate) for fate in result.fates), class_="fates") if result.fates else tag("i")


def _fate(fate: Fate) -> Html:
    frames = fate.frames
    words = f"{fate.speaker} to {fate.listener}: {frames.matched} frames, {fate.lost} lost, {frames.repeated} repeated"
    words += f", longest gap {fate.gap_ms:.0f} ms"
    if frames.delays_ms:
        words += f", delay {frames.delay_ms(50):.0f} ms (p50), {frames.delay_ms(99):.0f} ms (p99)"
    return tag("span", text(words))


def _recordings(result: ScenarioResult) -> Html:
    return tag(
        "div",
        *(
            tag(
                "label",
                text(f"{track.listener} heard"),
                tag(
                    "audio",
                    controls=True,
                    preload="none",
                    src=f"data:audio/wav;base64,{b64encode(wav(track)).decode()}",
                ),
            )
            for track in result.tracks
        ),
        class_="recordings",
    )


def _further(title: str, content: Html) -> Html:
    return tag("details", tag("summary", text(title)), content)
