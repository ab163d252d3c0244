"""The tables of a scenario: who heard whom in each step, the SIP ladder, the journal."""

from itertools import groupby
from typing import Final

from supervise.lab.hearing.marks import FLOOR_DB
from supervise.lab.report.tags import Html, tag, text
from supervise.lab.scenarios.result import Cell, Heard, Message, ScenarioResult, StepResult

_SIGNS: Final = {
    Cell.HEARD: "hears",
    Cell.UNHEARD: "no",
    Cell.MISSING: "MISSING",
    Cell.LEAKED: "LEAK",
    Cell.UNASKED: "",
    Cell.OWN: "",
}

_FEW_PAIRS: Final = 8
"""With more columns than these they are made narrow, so that none is out of sight on a screen of 1366."""

_COLUMNS: Final = ("at", "deed", "supervisor", "agent", "mode", "visibility", "muted", "reason", "rule")


def steps_table(result: ScenarioResult) -> Html:
    """A row for each step, a group of columns for each listener."""
    pairs = _pairs(result)
    groups = [(listener, len(list(columns))) for listener, columns in groupby(pairs, key=lambda pair: pair[0])]
    head = tag(
        "thead",
        tag(
            "tr",
            tag("th", text("step"), colspan=2, rowspan=2),
            *(tag("th", text(f"{listener} hears"), colspan=width, class_="group") for listener, width in groups),
            tag("th", text("as it must be after"), rowspan=2, class_="number"),
        ),
        tag("tr", *(tag("th", text(speaker)) for _, speaker in pairs)),
    )
    rows = (_step_row(number, step, pairs) for number, step in enumerate(result.steps, 1))
    kind = "steps many" if len(pairs) > _FEW_PAIRS else "steps"
    return tag("div", tag("table", head, tag("tbody", *rows), class_=kind), class_="wide")


def _pairs(result: ScenarioResult) -> list[tuple[str, str]]:
    listeners = dict.fromkeys(each.listener for step in result.steps for each in step.heard)
    return [(listener, speaker) for listener in listeners for speaker in result.voices if listener != speaker]


def _step_row(number: int, step: StepResult, pairs: list[tuple[str, str]]) -> Html:
    heard = {(each.listener, each.speaker): each for each in step.heard}
    return tag(
        "tr",
        tag("td", text(number), class_="count"),
        tag("th", text(step.what)),
        *(_cell(heard.get(pair)) for pair in pairs),
        tag("td", text(f"{step.settled_ms:.0f} ms"), class_="number"),
        class_="good" if step.right else "bad",
    )


def _cell(each: Heard | None) -> Html:
    if each is None:
        return tag("td", class_="unasked")
    level = f"{round(each.level_db)} dB" if each.level_db > FLOOR_DB else "silence"
    moment = ""
    if each.switched_ms is not None:
        moment = (
            f"after {each.switched_ms:.0f}\xa0ms"
            if each.cell is Cell.HEARD
            else f"gone after {each.switched_ms:.0f}\xa0ms"
        )
    leak = f"{each.frames} frames" if each.cell is Cell.LEAKED else ""
    return tag(
        "td",
        tag("b", text(_SIGNS[each.cell])),
        tag("small", text(level)),
        tag("small", text(moment or leak)),
        class_=each.cell.value,
    )


def ladder_table(result: ScenarioResult) -> Html:
    """Every message as an arrow between two lines; the whole message opens under it."""
    ends = list(
        dict.fromkeys(["Asterisk", *result.voices, *(end for m in result.ladder for end in (m.source, m.target))])
    )
    middle = (len(ends) - 1) // 2
    order = [*ends[1 : middle + 1], "Asterisk", *ends[middle + 1 :]]
    columns = {name: number for number, name in enumerate(order)}
    head = tag("div", *(tag("b", text(name)) for name in order), class_="ends")
    rungs = (_rung(message, columns, result.began_ns) for message in result.ladder)
    return tag("div", head, *rungs, class_="ladder", style=f"--ends:{len(order)}")


def _rung(message: Message, columns: dict[str, int], began_ns: int) -> Html:
    one, other = columns[message.source], columns[message.target]
    left, right = sorted((one, other))
    share = 100 / len(columns)
    style = f"left:{share * (left + 0.5):.2f}%;width:{share * (right - left):.2f}%"
    way = "right" if one < other else "left"
    kind = "answer" if message.what[:1].isdigit() else "request"
    return tag(
        "details",
        tag(
            "summary",
            tag("time", text(f"{(message.at_ns - began_ns) / 1e9:.3f}")),
            tag("span", text(message.what), class_=f"arrow {way} {kind}", style=style),
        ),
        tag("pre", text(message.text)),
    )


def journal_table(result: ScenarioResult) -> Html:
    """The records, oldest first."""
    head = tag("thead", tag("tr", *(tag("th", text(name)) for name in _COLUMNS)))
    rows = (
        tag("tr", *(tag("td", text(_value(record.get(name, ""), name))) for name in _COLUMNS))
        for record in result.records
    )
    return tag("div", tag("table", head, tag("tbody", *rows), class_="journal"), class_="wide")


def _value(value: object, name: str) -> str:
    shown = str(value)
    return shown[11:23] if name == "at" else shown
