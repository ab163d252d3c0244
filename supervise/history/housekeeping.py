"""What a journal wants done from time to time while a controller runs."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from supervise.domain.ports import UnrecordedError
from supervise.history.journal import HistoryJournal
from supervise.history.saying import say

EVERY = timedelta(hours=1)
"""How often to look for what is too old."""
STEADY = timedelta(days=1)
"""For how long a clock that has jumped must have gone right before anything is retired by it."""
DRIFT = timedelta(minutes=5)
"""How far the clock may have gone from the one that does not jump, between two looks, and still be believed."""


class Housekeeper:
    """Retires what the policy does not want kept any longer.

    A clock that has jumped a year ahead would make every record too old. So nothing is retired for a day after the
    clock and time have gone apart, which is said in the log at once and gives people a day to put the clock right.

    Args:
        journal: the journal.
        keep: asked at each look, for the policy may have changed; None while nobody has said how long.
        clock: the time in UTC.
        ticking: seconds, by a clock that does not jump.
    """

    def __init__(
        self,
        journal: HistoryJournal,
        keep: Callable[[], timedelta | None],
        clock: Callable[[], datetime],
        ticking: Callable[[], float] = monotonic,
    ) -> None:
        """Look at both clocks for the first time."""
        self._journal = journal
        self._keep = keep
        self._clock = clock
        self._ticking = ticking
        self._seen = clock(), ticking()
        self._jumped: float | None = None

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(EVERY.total_seconds())
            await self.look()

    async def look(self) -> int:
        """Retire what is too old now, and return how many records are gone."""
        now, ticks = self._clock(), self._ticking()
        before, ticked = self._seen
        self._seen = now, ticks
        drift = now - before - timedelta(seconds=ticks - ticked)
        if abs(drift) > DRIFT:
            say("warning", "journal-clock-jumped", by=drift.total_seconds())
            self._jumped = ticks
        if self._jumped is not None and ticks - self._jumped < STEADY.total_seconds():
            return 0
        keep = self._keep()
        if keep is None:
            return 0
        try:
            gone = await self._journal.retire(now, keep)
        except UnrecordedError as error:
            say("warning", "journal-not-retired", fault=str(error))
            return 0
        if gone:
            say("info", "journal-retired", records=gone)
        return gone
