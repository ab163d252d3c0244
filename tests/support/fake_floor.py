"""A floor without an Asterisk: a switchboard that does what it is told, at once or after virtual seconds, or fails."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from supervise.domain.board.presence import PresenceBook
from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import OurId
from supervise.domain.ports import OrderFailedError, Telling
from supervise.domain.rights.policy import Policy
from supervise.domain.rights.private import Mark
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.offering import Asker
from supervise.domain.sessions.seat_music import Music
from supervise.domain.sessions.session import Session
from supervise.domain.words import Mode
from supervise.floor import Floor
from supervise.floor.house import House
from supervise.policyfile.load import load_bytes
from tests.support.fake_house import FakeFigures, FakeJournal, FakeSecrets, Holder, Onlooker

NODE, AGENT, CUSTOMER, CALL = "pbx", "agent", "customer", "call"
START = datetime(2026, 3, 16, 12, tzinfo=UTC)
SPEECH = 1.0
"""Virtual seconds that saying something takes."""

PIN = "739184"
PIN_HASH = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$" + "A" * 22

PEOPLE = f"""\
people:
  hilda: {{role: lead, endpoint: "301", pin: '{PIN_HASH}'}}
  sven: {{role: lead, endpoint: "302"}}
  anna: {{role: agent, endpoint: "201"}}
  ben: {{role: agent, endpoint: "202"}}
teams: {{support: {{leads: [hilda, sven], members: [anna, ben]}}}}
roles: {{lead: , agent: }}
"""

ALL = "{who: lead, may: [monitor, coach, barge], whom: own-teams, how: choice}"


def policy(*rules: str, house: str = "", further: str = "", people: str = PEOPLE) -> Policy:
    """A policy of some rules; `house` adds to a house that asks for nothing."""
    asked = f"start: hidden, start_muted: no, visible_before: {{coach: not-required, barge: not-required}}{house}"
    text = f"{people}rules: [{', '.join(rules)}]\nhouse: {{{asked}}}\n{further}"
    return load_bytes([("policy.yaml", text.encode())]).policy


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


class FakeFloor:
    """A floor with one call between customer 101 and agent 201, used as ``async with FakeFloor(policy) as at``."""

    def __init__(self, holds: Policy | None = None) -> None:
        """Nothing runs yet; without a policy the leads may do everything."""
        self.story: list[object] = []
        self.board = FakeBoard(self.story)
        self.journal = FakeJournal(self.story)
        self.figures = FakeFigures()
        self.source = Holder(holds or policy(ALL))
        self.moved: list[Session] = []
        self.lookout: Onlooker | None = None
        told = House(self.source, self.journal, FakeSecrets(PIN, PIN_HASH), self.figures, now=self.now)
        self.house = replace(told, moved=self._note_move, waited=self._note_wait)
        self.floor = Floor(self.house)
        self.board.floor = self.floor
        self.skipped = timedelta()
        self._phones = 0
        self._running: asyncio.Task[None] | None = None

    def _note_move(self, session: Session) -> None:
        self.moved.append(session)
        if self.lookout is not None:
            self.lookout.session_moved(session)

    def _note_wait(self, supervisor: str) -> None:
        if self.lookout is not None:
            self.lookout.ring_moved(supervisor)

    def watch(self, lookout: Onlooker) -> None:
        """Let the board see everything."""
        self.lookout = lookout

    def _touch(self, *channels: str) -> None:
        if self.lookout is not None:
            found = [channel for channel in map(self.board.book.channel, channels) if channel is not None]
            self.lookout.touched(NODE, found)

    def now(self) -> datetime:
        """The virtual time of day; a test that does not care for what happens meanwhile skips hours of it."""
        return START + self.skipped + timedelta(seconds=asyncio.get_running_loop().time())

    async def __aenter__(self) -> Self:
        """Begin with a call."""
        self.come(CUSTOMER, "101")
        self.come(AGENT, "201")
        self.connect(CALL, CUSTOMER, AGENT)
        self.floor.nodes.attach(self.board)
        self.floor.connected(NODE)
        self._running = asyncio.create_task(self.floor.rounds.run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End everything."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])
        await self.floor.close()

    # --- phones

    def come(self, channel: str, endpoint: str) -> None:
        """A phone has a channel; the later it comes the younger it is."""
        self._phones += 1
        created = f"2026-03-16T12:00:{self._phones:02}"
        self.board.book.see(
            Channel(channel, f"PJSIP/{endpoint}-{self._phones:08x}", up=True, number=endpoint, created=created)
        )

    def connect(self, bridge: str, *channels: str) -> None:
        """Put phones into a bridge."""
        for channel in channels:
            self.board.book.entered(bridge, channel)
        self._touch(*channels)

    def leave(self, bridge: str, *channels: str) -> None:
        """Phones hang up: they leave a bridge, and go."""
        gone = [channel for channel in map(self.board.book.channel, channels) if channel is not None]
        around = self.board.book.members_of(bridge)
        for channel in channels:
            self.board.book.left(bridge, channel)
            self.board.book.gone(channel)
        if self.lookout is not None:
            self.lookout.touched(NODE, gone)
        self._touch(*around)
        self.move(*around)

    def hold(self, channel: str, *, held: bool = True) -> None:
        """A phone puts the others on hold."""
        self.board.book.hold(channel, held=held)
        found = self.board.book.channel(channel)
        around = set() if found is None else self.board.book.connected(channel)
        self._touch(*around)

    def move(self, *channels: str) -> None:
        """Tell that something moved around these channels."""
        self.floor.calls_moved(NODE, channels)

    def dial(self, digits: str = "*55201", endpoint: str = "301") -> str:
        """Let a supervisor dial; their channel."""
        channel = f"phone-{endpoint}-{self._phones}"
        self.come(channel, endpoint)
        found = self.board.book.channel(channel)
        assert found is not None
        self.floor.arrived(NODE, found, digits)
        return channel

    def pick_up(self, channel: str) -> None:
        """Somebody picks up a phone that rings."""
        found = self.board.book.channel(channel)
        assert found is not None
        self.board.book.see(replace(found, up=True))
        self.floor.arrived(NODE, found, self.board.rung[channel])

    def press(self, channel: str, digits: str) -> None:
        """Press keys."""
        for digit in digits:
            self.floor.pressed(NODE, channel, digit)

    def hang_up(self, channel: str) -> None:
        """Hang a supervisor's phone up."""
        self.board.book.gone(channel)
        self.floor.supervisor_gone(NODE, channel)

    # --- time

    async def later(self, seconds: float = 0.1) -> None:
        """Let virtual time pass."""
        await asyncio.sleep(seconds)

    async def session(self, digits: str = "*55201", endpoint: str = "301") -> str:
        """Let a supervisor dial and their session begin; their channel."""
        before = len(self.sessions)
        channel = self.dial(digits, endpoint)
        await self.later()
        assert len(self.sessions) == before + 1, self.board.words
        return channel

    @property
    def sessions(self) -> list[Session]:
        """All sessions."""
        return list(self.floor.lines.sessions())

    def rule(self, new: Policy) -> None:
        """Put another policy in force."""
        self.source.policy = new
        self.floor.rights_changed()
