"""How long to wait before the next attempt to connect."""

from collections.abc import Callable


class Backoff:
    """Exponential back-off with full jitter; the first attempt after a good connection is made at once.

    Full jitter: the wait is anywhere between nothing and a bound that doubles with each attempt up to a longest one,
    so that many clients which lost the same Asterisk do not come back together.
    """

    def __init__(self, first: float, longest: float, chance: Callable[[], float]) -> None:
        self._first = first
        self._longest = longest
        self._chance = chance
        self._failures = 0

    def next(self, *, after_good: bool) -> float:
        """Seconds to wait now; `after_good` says that the connection just lost had been a good one."""
        if after_good:
            self._failures = 0
        self._failures += 1
        if self._failures == 1:
            return 0.0
        # The exponent is bounded too: two to the power of a week's attempts is no float.
        bound = min(self._longest, self._first * 2.0 ** min(self._failures - 2, 32))
        return bound * self._chance()
