"""Carrying out a session's orders in Asterisk, one request or a few for each."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial

import structlog

from supervise.ari.client.channels import SnoopDirection
from supervise.ari.client.client import Ari
from supervise.ari.client.errors import AriError, NotFoundError, NotInStasisError, RefusedError
from supervise.ari.hold_music import HoldMusic
from supervise.ari.leaving import Leaving
from supervise.ari.movers import AGENT_LEASE_SECONDS, Movers
from supervise.domain.calls.calls import CallBook
from supervise.domain.calls.naming import Kind, OurId
from supervise.domain.ports import LEASE_SECONDS
from supervise.domain.rights.private import Mark
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.session import Session

DRAIN_SECONDS = 0.06
"""What is said into a seat is heard 20 to 45 ms later, and by an ear that listens then as well (measured, 22.10.1)."""

RING_SECONDS = 30
"""How long a supervisor's phone rings."""

AUTO_ANSWER = {
    "PJSIP_HEADER(add,Call-Info)": "<sip:supervise>;answer-after=0",
    "PJSIP_HEADER(add,Alert-Info)": "<http://supervise>;info=alert-autoanswer",
}
"""Most phones know one of the two, and do what their own settings say about it."""

SEAT_ENDPOINT = "Local/seat@supervise-seat/nm"
"""``/n`` keeps Asterisk from optimising the Local channel away, which would merge the room with the call.

``m`` lets a hold that our half is told of go through it, instead of playing music on it (`SeatMusic`).
"""

log = structlog.get_logger(__name__)


