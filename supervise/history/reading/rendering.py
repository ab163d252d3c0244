"""Records and sessions as lines of text: for a terminal, for a spreadsheet, for another program.

Everything is a generator of lines, so that an export of millions needs the memory of one.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from io import StringIO
from typing import TypeVar

from supervise.domain.words import Visibility
from supervise.history.findings import Fault, Report
from supervise.history.reading.events import FIELDS, event_of
from supervise.history.reading.reader import Entry
from supervise.history.reading.sessions import Summary
from supervise.history.storage.outbox import Parcel

T = TypeVar("T")

_FAULTS = {
    Fault.EDITED: "EDITED: {}; or the one before was edited and sealed anew",
    Fault.REMOVED: "REMOVED: {}",
    Fault.CUT_OFF: "CUT OFF: {} had been promised and are missing from the end",
    Fault.REWRITTEN: "REWRITTEN: {} has another seal than its anchor; it or some before it were sealed anew",
    Fault.UNKNOWN: "UNKNOWN: {} has a version that this program does not know: use a newer one",
}
_RISKY = ("=", "+", "-", "@")


class Format(StrEnum):
    """How records are written."""

    TABLE = "table"
    CSV = "csv"
    JSONL = "jsonl"
    """One JSON object a line, as webhooks carry them (see `events`)."""


def lines(journal: str, entries: Iterable[Entry], how: Format) -> Iterator[str]:
    """Records as lines without their ends.

    Args:
        journal: the journal's name, which machines want to know.
        entries: the records.
        how: the format.
    """
    match how:
        case Format.TABLE:
            return _record_table(entries)
        case Format.CSV:
            return _csv(journal, entries)
        case Format.JSONL:
            return (event_of(journal, entry).model_dump_json() for entry in entries)


def session_table(sessions: Iterable[Summary]) -> Iterator[str]:
    """Sessions and refused attempts as lines of a table."""
    return _table(_SESSION_COLUMNS, sessions)


def story(entries: Sequence[Entry]) -> Iterator[str]:
    """A session, or records of none, with everything that is known of each."""
    first = entries[0].record
    for name in ("session", "node", "supervisor", "agent", "call", "number", "source"):
        if value := getattr(first, name):
            yield f"{name:11} {plain(value)}"
    for entry in entries:
        record = entry.record
        yield f"{entry.sequence:>8}  {clock(record.at)}  {span(record.elapsed):>8}  {record.deed:11} {_standing(entry)}"
        if record.agent != first.agent:
            yield f"{'':29}agent {plain(record.agent)}, call {plain(record.call)}"
        if why := _why(entry):
            yield f"{'':29}{plain(why)}"
        if record.rule or record.policy:
            yield f"{'':29}rule {plain(record.rule) or '-'} of policy {plain(record.policy) or '-'}"


def report(found: Report) -> Iterator[str]:
    """What *verify* found, in words."""
    yield f"journal {found.journal}: {found.records} records, the newest is {found.end.sequence}"
    for first, last in found.retired:
        yield f"  retired: {_range(first, last)}, as the journal itself says"
    for first, last in found.torn:
        yield f"  lost: {_range(first, last)}, from a torn tail, as the journal itself says"
    for finding in found.findings:
        yield f"  {_FAULTS[finding.fault].format(_range(finding.first, finding.last))}"
    for stranger in sorted(found.strangers):
        yield f"  the log speaks of another journal, {plain(stranger)}: was this one put in its place?"
    yield f"anchors compared: {found.anchored}"
    yield "NOT WHOLE" if found.findings else "whole"


def parcels(found: Iterable[Parcel]) -> Iterator[str]:
    """What a webhook's receiver has not taken."""
    for parcel in found:
        when = "given up" if parcel.dead else f"due {clock(parcel.due)}"
        why = parcel.fault or "waits behind another of its session"
        session = plain(parcel.session) or "-"
        yield f"{parcel.sequence:>8}  {when}, {parcel.attempts} attempts, session {session}: {plain(why)}"


def _range(first: int, last: int) -> str:
    return f"record {first}" if first == last else f"records {first} to {last}"


def plain(text: str) -> str:
    """Text that a terminal shows and does not obey."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def safe_cell(text: str) -> str:
    """Text that a spreadsheet shows and does not calculate; what it would take for a formula gets an apostrophe."""
    shown = plain(text)
    return "'" + shown if shown.lstrip().startswith(_RISKY) else shown


def clock(at: datetime) -> str:
    """A moment in UTC, to the second."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


def span(time: timedelta | None) -> str:
    """A duration as hours, minutes and seconds."""
    if time is None:
        return "-"
    minutes, seconds = divmod(round(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}"


def _csv(journal: str, entries: Iterable[Entry]) -> Iterator[str]:
    yield ",".join(FIELDS)
    for entry in entries:
        values = event_of(journal, entry).model_dump(mode="json")
        values["detail"] = json.dumps(values["detail"], ensure_ascii=False) if values["detail"] else ""
        line = StringIO()
        csv.writer(line, lineterminator="").writerow(
            safe_cell(value) if isinstance(value, str) else value for value in values.values()
        )
        yield line.getvalue()


def _standing(entry: Entry) -> str:
    record = entry.record
    words = [record.mode and record.mode.value, record.visibility and record.visibility.value]
    return " ".join([*filter(None, words), *(["muted"] if record.muted else [])])


def _why(entry: Entry) -> str:
    record = entry.record
    details = (f"{key}={value}" for key, value in record.detail.items())
    return " ".join(filter(None, [record.reason, record.reason_code, *details]))


def _visibility(summary: Summary) -> str:
    both = summary.visibilities
    return "both" if len(both) > 1 else next(iter(both), Visibility.HIDDEN).value if both else "-"


_RECORD_COLUMNS: tuple[tuple[str, int, Callable[[Entry], str]], ...] = (
    ("record", 8, lambda entry: str(entry.sequence)),
    ("time (UTC)", 19, lambda entry: clock(entry.record.at)),
    ("deed", 12, lambda entry: entry.record.deed),
    ("supervisor", 12, lambda entry: entry.record.supervisor),
    ("agent", 12, lambda entry: entry.record.agent),
    ("number", 16, lambda entry: entry.record.number),
    ("stands", 22, _standing),
    ("why", 40, _why),
)
_SESSION_COLUMNS: tuple[tuple[str, int, Callable[[Summary], str]], ...] = (
    ("record", 8, lambda session: str(session.sequence)),
    ("began (UTC)", 19, lambda session: clock(session.began)),
    ("lasted", 8, lambda session: span(session.lasted)),
    ("supervisor", 12, lambda session: session.head.supervisor),
    ("agent", 12, lambda session: session.head.agent),
    ("number", 16, lambda session: session.head.number),
    ("modes", 22, lambda session: " ".join(session.modes) or session.head.deed),
    ("seen as", 8, _visibility),
    ("end", 20, lambda session: session.outcome or "goes on"),
)


def _record_table(entries: Iterable[Entry]) -> Iterator[str]:
    return _table(_RECORD_COLUMNS, entries)


def _table(columns: tuple[tuple[str, int, Callable[[T], str]], ...], rows: Iterable[T]) -> Iterator[str]:
    yield "  ".join(name.ljust(width) for name, width, _ in columns).rstrip()
    for row in rows:
        yield "  ".join(_fitted(cell(row), width) for _, width, cell in columns).rstrip()


def _fitted(text: str, width: int) -> str:
    shown = plain(text)
    return (shown if len(shown) <= width else shown[: width - 1] + "…").ljust(width)
