"""One Asterisk for the floor: its events become the call book and news, orders become requests.

Reading events never waits for anything: it folds them into the book and tells the floor, which only puts into queues.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog

from supervise.ari.arrivals import Come, come, tell_of
from supervise.ari.client import events as e
from supervise.ari.client.client import Ari
from supervise.ari.client.errors import AriError, NotFoundError
from supervise.ari.client.expected import Expected
from supervise.ari.client.stream import Connected, Disconnected, Item, Replaced
from supervise.ari.emptying import TAPS, Emptying
from supervise.ari.errands import Errands
from supervise.ari.folding import Folder, as_channel
from supervise.ari.guarding import Guarding
from supervise.ari.hands import Hands
from supervise.ari.lamps import Lamps
from supervise.ari.marks import Marks
from supervise.ari.movers import DIALLED
from supervise.ari.outlook import Outlook
from supervise.ari.persist import until_done
from supervise.ari.reconcile import catch_up
from supervise.ari.seat_music import SeatMusic
from supervise.ari.speaking import Speaking
from supervise.ari.voice import Voice
from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import Kind, OurId, is_called_back, is_ours
from supervise.domain.ports import Listener, OrderFailedError, Telling
from supervise.domain.rights.private import Mark
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.offering import Asker
from supervise.domain.sessions.seat_music import Music
from supervise.domain.sessions.session import Session
from supervise.domain.words import Mode

_UNPLAYABLE = "failed"
"""The state of a playback whose sound was not there, or broke off (``res/res_stasis_playback.c``)."""

_BUSY = frozenset({17, 21})
"""Causes of a phone that is busy, and of one that declines (``include/asterisk/causes.h``)."""

LAST_WORDS_SECONDS = 8.0
"""How long the last words may take; the longest has four seconds, and a lost connection never tells their end."""

log = structlog.get_logger(__name__)


class Switchboard:
    """One Asterisk; see `supervise.domain.ports.Switchboard` for what the floor asks of it.

    Attributes:
        outlook: who is told of everything that a board may show.
        presence: whether phones are there and their people want calls, where a board wants to know.
        version, since: which Asterisk was seen last, and since when.
    """

    def __init__(self, ari: Ari, listener: Listener, marks: Marks | None = None) -> None:
        """Serve `listener` from `ari`; nothing happens before `run`. Without `marks` nobody is told of variables."""
        self.node = ari.access.node
        self.book = CallBook()
        self.outlook = Outlook(ari, self.book)
        self.presence = self.outlook.presence
        self.version = ""
        self.since: datetime | None = None
        self._ari = ari
        self._listener = listener
        self._stasis = f"Stasis {ari.access.app},{DIALLED},"
        self._expected = Expected()
        self._folder = Folder(self.book)
        self._hands = Hands(ari, self.book)
        self._guarding = Guarding(self.node, self.book)
        self._voice = Voice(ari, self._expected, self._hands.music)
        self._seat_music = SeatMusic(ari, self.book, self._expected)
        self._lamps = Lamps(ari)
        self._marks = marks
        if marks is not None:
            marks.told = self._marked
        self._errands = Errands(self.node)
        self._emptying = Emptying(self.node, self._hands, self._guarding, self._errands)
        self._speaking = Speaking(ari, self._voice, self._errands)
        self._leaving: set[str] = set()

    # --- events

    def _marked(self, channel: str, variable: str) -> None:
        """A variable has been set on a channel that is watched, for a session or for the board."""
        self._listener.marked(self.node, channel, variable)
        self.outlook.marked(channel, variable)

    async def run(self) -> None:
        """Read events until the client is closed or another controller takes its place."""
        async for item in self._ari.events():
            self._take(item)

    def _take(self, item: Item) -> None:
        match item:
            case Connected(snapshot=snapshot):
                self._folder.replace(snapshot)
                self.version, self.since = snapshot.info.system.version, datetime.now(UTC)
                self._lamps.forget()
                self._hands.music.connected()
                log.info("asterisk.connected", node=self.node, version=snapshot.info.system.version)
                self._listener.connected(self.node)
                self.read_presence()
            case Disconnected():
                log.warning("asterisk.disconnected", node=self.node, loss=item.loss, detail=item.detail)
                self._listener.disconnected(self.node)
                self.outlook.all_moved()
            case Replaced():
                log.error("asterisk.replaced", node=self.node, help="another controller has taken the name supervise")
                self._listener.disconnected(self.node)
            case _:
                moved = self._folder.fold(item)
                self._tell_news(item)
                if moved:
                    self._listener.calls_moved(self.node, moved)
                self.outlook.tell(item, moved)

    def read_presence(self) -> None:
        """Read the devices (again), for the board."""
        self._errands.begin(self.outlook.read)

    def _tell_news(self, event: e.Event) -> None:
        match event:
            case e.StasisStart():
                self._entered(event)
            case e.ChannelDestroyed() if is_called_back(event.channel.id):
                self._unreached(event.channel.id, busy=event.cause in _BUSY)
            case e.StasisEnd() | e.ChannelDestroyed():
                self._guarding.left(event.channel.id)
                self._hands.ended(event.channel.id)
                self._left(event.channel.id)
            case e.ChannelEnteredBridge() if self._hands.movers.sending.may_be_second(as_channel(event.channel)):
                self._errands.begin(partial(self._hands.movers.sending.turn_back, event.channel.id))
            case e.ChannelUnhold():
                self._hands.music.unheld(event.channel.id)
            case e.ChannelDtmfReceived():
                self._listener.pressed(self.node, event.channel.id, event.digit)
            case e.PlaybackFinished():
                self._expected.come(event.playback.id, well=event.playback.state != _UNPLAYABLE)
            case _:
                pass

    def _entered(self, event: e.StasisStart) -> None:
        channel = event.channel
        ours = OurId.read(channel.id)
        if ours is None:
            self._tell_of(come(event, self.book))
            return
        if channel.id in self._expected:
            self._expected.come(channel.id)
        else:
            if ours.kind in TAPS:
                self._listener.tap_ready(self.node, ours)
            self._errands.begin(partial(self._equip, channel.id))

    def _tell_of(self, come: Come) -> None:
        """Nobody is told of what comes by a transfer that is none any more."""
        channel, sending = come.channel, self._hands.movers.sending
        if channel is not None and channel.technology == "Local" and sending.came_second(come.sent_by):
            self._errands.begin(partial(self._hands.hang_up, channel.id))
        else:
            tell_of(self._listener, self.node, come)

    async def _equip(self, channel: str) -> None:
        """Give a channel of ours its lease, and keep it out of the call records; one that has gone needs neither."""
        await self._hands.lease(channel)
        with suppress(NotFoundError):
            await self._ari.channels.set_channel_var(channel, "CDR_PROP(disable)", "1")

    def _unreached(self, channel: str, *, busy: bool) -> None:
        """It may as well have been answered long ago: whoever waited for it knows."""
        self._hands.movers.over(channel, busy=busy)
        self._listener.unreached(self.node, channel, busy=busy)
        self._left(channel)

    def _left(self, channel: str) -> None:
        if self._marks is not None:
            self._marks.forget(channel)
        ours = OurId.read(channel)
        if ours is None or ours.kind is Kind.CONSULT:
            self._listener.supervisor_gone(self.node, channel)
        elif ours.kind in TAPS:
            self._listener.tap_lost(self.node, ours)

    # --- orders

    async def carry_out(self, session: Session, order: o.Order) -> None:
        """Do one thing for a session."""
        self._guarding.let(session, order)
        match order:
            case o.HangUp(tap):
                self._errands.begin(partial(until_done, self._hands.ending(str(tap))))
            case o.EndConsult(channel) | o.StopCalling(channel):
                self._errands.begin(partial(until_done, partial(self._hands.hang_up, channel)))
            case o.Finish():
                self._speaking.stop(session.id)
                self._guarding.forget(session)
                await self._finish_or_leave(session.supervisor.channel, order)
            case _:
                await self._attempt(self._hands_on(session, order))
                self._guarding.done(session, order)

    def silence(self, session: Session) -> None:
        """Take what is in a session's room out of it at once."""
        self._emptying.at_once(session)

    async def let_in(self, channel: str, sessions: Collection[Session]) -> None:
        """Empty the rooms of these sessions, and then let a channel go on."""
        await self._attempt(self._emptying.before(channel, sessions))

    async def _hands_on(self, session: Session, order: o.Order) -> None:
        """Whoever was told things in an empty room is to hear what is put into it."""
        if isinstance(order, o.PutIn | o.TakeIn | o.Receive):
            await self._voice.let_hear(session.supervisor.channel)
        await self._hands.carry_out(session, order)

    async def _finish_or_leave(self, supervisor: str, order: o.Finish) -> None:
        """Whose phone goes on is waited for; nobody waits for the last words of one that does not."""
        if order.keep:
            await self._attempt(self._finish(supervisor, order))
        else:
            self._leaving.add(supervisor)
            self._errands.begin(partial(self._finish, supervisor, order))

    async def _finish(self, supervisor: str, order: o.Finish) -> None:
        """First out of the room, then the room's end, then the words.

        A bridge has ended before everybody has left it. What is played to somebody who is just leaving is lost, and
        their channel may be stuck for minutes (``play_uri`` in ``res/res_stasis_playback.c``; about one end in fifty).
        """
        try:
            with suppress(AriError):
                await self._voice.let_hear(supervisor)
            await self._hands.leave(str(order.room), supervisor)
            await until_done(partial(self._hands.destroy, str(order.room)))
            if not order.keep:
                await self.dismiss(supervisor, order.words)
        finally:
            self._leaving.discard(supervisor)

    async def begin_music(self, session: Session, music: Music) -> None:
        """Let a session see to the music of a hold."""
        await self._attempt(self._seat_music.begin(session, music))

    def end_music(self, session: Session, music: Music) -> None:
        """Let it do so no more."""
        for channel in self._seat_music.whispering(session.id):
            self._errands.begin(partial(until_done, self._hands.ending(channel)))
        if music is Music.BEGUN and session.seat is not None:
            self._errands.begin(partial(self._seat_music.unhold, session.seat))

    async def answer(self, channel: str) -> None:
        """Answer a supervisor's phone."""
        await self._attempt(self._ari.channels.answer(channel))

    async def ring(self, channel: str, endpoint: str, digits: str) -> None:
        """Ring a supervisor's own phone."""
        await self._attempt(self._hands.ring(channel, endpoint, (DIALLED, digits)))

    async def say_alone(self, channel: str, words: tuple[str, ...]) -> None:
        """Play words to a supervisor who is in no room."""
        await self._attempt(self._voice.say_alone(channel, words))

    async def _attempt(self, coroutine: Coroutine[Any, Any, None]) -> None:
        try:
            await coroutine
        except (AriError, TimeoutError) as error:
            raise OrderFailedError(str(error)) from error

    async def dismiss(self, channel: str, words: tuple[str, ...]) -> None:
        """Say words if there are any, and hang up whatever happens."""
        try:
            if words and self.book.channel(channel) is not None:
                async with asyncio.timeout(LAST_WORDS_SECONDS):
                    await self._voice.say_alone(channel, words)
        except (AriError, TimeoutError) as error:
            log.info("dismissed-unheard", node=self.node, words=words, error=str(error))
        await until_done(partial(self._hands.hang_up, channel))

    async def remove(self, tap: OurId) -> None:
        """Take down what belongs to no session."""
        log.info("orphan.removed", node=self.node, channel=str(tap))
        end = self._hands.destroy if tap.kind is Kind.ROOM else self._hands.hang_up
        await self._attempt(end(str(tap)))

    async def renew(self, channels: Collection[str]) -> None:
        """Renew leases; one that fails is logged, and Asterisk will hang it up in the end."""
        channels = [*channels, *self._seat_music.leased()]
        results = await asyncio.gather(*(self._hands.lease(channel) for channel in channels), return_exceptions=True)
        for channel, result in zip(channels, results, strict=True):
            if isinstance(result, BaseException):
                log.warning("lease.not-renewed", node=self.node, channel=channel, error=str(result))

    async def received(self, channels: Collection[str]) -> Mapping[str, int]:
        """RTP packets that have come in from each channel."""
        try:
            return await self._hands.received(channels)
        except AriError as error:
            raise OrderFailedError(str(error)) from error

    async def marks(self, channels: Collection[str], variable: str) -> Mapping[str, Mark]:
        """What a channel variable says on each of these channels."""
        return await self._hands.marks(channels, variable)

    async def watch(self, channels: Collection[str]) -> bool:
        """Be told at once when a variable is set on these channels; whether that works."""
        return self._marks is not None and await self._marks.watch(channels)

    # --- words

    def say(self, session: Session, words: tuple[str, ...], *, after: bool = False) -> None:
        """Whisper words to the supervisor over the call."""
        self._speaking.say(session, words, after=after)

    def tell(self, session: Session, presence: o.Presence, mode: Mode, ways: Telling) -> None:
        """Tell the agent by the ways of the house."""
        self._speaking.tell(session.id, presence, mode, ways)

    async def announce(self, session: str, channels: Collection[str], sound: str) -> None:
        """Play a sound to its end to parties of a call."""
        await self._attempt(self._speaking.announce(session, channels, sound))

    async def sound_tone(self, session: str, channels: Collection[str], hertz: int, milliseconds: int) -> None:
        """Let parties of a call hear a tone."""
        await self._attempt(self._speaking.sound_tone(session, channels, hertz, milliseconds))

    # --- errands

    async def settle(self) -> None:
        """Wait until no errand is left, for an orderly end."""
        await self._errands.settle()

    async def catch_up(self) -> bool:
        """Put into the book what lost events have hidden; whether there was anything."""
        try:
            lost = await catch_up(self._ari, self.book)
        except AriError as error:
            raise OrderFailedError(str(error)) from error
        if lost:
            log.warning("events.lost", node=self.node, lost=sorted(map(str, lost)))
        return bool(lost)

    def held(self) -> tuple[str, ...]:
        """The channels of agents on hold."""
        return self._hands.movers.held()

    async def show(self, lamps: frozenset[str], known: frozenset[str] = frozenset()) -> None:
        """Light these lamps and no others of ours; those that are `known` are there, lit or not."""
        await self._attempt(self._lamps.show(lamps, known))

    async def hand_back(self, supervisor: str, endpoint: str) -> None:
        """Call an agent's phone, put it into a supervisor's own call, and let the supervisor go."""
        self._guarding.let_hand_back(supervisor, endpoint)
        await self._attempt(self._hands.movers.hand_back(supervisor, endpoint))

    async def call_back(self, session: Session, order: o.CallBack, endpoint: str) -> None:
        """Ring the phone of an agent who was removed."""
        self._guarding.let(session, order)
        await self._attempt(self._hands.movers.call_back(order, session.agent.channel, endpoint))

    async def let_go(self, channel: str) -> None:
        """Let a channel that has come for a supervisor go on as if we were not there."""
        await self._attempt(self._hands.movers.let_go(channel))

    async def go_on(self, asker: Asker, extension: str) -> None:
        """Let whoever has asked go on in the dialplan to an extension."""
        await self._attempt(self._hands.movers.go_on(asker, extension))

    async def release(self, agent: str) -> None:
        """Put back an agent on hold of whom no session knows."""
        log.info("agent.released", node=self.node, channel=agent)
        await self._attempt(self._hands.movers.release(agent))

    def orphans(self, living: Callable[[str], bool]) -> tuple[OurId, ...]:
        """What is ours in Asterisk and belongs to no living session; far halves go with their near ones."""
        names = {channel.id for channel in self.book.channels()} | set(self.book.all_bridges())
        ours = (OurId.read(name) for name in names if is_ours(name))
        return tuple(id_ for id_ in ours if id_ is not None and not living(id_.session) and not id_.is_far)

    def strays(self) -> tuple[tuple[Channel, str], ...]:
        """The phones in our application, with what they dialled: ours to take up, but for those on their way out."""
        return tuple(
            (channel, channel.app.removeprefix(self._stasis))
            for channel in self.book.channels()
            if channel.app.startswith(self._stasis) and channel.id not in self._leaving
        )