class Hands:
    """Makes, moves and ends the channels and bridges of sessions in one Asterisk.

    Attributes:
        movers: those that move agents.
        leaving: the taps that have been hung up.
        music: keeps the music of those who are on hold.
    """

    def __init__(self, ari: Ari, book: CallBook) -> None:
        """Work over `ari`; `book` knows the channels' names."""
        self._ari = ari
        self._book = book
        self.movers = Movers(ari, book)
        self.leaving = Leaving(book)
        self.music = HoldMusic(ari, book)

    def ended(self, channel: str) -> None:
        """Something of a channel has ended."""
        self.leaving.ended(channel)
        self.music.ended(channel)

    async def carry_out(self, session: Session, order: o.Order) -> None:
        """Do what needs a request.

        Raises:
            AriError: it was not done, or nobody knows.
        """
        match order:
            case o.Answer():
                await self._ari.channels.answer(session.supervisor.channel)
            case o.MakeRoom(room):
                await self._make_room(room, session.supervisor.channel)
            case o.OpenMic():
                await self._ari.channels.unmute(session.supervisor.channel, "in")
            case o.CloseMic():
                await self._ari.channels.mute(session.supervisor.channel, "in")
            case o.Make(tap, on):
                await self._make(tap, on)
            case o.PutIn(tap):
                await self._put_in(session.room, str(tap))
            case o.Drain():
                await asyncio.sleep(DRAIN_SECONDS)
            case o.TakeOut(tap):
                await self._take_out(session.room, str(tap))
            case o.HangUp(tap):
                await self.hang_up(str(tap))
            case _:
                await self._carry_out_rest(session, order)

    async def _carry_out_rest(self, session: Session, order: o.Order) -> None:
        match order:
            case o.HoldAgent() | o.BringBack() | o.RemoveAgent() | o.TakeOver():
                await self.movers.carry_out(session, order)
            case o.Receive(channel, rings):
                await self.movers.receive(session, channel, rings=rings)
            case o.LetGo(channel):
                await self.movers.let_go(channel)
            case o.Ring(channel):
                await self._ari.channels.ring(channel)
                await self.lease(channel)
            case o.TakeIn(channel, over):
                await self._ari.channels.answer(channel)
                if over is not None:
                    await self.movers.take_in(channel, over, await self._codec_of(channel))
                await self._put_in(session.room, channel if over is None else str(over))
            case _:
                raise TypeError(f"{type(order).__name__} is not carried out by requests")

    async def _make_room(self, room: OurId, supervisor: str) -> None:
        """The microphone is closed before there is anything in the room that could carry its sound."""
        await asyncio.gather(
            self._ari.bridges.create_with_id(str(room), "mixing", str(room)),
            self._ari.channels.mute(supervisor, "in"),
            self.lease(supervisor),
        )
        await self._put_in(room, supervisor)

    async def _put_in(self, room: OurId, channel: str) -> None:
        """Keys stay with us (a seat would carry them into the call), and no phone's display is overwritten."""
        await self._ari.bridges.add_channel(str(room), channel, absorb_dtmf=True, inhibit_connected_line_updates=True)

    async def _take_out(self, room: OurId, channel: str) -> None:
        """What is not there is out. A refusal is not believed before the room says so: two taps in it are an echo."""
        try:
            await self._ari.bridges.remove_channel(str(room), channel)
        except (NotFoundError, NotInStasisError):
            if channel in await self._members_of(str(room)):
                raise

    async def leave(self, room: str, supervisor: str) -> None:
        """Take a supervisor out of a room that is about to end; back when they are out, or when that did not work."""
        try:
            await self._ari.bridges.remove_channel(room, supervisor)
        except RefusedError:
            return
        except AriError as error:
            log.warning("room.not-left", room=room, error=str(error))

    async def _members_of(self, room: str) -> tuple[str, ...]:
        try:
            return (await self._ari.bridges.get(room)).channels
        except NotFoundError:
            return ()

    async def _make(self, tap: OurId, on: str) -> None:
        if tap.kind is Kind.SEAT:
            await self._make_seat(on, tap)
            return
        spy: SnoopDirection = "in" if tap.kind in (Kind.QUIET_EAR, Kind.QUIET_COACH_EAR) else "both"
        whisper: SnoopDirection = "out" if tap.kind in (Kind.COACH_EAR, Kind.QUIET_COACH_EAR) else "none"
        await self.leaving.none_on(on)
        await self.music.keep(on)
        await self._ari.channels.snoop_channel_with_id(on, str(tap), spy=spy, whisper=whisper, app_args=tap.kind)

    async def _make_seat(self, agent: str, seat: OurId) -> None:
        """A seat has the call's own codec: any other goes deaf when the call's members change (measured, 22.10.1)."""
        known = self._book.channel(agent)
        if known is None:
            raise NotFoundError("POST", "/channels", "the agent's channel has gone", 404)
        await self._ari.channels.originate_with_id(
            str(seat),
            SEAT_ENDPOINT,
            app_args=seat.kind,
            formats=await self._codec_of(agent),
            other_channel_id=str(seat.far),
            variables={
                "SUPERVISE_TARGET": known.name,
                "TIMEOUT(absolute)": str(LEASE_SECONDS),
                # A supervisor's hold key would start music on this leg into the call. The function stops what a channel
                # is told, not what its phone says (funcs/func_holdintercept.c), so it belongs here.
                "HOLD_INTERCEPT(set)": "",
            },
        )

    async def _codec_of(self, channel: str) -> str:
        """The codec on the wire, for example ``ulaw``; Asterisk writes a list as ``(ulaw|alaw)``."""
        native = await self._ari.channels.get_channel_var(channel, "CHANNEL(audionativeformat)")
        return native.strip("()").split("|")[0]

    async def ring(self, channel: str, endpoint: str, app_args: tuple[str, ...]) -> None:
        """Ring a phone of a supervisor's; the one who picks up is in our application. The digits are its caller id.

        Raises:
            AriError: it does not ring, or nobody knows.
        """
        await self._ari.channels.originate_with_id(
            channel,
            f"PJSIP/{endpoint}",
            app_args=",".join(app_args),
            caller_id=f'"Supervision" <{app_args[-1]}>',
            timeout=RING_SECONDS,
            variables={
                **AUTO_ANSWER,
                "CDR_PROP(disable)": "1",
                "TIMEOUT(absolute)": str(RING_SECONDS + LEASE_SECONDS),
            },
        )

    def ending(self, tap: str) -> Callable[[], Awaitable[None]]:
        """How to end a tap; whatever is made or ended from now on knows that it is on its way out."""
        self.leaving.hung_up(tap)
        return partial(self.hang_up, tap)

    async def hang_up(self, channel: str) -> None:
        """End a channel; one that is not there has ended."""
        self.leaving.hung_up(channel)
        await self._let_ears_go_before(channel)
        try:
            await self._ari.channels.hangup(channel)
        except NotFoundError:
            return

    async def _let_ears_go_before(self, channel: str) -> None:
        """What a seat's going changes for the call is not to meet a tap that was there before: see `Leaving`."""
        ours = OurId.read(channel)
        if ours is None or ours.kind is not Kind.SEAT:
            return
        for bridge in self._book.bridges_of(str(ours.far)):
            for member in self._book.members_of(bridge):
                await self.leaving.none_on(member)

    async def destroy(self, room: str) -> None:
        """End a bridge of ours; one that is not there has ended."""
        try:
            await self._ari.bridges.destroy(room)
        except NotFoundError:
            return

    async def lease(self, channel: str) -> None:
        """Renew the lease of a channel; one that has gone needs none.

        Raises:
            AriError: Asterisk did not take it.
        """
        seconds = AGENT_LEASE_SECONDS if self.movers.is_agents(channel) else LEASE_SECONDS
        try:
            await self._ari.channels.set_channel_var(channel, "TIMEOUT(absolute)", str(seconds))
        except (NotFoundError, NotInStasisError):
            return

    async def marks(self, channels: Collection[str], variable: str) -> Mapping[str, Mark]:
        """A channel variable of each channel; one that is not set, or whose channel has gone, says nothing."""
        found = await asyncio.gather(*(self._mark(channel, variable) for channel in channels))
        return dict(zip(channels, found, strict=True))

    async def _mark(self, channel: str, variable: str) -> Mark:
        try:
            return await self._ari.channels.get_channel_var(channel, variable)
        except NotFoundError:
            return ""
        except AriError as error:
            log.warning("mark.unknown", channel=channel, error=str(error))
            return None

    async def received(self, channels: Collection[str]) -> Mapping[str, int]:
        """RTP packets that came from each channel; one without RTP, or gone, is left out."""
        counts = await asyncio.gather(*(self._received(channel) for channel in channels))
        return {channel: count for channel, count in zip(channels, counts, strict=True) if count is not None}

    async def _received(self, channel: str) -> int | None:
        try:
            return (await self._ari.channels.rtpstatistics(channel)).rxcount
        except RefusedError:
            return None
