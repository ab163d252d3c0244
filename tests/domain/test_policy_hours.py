"""Hours, and the clock that they are read from."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from supervise.domain.rights.hours import Hours, Window

pytestmark = pytest.mark.unit

BERLIN = ZoneInfo("Europe/Berlin")
ALL_WEEK = frozenset(range(7))

OFFICE = Hours((Window(frozenset(range(5)), 8 * 60, 18 * 60),), BERLIN, frozenset({date(2026, 12, 25)}))
NIGHT = Hours((Window(frozenset({4}), 22 * 60, 6 * 60),), BERLIN, frozenset({date(2026, 12, 25)}))

TABLE = [
    (OFFICE, datetime(2026, 3, 4, 8, 0, tzinfo=BERLIN), True),
    (OFFICE, datetime(2026, 3, 4, 7, 59, tzinfo=BERLIN), False),
    (OFFICE, datetime(2026, 3, 4, 17, 59, 59, tzinfo=BERLIN), True),
    (OFFICE, datetime(2026, 3, 4, 18, 0, tzinfo=BERLIN), False),
    (OFFICE, datetime(2026, 3, 7, 12, 0, tzinfo=BERLIN), False),
    (OFFICE, datetime(2026, 12, 25, 12, 0, tzinfo=BERLIN), False),
    (OFFICE, datetime(2026, 3, 4, 7, 30, tzinfo=UTC), True),
    (OFFICE, datetime(2026, 7, 1, 6, 30, tzinfo=UTC), True),
    (OFFICE, datetime(2026, 7, 1, 16, 30, tzinfo=UTC), False),
    (NIGHT, datetime(2026, 3, 6, 22, 0, tzinfo=BERLIN), True),
    (NIGHT, datetime(2026, 3, 7, 5, 59, tzinfo=BERLIN), True),
    (NIGHT, datetime(2026, 3, 7, 6, 0, tzinfo=BERLIN), False),
    (NIGHT, datetime(2026, 3, 6, 5, 0, tzinfo=BERLIN), False),
    (NIGHT, datetime(2026, 12, 26, 3, 0, tzinfo=BERLIN), False),
    (NIGHT, datetime(2026, 3, 7, 23, 0, tzinfo=BERLIN), False),
]


@pytest.mark.parametrize(("hours", "at", "expected"), TABLE)
def test_hours_hold(hours: Hours, at: datetime, expected: bool) -> None:  # noqa: FBT001  a table's cell
    """They hold from their beginning until before their end, by the clock of their zone in summer and winter."""
    assert hours.hold(at) is expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), True), (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), False)],
)
def test_the_hour_that_summer_time_takes(at: datetime, expected: bool) -> None:  # noqa: FBT001  a table's cell
    """Where the clock jumps from 02:00 to 03:00, hours that end at 02:30 end with the jump."""
    hours = Hours((Window(ALL_WEEK, 60, 150),), BERLIN)
    assert hours.hold(at) is expected


def test_in_words() -> None:
    """Hours can be read by people."""
    assert str(OFFICE) == "mon tue wed thu fri 08:00-18:00 (Europe/Berlin), not on 2026-12-25"
