"""Whether anything is being sent to an agent: a coach is heard only along with it (22.10.1)."""

from collections.abc import Mapping

import structlog

from supervise.domain.calls.calls import Call
from supervise.domain.ports import OrderFailedError, Switchboard
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions.session import Session

log = structlog.get_logger(__name__)


class Carrier:
    """Watches what comes from the other parties of a coached agent's call."""

    def __init__(self, board: Switchboard) -> None:
        """Nothing has been counted yet."""
        self._board = board
        self._received: Mapping[str, int] = {}
        self._stalled = False

    async def look(self, session: Session, call: Call | None) -> h.Stalled | None:
        """Count again; what there is to tell, if it is another thing than before."""
        coaching = min(session.stance.reach, session.wanted.reach) == 1 and not session.suspended
        if not coaching or call is None or call.on_hold:
            self._received, self._stalled = {}, False
            return None
        before, self._received = self._received, await self._count(session, call)
        known = before.keys() & self._received.keys()
        stalled = bool(known) and all(before[channel] == self._received[channel] for channel in known)
        if not known or stalled is self._stalled:
            return None
        self._stalled = stalled
        return h.Stalled(stalled)

    async def _count(self, session: Session, call: Call) -> Mapping[str, int]:
        try:
            return await self._board.received([party.id for party in call.others(session.agent.channel)])
        except OrderFailedError as error:
            log.warning("carrier.unknown", session=session.id, error=str(error))
            return {}
