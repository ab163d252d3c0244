"""Taking an agent out of their call and putting them back; putting a supervisor's own phone into it.

The calls are not in our hands, so their channels are moved by a Local channel of ours that runs a few lines of
``supervise-agent`` in ``extensions_supervise.conf``. That they have been moved is not believed before the call's bridge
says so. docs/decisions/0004 has what was measured.
"""

import asyncio
import re
import secrets
from contextlib import suppress

from supervise.ari.client.client import Ari
from supervise.ari.client.errors import NotFoundError, NotInStasisError
from supervise.ari.sending_away import CONTEXT, SendingAway
from supervise.ari.whereabouts import LOOK_SECONDS, LOOKS, Whereabouts
from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import OurId, called_back_id, is_ours, is_rung
from supervise.domain.ports import LEASE_SECONDS, UnreachedError
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.offering import Asker
from supervise.domain.sessions.session import Session
from supervise.domain.sessions.truth import beside

AGENT_LEASE_SECONDS = 7
"""Without the controller Asterisk puts an agent on hold back so long after the last renewal.

The dialplan sets it first. Shorter than a seat's lease: a seat that ends first would leave the customer alone, and so
end the call.
"""

RING_SECONDS = 30
"""How long an agent is called to whom a call is handed back."""

DIALLED = "dialled"
"""The first argument of Stasis in ``extensions_supervise.conf`` for a supervisor; the digits are the second."""

CHOSEN = "SUPERVISE_CHOSEN"
"""The variable that tells ``supervise-choose`` where a channel is to go."""

_OWN, _RECEIVE = "supervise-own", "supervise-receive"

Move = o.HoldAgent | o.BringBack | o.RemoveAgent | o.TakeOver


