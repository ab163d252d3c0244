"""When a rule holds: hours of the week in a time zone, and days on which they do not count."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Window:
    """The same hours on some days of the week.

    Attributes:
        days: 0 is Monday.
        start: minutes after midnight at which it begins.
        end: minutes after midnight before which it ends; not after `start` means on the next day.
    """

    days: frozenset[int]
    start: int
    end: int

    def holds(self, day: date, minute: int, not_on: frozenset[date]) -> bool:
        """Whether a minute of a day is in it; a night counts as part of the day on which it begins."""
        if self.start < self.end:
            return self.start <= minute < self.end and self._begins_on(day, not_on)
        if minute >= self.start:
            return self._begins_on(day, not_on)
        return minute < self.end and self._begins_on(day - timedelta(days=1), not_on)

    def _begins_on(self, day: date, not_on: frozenset[date]) -> bool:
        return day.weekday() in self.days and day not in not_on

    def __str__(self) -> str:
        """``mon tue 08:00-18:00``."""
        return f"{' '.join(DAYS[day] for day in sorted(self.days))} {clock(self.start)}-{clock(self.end)}"


@dataclass(frozen=True, slots=True)
class Hours:
    """Windows of the week in one time zone.

    Attributes:
        windows: any of them suffices.
        zone: where the clock hangs that the windows are read from; summer time is its affair.
        not_on: days on which none of the windows begins.
    """

    windows: tuple[Window, ...]
    zone: tzinfo
    not_on: frozenset[date] = frozenset()

    def hold(self, at: datetime) -> bool:
        """Whether a moment, which must know its zone, is in them."""
        local = at.astimezone(self.zone)
        day, minute = local.date(), local.hour * 60 + local.minute
        return any(window.holds(day, minute, self.not_on) for window in self.windows)

    def __str__(self) -> str:
        """``mon tue 08:00-18:00 (Europe/Berlin)``."""
        but = f", not on {', '.join(str(day) for day in sorted(self.not_on))}" if self.not_on else ""
        return f"{', '.join(str(window) for window in self.windows)} ({self.zone}){but}"


def clock(minute: int) -> str:
    """Minutes after midnight as ``08:30``; the end of the day is ``24:00``."""
    return f"{minute // 60:02}:{minute % 60:02}"
