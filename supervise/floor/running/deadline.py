"""The end of a session's time: a word a minute before, and a look at the rights when it has come."""

import asyncio
from collections.abc import Callable, Iterable

MINUTE = 60.0
"""Seconds."""

LATE = 0.001
"""Seconds after the limit: a moment before it, the limit is not reached yet."""


class Deadline:
    """Wakes one session when the next of its limits comes."""

    def __init__(self, began: float, warn: Callable[[int], None], reached: Callable[[], None]) -> None:
        """Count from `began`, by the loop's clock; both functions must not wait.

        Args:
            began: when the session began.
            warn: told, a minute before, how many minutes the limit is.
            reached: told when it is reached.
        """
        self._began = began
        self._warn = warn
        self._reached = reached
        self._next: int | None = None
        self._timers: tuple[asyncio.TimerHandle, ...] = ()

    def follow(self, limits: Iterable[int]) -> None:
        """The limits are these now, in minutes; those that have passed do not matter any more."""
        loop = asyncio.get_running_loop()
        coming = min((limit for limit in limits if self._began + limit * MINUTE > loop.time()), default=None)
        if coming == self._next:
            return
        self.cancel()
        self._next = coming
        if coming is not None:
            self._timers = tuple(self._set(coming))

    def _set(self, limit: int) -> Iterable[asyncio.TimerHandle]:
        loop = asyncio.get_running_loop()
        yield loop.call_at(self._began + limit * MINUTE + LATE, self._reached)
        warning = self._began + (limit - 1) * MINUTE
        if warning > loop.time():
            yield loop.call_at(warning, self._warn, limit)

    def cancel(self) -> None:
        """Wake nobody any more."""
        for timer in self._timers:
            timer.cancel()
        self._timers, self._next = (), None
