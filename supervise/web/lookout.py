"""What is true of everybody on the board, kept up to date: only who was touched is looked at again."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Protocol

import structlog

from supervise.domain.board.board import Facts, Hand, Past, Talk, Watched, Why, about, facts_for, of, talking, using
from supervise.domain.board.presence import Phones, PresenceBook
from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import OurId
from supervise.domain.ports import UnrecordedError
from supervise.domain.rights.people import Person
from supervise.domain.sessions.session import Session, Stage
from supervise.floor.desk import Desk
from supervise.floor.house import House
from supervise.web import privates
from supervise.web.privates import EVERYTHING, Privates, Wanted

log = structlog.get_logger(__name__)

CLOSED_SECONDS = 10
"""How long a session that has ended stays on its supervisor's panel."""

HAND_LASTS = timedelta(hours=12)
"""A raised hand that nobody takes down goes by itself."""

MARKS_SECONDS = 3.0
"""How often calls are asked whether they are private, while anybody looks; running sessions are asked more often."""

TOLD_SECONDS = 15.0
"""The same where Asterisk tells it at once: what it does not tell is a global variable, and an event that was lost."""


class Node(privates.Node, Protocol):
    """One Asterisk, as the board sees it."""

    presence: PresenceBook


@dataclass(slots=True)
class _Known:
    """What cannot be read again: since when something has been so."""

    talk: tuple[str, str] = ("", "")
    talk_since: datetime | None = None
    held_since: datetime | None = None
    standing: tuple[Why, Phones] | None = None
    standing_since: datetime | None = None
    settled: bool = False


@dataclass(slots=True)
class Moved:
    """What is another thing than before.

    Attributes:
        people: whose row may be another one.
        sessions: whose panel may be another one, by the session's id.
        all: everything may be.
    """

    people: set[str] = field(default_factory=set)
    sessions: set[str] = field(default_factory=set)
    all: bool = True

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return self.all or bool(self.people) or bool(self.sessions)


