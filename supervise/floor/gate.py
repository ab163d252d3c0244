"""What a supervisor is asked before some rights are theirs: a PIN, a reason code."""

from dataclasses import replace
from enum import StrEnum

import structlog

from supervise.domain.decisions import Allowed, Refusal
from supervise.domain.people import Person
from supervise.domain.pinguard import Verdict
from supervise.domain.records import Deed, Record
from supervise.floor.house import House

MOST_DIGITS = 16
"""More than any PIN or reason code has."""

END_KEY, CANCEL_KEY = "#", "*"

log = structlog.get_logger(__name__)


class Ask(StrEnum):
    """What may be asked for; the prompt has the same name."""

    PIN = "pin-enter"
    REASON = "reason-needed"


class Gate:
    """What one supervisor has answered so far; it holds for one session.

    Attributes:
        reason: the reason code that was given, for the journal.
    """

    def __init__(self, house: House, endpoint: str) -> None:
        """Nothing has been answered on this phone yet."""
        self.reason = ""
        self._house = house
        self._endpoint = endpoint
        self._pin_known = False

    def asks(self, decision: Allowed) -> Ask | None:
        """What is to be asked for next before this is allowed; None when nothing is missing."""
        if decision.pin and not self._pin_known:
            return Ask.PIN
        return Ask.REASON if decision.reason_code and not self.reason else None

    async def answer(self, ask: Ask, digits: str, supervisor: Person) -> Refusal | None:
        """Take an answer; None when it is right."""
        if ask is Ask.PIN:
            return await self._take_pin(digits, supervisor)
        if digits not in self._house.source.policy.reasons:
            return Refusal.REASON_NEEDED
        self.reason = digits
        return None

    async def _take_pin(self, digits: str, supervisor: Person) -> Refusal | None:
        """The digits go into the check and nowhere else: no record, no log, no message has them."""
        guard = self._house.guard
        guard.rules = self._house.source.policy.house.pins
        if guard.begin(self._endpoint, self._house.now()) is not Verdict.TRY:
            self._note(supervisor, Refusal.PIN_LOCKED)
            return Refusal.PIN_LOCKED
        if await self._house.secrets.matches(digits, supervisor.pin_hash):
            guard.right(self._endpoint)
            self._pin_known = True
            return None
        locked = guard.wrong(self._endpoint, self._house.now())
        refusal = Refusal.PIN_LOCKED if locked else Refusal.PIN_WRONG
        if locked:
            log.error("pin.locked", endpoint=self._endpoint, supervisor=supervisor.name, alarm=True)
        self._note(supervisor, refusal)
        return refusal

    def _note(self, supervisor: Person, refusal: Refusal) -> None:
        record = Record(Deed.PIN, at=self._house.now(), supervisor=supervisor.name, reason=refusal.value)
        policy = self._house.source.policy.hash
        self._house.journal.note(replace(record, policy=policy, detail={"endpoint": self._endpoint}))
