"""The live half of the board: what was touched is looked at again, and whoever may see it is told."""

import asyncio
from collections.abc import Callable, Iterable

import structlog
from aiohttp import web

from supervise.domain.board.board import Facts, Watched
from supervise.domain.rights.policy import Policy
from supervise.domain.sessions.session import Stage
from supervise.floor.desk import Desk
from supervise.floor.house import House
from supervise.web import audience, shapes, views
from supervise.web.audience import Seat, Toasts
from supervise.web.entry.people import me
from supervise.web.entry.signins import How, SignIn, SignIns
from supervise.web.lookout import Lookout, Moved
from supervise.web.shapes import Json
from supervise.web.views import Difference, Views
from supervise.web.wire import Wire

TICK = 0.1
"""Seconds between two messages of a type: what changes more often is told once, as it is in the end."""

REST = 1.0
"""How often there is a look without anything having been touched: at sign-ins, and at what fades."""

ANEW = 30.0
"""How often everything is decided anew where hours of the policy count."""

SWEEP = 60.0
"""How often what nobody uses any more is forgotten."""

log = structlog.get_logger(__name__)


class Live:
    """All connections. `run` has to go on for anybody to be told anything."""

    def __init__(self, house: House, desk: Desk, lookout: Lookout, sign_ins: SignIns) -> None:
        """Nobody is connected."""
        self._house = house
        self._desk = desk
        self._lookout = lookout
        self._sign_ins = sign_ins
        self._views = Views(house, lookout)
        self._seats: dict[str, Seat] = {}
        self._toasts = Toasts(house)
        self._wake = asyncio.Event()
        self._policy: Policy | None = None
        self._anew = self._kept = self._swept = 0.0
        self._looking = asyncio.Lock()
        self.health: Callable[[], Json] = lambda: {"ok": True, "nodes": [], "says": ""}
        self.token_lasts: Callable[[SignIn], bool] = lambda _: True
        lookout.wake = self._wake.set
        sign_ins.over = self._signed_out

    def looking(self) -> bool:
        """Whether anybody is connected."""
        return bool(self._seats)

    @property
    def people(self) -> int:
        """How many people are connected."""
        return len(self._seats)

    @property
    def connections(self) -> int:
        """How many connections there are."""
        return sum(len(seat.wires) for seat in self._seats.values())

    async def connect(self, request: web.Request, sign_in: SignIn) -> web.WebSocketResponse:
        """Serve one connection to its end."""
        await self._look()
        if not self._seats:
            self._lookout.somebody_comes()
        async with self._looking:
            seat = await self._seat(sign_in.person)
        wire = Wire(sign_in, self._house, lambda wire: self._everything(seat, wire))
        seat.add(wire)
        try:
            return await wire.serve(request)
        finally:
            seat.wires.remove(wire)
            if not seat.wires and self._seats.get(seat.person) is seat:
                del self._seats[seat.person]

    async def _seat(self, person: str) -> Seat:
        found = self._seats.get(person)
        if found is None:
            view = await self._views.view(person, self._count(person))
            found = self._seats.setdefault(person, Seat(person, view))
            self._make_own(found)
            facts = self._lookout.facts(person)
            found.with_me = () if facts is None else self._views.eyes(person).with_me(facts)
            found.hands = self._hands(person)
            found.told = {str(message["type"]): shapes.dumped(message).encode() for message in self._whole(found)}
            found.sessions = {each.session.id: each.session.stage is Stage.CLOSED for each in self._mine(person)}
        return found

    def _everything(self, seat: Seat, wire: Wire) -> list[bytes]:
        """All that a connection has to know; nothing, when its person has gone."""
        if self._house.source.policy.person(seat.person) is None:
            return []
        whole = (shapes.dumped(message).encode() for message in self._whole(seat))
        return [audience.hello(self._house, me(self._house, wire.sign_in)), seat.snapshot(), *whole]

    def _whole(self, seat: Seat) -> Iterable[Json]:
        """The messages that are whole for their type, as they are now."""
        yield {"type": "health", **self.health()}
        yield {"type": "sessions", "sessions": self.sessions(seat.person)}
        own = self.mine(seat.person)
        if own is not None:
            yield {"type": "mine", **own}

    def sessions(self, person: str) -> list[Json]:
        """Somebody's own sessions."""
        return shapes.sessions(self._views.eyes(person), self._lookout, self._desk)

    def mine(self, person: str) -> Json | None:
        """Somebody's own page as an agent."""
        facts = self._lookout.facts(person)
        return None if facts is None else shapes.mine(facts, self._views.eyes(person))

    # --- every tick

    async def run(self) -> None:
        """Tell everybody what has changed, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            if not self._lookout.restless:
                await self._rest()
            began = loop.time()
            await self._look()
            if began - self._kept >= REST:
                self._kept = began
                await self._keep()
            await asyncio.sleep(max(0.0, began + TICK - loop.time()))

    async def _rest(self) -> None:
        self._wake.clear()
        try:
            async with asyncio.timeout(REST):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _keep(self) -> None:
        """What time alone changes."""
        self._lookout.refresh()
        for seat in list(self._seats.values()):
            for wire in seat.wires:
                if not self._lasts(wire.sign_in):
                    wire.end("expired", None)
            await seat.tell_if_new({"type": "health", **self.health()})
            if seat.sessions:
                await self._tell_own(seat, Moved(sessions=set(seat.sessions), all=False))
        now = asyncio.get_running_loop().time()
        if now - self._anew > ANEW and any(rule.hours for rule in self._house.source.policy.rules):
            self._anew = now
            self._lookout.all_moved()
        if now - self._swept > SWEEP:
            self._swept = now
            self._sign_ins.sweep()
            self._lookout.take_old_hands_down()

    def _lasts(self, sign_in: SignIn) -> bool:
        if sign_in.how is How.TOKEN:
            return self.token_lasts(sign_in)
        return self._sign_ins.keep(sign_in)

    async def _look(self) -> None:
        """Look at what was touched, and tell it. One look at a time."""
        async with self._looking:
            await self._look_alone()

    async def _look_alone(self) -> None:
        policy = self._house.source.policy
        if policy is not self._policy:
            self._policy = policy
            if policy.people:
                self._sign_ins.hold_against(policy)
            self._lookout.all_moved()
            await self._greet_anew(policy)
        moved = self._lookout.take()
        if not moved:
            return
        names = self._lookout.everybody().keys() if moved.all else moved.people
        differences = await self._differences(names)
        for seat in list(self._seats.values()):
            await self._tell_rows(seat, names, differences)
            await self._tell_own(seat, moved)
        self._views.forget(seat.view for seat in self._seats.values())

    async def _greet_anew(self, policy: Policy) -> None:
        """Another policy may have other reasons and teams; who is not in it any more is let go."""
        for seat in list(self._seats.values()):
            for wire in seat.wires:
                if policy.person(seat.person) is None:
                    wire.end("revoked", None)
                elif not wire.sign_in.ended:
                    await wire.tell(audience.hello(self._house, me(self._house, wire.sign_in)))
            if policy.person(seat.person) is None:
                del self._seats[seat.person]

    async def _differences(self, names: Iterable[str]) -> dict[int, tuple[Difference, bytes]]:
        """For each view what is another than before, and the message for those who need no other."""
        found: dict[int, tuple[Difference, bytes]] = {}
        for view in self._views:
            if self._views.key(view.viewer, view.sessions) != view.key:
                continue
            difference = await self._views.refresh(view, names)
            found[id(view)] = (difference, views.rows(difference) if difference else b"")
        return found

    async def _tell_rows(
        self, seat: Seat, names: Iterable[str], differences: dict[int, tuple[Difference, bytes]]
    ) -> None:
        """Most are told what all of their kind are told; who has rows of their own, or another view, gets a message."""
        own = views.personal(seat.person, self._lookout, self._house.source.policy)
        sessions = self._count(seat.person)
        same = self._views.key(seat.person, sessions) == seat.view.key
        touched = own != seat.own_names or not own.isdisjoint(names)
        if same and not touched:
            _, text = differences.get(id(seat.view), ({}, b""))
            if text:
                await seat.tell(text)
            return
        before = self._before(seat, differences)
        if not same:
            seat.view = await self._views.view(seat.person, sessions)
        self._make_own(seat)
        difference = views.between(before, seat.rows)
        if difference:
            await seat.tell(views.rows(difference))

    def _before(self, seat: Seat, differences: dict[int, tuple[Difference, bytes]]) -> dict[str, bytes]:
        """What a seat's connections have on their screens: for rows that differ in the view, anything but that."""
        difference, _ = differences.get(id(seat.view), ({}, b""))
        return {**{name: b"" for name in difference if name not in seat.own_names}, **_without(seat, difference)}

    def _make_own(self, seat: Seat) -> None:
        eyes = self._views.eyes(seat.person, self._count(seat.person))
        seat.own_names = views.personal(seat.person, self._lookout, self._house.source.policy)
        made = {name: self._views.row(name, eyes) for name in seat.own_names}
        seat.own = {name: text for name, text in made.items() if text is not None}

    async def _tell_own(self, seat: Seat, moved: Moved) -> None:
        """A person's own sessions, own page, and toasts."""
        mine = self._mine(seat.person)
        known = {each.session.id for each in mine} | seat.sessions.keys()
        if moved.all or seat.person in moved.people or not known.isdisjoint(moved.sessions):
            await seat.tell_if_new({"type": "sessions", "sessions": self.sessions(seat.person)})
            for each in mine:
                if not seat.sessions.get(each.session.id, False):
                    await self._toast(seat, self._toasts.of_end(each))
            seat.sessions = {each.session.id: each.session.stage is Stage.CLOSED for each in mine}
        facts = self._lookout.facts(seat.person)
        if facts is not None and (moved.all or seat.person in moved.people):
            await self._tell_page(seat, facts)
        if moved.all or moved.people:
            hands = self._hands(seat.person)
            for agent in sorted(hands - seat.hands):
                raised = self._lookout.hands.get(agent)
                await self._toast(seat, None if raised is None else self._toasts.of_hand(agent, raised.reason))
            seat.hands = hands

    async def _tell_page(self, seat: Seat, facts: Facts) -> None:
        eyes = self._views.eyes(seat.person)
        now = eyes.with_me(facts)
        await seat.tell_if_new({"type": "mine", **shapes.mine(facts, eyes)})
        for toast in self._toasts.of_visits(seat.with_me, now):
            await self._toast(seat, toast)
        seat.with_me = now

    async def _toast(self, seat: Seat, toast: Json | None) -> None:
        if toast is not None:
            await seat.tell(shapes.dumped(toast).encode())

    async def told_answer(self, agent: str, supervisor: str) -> None:
        """An agent's hand was answered."""
        seat = self._seats.get(agent)
        if seat is not None:
            await self._toast(seat, self._toasts.of_answer(supervisor))

    # --- helpers

    def _mine(self, person: str) -> list[Watched]:
        return [each for each in self._lookout.sessions() if each.session.supervisor.name == person]

    def _count(self, person: str) -> int:
        return sum(each.session.stage is not Stage.CLOSED for each in self._mine(person))

    def _hands(self, person: str) -> frozenset[str]:
        if not self._lookout.hands:
            return frozenset()
        facts = self._lookout.everybody().values()
        return audience.hands_of(facts, person, self._house.source.policy, self._house)

    def _signed_out(self, sign_in: SignIn) -> None:
        for seat in self._seats.values():
            for wire in seat.wires:
                if wire.sign_in is sign_in:
                    wire.end("signed-out", None)

    async def close(self) -> None:
        """Say good-bye to everybody."""
        for seat in list(self._seats.values()):
            for wire in seat.wires:
                wire.end("ending", 2.0)


def _without(seat: Seat, difference: Difference) -> dict[str, bytes]:
    """The rows that a seat's connections have and that have not changed."""
    kept = {n: t for n, t in seat.view.rows.items() if n not in difference and n not in seat.own_names}
    return {**kept, **seat.own}