class Lookout:
    """Keeps the facts of everybody in the policy. Its methods that take news never wait.

    Attributes:
        hands: the raised hands, by the agent's name.
        wake: called whenever something was touched.
        keep_hand: told of each hand that has become another one; it must not wait.
    """

    def __init__(self, house: House, desk: Desk, nodes: Mapping[str, Node]) -> None:
        """Look at `nodes`, with the sessions of `desk`."""
        self.hands: dict[str, Hand] = {}
        self.wake: Callable[[], None] = lambda: None
        self.keep_hand: Callable[[str, Hand | None], None] = lambda _, __: None
        self._house = house
        self._desk = desk
        self._nodes = nodes
        self._facts: dict[str, Facts] = {}
        self._known: dict[str, _Known] = {}
        self._closed: dict[str, tuple[Watched, datetime]] = {}
        self._last: dict[str, Watched] = {}
        self._privates = Privates(house, nodes)
        self._past: dict[str, tuple[date | None, Past]] = {}
        self._endings = 0
        self._watched: tuple[Watched, ...] = ()
        self._moved = Moved()
        self._stale = Moved()

    # --- news (see `supervise.domain.ports.Onlooker`)

    def touched(self, node: str, channels: Collection[Channel]) -> None:
        """Something changed around these channels; one of ours belongs to a session."""
        del node
        for channel in channels:
            ours = OurId.read(channel.id)
            if ours is not None:
                self._moved.sessions.add(ours.session)
            elif channel.endpoint:
                self._touch_owner(channel.endpoint)
        self.wake()

    def presence_moved(self, node: str, whose: str) -> None:
        """Somebody can be reached, or no longer."""
        del node
        self._touch_owner(whose)
        self.wake()

    def all_moved(self, node: str = "") -> None:
        """Everything may be another thing: the node, or the policy."""
        del node
        self._moved.all = self._stale.all = True
        self.wake()

    def session_moved(self, session: Session) -> None:
        """A session has become another one; one that has ended is remembered for a while."""
        self._moved.sessions.add(session.id)
        self._touch(session.supervisor.name, session.agent.name)
        last = self._last.get(session.id)
        if last is not None:
            self._touch(last.session.agent.name)  # it may have been about another agent
        if session.stage is Stage.CLOSED:
            self._past.pop(session.agent.name, None)
            self._endings += 1
        if session.stage is Stage.CLOSED and last is not None:
            self._closed[session.id] = (replace(last, session=session), self._house.now())
        self.wake()

    def ring_moved(self, supervisor: str) -> None:
        """Somebody's phone has begun or ceased to ring for a session, or to wait for one."""
        self._touch(supervisor)
        self.wake()

    def hand_moved(self, agent: str) -> None:
        """A hand was raised, taken down or answered."""
        self.keep_hand(agent, self.hands.get(agent))
        self._touch(agent)
        self.wake()

    def take_old_hands_down(self) -> None:
        """Nobody answers a hand of yesterday, or of somebody who is not there any more."""
        edge, people = self._house.now() - HAND_LASTS, self._house.source.policy.people
        for agent in [
            name for name, hand in self.hands.items() if hand.since < edge or (people and name not in people)
        ]:
            del self.hands[agent]
            self.hand_moved(agent)

    def _touch_owner(self, endpoint: str) -> None:
        policy = self._house.source.policy
        person = policy.person_by_endpoint(endpoint) or policy.person_by_extension(endpoint)
        if person is not None:
            self._touch(person.name)

    def _touch(self, *names: str) -> None:
        self._moved.people |= set(names)
        self._stale.people |= set(names)

    # --- looking

    @property
    def restless(self) -> bool:
        """Whether anything has been touched."""
        return bool(self._moved)

    def take(self) -> Moved:
        """What has been touched since this was asked last; the facts are those of now."""
        self.refresh()
        moved, self._moved = self._moved, Moved(all=False)
        names = self._facts.keys() if moved.all else moved.people
        moved.sessions |= {each.session.id for each in self.sessions() if each.session.agent.name in names}
        return moved

    def refresh(self) -> None:
        """Look again at whoever was touched."""
        stale, self._stale = self._stale, Moved(all=False)
        policy = self._house.source.policy
        self._watched = watched = self._look_at_sessions()
        if stale.all:
            self._facts = {name: facts for name, facts in self._facts.items() if name in policy.people}
        for name in policy.people if stale.all else stale.people & policy.people.keys():
            self._look(policy.people[name], watched)
        self._last = {each.session.id: each for each in watched if each.session.stage is not Stage.CLOSED}

    def _look(self, person: Person, watched: Collection[Watched]) -> None:
        books = {name: node.book for name, node in self._nodes.items()}
        known = self._known.setdefault(person.name, _Known())
        phones = self._phones(person)
        now = self._house.now()
        doing = using(self._channels(person), self._desk.lines)
        talk = self._talk(person, books, known, now)
        if (doing, phones) != known.standing or talk is not None:
            known.standing_since = now if known.settled and talk is None else None
            known.standing = (doing, phones) if talk is None else None
        known.settled = True
        self._facts[person.name] = Facts(
            person,
            phones,
            talk,
            doing,
            known.standing_since,
            self.hands.get(person.name),
            tuple(about(person.name, watched)),
            tuple(of(person.name, watched)),
            self._past.get(person.name, (None, Past()))[1],
        )

    def _phones(self, person: Person) -> Phones:
        """On whichever node they can be reached."""
        found = [node.presence.phones(person.endpoints, person.extension) for node in self._nodes.values()]
        known = [phones.registered for phones in found if phones.registered is not None]
        paused = sorted({queue for phones in found for queue in phones.paused})
        return Phones(any(known) if known else None, tuple(paused), any(phones.do_not_disturb for phones in found))

    def _channels(self, person: Person) -> list[Channel]:
        return [c for node in self._nodes.values() for e in person.endpoints for c in node.book.channels_at(e)]

    def _talk(self, person: Person, books: Mapping[str, CallBook], known: _Known, now: datetime) -> Talk | None:
        found = talking(person, books)
        if found is None:
            known.talk, known.talk_since, known.held_since = ("", ""), None, None
            return None
        node, channel, call = found
        if known.talk != (node, channel.id):
            known.talk = (node, channel.id)
            self._privates.due(node, channel.id)
            known.talk_since = now if known.settled else _created(channel, now)
            known.held_since = None
        known.held_since = (known.held_since or now) if call.on_hold else None
        paused = {each.session.agent.channel for each in self._watched if each.session.private}
        facts = facts_for(call, channel.id, self._house.source.policy, self._privates.channels | paused)
        return Talk(node, channel, call, facts, known.talk_since or now, known.held_since)

    # --- answers

    def facts(self, name: str) -> Facts | None:
        """What is true of somebody."""
        return self._facts.get(name)

    def everybody(self) -> Mapping[str, Facts]:
        """What is true of everybody."""
        return self._facts

    def sessions(self) -> tuple[Watched, ...]:
        """Every session as it was at the last look, those that have just ended among them."""
        return self._watched

    def _look_at_sessions(self) -> tuple[Watched, ...]:
        """Once for all who ask: what each may do now is decided for it."""
        edge = self._house.now() - timedelta(seconds=CLOSED_SECONDS)
        own = self._desk.own()
        self._closed = {id_: closed for id_, closed in self._closed.items() if closed[1] > edge or id_ in own}
        closed = (replace(watched, own=id_ in own) for id_, (watched, _) in self._closed.items())
        return (*self._desk.sessions(), *closed)

    def book(self, node: str) -> CallBook:
        """The calls of a node."""
        return self._nodes[node].book

    # --- private calls

    def marked(self, node: str, channel: str, variable: str) -> None:
        """A variable has been set on a channel of a call on the board."""
        self._privates.told(node, channel, variable)

    def somebody_comes(self) -> None:
        """Somebody looks, and nobody did before."""
        self._privates.all_due()

    async def look_at_marks(self, wanted: Wanted = EVERYTHING) -> None:
        """Ask calls on the board whether they are private."""
        talks = [facts.talk for facts in self._facts.values() if facts.talk is not None]
        changed = await self._privates.look(talks, wanted)
        for name, facts in self._facts.items():
            if facts.talk is not None and not changed.isdisjoint(party.id for party in facts.talk.call.parties):
                self._touch(name)
        if changed:
            self.wake()

    # --- what has been

    async def look_at_the_past(self) -> None:
        """Count the sessions that have ended about everybody in a call, once a day and after each that ends."""
        today = self._house.now().astimezone(self._house.source.policy.house.zone).date()
        for name, facts in tuple(self._facts.items()):
            if facts.talk is None or self._past.get(name, (None, None))[0] == today:
                continue
            endings = self._endings
            counted = await self._desk.counted(name)
            if endings != self._endings:
                continue
            running = sum(each.session.agent.name == name for each in self._desk.sessions())
            past = Past(max(0, counted.day - running), max(0, counted.month - running))
            self._past[name] = today, past
            if past != facts.past:
                self._touch(name)
                self.wake()

    async def run(self, looking: Callable[[], bool]) -> None:
        """Ask what nobody tells as long as somebody looks, until cancelled."""
        loop = asyncio.get_running_loop()
        asked = loop.time()
        while True:
            patience = TOLD_SECONDS if self._privates.all_told else MARKS_SECONDS
            wanted = await self._privates.wanted(asked + patience - loop.time())
            if wanted.everything:
                asked = loop.time()
            if not looking():
                continue
            await self.look_at_marks(wanted)
            if wanted.everything:
                await self._count()

    async def _count(self) -> None:
        try:
            await self.look_at_the_past()
        except UnrecordedError as error:
            log.warning("board.uncounted", error=str(error))


def _created(channel: Channel, now: datetime) -> datetime:
    """When a channel that was there before us began, by Asterisk's clock; never in the future."""
    try:
        return min(datetime.fromisoformat(channel.created), now)
    except (ValueError, TypeError):
        return now
