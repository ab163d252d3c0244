"""Taking an agent out of their call, while they may be leaving it themselves by a transfer.

One of the two is first, and the other one comes to nothing. Asterisk takes a channel out of a bridge, or puts another
one in its place, under the bridge's lock; so whoever has come in the agent's place is there when the agent is not.
"""

import itertools
from collections.abc import Iterable
from contextlib import suppress

from supervise.ari.client.client import Ari
from supervise.ari.client.errors import NotFoundError
from supervise.ari.whereabouts import Whereabouts
from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import Kind, OurId, is_ours
from supervise.domain.ports import OvertakenError
from supervise.domain.sessions.session import Session

CONTEXT = "supervise-agent"
"""Where the agents go who are moved."""


class SendingAway:
    """Puts agents on hold, and removes them."""

    def __init__(self, ari: Ari, book: CallBook, where: Whereabouts) -> None:
        """Work over `ari`; `book` knows who is in which bridge."""
        self._ari = ari
        self._book = book
        self._where = where
        self._serial = itertools.count(1)

    async def hold(self, session: Session, seat: OurId, peer: Channel) -> None:
        """Let the agent hear music, out of the call; `peer` is whom they come back to.

        Raises:
            AriError, TimeoutError, OvertakenError: as `remove` does.
        """
        await self._send(session, seat, peer, "hold")

    async def remove(self, session: Session, seat: OurId, peer: Channel) -> None:
        """Tell the agent that they are out, and let them go.

        Raises:
            AriError, TimeoutError: they are still there, or nobody knows.
            OvertakenError: they have left the call by their own transfer.
        """
        await self._send(session, seat, peer, "remove")

    async def _send(self, session: Session, seat: OurId, peer: Channel, extension: str) -> None:
        agent = self._book.channel(session.agent.channel)
        if agent is None:
            raise NotFoundError("GET", "/channels", "the agent's channel has gone", 404)
        bridge = self._where.bridge_of(seat)
        before = self._book.members_of(bridge)
        mover = OurId(Kind.MOVER, session.id, next(self._serial))
        await self._ari.channels.originate_with_id(
            str(mover),
            f"Local/{extension}@{CONTEXT}/n",
            context=CONTEXT,
            extension="nowhere",
            other_channel_id=str(mover.far),
            variables={"SUPERVISE_TARGET": agent.name, "SUPERVISE_PEER": peer.name, "CDR_PROP(disable)": "1"},
        )
        left = await self._where.until(agent.id, bridge, there=False)
        came = [channel for channel in left if channel not in before and not is_ours(channel)]
        if came and agent.id in before:
            await self._sort_out(agent, came)

    async def _sort_out(self, agent: Channel, came: Iterable[str]) -> None:
        """Somebody has come while the agent went: in their place, or beside that.

        An agent who is where they were sent was first. What Asterisk had begun for their transfer meanwhile may still
        have come into the bridge, without them; it goes nowhere.
        """
        if not await self._is_sent_away(agent):
            raise OvertakenError(f"{agent.name} has left the call by a transfer")
        for channel in came:
            with suppress(NotFoundError):
                await self._turn_back(agent, channel)

    async def _turn_back(self, agent: Channel, channel: str) -> None:
        """End what has come by an agent's transfer; of a channel in a bridge only its other half says so (22.10.1)."""
        if not (await self._ari.channels.get(channel)).name.startswith("Local/"):
            return
        await self._where.until_book(lambda: bool(self._book.half_of(channel)))
        sent_by = await self._ari.channels.get_channel_var(self._book.half_of(channel), "BLINDTRANSFER")
        if sent_by == agent.name:
            await self._ari.channels.hangup(channel)

    async def _is_sent_away(self, agent: Channel) -> bool:
        try:
            return (await self._ari.channels.get(agent.id)).dialplan.context == CONTEXT
        except NotFoundError:
            return False
