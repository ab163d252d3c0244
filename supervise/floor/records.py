"""What a session's records say."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from supervise.domain import orders as o
from supervise.domain.records import Deed, Record
from supervise.floor.gate import Gate
from supervise.floor.house import House
from supervise.floor.usage import Running


class Records:
    """Makes the records of one session, as it stands at that moment.

    Attributes:
        source: where the wish came from that is being dealt with.
    """

    def __init__(self, house: House, run: Running, gate: Gate) -> None:
        """Write of `run`; `gate` knows the reason that was given for it."""
        self._house = house
        self._run = run
        self._gate = gate
        self.source = run.session.source

    def of(self, order: o.Write, rule: str) -> Record:
        """What a session wants written; `rule` allows what it is about, if one does."""
        return replace(
            self.about(order.deed, order.reason),
            mode=order.mode,
            muted=order.muted,
            visibility=order.visibility,
            rule=order.rule or rule,
        )

    def about(self, deed: Deed, reason: str) -> Record:
        """Something that happened to the session as it stands."""
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
            policy=policy.hash,
            reason=reason,
            reason_code=self._gate.reason,
            elapsed=timedelta(seconds=asyncio.get_running_loop().time() - self._run.began),
        )
