"""One supervisor's line, from the feature code to the hang-up: one task that takes one thing after another."""

import asyncio
from dataclasses import replace

import structlog

from supervise.domain import happenings as h
from supervise.domain.decisions import Refusal, Refused
from supervise.domain.ports import OrderFailedError, Switchboard, UnrecordedError
from supervise.domain.records import Deed, Record
from supervise.domain.session import MONITOR, Ending, Person, Session, Stance
from supervise.domain.words import Mode
from supervise.floor.deciding import Admitted, TurnedAway
from supervise.floor.house import Arrival, House
from supervise.floor.parties import Parties
from supervise.floor.reception import HungUpError, Reception
from supervise.floor.runner import Runner
from supervise.floor.usage import UsageCounter

log = structlog.get_logger(__name__)


class Line:
    """A supervisor's phone that has dialled a feature code, and the session that came of it.

    Attributes:
        arrival, board: the phone, and where it is.
        runner: the session, once there is one.
        gone: the phone has hung up; Asterisk says so more than once.
    """

    def __init__(self, house: House, board: Switchboard, usage: UsageCounter, arrival: Arrival) -> None:
        """Serve `arrival` on `board`; nothing happens before `serve`."""
        self.arrival = arrival
        self.board = board
        self.runner: Runner | None = None
        self.gone = False
        self._house = house
        self._usage = usage
        self._written = False
        self._reception = Reception(house, board, usage, arrival)

    @property
    def session(self) -> Session | None:
        """The session, once there is one."""
        return None if self.runner is None else self.runner.session

    # --- what comes in; neither of these waits

    def press(self, digit: str) -> None:
        """Take a key."""
        (self._reception if self.runner is None else self.runner).press(digit)

    def put(self, happening: h.Happening) -> None:
        """Take news; before the session there is nothing that it could be about."""
        if self.runner is not None:
            self.runner.put(happening)

    @property
    def leased(self) -> tuple[str, ...]:
        """The channels whose lease is to be renewed; before the session, saying something sees to that."""
        session = self.session
        return () if session is None else (self.arrival.channel, *map(str, session.present))

    # --- the task

    async def serve(self) -> None:
        """Receive the supervisor, and run their session to its end."""
        try:
            outcome = await self._reception.receive()
        except HungUpError:
            self._write_down(self._attempt(Ending.LEFT.value))
            await self.board.dismiss(self.arrival.channel, ("goodbye",))
        except (OrderFailedError, UnrecordedError) as error:
            log.warning("reception.failed", node=self.board.node, endpoint=self.arrival.endpoint, error=str(error))
            await self._turn_away(TurnedAway(Refused(_why(error)), self._supervisor(), self._agent()))
        except asyncio.CancelledError:
            if self.board.book.channel(self.arrival.channel) is None:
                self._write_down(self._attempt(Ending.SUPERVISOR_GONE.value))
            raise
        else:
            if isinstance(outcome, TurnedAway):
                await self._turn_away(outcome)
            else:
                await self._run(outcome)

    async def _run(self, admitted: Admitted) -> None:
        parties = Parties(
            admitted.supervisor,
            admitted.target.agent,
            frozenset(party.id for party in admitted.target.call.others(admitted.target.channel.id)),
            admitted.question,
            self._reception.gate,
            self._reception.notices,
            self._reception.asked,
        )
        self.runner = Runner(self._house, self.board, self._usage, self._session(admitted), parties)
        await self.runner.run(admitted.rights)

    def _session(self, admitted: Admitted) -> Session:
        muted = admitted.mode is Mode.MONITOR or admitted.rights.rules.start_muted
        return Session(
            id=self.arrival.session,
            node=self.board.node,
            supervisor=Person(admitted.supervisor.name, self.arrival.channel),
            agent=Person(admitted.target.agent.name, admitted.target.channel.id),
            call=admitted.target.call.id,
            number=admitted.target.number,
            source=self.arrival.source,
            stance=MONITOR,
            wanted=Stance(admitted.mode, muted=muted),
            visibility=admitted.visibility,
        )

    async def _turn_away(self, turned: TurnedAway) -> None:
        """Write it down and say why. A refusal is no right: it is spoken even if it cannot be written."""
        log.info("refused", node=self.board.node, supervisor=turned.supervisor, reason=turned.refused.reason)
        self._write_down(self._refusal(turned))
        try:
            await self.board.answer(self.arrival.channel)
        except OrderFailedError as error:
            log.info("refused.unheard", node=self.board.node, error=str(error))
        await self.board.dismiss(self.arrival.channel, (turned.refused.reason.value,))

    def _refusal(self, turned: TurnedAway) -> Record:
        target, record = turned.target, self._attempt(turned.refused.reason.value)
        record = replace(record, supervisor=turned.supervisor, agent=turned.agent, rule=turned.refused.rule or "")
        if target is None:
            return record
        number = self._house.source.policy.number_for_journal(target.number)
        return replace(record, call=target.call.id, number=number)

    def _attempt(self, reason: str) -> Record:
        dialled = self._house.keypad.dialled(self.arrival.digits)
        return Record(
            Deed.REFUSED,
            at=self._house.now(),
            node=self.board.node,
            supervisor=self._supervisor(),
            agent=self._agent(),
            mode=dialled.mode if dialled else None,
            source=self.arrival.source,
            policy=self._house.source.policy.hash,
            reason=reason,
            reason_code=self._reception.gate.reason,
            detail={"endpoint": self.arrival.endpoint, "dialled": self.arrival.digits},
        )

    def _supervisor(self) -> str:
        """Whose phone it is, or which, where it is nobody's."""
        person = self._house.source.policy.person_by_endpoint(self.arrival.endpoint)
        return self.arrival.endpoint if person is None else person.name

    def _agent(self) -> str:
        """Who has the extension that was dialled, or the extension."""
        dialled = self._house.keypad.dialled(self.arrival.digits)
        if dialled is None:
            return ""
        person = self._house.source.policy.person_by_extension(dialled.extension)
        return dialled.extension if person is None else person.name

    def _write_down(self, attempt: Record) -> None:
        """An attempt that becomes no session is in the journal once."""
        if not self._written:
            self._written = True
            self._house.journal.note(attempt)

    async def stop(self, ending: Ending) -> None:
        """End the line from outside; `serve` must not be going on any more."""
        if self.runner is not None:
            await self.runner.stop(ending)
        else:
            self._write_down(self._attempt(ending.value))
            await self.board.dismiss(self.arrival.channel, (ending.value,))


def _why(error: OrderFailedError | UnrecordedError) -> Refusal:
    return Refusal.UNRECORDED if isinstance(error, UnrecordedError) else Refusal.FAILED
