"""The page: everything in one file, to be opened anywhere and shown to anybody."""

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import resources

from supervise.lab.report.scenario import scenario_section
from supervise.lab.report.tags import Html, raw, tag, text
from supervise.lab.scenarios.result import ScenarioResult


def page(results: Sequence[ScenarioResult], title: str = "Who heard whom") -> str:
    """The whole page."""
    style = resources.files("supervise.lab.report").joinpath("report.css").read_text()
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", text(title)),
        tag("style", raw(style)),
    )
    body = tag(
        "body",
        _header(results, title),
        tag("main", _index(results), *(scenario_section(number, result) for number, result in enumerate(results, 1))),
        tag(
            "footer",
            text(
                "Levels are in dB relative to the voice as it was spoken. Every phone speaks in tones of its own, "
                "and each 20 ms of them says which 20 ms it is; what a phone heard is taken off the wire at its port."
            ),
        ),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _header(results: Sequence[ScenarioResult], title: str) -> Html:
    right = sum(result.right for result in results)
    good = right == len(results)
    wrong = len(results) - right
    bad = "1 scenario is not as it must be." if wrong == 1 else f"{wrong} scenarios are not as they must be."
    verdict = "Everybody heard exactly whom they were to hear." if good else bad
    when = datetime.fromtimestamp(results[0].began_ns / 1e9, UTC).strftime("%d %B %Y, %H:%M UTC") if results else ""
    versions = dict(pair for result in results for pair in result.versions.items())
    about = " · ".join([when, *(f"{name} {version}" for name, version in versions.items())])
    return tag(
        "header",
        tag("p", text("supervise"), class_="brand"),
        tag("h1", text(title)),
        tag("p", text(verdict), class_="verdict good" if good else "verdict bad"),
        tag("p", text(about), class_="about"),
        _figures(results, right),
    )


def _figures(results: Sequence[ScenarioResult], right: int) -> Html:
    steps = [step for result in results for step in result.steps]
    leaked = sum(step.leaked for step in steps)
    lost = sum(result.lost for result in results)
    frames = sum(fate.frames.matched for result in results for fate in result.fates)
    allowed = all(result.lost <= result.may_lose for result in results)
    return tag(
        "dl",
        _figure(f"{right} of {len(results)}", "scenarios right", good=right == len(results)),
        _figure(
            f"{sum(step.right for step in steps)} of {len(steps)}",
            "steps right",
            good=all(step.right for step in steps),
        ),
        _figure(str(leaked), "frames of a supervisor to somebody they were not for", good=leaked == 0),
        _figure(f"{lost} of {frames:,}".replace(",", "\u202f"), "frames of the calls lost", good=allowed),
        class_="figures",
    )


def _figure(value: str, what: str, *, good: bool) -> Html:
    return tag("div", tag("dt", text(what)), tag("dd", text(value)), class_="good" if good else "bad")


def _index(results: Sequence[ScenarioResult]) -> Html:
    return tag(
        "nav",
        *(
            tag(
                "a",
                tag("span", class_="dot"),
                tag("b", text(result.name)),
                tag("i", *(tag("u", class_="good" if step.right else "bad", title=step.what) for step in result.steps)),
                href=f"#s{number}",
                class_="good" if result.right else "bad",
            )
            for number, result in enumerate(results, 1)
        ),
    )
