"""A floor without an Asterisk, over a switchboard that does what it is told or fails."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from supervise.domain.calls.calls import Channel
from supervise.domain.rights.policy import Policy
from supervise.domain.sessions.session import Session
from supervise.floor import Floor
from supervise.floor.house import House
from supervise.policyfile.load import load_bytes
from tests.support.fake_board import NODE, FakeBoard
from tests.support.fake_house import FakeFigures, FakeJournal, FakeSecrets, Holder, Onlooker

AGENT, CUSTOMER, CALL = "agent", "customer", "call"
START = datetime(2026, 3, 16, 12, tzinfo=UTC)

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
