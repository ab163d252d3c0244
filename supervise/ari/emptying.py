"""Emptying the rooms of sessions beside whatever is being carried out for them, since somebody new comes."""

import asyncio
from collections.abc import Collection, Iterator
from functools import partial

import structlog

from supervise.ari.errands import Errands
from supervise.ari.guarding import Guarding
from supervise.ari.hands import Hands
from supervise.domain.calls.naming import Kind
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.session import Session

TAPS = frozenset({Kind.EAR, Kind.COACH_EAR, Kind.QUIET_EAR, Kind.QUIET_COACH_EAR, Kind.SEAT})
"""What lets a session hear its call. An agent who consults the supervisor may be in the room, and is not the call."""

REST_SECONDS = 0.12
"""What a seat has said waits to be mixed for up to five intervals of 20 ms (``bridges/bridge_softmix.c``)."""

log = structlog.get_logger(__name__)


class Emptying:
    """Takes what is in a session's room out of it."""

    def __init__(self, node: str, hands: Hands, guarding: Guarding, errands: Errands) -> None:
        """Do it with these hands; what is where, the guard knows."""
        self._node = node
        self._hands = hands
        self._guarding = guarding
        self._errands = errands

    def at_once(self, session: Session) -> None:
        """Ask for it, and do not wait."""
        for order in self._orders(session):
            self._errands.begin(partial(self._hands.carry_out, session, order))

    async def before(self, channel: str, sessions: Collection[Session]) -> None:
        """Let a channel go on when these rooms are empty, and what was said in them has come to rest.

        Nobody is kept out of a conference because a room could not be emptied.

        Raises:
            AriError: nobody knows whether it goes on.
        """
        emptying = [self._hands.carry_out(session, order) for session in sessions for order in self._orders(session)]
        for failure in filter(None, await asyncio.gather(*emptying, return_exceptions=True)):
            log.warning("room.not-emptied", node=self._node, channel=channel, error=str(failure))
        if emptying:
            await asyncio.sleep(REST_SECONDS)
        await self._hands.movers.let_go(channel)

    def _orders(self, session: Session) -> Iterator[o.Order]:
        return (o.TakeOut(tap) for tap in self._guarding.in_room(session) if tap.kind in TAPS)
