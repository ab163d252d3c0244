"""Taking an agent out of their call, while they may be leaving it themselves by a transfer.

One of the two is first, and the other one comes to nothing. Asterisk takes a channel out of a bridge, or puts another
one in its place, under the bridge's lock; so whoever has come in the agent's place is there when the agent is not.
An agent's own channel says when it is out (SUPERVISE_OUT), and from then on the seat stays without them.
"""

import asyncio
import itertools
from collections.abc import Set as AbstractSet
from contextlib import suppress

from supervise.ari.client.client import Ari
from supervise.ari.client.errors import NotFoundError
from supervise.ari.whereabouts import LOOK_SECONDS, LOOKS, Whereabouts
from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import Kind, OurId, is_ours
from supervise.domain.ports import OvertakenError
from supervise.domain.sessions.session import Session

CONTEXT = "supervise-agent"
"""Where the agents go who are moved."""

SECOND_SECONDS = 2.0
"""How long something may still come of a transfer that was under way when its agent was taken out; mostly 1 ms."""


class SendingAway:
    """Puts agents on hold, and removes them."""

    def __init__(self, ari: Ari, book: CallBook, where: Whereabouts) -> None:
        """Work over `ari`; `book` knows who is in which bridge."""
        self._ari = ari
        self._book = book
        self._where = where
        self._serial = itertools.count(1)
        self._away: dict[str, float] = {}

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
        came = await self._came_for(agent, bridge, before)
        doubtful = came is None or (came and agent.id in before)
        if doubtful and not await self._is_out(agent):
            raise OvertakenError(f"{agent.name} has left the call by a transfer")
        self._away[agent.name] = asyncio.get_running_loop().time()
        for channel in came or ():
            await self.turn_back(channel)

    async def _came_for(self, agent: Channel, bridge: str, before: AbstractSet[str]) -> tuple[str, ...] | None:
        """Wait until an agent is out of a bridge; who has come into it meanwhile, or None where it has gone as well."""
        try:
            left = await self._where.until(agent.id, bridge, there=False)
        except NotFoundError:
            return None
        return tuple(channel for channel in left if channel not in before and not is_ours(channel))

    async def _is_out(self, agent: Channel) -> bool:
        """Whether an agent is where they were sent, and says so; one of whom a transfer is all that is left is not."""
        for _ in range(LOOKS):
            # It is not set yet, or empty where they have been brought back before; or the channel has gone.
            with suppress(NotFoundError):
                if await self._ari.channels.get_channel_var(agent.id, "SUPERVISE_OUT") == "yes":
                    return True
            if self._book.channel(agent.id) is None:
                return False
            await asyncio.sleep(LOOK_SECONDS)
        return False

    # --- the transfer that comes second

    def came_second(self, sent_by: str) -> bool:
        """Whether a transfer is by an agent who had just been taken out of the call."""
        since = self._away.get(sent_by)
        return since is not None and asyncio.get_running_loop().time() - since < SECOND_SECONDS

    def back(self, agent: str) -> None:
        """An agent is in the call again, or about to be: they may transfer it."""
        known = self._book.channel(agent)
        if known is not None:
            self._away.pop(known.name, None)

    def may_be_second(self, channel: Channel) -> bool:
        """Whether a channel that has come into a bridge is to be looked at more closely."""
        now = asyncio.get_running_loop().time()
        self._away = {name: since for name, since in self._away.items() if now - since < SECOND_SECONDS}
        return bool(self._away) and channel.technology == "Local" and not is_ours(channel.id)

    async def turn_back(self, channel: str) -> None:
        """End what has come into a bridge by a transfer that was second; of a channel there its other half says so.

        Asterisk, which has begun such a transfer before the agent was out, brings its channel without them (22.10.1).
        """
        half = self._book.half_of(channel)
        if not half:
            return
        with suppress(NotFoundError):
            if self.came_second(await self._ari.channels.get_channel_var(half, "BLINDTRANSFER")):
                await self._ari.channels.hangup(channel)
                await self._where.until_book(lambda: self._book.channel(channel) is None)
