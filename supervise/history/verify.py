"""Does the journal still say what was written into it?

The walk goes once along the chain, in pages, and remembers nothing but the last seal, the retired segments and the
anchors to compare with. It finds what does not fit; it cannot know who did it, nor what a record said before.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from supervise.history.findings import Anchor, Fault, Finding, Report
from supervise.history.marks import RETIRED, RETIREMENT, TORN
from supervise.history.reading.reader import Reader
from supervise.history.storage.chain import Link
from supervise.history.storage.place import JournalPlace
from supervise.history.storage.seal import SEALED, genesis, seal
from supervise.history.storage.tables import journal, records, segments
from supervise.history.storage.witness import read_witness

PAGE = 2000
"""Records read at a time."""


Progress = Callable[[int], None]


def _silent(_: int) -> None:
    pass


def verify(reader: Reader, anchors: Iterable[Anchor] = (), progress: Progress = _silent) -> Report:
    """Walk along the chain and compare.

    Args:
        reader: the journal, which may be written meanwhile.
        anchors: what is remembered elsewhere; for an empty `Anchor.journal`, whatever this journal is called.
        progress: called with the sequence reached, after each page.

    Raises:
        JournalUnreadableError: there is no journal, or the engine cannot read it.
    """
    with reader.connection() as connection:
        name = connection.scalar(select(journal.c.id)) or ""
        gone = connection.execute(select(segments).where(segments.c.retired.is_not(None)).order_by(segments.c.first))
        walk = _Walk(name, [dict(row) for row in gone.mappings()], anchors)
    for page in _pages(reader):
        for row in page:
            walk.step(row)
        progress(walk.report.end.sequence)
    return walk.finish()


def check(settings: JournalPlace, anchors: Iterable[Anchor] = (), progress: Progress = _silent) -> Report:
    """Verify the journal of these settings, also against its own witness.

    Raises:
        HistoryError: the place is none, there is no journal, or the engine cannot read it.
    """
    witness = settings.witness_path
    remembered = read_witness(witness) if witness is not None else None
    reader = Reader(settings.url)
    try:
        return verify(reader, [*anchors, *([Anchor("", remembered)] if remembered else [])], progress)
    finally:
        reader.close()


def _pages(reader: Reader) -> Iterator[Sequence[Mapping[str, Any]]]:
    after = 0
    while True:
        asked = select(records).where(records.c.sequence > after).order_by(records.c.sequence).limit(PAGE)
        with reader.connection() as connection:
            page = [dict(row) for row in connection.execute(asked).mappings()]
        if not page:
            return
        yield page
        after = page[-1]["sequence"]


class _Walk:
    """The state of one walk: the seal that the next record must follow, and what was promised elsewhere."""

    def __init__(self, name: str, gone: list[dict[str, Any]], anchors: Iterable[Anchor]) -> None:
        self.report = Report(name)
        self._end = Link(0, genesis(name))
        self._gone = gone
        self._unconfirmed = {_retired(row): (row["first"], row["last"]) for row in gone}
        self._promised: dict[int, set[bytes]] = {}
        for anchor in anchors:
            if anchor.journal not in ("", name):
                self.report.strangers.add(anchor.journal)
            elif anchor.link.sequence:
                self._promised.setdefault(anchor.link.sequence, set()).add(anchor.link.seal)

    def step(self, row: Mapping[str, Any]) -> None:
        """Check the next record."""
        sequence = row["sequence"]
        if self._skip_retired(sequence):
            return
        fits = sequence == self._end.sequence + 1 or self._is_gap_marked(row)
        if not fits:
            self._find(Fault.REMOVED, self._end.sequence + 1, sequence - 1)
        if row["version"] not in SEALED:
            self._find(Fault.UNKNOWN, sequence)
        elif fits and seal(self._end.seal, row) != row["seal"]:
            self._find(Fault.EDITED, sequence)
        self._compare(Link(sequence, row["seal"]))
        self._confirm(row)
        self.report.records += 1

    def finish(self) -> Report:
        """What was promised and did not come is missing."""
        self._skip_retired(self._end.sequence + 1)
        last = max(self._promised, default=0)
        if last > self._end.sequence:
            self._find(Fault.CUT_OFF, self._end.sequence + 1, last)
        for first, last in self._unconfirmed.values():
            self._find(Fault.REMOVED, first, last)
        self.report.findings.sort(key=lambda finding: finding.first)
        return self.report

    def _find(self, fault: Fault, first: int, last: int | None = None) -> None:
        self.report.findings.append(Finding(fault, first, first if last is None else last))

    def _skip_retired(self, sequence: int) -> bool:
        """Go over the segments that retention has taken; also what it has not come to remove yet."""
        while self._gone and self._gone[0]["base"] == self._end.seal:
            segment = self._gone.pop(0)
            if segment["first"] > self._end.sequence + 1:
                self.report.torn.append((self._end.sequence + 1, segment["first"] - 1))
            self.report.retired.append((segment["first"], segment["last"]))
            for number in [number for number in self._promised if number < segment["last"]]:
                del self._promised[number]
            self._compare(Link(segment["last"], segment["last_seal"]))
        return bool(sequence <= self._end.sequence)

    def _is_gap_marked(self, row: Mapping[str, Any]) -> bool:
        if row["deed"] != "journal" or row["reason"] != TORN:
            return False
        first, last = self._end.sequence + 1, row["sequence"] - 1
        detail = _detail(row)
        if (detail.get("first"), detail.get("last")) != (str(first), str(last)):
            return False
        self.report.torn.append((first, last))
        for number in range(first, last + 1):
            self._promised.pop(number, None)
        return True

    def _compare(self, link: Link) -> None:
        """Go on to a record, and see whether it is the one that was promised there."""
        promised = self._promised.pop(link.sequence, None)
        if promised is not None:
            if promised == {link.seal}:
                self.report.anchored += 1
            else:
                self._find(Fault.REWRITTEN, link.sequence)
        self._end = self.report.end = link

    def _confirm(self, row: Mapping[str, Any]) -> None:
        """A retired segment is in order when a record inside the chain says that it was retired."""
        if row["deed"] == "journal" and row["reason"] == RETIRED:
            detail = _detail(row)
            self._unconfirmed.pop(tuple(detail.get(key, "") for key in RETIREMENT), None)


def _retired(segment: Mapping[str, Any]) -> tuple[str, ...]:
    return str(segment["first"]), str(segment["last"]), segment["base"].hex(), segment["last_seal"].hex()


def _detail(row: Mapping[str, Any]) -> dict[str, str]:
    try:
        detail = json.loads(row["detail"] or "{}")
    except ValueError:
        return {}
    return detail if isinstance(detail, dict) else {}
