"""A supervisor's attempt to begin: what the journal says of one that becomes no session."""

from dataclasses import replace

import structlog

from supervise.domain.records import Deed, Record
from supervise.domain.words import Mode
from supervise.floor.arriving.deciding import TurnedAway
from supervise.floor.house import Arrival, House
from supervise.floor.running.gate import Gate

log = structlog.get_logger(__name__)


class Attempt:
    """One arrival on its way to a session; given up or refused, it is in the journal.

    Attributes:
        arrival: the phone, and what it dialled.
        gate: what its supervisor has answered.
    """

    def __init__(self, house: House, node: str, arrival: Arrival, gate: Gate | None = None) -> None:
        """Nothing has come of `arrival` yet; who was in a session before has a `gate` that knows their answers."""
        self.arrival = arrival
        self.gate = gate or Gate(house, arrival, node)
        self._house = house
        self._node = node
        self._settled = False

    def anew(self) -> "Attempt":
        """The same phone, after a session: the next one has an id of its own. A PIN still holds."""
        session = self._house.new_session_id()
        arrival = replace(self.arrival, session=session, at_most=Mode.MONITOR, call="")
        next_one = Attempt(self._house, self._node, arrival, self.gate)
        next_one.settled()
        return next_one

    def settled(self) -> None:
        """A session has come of it, which has records of its own."""
        self._settled = True

    def refused(self, turned: TurnedAway) -> None:
        """Write down that somebody was turned away."""
        log.info("refused", node=self._node, supervisor=turned.supervisor, reason=turned.refused.reason)
        record = replace(
            self._record(turned.refused.reason.value),
            supervisor=turned.supervisor,
            agent=turned.agent,
            rule=turned.refused.rule or "",
        )
        if turned.target is not None:
            number = self._house.source.policy.number_for_journal(turned.target.number)
            record = replace(record, call=turned.target.call.id, number=number)
        self._write(record)

    def given_up(self, reason: str) -> None:
        """Write down that it was given up, unless something has come of it."""
        if not self._settled:
            self._write(self._record(reason))

    def _write(self, record: Record) -> None:
        self._settled = True
        self._house.journal.note(record)

    def _record(self, reason: str) -> Record:
        dialled = self._house.keypad.dialled(self.arrival.digits)
        return Record(
            Deed.REFUSED,
            at=self._house.now(),
            node=self._node,
            supervisor=self.supervisor,
            agent=self.agent,
            mode=dialled.mode if dialled else None,
            source=self.arrival.source,
            policy=self._house.source.policy.hash,
            reason=reason,
            reason_code=self.gate.reason,
            detail={"endpoint": self.arrival.endpoint, "dialled": self.arrival.digits},
        )

    @property
    def supervisor(self) -> str:
        """Whose phone it is, or which, where it is nobody's."""
        person = self._house.source.policy.person_by_endpoint(self.arrival.endpoint)
        return self.arrival.endpoint if person is None else person.name

    @property
    def agent(self) -> str:
        """Who has the extension that was dialled, or the extension."""
        dialled = self._house.keypad.dialled(self.arrival.digits)
        if dialled is None:
            return ""
        person = self._house.source.policy.person_by_extension(dialled.extension)
        return dialled.extension if person is None else person.name
