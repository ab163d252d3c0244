"""What a supervisor is asked before some rights are theirs: a PIN, a reason code."""

from enum import StrEnum

import structlog

from supervise.domain.records import LOCKS, Deed, Record
from supervise.domain.rights.decisions import Allowed, Refusal
from supervise.domain.rights.people import Person
from supervise.domain.rights.pinguard import Verdict
from supervise.floor.house import Arrival, House

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

    def __init__(self, house: House, arrival: Arrival, node: str) -> None:
        """Nothing has been answered on this phone yet, but perhaps a reason code was given elsewhere."""
        self.reason = arrival.reason if arrival.reason in house.source.policy.reasons else ""
        self._house = house
        self._endpoint = arrival.endpoint
        self._source = arrival.source
        self._node = node
        self._proved = ""

    def asks(self, decision: Allowed) -> Ask | None:
        """What is to be asked for next before this is allowed; None when nothing is missing.

        A PIN proves one person: should the phone be another's since, it is asked for again.
        """
        person = self._person()
        if decision.pin and (person is None or self._proved != person.name):
            return Ask.PIN
        return Ask.REASON if decision.reason_code and not self.reason else None

    def _person(self) -> Person | None:
        """Whose phone this is now."""
        return self._house.source.policy.person_by_endpoint(self._endpoint)

    async def answer(self, ask: Ask, digits: str) -> Refusal | None:
        """Take an answer; None when it is right."""
        if ask is Ask.PIN:
            return await self._take_pin(digits)
        if digits not in self._house.source.policy.reasons:
            return Refusal.REASON_NEEDED
        self.reason = digits
        return None

    async def _take_pin(self, digits: str) -> Refusal | None:
        """The digits go into the check and nowhere else: no record, no log, no message has them."""
        guard, person = self._house.guard, self._person()
        name = self._endpoint if person is None else person.name
        guard.rules = self._house.source.policy.house.pins
        if guard.begin(self._endpoint, self._house.now()) is not Verdict.TRY:
            self._note(name, Refusal.PIN_LOCKED)
            return Refusal.PIN_LOCKED
        if await self._house.secrets.matches(digits, None if person is None else person.pin_hash):
            guard.right(self._endpoint)
            self._proved = name
            return None
        locked = guard.wrong(self._endpoint, self._house.now())
        refusal = Refusal.PIN_LOCKED if locked else Refusal.PIN_WRONG
        if locked:
            log.error("pin.locked", endpoint=self._endpoint, supervisor=name, alarm=True)
        self._note(name, refusal, **({LOCKS: "yes"} if locked else {}))
        return refusal

    def _note(self, supervisor: str, refusal: Refusal, **detail: str) -> None:
        record = Record(
            Deed.PIN,
            at=self._house.now(),
            node=self._node,
            supervisor=supervisor,
            source=self._source,
            policy=self._house.source.policy.hash,
            reason=refusal.value,
            detail={"endpoint": self._endpoint, **detail},
        )
        self._house.journal.note(record)
