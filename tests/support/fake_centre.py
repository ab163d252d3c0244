"""The whole floor, switchboard and client against a fake Asterisk, in which any request may fail."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from functools import cache
from http import HTTPStatus
from types import TracebackType
from typing import Self

from aiohttp import web

from supervise.ari import Ari, Tuning
from supervise.ari.switchboard import Switchboard
from supervise.domain.calls.audioflow import Direction, Flow, Hearing, Tap, hearing
from supervise.domain.calls.naming import is_ours
from supervise.domain.ports import UnrecordedError
from supervise.domain.records import Deed, Record
from supervise.domain.rights.policy import Policy
from supervise.domain.sessions.session import Session, Stage
from supervise.floor import Floor
from supervise.floor.house import House
from supervise.policyfile.load import load_bytes
from tests.ari.fake_ari import DropReply, FakeAri, Fault, Status
from tests.ari.fake_operations import Asked
from tests.support.fake_dialplan import LEASE_SCALE, TIMEOUT, FakeDialplan

POLICY = b"""\
people:
  hilda: {role: lead, endpoint: "301"}
  anna: {role: agent, endpoint: "201"}
  ben: {role: agent, endpoint: "202"}
teams: {support: {leads: [hilda], members: [anna, ben]}}
roles: {lead: , agent: }
rules: [{who: lead, may: [monitor, coach, barge], whom: own-teams, how: choice}]
house: {start: hidden, visible_before: {coach: not-required, barge: not-required}, tell_agent: {by: [tone, message]}}
"""

AGENT, CUSTOMER, SUPERVISOR, SECOND = "agent", "customer", "supervisor", "second"

QUICK = Tuning(request_seconds=0.25, first_delay=0.05, longest_delay=0.1)


class MemoryJournal:
    """A journal without a disk; it can be broken."""

    def __init__(self) -> None:
        """Begin empty and whole."""
        self.records: list[Record] = []
        self.broken = False

    async def write(self, record: Record) -> None:
        """Keep a record, or refuse."""
        if self.broken:
            raise UnrecordedError("the disk is full")
        self.records.append(record)

    def note(self, record: Record) -> None:
        """Keep a record."""
        self.records.append(record)

    async def sessions(self, *, since: datetime, agent: str) -> int:
        """How many sessions there were."""
        return sum(r.deed is Deed.OPENED and r.agent == agent and r.at >= since for r in self.records)

    def all(self, deed: Deed) -> list[Record]:
        """The records of one kind."""
        return [record for record in self.records if record.deed is deed]


class NoSecrets:
    """Nobody has a PIN."""

    async def matches(self, secret: str, known: str | None) -> bool:
        """Never."""
        del secret, known
        return False


@cache
def _policy(text: bytes) -> Policy:
    """A sweep has hundreds of centres with one policy: it is read once."""
    return load_bytes([("policy.yaml", text)]).policy


class PolicyHolder:
    """A policy that a test can exchange."""

    def __init__(self, text: bytes = POLICY) -> None:
        """Begin with a policy."""
        self.policy = _policy(text)


class WatchedAri(FakeAri):
    """A fake Asterisk that can fail at the n-th request that changes something, and is looked at after each."""

    def __init__(self) -> None:
        """Let everything succeed."""
        super().__init__()
        self.changes = 0
        self.fail_at: dict[int, Fault] = {}
        self.look: Callable[[], None] = lambda: None
        self.leased: Callable[[str, float], None] = lambda _channel, _seconds: None

    def _fault(self, asked: Asked) -> Fault | None:
        if asked.method == "GET" or "subscription" in asked.raw or "eventFilter" in asked.raw:
            return super()._fault(asked)
        self.changes += 1
        fault = self.fail_at.get(self.changes)
        if asked.method == "DELETE" and isinstance(fault, Status) and fault.status == HTTPStatus.NOT_FOUND:
            return None  # it would mean that it has gone, which is no fault
        return fault or super()._fault(asked)

    def _perform(self, asked: Asked) -> web.Response:
        answer = super()._perform(asked)
        if asked.query.get("variable") == TIMEOUT and asked.method == "POST":
            self.leased(asked.segments[1], float(asked.query["value"]))
        self.look()
        return answer


MOVING_POLICY = POLICY.replace(b"barge]", b"barge, hold-agent, remove-agent, take-over]").replace(
    b"{start: hidden", b"{start: hidden, start_muted: no"
)
"""The same, and the agent may be moved."""


def furnish(asterisk: FakeAri) -> FakeDialplan:
    """Put an agent and a customer into a call, and let seats join it."""
    switch = asterisk.switch
    switch.endpoints |= {"PJSIP/201": "online"}
    switch.new_channel(CUSTOMER, "PJSIP/101-00000001", caller=("Bob", "101"))
    switch.new_channel(AGENT, "PJSIP/201-00000002", caller=("Anna", "201"))
    switch.channel(AGENT).variables["CHANNEL(audionativeformat)"] = "(ulaw)"
    switch.call("call", AGENT, CUSTOMER)
    return FakeDialplan(asterisk, AGENT)


def dial(asterisk: FakeAri, digits: str = "*55201") -> None:
    """Let the supervisor dial."""
    asterisk.switch.new_channel(SUPERVISOR, "PJSIP/301-00000003", caller=("Hilda", "301"))
    asterisk.switch.enter_stasis(SUPERVISOR, asterisk.access.app, "dialled", digits)


class FakeCentre:
    """A supervisor's phone, an agent and a customer in a call, and the product around them."""

    def __init__(self, policy: bytes = POLICY) -> None:
        """Bring nothing up yet."""
        self.asterisk = WatchedAri()
        self.journal = MemoryJournal()
        self.source = PolicyHolder(policy)
        self.floor = Floor(House(self.source, self.journal, NoSecrets()))
        self.broken: list[str] = []
        self._pressed = self._taken = 0
        self._heard: tuple[Flow | None, Hearing] = (None, {})
        self._stack = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Bring everything up, and let the client see Asterisk."""
        await self._stack.enter_async_context(self.asterisk)
        self.floor.rounds.renew_seconds *= LEASE_SCALE
        dialplan = furnish(self.asterisk)
        self._stack.callback(dialplan.end)
        self.asterisk.leased = dialplan.lease
        self.asterisk.look = self.look
        await self._connect()
        return self

    async def _connect(self) -> None:
        ari = await self._stack.enter_async_context(Ari(self.asterisk.access, tuning=QUICK))
        self.board = Switchboard(ari, self.floor)
        self.floor.pressed = self._count_key  # type: ignore[method-assign]  # so that a test can wait for it
        self.floor.nodes.attach(self.board)
        self._tasks = [asyncio.create_task(self.board.run()), asyncio.create_task(self.floor.rounds.run())]
        await self.until(lambda: AGENT in {channel.id for channel in self.board.book.channels()}, "connected")

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take everything down."""
        self.asterisk.heal()
        self.asterisk.fail_at.clear()
        await self.floor.close()
        await self.board.settle()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._stack.aclose()

    # --- the supervisor

    def dial(self, digits: str = "*55201") -> None:
        """Let the supervisor dial."""
        dial(self.asterisk, digits)

    def press(self, digits: str) -> None:
        """Press keys, if the phone is still there."""
        if SUPERVISOR in self.asterisk.switch.channels:
            self._pressed += len(digits)
            self.asterisk.switch.press(SUPERVISOR, digits)

    def hang_up(self, channel: str = SUPERVISOR) -> None:
        """Hang up, if it is still there; what a Local channel's end does to its other half happens too."""
        if channel in self.asterisk.switch.channels:
            self.asterisk.switch.hang_up(channel)

    def _count_key(self, node: str, channel: str, digit: str) -> None:
        """Let the floor take a key, and know when the session has."""
        Floor.pressed(self.floor, node, channel, digit)
        self._taken += 1

    def join(self) -> None:
        """Let a second agent come into the call."""
        switch = self.asterisk.switch
        switch.endpoints |= {"PJSIP/202": "online"}
        switch.new_channel(SECOND, "PJSIP/202-00000004", caller=("Ben", "202"))
        switch.answer(SECOND)
        switch.enter("call", SECOND)

    # --- looking

    async def until(self, condition: Callable[[], bool], what: str, within: float = 5.0) -> None:
        """Wait for a condition."""
        end = asyncio.get_running_loop().time() + within
        while not condition():
            assert asyncio.get_running_loop().time() < end, f"not {what}; {self.story()}"
            await asyncio.sleep(0.002)

    async def calm(self) -> None:
        """Wait until every key has been taken, the session is settled or over, and nothing is on its way."""
        await self.until(self.is_calm, "calm")

    def is_calm(self) -> bool:
        """Whether that is so."""
        sessions = list(self.floor.lines.sessions())
        settled = all(_is_settled(session) for session in sessions)
        taken = self._taken >= self._pressed and all(runner.idle for runner in self.floor.lines.runners())
        return settled and ((bool(sessions) and taken) or self.is_over())

    def is_over(self) -> bool:
        """Whether the supervisor's phone has gone."""
        return SUPERVISOR not in self.asterisk.switch.channels

    def is_private(self) -> bool:
        """Whether the session waits for the end of a private part."""
        return any(session.private for session in self.floor.lines.sessions())

    def left(self) -> list[str]:
        """What is ours in Asterisk."""
        return [name for name in (*self.asterisk.switch.channels, *self.asterisk.switch.bridges) if is_ours(name)]

    def hearing(self) -> Hearing:
        """Who hears whom, by what the fake Asterisk has."""
        switch = self.asterisk.switch
        channels = switch.channels.values()
        taps = {c.id: Tap(c.snooped, _direction(c.spy), _direction(c.whisper)) for c in channels if c.snooped}
        by_name = {channel.name: channel.id for channel in channels}
        halves = {c.id: by_name[n] for c in channels if (n := _other_half(c.name)) in by_name}
        muted = frozenset(channel.id for channel in channels if "in" in channel.muted)
        bridges = {bridge.id: frozenset(bridge.members) for bridge in switch.bridges.values()}
        flow = Flow(bridges, halves, taps, muted)
        if flow != self._heard[0]:  # most requests change nothing of it
            self._heard = flow, hearing(flow)
        return self._heard[1]

    def look(self) -> None:
        """Note every broken promise; called after each request that Asterisk carried out."""
        heard = self.hearing()
        records = self.journal.records
        written = {(record.mode, record.muted) for record in records}
        for phone, voices in heard.items():
            if phone in voices:
                self.broken.append(f"{phone} hears themselves; {self.story()}")
        if SUPERVISOR in heard.get(CUSTOMER, ()) and ("barge", False) not in written:
            self.broken.append(f"the customer hears an unrecorded supervisor; {self.story()}")
        if SUPERVISOR in heard.get(AGENT, ()) and not written & {("coach", False), ("barge", False)}:
            self.broken.append(f"the agent hears an unrecorded supervisor; {self.story()}")
        speaks_to = {agent for agent in (AGENT, SECOND) if SUPERVISOR in heard.get(agent, ())}
        if len(speaks_to) > 1 and "barge" not in {mode for mode, _ in written}:
            self.broken.append(f"two agents hear one coach; {self.story()}")
        if SECOND in speaks_to and "ben" not in {r.agent for r in records if r.deed is Deed.TARGET}:
            self.broken.append(f"an agent hears a supervisor who has not chosen them on record; {self.story()}")
        if self._are_talking(heard) and not (CUSTOMER in heard[AGENT] and AGENT in heard[CUSTOMER]):
            self.broken.append(f"the call is disturbed; {self.story()}")

    def _are_talking(self, heard: Hearing) -> bool:
        """Whether both are in the call; an agent whom the supervisor has moved is not."""
        channels = self.asterisk.switch.channels
        return {CUSTOMER, AGENT} <= heard.keys() and channels[AGENT].bridge == channels[CUSTOMER].bridge == "call"

    def story(self) -> str:
        """What was asked of Asterisk last."""
        return f"failed at {self.asterisk.fail_at}; last requests: {self.asterisk.paths()[-12:]}"


def _is_settled(session: Session) -> bool:
    there = session.agent_place is session.agent_wanted
    arrived = there and session.coming is None and session.stance == session.wanted
    return session.suspended or (arrived and session.stage is Stage.LIVE)


def _other_half(name: str) -> str:
    if not name.startswith("Local/"):
        return ""
    return f"{name[:-1]}{'2' if name.endswith('1') else '1'}"


def _direction(word: str) -> Direction:
    return {"none": Direction.NONE, "in": Direction.IN, "out": Direction.OUT, "both": Direction.BOTH}[word]


FAULTS: dict[str, tuple[Fault, ...]] = {
    "404": (Status(404, "scripted"),),
    "409 or 422": (Status(409, "scripted"), Status(422, "scripted")),
    "500 or 503": (Status(500, "scripted"), Status(503, "scripted")),
    "done but no answer": (DropReply(),),
}
"""What can become of a request. Two statuses together are one error to whoever asked, and differ in its words alone, as
`ari/test_requests.py` holds: a sweep takes them in turns."""


def fault_at(number: int, faults: tuple[Fault, ...]) -> dict[int, Fault]:
    """The fault of the n-th request of a sweep."""
    return {number: faults[number % len(faults)]}
