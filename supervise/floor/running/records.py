"""What a session's records say, and how they are written."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import structlog

from supervise.domain.ports import UnrecordedError
from supervise.domain.records import Deed, Record
from supervise.domain.rights.decisions import Action, Allowed, Rights
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.happenings import RecordFailed
from supervise.domain.sessions.session import Session
from supervise.floor.house import House
from supervise.floor.running.gate import Gate
from supervise.floor.usage import Running

log = structlog.get_logger(__name__)


class Records:
    """Makes and writes the records of one session, as it stands at that moment.

    Attributes:
        source: where the wish came from that is being dealt with.
    """

    def __init__(self, house: House, run: Running, gate: Gate, rights: Callable[[], Rights]) -> None:
        """Write of `run`; `gate` knows the reason that was given for it, `rights` what is allowed now."""
        self._house = house
        self._run = run
        self._gate = gate
        self.source = run.session.source
        self._rights = rights
        self._shown = False

    async def write(self, order: o.Write) -> RecordFailed | None:
        """Write what a session wants written; where it must be durable, that it is not happens to the session."""
        record = self._of(order)
        about = log.bind(session=record.session, node=record.node)
        about.info(order.deed.value, mode=order.mode, muted=order.muted, reason=order.reason)
        if not order.must:
            self._house.journal.note(record)
            return None
        try:
            await self._house.journal.write(record)
        except UnrecordedError as error:
            about.error("journal.failed", deed=order.deed, error=str(error))
            return RecordFailed(order)
        if order.deed is Deed.OPENED:
            self._run.recorded = asyncio.get_running_loop().time()
        return None

    def note(self, deed: Deed, reason: str, **detail: str) -> None:
        """Keep something that has happened to the session as it stands."""
        self._house.journal.note(replace(self._about(deed, reason, self._rights()), detail=detail))

    def _of(self, order: o.Write) -> Record:
        rights = self._rights()
        if order.deed is Deed.OPENED:
            self._shown = shows(rights, self._run.session)
        rule = order.rule or ("" if order.about else rights.may(order.mode, order.visibility).rule or "")
        record = replace(
            self._about(order.deed, order.reason, rights),
            mode=order.mode,
            muted=order.muted,
            visibility=order.visibility,
            rule=rule,
        )
        if order.before is not None:
            return replace(record, detail={"before": order.before.name})
        return replace(record, agent=order.about) if order.about else record

    def _about(self, deed: Deed, reason: str, rights: Rights) -> Record:
        session, policy = self._run.session, self._house.source.policy
        return Record(
            deed,
            at=self._house.now(),
            node=session.node,
            session=session.id,
            supervisor=session.supervisor.name,
            agent=session.agent.name,
            call=session.call,
            number=policy.number_for_journal(session.number),
            mode=session.wanted.mode,
            muted=session.wanted.muted,
            visibility=session.visibility,
            source=self.source,
            rule=rights.may(session.wanted.mode, session.visibility).rule or "",
            policy=policy.hash,
            reason=reason,
            reason_code=self._gate.reason,
            elapsed=timedelta(seconds=asyncio.get_running_loop().time() - self._run.began),
            shown=self._shown,
        )


def shows(rights: Rights, session: Session) -> bool:
    """Whether a session may show in the call's and the customer's history, as it begins."""
    decision = rights.actions.get(Action.SHOW_IN_HISTORY)
    return isinstance(decision, Allowed) and session.visibility in decision.visibilities
