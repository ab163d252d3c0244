"""What can be found out about a journal, and what is remembered of it elsewhere."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from supervise.history.storage.chain import Link


class Fault(StrEnum):
    """What can be wrong with a journal."""

    EDITED = "edited"
    """The record's seal does not fit what it says; or the one before it was edited and sealed anew."""
    REMOVED = "removed"
    """Records are missing between others."""
    CUT_OFF = "cut-off"
    """Records that had been promised are missing from the end."""
    REWRITTEN = "rewritten"
    """An anchor names another seal: this record, or some before it, were sealed anew."""
    UNKNOWN = "unknown"
    """A version of the schema that this program does not know: nothing can be said about the record."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit, from one sequence to another."""

    fault: Fault
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a log or the witness remembers of a journal: the seal that a record had."""

    journal: str
    link: Link


@dataclass(slots=True)
class Report:
    """What the walk found.

    Attributes:
        journal: the journal's name.
        records: how many records were checked.
        end: the newest of them.
        findings: what does not fit, in order; none is a whole journal.
        torn: ranges that a power loss has taken; the journal itself says so.
        retired: ranges that retention has taken; the journal itself says so.
        anchored: how many anchors were compared and fit.
        strangers: the names of other journals that the anchors speak of.
    """

    journal: str
    records: int = 0
    end: Link = field(default_factory=lambda: Link(0, b""))
    findings: list[Finding] = field(default_factory=list)
    torn: list[tuple[int, int]] = field(default_factory=list)
    retired: list[tuple[int, int]] = field(default_factory=list)
    anchored: int = 0
    strangers: set[str] = field(default_factory=set)


def anchors_in(lines: Iterable[str]) -> Iterator[Anchor]:
    """The anchors in a log, of JSON lines or of the form for people; everything else is passed over."""
    for line in lines:
        if "journal-anchor" not in line:
            continue
        found = {name: value for name, json, plain in _PART.findall(_COLOUR.sub("", line)) for value in [json or plain]}
        try:
            link = Link(int(found["record"]), bytes.fromhex(found["seal"]))
            yield Anchor(found["journal"], link)
        except (ValueError, KeyError):
            continue


_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# "record": 7 and "seal": "00ff" in JSON; record=7 and seal=00ff in the form for people.
_PART = re.compile(r'"?\b(journal|record|seal)\b(?:": ?"?(\w+)"?[,}]|=(\w+)(?:\s|$))')
