"""The circumstances that can make a difference to some rules: one of each, so that asking in all of them is complete.

Rules hold or do not hold over whole stretches of the week, of the counts and of the kinds of calls. Asking once in each
stretch is asking always. Weeks in which the clocks change are taken to be like the others.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import product

from supervise.domain.rights.hours import Hours, Window
from supervise.domain.rights.limits import NOTHING_USED, Usage
from supervise.domain.rights.rules import STRANGER, CallFacts, Direction, Rule

_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Circumstance:
    """When, on what call and beside how much other supervision."""

    at: datetime
    queue: str = ""
    direction: Direction | None = None
    usage: Usage = NOTHING_USED

    @property
    def call(self) -> CallFacts:
        """The call, with nobody else in it whom a policy could know."""
        return CallFacts(endpoints=STRANGER, queue=self.queue, direction=self.direction)


def circumstances(rules: Iterable[Rule], queue: str, at: datetime) -> list[Circumstance]:
    """Every kind of circumstance that these rules can tell apart, on calls from one queue.

    Where there are very many, the counts are varied one at a time.
    """
    some = list(rules)
    times = sorted(_times([hours for rule in some for hours in rule.hours], at))
    directions = [None, *sorted({direction for rule in some for direction in rule.calls.directions})]
    levels = [_levels(field.name, some) for field in fields(Usage)]
    usages = [_usage(counts) for counts in product(*levels)]
    if len(times) * len(directions) * len(usages) > _MOST:
        usages = list(_one_at_a_time(levels))
    return [
        Circumstance(when, queue, direction, usage) for when, direction, usage in product(times, directions, usages)
    ]


def _levels(name: str, rules: Iterable[Rule]) -> list[int]:
    """Counts on both sides of each limit."""
    limits: set[int | None] = {getattr(rule.limits, name) for rule in rules}
    return [0, *sorted(limit for limit in limits if limit)]


def _one_at_a_time(levels: list[list[int]]) -> Iterator[Usage]:
    nothing = [0] * len(levels)
    for position, counts in enumerate(levels):
        for count in counts:
            yield _usage((*nothing[:position], count, *nothing[position + 1 :]))


def _usage(counts: Sequence[int]) -> Usage:
    return Usage(**{field.name: count for field, count in zip(fields(Usage), counts, strict=True)})


def _times(all_hours: Iterable[Hours], at: datetime) -> set[datetime]:
    """A moment in each stretch of time: the one that was asked for, and every beginning and end."""
    times = {at}
    for hours in all_hours:
        monday = at.astimezone(hours.zone).date()
        monday -= timedelta(days=monday.weekday())
        week = [monday + timedelta(days=day) for day in range(7)]
        for window in hours.windows:
            for day in (*week, *hours.not_on):
                times.update(_edges(window, day, hours.zone))
    return times


def _edges(window: Window, day: date, zone: tzinfo) -> Iterator[datetime]:
    for minute in (window.start, window.end if window.end > window.start else window.end + 24 * 60):
        local = datetime.combine(day, time(), zone) + timedelta(minutes=minute)
        yield local.astimezone(UTC)
