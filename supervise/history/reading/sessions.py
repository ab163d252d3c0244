"""Sessions out of records: what a person wants to read is who was with whom, and not each change of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from supervise.domain.records import Deed, Record
from supervise.domain.words import Mode, Visibility
from supervise.history.reading.reader import Entry, Query, Reader
from supervise.history.reading.sights import View, seen

_HEADS = frozenset({Deed.OPENED, Deed.TARGET, Deed.REFUSED})


@dataclass(frozen=True, slots=True)
class Summary:
    """A session, or an attempt at one that was refused, in one line.

    Attributes:
        entries: its records, in order; at least one.
    """

    entries: Sequence[Entry]

    @property
    def head(self) -> Record:
        """The first record: the opening, the refusal, or what retention has left."""
        return self.entries[0].record

    @property
    def sequence(self) -> int:
        """The number of the first record."""
        return self.entries[0].sequence

    @property
    def began(self) -> datetime:
        """When it began or was refused."""
        return self.head.at

    @property
    def end(self) -> Record | None:
        """The closing; None while it goes on."""
        last = self.entries[-1].record
        return last if last.deed is Deed.CLOSED else None

    @property
    def lasted(self) -> timedelta | None:
        """How long, by the clock that does not jump where the records say it; None while it goes on."""
        end = self.end
        if end is None:
            return None
        if end.elapsed is None or self.head.elapsed is None:
            return end.at - self.began
        return end.elapsed - self.head.elapsed

    @property
    def modes(self) -> list[Mode]:
        """The modes it was in, in order, each change once."""
        modes: list[Mode] = []
        for entry in self.entries:
            mode = entry.record.mode
            if mode is not None and entry.record.deed is not Deed.CLOSED and modes[-1:] != [mode]:
                modes.append(mode)
        return modes

    @property
    def visibilities(self) -> set[Visibility]:
        """Whether the supervisor was hidden, visible, or both at times."""
        return {entry.record.visibility for entry in self.entries if entry.record.visibility is not None}

    @property
    def outcome(self) -> str:
        """How it ended, or why it was refused; empty while it goes on."""
        told = self.head if self.head.deed is Deed.REFUSED else self.end
        return "" if told is None else told.reason


def summaries(reader: Reader, query: Query, view: View) -> Iterator[Summary]:
    """The sessions and refused attempts that a query finds the beginning, or a change of target, of.

    Args:
        reader: the journal.
        query: which; its deeds are chosen here.
        view: what of them may be seen; a session of which nothing may be seen is left out.

    Raises:
        JournalUnreadableError: the journal is missing or broken.
    """
    told: set[str] = set()
    for page in reader.pages(replace(query, deeds=_HEADS)):
        whole = reader.of_sessions({entry.record.session for entry in page} - {""})
        for entry in page:
            session = entry.record.session
            refused = entry.record.deed is Deed.REFUSED
            if not refused and session in told:
                continue
            if not refused:
                told.add(session)
            visible = list(seen([entry] if refused else whole[session], view))
            if visible:
                yield Summary(visible)
