"""How often a PIN may be tried: a lock for each phone, and a brake for all of them together."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from supervise.domain.rights.house import PinRules

_MINUTE = timedelta(minutes=1)


class Verdict(StrEnum):
    """Whether a PIN may be tried now."""

    TRY = "try"
    LOCKED = "locked"
    """Too many wrong ones from this phone."""
    BRAKED = "braked"
    """Too many wrong ones from all phones together; this one need not have done anything."""


@dataclass(slots=True)
class _Phone:
    """The tries of one phone that were not right: one that is still being checked counts as wrong."""

    wrong: int = 0
    locked_until: datetime | None = None
    last: datetime | None = None


class PinGuard:
    """Counts wrong PINs.

    A try counts as wrong from its beginning until it was right, so a hundred at once are no way around the lock.
    The time is handed in. Only phones of people in the policy should be asked about: their number is the bound on
    what is kept here.
    """

    def __init__(self, rules: PinRules) -> None:
        """Begin with no wrong tries."""
        self.rules = rules
        self._phones: dict[str, _Phone] = {}
        self._recent: deque[datetime] = deque()

    def begin(self, endpoint: str, now: datetime) -> Verdict:
        """A phone wants to try; the PIN must be checked only if the answer is to try."""
        phone = self._phone(endpoint, now)
        if phone.locked_until is not None:
            return Verdict.LOCKED
        while self._recent and now - self._recent[0] >= _MINUTE:
            self._recent.popleft()
        if len(self._recent) >= self.rules.everybody:
            return Verdict.BRAKED
        if phone.wrong >= self.rules.tries:
            return Verdict.LOCKED
        phone.wrong += 1
        phone.last = now
        self._recent.append(now)
        return Verdict.TRY

    def right(self, endpoint: str) -> None:
        """The PIN was right: the phone begins anew."""
        phone = self._phones.pop(endpoint, None)
        if phone is not None and phone.last is not None and phone.last in self._recent:
            self._recent.remove(phone.last)

    def wrong(self, endpoint: str, now: datetime) -> bool:
        """The PIN was wrong. True where this was the one that locks the phone, which is worth an alarm."""
        phone = self._phone(endpoint, now)
        if phone.wrong < self.rules.tries or phone.locked_until is not None:
            return False
        phone.locked_until = now + self.rules.lock
        return True

    def was_locked(self, endpoint: str, at: datetime, now: datetime) -> None:
        """A phone was locked before this guard was there; a lock that would be over is none."""
        if at + self.rules.lock > now:
            self._phones[endpoint] = _Phone(self.rules.tries, at + self.rules.lock, at)

    def locked_until(self, endpoint: str, now: datetime) -> datetime | None:
        """When a locked phone may try again; None where it is not locked."""
        return self._phone(endpoint, now).locked_until

    def _phone(self, endpoint: str, now: datetime) -> _Phone:
        """What is known of a phone; a lock that has run out, and wrong tries as old as a lock, are forgotten."""
        phone = self._phones.get(endpoint)
        if phone is not None and self._is_over(phone, now):
            del self._phones[endpoint]
            phone = None
        return phone or self._phones.setdefault(endpoint, _Phone())

    def _is_over(self, phone: _Phone, now: datetime) -> bool:
        if phone.locked_until is not None:
            return now >= phone.locked_until
        return phone.last is not None and now - phone.last >= self.rules.lock
