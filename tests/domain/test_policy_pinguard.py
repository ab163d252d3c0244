"""Wrong PINs lock a phone, and all phones together have a brake."""

from datetime import UTC, datetime, timedelta

import pytest

from supervise.domain.rights.house import PinRules
from supervise.domain.rights.pinguard import PinGuard, Verdict

pytestmark = pytest.mark.unit

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def later(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def wrong(guard: PinGuard, endpoint: str, at: datetime) -> bool:
    """Try a wrong PIN; True where that locks."""
    assert guard.begin(endpoint, at) is Verdict.TRY
    return guard.wrong(endpoint, at)


@pytest.fixture
def guard() -> PinGuard:
    """Give a guard that nobody has tried yet."""
    return PinGuard(PinRules())


def test_five_wrong_ones_lock_for_fifteen_minutes(guard: PinGuard) -> None:
    """The fifth raises the alarm, once; then the phone is locked until the time is over, even for the right PIN."""
    assert [wrong(guard, "301", later(n)) for n in range(5)] == [False, False, False, False, True]
    assert guard.begin("301", later(5)) is Verdict.LOCKED
    assert guard.wrong("301", later(5)) is False
    assert guard.locked_until("301", later(5)) == later(4 + 15)
    assert guard.begin("301", later(18.9)) is Verdict.LOCKED
    assert guard.begin("301", later(19)) is Verdict.TRY


def test_each_phone_has_its_own_lock(guard: PinGuard) -> None:
    """Another phone of the same person is not locked with it."""
    for n in range(5):
        wrong(guard, "301", later(n))
    assert guard.begin("302", later(5)) is Verdict.TRY
    assert guard.locked_until("302", later(5)) is None


def test_a_right_one_begins_anew(guard: PinGuard) -> None:
    """Four wrong ones, a right one, and four more are no reason to lock."""
    for start in (0, 5):
        assert not any(wrong(guard, "301", later(start + n)) for n in range(4))
        assert guard.begin("301", later(start + 4)) is Verdict.TRY
        guard.right("301")


def test_old_wrong_ones_are_forgotten(guard: PinGuard) -> None:
    """One wrong try a day never adds up."""
    assert not any(wrong(guard, "301", later(n * 15)) for n in range(20))


def test_many_tries_at_once_are_no_way_around(guard: PinGuard) -> None:
    """A try that is still being checked counts: of a hundred at the same moment five are checked."""
    verdicts = [guard.begin("301", NOON) for _ in range(100)]
    assert verdicts.count(Verdict.TRY) == 5
    assert set(verdicts[5:]) == {Verdict.LOCKED}


def test_the_brake_for_all(guard: PinGuard) -> None:
    """Thirty wrong ones from thirty phones in a minute stop everybody for the rest of it."""
    for n in range(30):
        wrong(guard, f"3{n:02}", NOON)
    assert guard.begin("400", later(0.9)) is Verdict.BRAKED
    assert guard.begin("400", later(1)) is Verdict.TRY


def test_right_ones_do_not_brake(guard: PinGuard) -> None:
    """The start of a shift, with a hundred right PINs in a minute, goes through."""
    for n in range(100):
        assert guard.begin(f"3{n:02}", NOON) is Verdict.TRY
        guard.right(f"3{n:02}")


def test_a_clock_that_goes_back_unlocks_nothing(guard: PinGuard) -> None:
    """A phone stays locked when the clock is set back."""
    for n in range(5):
        wrong(guard, "301", later(n))
    assert guard.begin("301", later(-600)) is Verdict.LOCKED


def test_a_lock_of_before_is_as_long_as_it_was(guard: PinGuard) -> None:
    """A controller that was not there when it began keeps it to its end, and no longer."""
    guard.was_locked("301", NOON, later(5))
    assert guard.begin("301", later(14.9)) is Verdict.LOCKED
    assert guard.begin("301", later(15)) is Verdict.TRY
    guard.was_locked("302", NOON, later(15))
    assert guard.begin("302", later(15)) is Verdict.TRY
