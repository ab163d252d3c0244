"""A switchboard without an Asterisk: it does what it is told, at once or after virtual seconds, or fails."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress

from supervise.domain.board.presence import PresenceBook
from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import OurId
from supervise.domain.ports import OrderFailedError, Telling
from supervise.domain.rights.private import Mark
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.offering import Asker
from supervise.domain.sessions.seat_music import Music
from supervise.domain.sessions.session import Session
from supervise.domain.words import Mode
from supervise.floor import Floor

NODE = "pbx"
SPEECH = 1.0
"""Virtual seconds that saying something takes."""


class FakeBoard:
    """A switchboard of which every answer is up to the test.

    Attributes:
        story: all orders and words, in order.
        failing: the kinds of order that fail.
        taps_come: whether an ear or a seat that was made is there at all.
        tap_after: seconds until it is.
        marked: the private marks by channel; None where it cannot be asked.
        tells_marks: a mark is told at once, by the test.
        unplayable: nothing can be played.
        unringable: no phone can be rung.
        rung: the phones that were rung, by channel, with the digits that they stand for.
        renewing: seconds that a renewal takes.
        unheard: tones and announcements are heard by nobody.
        silenced: after how much of the story a room was emptied at once.
        let_in_to: who was let into a conference, and the sessions whose rooms were emptied before.
        meanwhile: what happens once while an order of a kind is under way.
    """

    node = NODE

    def __init__(self, story: list[object]) -> None:
        """Nothing has happened yet."""
        self.book = CallBook()
        self.floor: Floor
        self.story = story
        self.failing: set[type[o.Order]] = set()
        self.taps_come = True
        self.tap_after = 0.0
        self.marked: dict[str, Mark] = {}
        self.tells_marks = False
        self.watched = frozenset[str]()
        self.packets: dict[str, int] = {}
        self.unplayable = self.unheard = self.lost = False
        self.asked = 0
        self.renewing = 0.0
        self.tones: list[tuple[float, tuple[str, ...], int, int]] = []
        self.announced: list[tuple[tuple[str, ...], str]] = []
        self.told: list[tuple[o.Presence, Mode, Telling]] = []
        self.renewed: list[str] = []
        self.left_over: list[OurId] = []
        self.waiting: list[tuple[Channel, str]] = []
        self.removed: list[OurId] = []
        self.rung: dict[str, str] = {}
        self.presence = PresenceBook()
        self.unringable = False
        self.sent_on: list[tuple[str, str]] = []
        self.released: list[str] = []
        self.silenced: list[int] = []
        self.let_in_to: list[tuple[str, tuple[str, ...]]] = []
        self.meanwhile: dict[type[o.Order], Callable[[], None]] = {}
        self.lit = self.known = frozenset[str]()

    @property
    def words(self) -> list[str]:
        """All that has been said to supervisors."""
        return [item for item in self.story if isinstance(item, str)]

    def orders(self, *kinds: type[o.Order]) -> list[object]:
        """The orders of some kinds."""
        return [item for item in self.story if isinstance(item, kinds)]

    def silence(self, session: Session) -> None:
        """Do that."""
        del session
        self.silenced.append(len(self.story))

    async def carry_out(self, session: Session, order: o.Order) -> None:
        """Do it, or fail."""
        self.story.append(order)
        await asyncio.sleep(0)
        self.meanwhile.pop(type(order), lambda: None)()
        if type(order) in self.failing:
            raise OrderFailedError(f"no {type(order).__name__}")
        if isinstance(order, o.Make) and self.taps_come:
            asyncio.get_running_loop().call_later(self.tap_after, self.floor.tap_ready, NODE, order.tap)
        if isinstance(order, o.Finish) and not order.keep:
            self.story.extend(order.words)
            self._hang_up(session.supervisor.channel)

    async def begin_music(self, session: Session, music: Music) -> None:
        """Let it see to that."""
        del session
        self.story.append(music)

    def end_music(self, session: Session, music: Music) -> None:
        """Let it do so no more."""
        del session, music
        self.story.append(Music.NONE)

    def say(self, session: Session, words: tuple[str, ...], *, after: bool = False) -> None:
        """Say words."""
        del session, after
        self.story.extend(words)

    def tell(self, session: Session, presence: o.Presence, mode: Mode, ways: Telling) -> None:
        """Tell the agent."""
        del session
        self.told.append((presence, mode, ways))

    async def say_alone(self, channel: str, words: tuple[str, ...]) -> None:
        """Say words, which takes a while."""
        del channel
        if self.unplayable:
            raise OrderFailedError("no sound")
        self.story.extend(words)
        await asyncio.sleep(SPEECH)

    async def answer(self, channel: str) -> None:
        """Answer."""
        self.story.append(o.Answer())
        del channel

    async def dismiss(self, channel: str, words: tuple[str, ...]) -> None:
        """Say words and hang up."""
        self.story.extend(words)
        self._hang_up(channel)

    async def ring(self, channel: str, endpoint: str, digits: str) -> None:
        """Ring a phone, which goes on until the test picks it up or hangs it up."""
        await asyncio.sleep(0)
        if self.unringable:
            raise OrderFailedError("it is not registered")
        self.rung[channel] = digits
        self.book.see(Channel(channel, f"PJSIP/{endpoint}-{len(self.rung):08x}", created="2026-03-16T13"))

    def _hang_up(self, channel: str) -> None:
        self.book.gone(channel)
        asyncio.get_running_loop().call_soon(self.floor.supervisor_gone, NODE, channel)

    async def renew(self, channels: Collection[str]) -> None:
        """Renew leases, which may take a while."""
        await asyncio.sleep(self.renewing)
        self.renewed.extend(channels)

    async def received(self, channels: Collection[str]) -> Mapping[str, int]:
        """Packets from each channel."""
        return {channel: self.packets[channel] for channel in channels if channel in self.packets}

    async def marks(self, channels: Collection[str], variable: str) -> Mapping[str, Mark]:
        """What each channel says."""
        del variable
        self.asked += 1
        await asyncio.sleep(0)
        return {channel: self.marked.get(channel, "") for channel in channels}

    async def watch(self, channels: Collection[str]) -> bool:
        """Nothing is told at once, unless the test lets it."""
        self.watched |= frozenset(channels)
        return self.tells_marks

    async def announce(self, session: str, channels: Collection[str], sound: str) -> None:
        """Play something, which takes a while."""
        del session
        self.announced.append((tuple(channels), sound))
        await asyncio.sleep(SPEECH)
        if self.unheard:
            raise OrderFailedError("nobody hears it")

    async def sound_tone(self, session: str, channels: Collection[str], hertz: int, milliseconds: int) -> None:
        """Sound a tone."""
        del session
        self.tones.append((asyncio.get_running_loop().time(), tuple(channels), hertz, milliseconds))
        await asyncio.sleep(milliseconds / 1000)
        if self.unheard:
            raise OrderFailedError("nobody hears it")

    async def remove(self, tap: OurId) -> None:
        """Take down."""
        self.removed.append(tap)
        with suppress(ValueError):
            self.left_over.remove(tap)

    async def catch_up(self) -> bool:
        """Whether anything was lost."""
        return self.lost

    def orphans(self, living: Callable[[str], bool]) -> tuple[OurId, ...]:
        """What is left over."""
        return tuple(tap for tap in self.left_over if not living(tap.session))

    def held(self) -> tuple[str, ...]:
        """Agents on hold."""
        return tuple(channel.id for channel in self.book.channels() if channel.put_on_hold)

    async def hand_back(self, supervisor: str, endpoint: str) -> None:
        """Let the agent have the supervisor's own call."""
        self.story.append(f"handed back to {endpoint}")
        self._hang_up(supervisor)

    async def call_back(self, session: Session, order: o.CallBack, endpoint: str) -> None:
        """Ring the agent, or fail."""
        await self.carry_out(session, order)
        self.story.append(f"rings {endpoint}")

    async def show(self, lamps: frozenset[str], known: frozenset[str] = frozenset()) -> None:
        """Light lamps."""
        self.known = known
        self.lit = lamps

    async def let_go(self, channel: str) -> None:
        """Let it go on."""
        self.story.append(o.LetGo(channel))

    async def let_in(self, channel: str, sessions: Collection[Session]) -> None:
        """Let it in."""
        self.let_in_to.append((channel, tuple(session.id for session in sessions)))
        await asyncio.sleep(0)

    async def go_on(self, asker: Asker, extension: str) -> None:
        """Let them go on to an extension."""
        await asyncio.sleep(0)
        self.sent_on.append((asker.channel.id, extension))

    async def release(self, agent: str) -> None:
        """Put one back."""
        self.released.append(agent)

    def strays(self) -> tuple[tuple[Channel, str], ...]:
        """Phones in our hands."""
        return tuple(self.waiting)
