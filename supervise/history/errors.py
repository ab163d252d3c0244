"""What can go wrong with the journal.

::

    UnrecordedError                 a record is not durable (declared in supervise.domain.ports)
      +-- JournalFailedError        the storage refused it: full, read-only, broken, gone
      +-- JournalBusyError          no answer in time: locked, stalled, too much to write
      +-- JournalClosedError        the journal is not open (any more)
      +-- SessionOverError          an opening for a session that has been closed already
    HistoryError                    something else about the kept history
      +-- JournalUnreadableError    it cannot be read: missing, not a journal, newer than this program
      +-- UnknownPlaceError         the setting names no engine that we know
"""

from supervise.domain.ports import UnrecordedError


class JournalFailedError(UnrecordedError):
    """The storage refused the record; the message holds the storage's own words."""


class JournalBusyError(UnrecordedError):
    """The storage did not answer within the time that a person may be kept waiting."""


class JournalClosedError(UnrecordedError):
    """The journal was closed, or never opened."""


class SessionOverError(UnrecordedError):
    """A session has one opening and one closing; this one has both."""


class HistoryError(Exception):
    """Something about the kept history other than writing a record."""


class JournalUnreadableError(HistoryError):
    """There is no journal where it was looked for, or this program cannot read it."""


class UnknownPlaceError(HistoryError):
    """The place of the journal is neither a path, nor a URL of SQLite or PostgreSQL."""