class Movers:
    """Moves agents and supervisors in one Asterisk.

    Attributes:
        sending: takes agents out of their calls.
    """

    def __init__(self, ari: Ari, book: CallBook) -> None:
        """Work over `ari`; `book` knows who is in which bridge."""
        self._ari = ari
        self._book = book
        self._where = Whereabouts(ari, book)
        self.sending = SendingAway(ari, book, self._where)
        self._rung: dict[str, asyncio.Future[bool]] = {}

    async def carry_out(self, session: Session, order: Move) -> None:
        """Move somebody; done when they have been.

        Raises:
            AriError, TimeoutError: they were not moved, or nobody knows.
            OvertakenError: the agent has left the call before, by their own transfer.
        """
        agent = session.agent.channel
        others = beside(order.seat, agent, self._book)
        if isinstance(order, o.BringBack):
            await self._bring_back(agent, others, order.seat)
            return
        if not others:
            raise NotFoundError("GET", "/bridges", "there is nobody beside the seat", 404)
        match order:
            case o.HoldAgent(seat):
                await self.sending.hold(session, seat, others[0])
            case o.RemoveAgent(seat):
                await self.sending.remove(session, seat, others[0])
            case o.TakeOver(seat):
                await self._take_over(session, seat, others[0])

    # --- a call that an agent hands over

    async def receive(self, session: Session, channel: str, *, rings: bool) -> None:
        """Put the supervisor's own phone beside the customer who has come by a channel.

        Mostly the channel makes a bridge and fetches the phone. But where the customer is still in a bridge, with a
        seat or after a consultation, the channel only stands for the agent, and the phone takes that place itself.
        One that still rings is answered first: Asterisk would call the agent back as soon as it ends (`atxfer`).
        """
        supervisor = session.supervisor.channel
        await self._ari.channels.unmute(supervisor, "in")
        if rings:
            await self._ari.channels.answer(channel)
        stands_in = rings or session.seat is not None or bool(self._book.bridges_of(channel))
        if not (stands_in and self._book.half_of(channel)):
            await self._fetch(supervisor, channel)
            return
        await self._where.until_book(lambda: self._beyond(channel) is not None)
        customer = self._beyond(channel)
        if customer is None:
            raise NotFoundError("GET", "/bridges", "nobody is at the other end of the transfer", 404)
        bridge = min(self._book.bridges_of(customer.id))
        await self._ari.channels.set_channel_var(supervisor, "SUPERVISE_PEER", customer.name)
        await self._ari.channels.continue_in_dialplan(supervisor, _OWN, "s", 1)
        await self._where.until(supervisor, bridge, there=True)
        await self._ari.channels.hangup(channel)

    async def take_in(self, channel: str, over: OurId, codec: str) -> None:
        """Have a Local channel of ours stand for an agent who consults the supervisor.

        At its other end the agent's call is in an ordinary bridge. In a bridge of ours Asterisk would take half a
        second to put the customer in their place (22.10.1): it answers a Local channel of its own first, and waits for
        sound from it.
        """
        await self._ari.channels.originate_with_id(
            str(over),
            f"Local/consult@{_RECEIVE}/n",
            app_args=over.kind,
            formats=codec,
            other_channel_id=str(over.far),
            variables={"TIMEOUT(absolute)": str(LEASE_SECONDS), "HOLD_INTERCEPT(set)": ""},
        )
        await self._where.until_book(lambda: self._book.channel(str(over.far)) is not None)
        far = self._book.channel(str(over.far))
        await self._ari.channels.set_channel_var(channel, "SUPERVISE_PEER", "" if far is None else far.name)
        await self._ari.channels.continue_in_dialplan(channel, _RECEIVE, "asked", 1)
        await self._where.until_book(lambda: self._has_come(channel, over))
        await self._look_beside(str(over.far))

    async def _look_beside(self, far: str) -> None:
        """Asterisk does not tell of a customer who is put in the place of a line that is just coming in (22.10.1)."""
        for bridge in self._book.bridges_of(far):
            for member in (await self._ari.bridges.get(bridge)).channels:
                self._book.entered(bridge, member)

    def _has_come(self, channel: str, over: OurId) -> bool:
        """Whether an agent's call has come to what is to stand for it, or, by their transfer, whoever takes its place.

        Raises:
            NotFoundError: it has gone before, and will not come.
        """
        there = self._book.bridges_of(str(over.far))
        if self._book.channel(channel) is not None:
            return bool(there & self._book.bridges_of(channel))
        if not there:
            raise NotFoundError("GET", f"/channels/{channel}", "the agent's call has gone", 404)
        return True

    def _beyond(self, channel: str) -> Channel | None:
        """Who is in a bridge at the other end of a Local channel."""
        half = self._book.half_of(channel)
        members = (m for b in sorted(self._book.bridges_of(half)) for m in sorted(self._book.members_of(b)))
        people = (self._book.channel(m) for m in members if m != half and not is_ours(m))
        return next((known for known in people if known is not None), None)

    async def _fetch(self, supervisor: str, customer: str) -> None:
        """The phone has to be out of our hands before the customer's channel fetches it."""
        known = self._book.channel(supervisor)
        if known is None:
            raise NotFoundError("GET", "/channels", "the supervisor's channel has gone", 404)
        await self._ari.channels.continue_in_dialplan(supervisor, _OWN, "awaited", 1)
        await self._ari.channels.set_channel_var(customer, "SUPERVISE_PEER", known.name)
        await self._where.until_book(lambda: not self._book.bridges_of(supervisor))
        await self._ari.channels.continue_in_dialplan(customer, _RECEIVE, "joined", 1)
        await self._where.until_book(lambda: bool(self._book.bridges_of(supervisor) & self._book.bridges_of(customer)))

    async def let_go(self, channel: str) -> None:
        """Let a channel go on in the dialplan from where it came to us; one that has gone on needs nothing."""
        try:
            await self._ari.channels.continue_in_dialplan(channel)
        except (NotFoundError, NotInStasisError):
            return

    async def go_on(self, asker: Asker, extension: str) -> None:
        """Tell a channel where to go, and let it go on in the dialplan; one that has gone on needs nothing.

        By which transfer a customer has come is told as well: in the agent's place they have no variable of one.

        Raises:
            AriError: nobody knows whether it does.
        """
        channel = asker.channel.id
        with suppress(NotFoundError, NotInStasisError):
            await self._ari.channels.set_channel_var(channel, CHOSEN, extension)
            if asker.sent_by:
                await self._ari.channels.set_channel_var(channel, "BLINDTRANSFER", asker.sent_by)
        await self.let_go(channel)

    def is_agents(self, channel: str) -> bool:
        """Whether a channel on a lease is an agent's: neither ours nor a supervisor's.

        Not whether they are on hold by the book: one who has just been put there would get too long a lease.
        """
        known = self._book.channel(channel)
        supervisors = known is not None and f",{DIALLED}," in known.app
        return not (is_ours(channel) or is_rung(channel) or supervisors)

    def held(self) -> tuple[str, ...]:
        """Every agent on hold."""
        return tuple(channel.id for channel in self._book.channels() if channel.put_on_hold)

    async def hand_back(self, supervisor: str, endpoint: str) -> None:
        """Ring an agent, who finds themselves in the supervisor's own call when they answer; then the supervisor goes.

        Raises:
            UnreachedError: the agent does not answer; the supervisor stays.
            AriError: the phone cannot be rung.
        """
        own = sorted(self._book.bridges_of(supervisor))
        peer = next((m for b in own for m in sorted(self._book.members_of(b)) if m != supervisor), "")
        known = self._book.channel(peer)
        if known is None:
            raise NotFoundError("GET", "/bridges", "nobody is in the supervisor's call", 404)
        agent = called_back_id(secrets.token_hex(16), 0)
        ended = self._rung[agent] = asyncio.get_running_loop().create_future()
        try:
            await self._ring(agent, endpoint, known)
            while not self._book.bridges_of(agent) & frozenset(own):
                await asyncio.wait([ended], timeout=LOOK_SECONDS)
                if ended.done():
                    raise UnreachedError(f"{endpoint} does not answer", busy=ended.result())
        finally:
            del self._rung[agent]
        await self._ari.channels.hangup(supervisor)

    async def call_back(self, order: o.CallBack, agent: str, endpoint: str) -> None:
        """Ring an agent who was removed as channel `agent`, beside whoever is left; back when it rings.

        Raises:
            AriError: the phone cannot be rung.
        """
        others = beside(order.seat, agent, self._book)
        if not others:
            raise NotFoundError("GET", "/bridges", "there is nobody beside the seat", 404)
        await self._ring(order.channel, endpoint, others[0], self._book.channel(str(order.seat.far)))

    async def _ring(self, agent: str, endpoint: str, peer: Channel, seat: Channel | None = None) -> None:
        """Whoever answers is put beside `peer`, whose number they are shown; a `seat` that is there ends with them."""
        await self._ari.channels.originate_with_id(
            agent,
            f"PJSIP/{endpoint}",
            context=CONTEXT,
            extension="back" if seat is None else "called",
            timeout=RING_SECONDS,
            caller_id=re.sub("[^0-9]", "", peer.number),
            variables={"SUPERVISE_PEER": peer.name} | ({} if seat is None else {"SUPERVISE_SEAT": seat.name}),
        )

    def over(self, agent: str, *, busy: bool) -> None:
        """A phone that was called back has ended, answered or not."""
        waiting = self._rung.get(agent)
        if waiting is not None and not waiting.done():
            waiting.set_result(busy)

    async def release(self, agent: str) -> None:
        """Put back an agent of whom no session knows; the channel itself knows where to."""
        self.sending.back(agent)
        try:
            await self._ari.channels.continue_in_dialplan(agent, CONTEXT, "back", 1)
        except (NotFoundError, NotInStasisError):
            return
        for _ in range(LOOKS):
            if self._book.bridges_of(agent) or self._book.channel(agent) is None:
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def _bring_back(self, agent: str, others: tuple[Channel, ...], seat: OurId) -> None:
        """Where nobody is left in the call, the agent's own phone is let go in the same way; who has gone is let be."""
        if self._book.channel(agent) is None:
            return
        if not others:
            await self.release(agent)
            return
        try:
            await self._put_back(agent, others[0], self._where.bridge_of(seat))
        except NotFoundError:
            if self._book.channel(agent) is not None:
                raise

    async def _put_back(self, agent: str, peer: Channel, bridge: str) -> None:
        there, _ = await asyncio.gather(self._ari.bridges.get(bridge), self._name_peer(agent, peer))
        if agent in there.channels:
            return
        self.sending.back(agent)
        await self._ari.channels.continue_in_dialplan(agent, CONTEXT, "back", 1)
        await self._where.until(agent, bridge, there=True)

    async def _name_peer(self, agent: str, peer: Channel) -> None:
        """Say beside whom an agent is to be put; one who is not in our hands is not to be put anywhere."""
        with suppress(NotFoundError, NotInStasisError):
            await self._ari.channels.set_channel_var(agent, "SUPERVISE_PEER", peer.name)

    async def _take_over(self, session: Session, seat: OurId, peer: Channel) -> None:
        """The agent is out of the call already: nobody who is not in it can come into it any more by a transfer."""
        supervisor = session.supervisor.channel
        await self._ari.channels.set_channel_var(supervisor, "SUPERVISE_PEER", peer.name)
        await self._ari.channels.unmute(supervisor, "in")
        await self._ari.channels.continue_in_dialplan(supervisor, _OWN, "s", 1)
        await self._where.until(supervisor, self._where.bridge_of(seat), there=True)
