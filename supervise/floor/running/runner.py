"""Running one session: happenings in, orders carried out, records written, words said."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from functools import partial

import structlog

from supervise.domain.board.board import Watched
from supervise.domain.calls.calls import Call
from supervise.domain.keypad import Question as Asked
from supervise.domain.keypad import Typed
from supervise.domain.ports import Switchboard
from supervise.domain.records import Deed
from supervise.domain.rights.decisions import Refusal, Rights
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions.conduct import advance, begin, end
from supervise.domain.sessions.failures import in_turn
from supervise.domain.sessions.glance import Glance
from supervise.domain.sessions.session import Ending, Session, Stage
from supervise.domain.sessions.truth import broken, call_of
from supervise.domain.sessions.turn import Step
from supervise.floor.house import House
from supervise.floor.running.accompaniment import Accompaniment
from supervise.floor.running.call_agents import CallAgents
from supervise.floor.running.carrier import Carrier
from supervise.floor.running.choosing import Choosing
from supervise.floor.running.coalesced import Coalesced
from supervise.floor.running.customer import Announced
from supervise.floor.running.entry import Answered, Entry, Wish
from supervise.floor.running.gate import Ask
from supervise.floor.running.handover import Handover
from supervise.floor.running.newcomers import Newcomers
from supervise.floor.running.other_supervisors import OtherSupervisors
from supervise.floor.running.parties import Parties
from supervise.floor.running.performing import Performing
from supervise.floor.running.prerequisites import Prerequisites
from supervise.floor.running.records import Records
from supervise.floor.running.shown import Shown, Wished
from supervise.floor.running.stopwatch import Stopwatch
from supervise.floor.running.timers import Timers
from supervise.floor.usage import UsageCounter

ALONE_SECONDS = 0.5
"""How long an agent may be between two bridges, or the customer on the way to us, before their call has ended."""

CONSULT_SECONDS = 30.0
"""How long the call of an agent who wants to hand theirs over rings on the leg that the supervisor has."""

MOST_WAITING = 64
"""A line with so much waiting is being flooded."""

Item = h.Happening | Asked | Answered | Announced | Glance | Wished
"""What a session takes, one after the other."""

_WISHES = (h.ModeAsked, h.MuteAsked, Answered, Announced, Wished)
"""The items after which a supervisor waits for another sound."""

log = structlog.get_logger(__name__)


class Runner:
    """One session from its opening to its end.

    Attributes:
        session: how it stands.
        began: when, by the loop's clock.
        recorded: since when its opening is in the journal, by the same clock; None while it is not.
        agents: the agents of its call.
        privacy: what the call's channels say of it.
        handover: the calls that its agent hands over to its supervisor.
        look_after_moving: looks at the marks once for all moves that come meanwhile: a transfer is a dozen of them.
    """

    def __init__(
        self, house: House, board: Switchboard, usage: UsageCounter, session: Session, parties: Parties
    ) -> None:
        """Run `session`, which has been decided about; nothing happens before `run`."""
        self.session = session
        self.began = asyncio.get_running_loop().time()
        self.recorded: float | None = None
        self._house = house
        self._board = board
        self._parties = parties
        self._waiting: asyncio.Queue[tuple[float, Item]] = asyncio.Queue()
        self._owed = 0
        self._entry = Entry(parties.gate, self.put, lambda: house.moved(self.session))
        self.agents = CallAgents(house, board, usage, self, parties)
        self.privacy = self.agents.privacy
        self.handover = Handover(self, board)
        self.look_after_moving = Coalesced(self.look_at_marks)
        self._choosing = Choosing(self.agents, self.put)
        self._prerequisites = Prerequisites(parties, self._rights_for)
        self._records = Records(house, self, parties.gate, self.rights_now)
        self._shown = Shown(house)
        self._other_supervisors = OtherSupervisors(house, board, usage)
        self._performing = Performing(self, board, parties, self._records, self._shown)
        self._timers = Timers()
        self._newcomers = Newcomers(session, board.book, self._timers, self.put)
        self._stopwatch = Stopwatch(house.figures, parties.asked)
        self._asked: float | None = None
        self._beside = Accompaniment(self, board, parties, self._records)
        self._carrier = Carrier(board)
        self._typed = Typed()
        self._log = log.bind(session=session.id, node=session.node)

    # --- what comes in; none of these waits

    def put(self, item: Item) -> None:
        """Take something in."""
        self._owed += 1
        self._waiting.put_nowait((asyncio.get_running_loop().time(), item))

    @property
    def idle(self) -> bool:
        """Whether everything that has come in has been dealt with."""
        return self._owed == 0

    def press(self, digit: str) -> None:
        """Take a key. While a line is being flooded with keys further ones are dropped; news never is."""
        if self._entry.take(digit) or self._choosing.take(digit) or self._waiting.qsize() >= MOST_WAITING:
            return
        now = asyncio.get_running_loop().time()
        self._typed, meaning = self._typed.press(digit, now, self._house.keypad)
        if meaning is not None:
            self.put(meaning)

    def give_reason(self, code: str) -> bool:
        """Take a reason code that was not typed on the phone; False where none is asked for."""
        return self._entry.give(Ask.REASON, code)

    def watched(self) -> Watched:
        """The session as the board shows it."""
        shown = self._shown.watched(self.session, self.agents.rights(), self._entry.asking)
        return replace(shown, agents=self.agents.choices())

    def check_call(self) -> None:
        """Look at the call again, since something moved around it."""
        self.agents.note_return()
        if self.joined and (self._newcomers.expected or not self.idle or self._parts_from_them()):
            self._board.silence(self.session)
            self._newcomers.come()
        self.put(Glance.MOVED)
        if self.call is None:
            self._timers.later(ALONE_SECONDS, self.check_alone)

    def expect(self) -> None:
        """Somebody is about to come into the call, and the room is being emptied."""
        self._newcomers.expect()

    def is_in(self, conference: str) -> bool:
        """Whether the session's call is that conference."""
        return conference in self._board.book.conferences_of(self.session.agent.channel)

    def _parts_from_them(self) -> bool:
        """Whether a look at the call now would take out of the room what is in it."""
        happening = self.agents.seen(Glance.MOVED)
        if happening is None:
            return False
        after, _ = advance(self.session, happening, self.agents.without_asking(self._rights_for(happening)))
        return after.tap != self.session.tap

    def check_alone(self) -> None:
        """The moment is over: an agent who is still alone is in no call any more."""
        self.put(Glance.ALONE)

    def concerns(self, channels: Collection[str]) -> bool:
        """Whether something that moved around these channels may be about this session's call."""
        return self.agents.concerned(channels)

    def check_leak(self) -> None:
        """Hold who hears whom over this session against who may; in the middle of a change there is nothing to hold."""
        settled = self.idle and self.session.coming is None
        why = broken(self.session, self._board.book) if settled else ""
        if why:
            self._log.error("leak", why=why, alarm=True)
            self.put(h.Leaking())

    async def look_at_carrier(self) -> None:
        """See whether anything is being sent to the agent: a coach is heard only along with it (22.10.1)."""
        news = await self._carrier.look(self.session, self.call)
        if news is not None:
            self.put(news)

    @property
    def call(self) -> Call | None:
        """The call that the agent's channel is in now."""
        return call_of(self.session, self._board.book)

    @property
    def phone(self) -> str:
        """The endpoint of the agent's phone, as it was seen last."""
        return self.agents.phone.endpoint

    @property
    def joined(self) -> bool:
        """Whether somebody has come into the call about whom nothing has been decided."""
        return self._newcomers.there(self.session)

    async def look_at_marks(self) -> None:
        """See whether the call has been marked private; also where the agent is out of it, or on their way back."""
        waiting = self.agents.others if self.session.parted else ()
        calls = () if self.call is None else (self.call.id,)
        if await self.privacy.look({self.session.agent.channel, *calls, *waiting}):
            self.put(h.RightsChanged())

    # --- the loop

    async def run(self, rights: Rights) -> None:
        """Open the session and go on until it is closed."""
        try:
            await self._take(begin(self.session, rights), rights)
            if self._parties.notices.told:
                self._records.note(Deed.NOTICE, "announcement")
            while self.session.stage is not Stage.CLOSED:
                came, item = await self._waiting.get()
                self._asked = came if isinstance(item, _WISHES) else None
                await self._handle(item)
                self._owed -= 1
            await self._see_off()
        finally:
            self._entry.cancel()
            self._choosing.cancel()
            self._beside.end()
            self._performing.cancel()
            self._timers.cancel()

    async def _see_off(self) -> None:
        """Nobody who has come to a session that is over waits for it."""
        while not self._waiting.empty():
            _, item = self._waiting.get_nowait()
            self._owed -= 1
            if isinstance(item, h.Handed | h.Consulted):
                rights = self.rights_now()
                await self._take(advance(self.session, item, rights), rights)

    async def stop(self, ending: Ending) -> None:
        """End the session from outside; `run` must not be going on any more."""
        await self._take(end(self.session, ending), self.rights_now())

    async def _handle(self, item: Item) -> None:
        if self.joined and not isinstance(item, Glance):
            await self._glance(Glance.MOVED)
        if self.session.stage is Stage.CLOSED:
            return
        match item:
            case Asked():
                self._answer(item)
            case Wished():
                await self._wished(item)
            case Answered(wish, ask, refusal) if refusal is not None:
                self._turn_down(wish, ask, refusal)
            case Answered(wish):
                await self._wish(wish)
            case Announced():
                await self._announced(item)
            case h.ModeAsked() | h.VisibilityAsked() | h.ActionAsked() | h.FollowAsked() | h.AgentAsked():
                await self._wish(item)
            case Glance():
                await self._glance(item)
            case _:
                await self._advance(item)

    async def _wished(self, wished: Wished) -> None:
        """A click about a session that was another one counts for nothing: it might open the microphone further."""
        if self._shown.takes(self.session, wished):
            self._records.source = wished.source
            await self._handle(wished.wish)
            self._records.source = self.session.source

    async def _glance(self, glance: Glance) -> None:
        self._newcomers.decided(self.session)
        change = self._beside.holding.look(self.session)
        if change is not None:
            await self._advance(change)
        consult = await self.agents.consult()
        happening = consult or self.agents.seen(glance)
        if happening is not None:
            await self._advance(happening)
        if self.agents.regrouped():
            await self._advance(h.Regrouped())
        if isinstance(happening, h.RightsChanged):
            self.agents.look()

    async def _wish(self, wish: Wish) -> None:
        """What must be asked of the supervisor, and told to the customer, comes before a wish is decided about."""
        refusal = await self.agents.why_not(wish)
        if refusal is not None:
            self._refuse(refusal)
            return
        missing, untold = self._prerequisites.asks(self.session, wish), self._prerequisites.untold(self.session, wish)
        if missing is not None:
            self._entry.begin(wish, missing)
            self._board.say(self.session, (missing.value,))
        elif isinstance(wish, h.ModeAsked | h.AgentAsked) and untold:
            self._beside.announcing.begin(self.agents.rights().rules.customer, untold, wish)
            self._board.say(self.session, ("wait",))
        else:
            self._beside.announcing.forget_wish()
            await self._advance(wish)

    def _turn_down(self, wish: Wish, ask: Ask, refusal: Refusal) -> None:
        self._refuse(refusal)
        if refusal is Refusal.PIN_WRONG:
            self._entry.begin(wish, ask)

    def _refuse(self, refusal: Refusal) -> None:
        self._board.say(self.session, (refusal.value,))
        self._records.note(Deed.REFUSED, refusal.value)
        self._shown.refuse(self.session, refusal.value)

    async def _advance(self, happening: h.Happening) -> None:
        happening = await self.agents.explained(happening)
        rights = self.agents.without_asking(self._rights_for(happening))
        await self._take(advance(self.session, happening, rights), rights)

    async def _take(self, step: Step, rights: Rights) -> None:
        """Become the next session and carry its orders out; what fails happens to the session in turn.

        The house rules are those of the version that allows the session to go on: when another one ends it, the agent
        is told by the rules under which it was.
        """
        before, (self.session, orders) = self.session, step
        if before.agent != self.session.agent:
            self.agents.turned(before)
            self._newcomers.decided(self.session)
        if before.home is not None and self.session.home is None:
            self.check_call()
        self._shown.follow(before, self.session)
        self._other_supervisors.follow(before, self.session)
        self._stopwatch.follow(before, self.session, self._asked)
        if self.session.consult and not before.consult:
            self._timers.later(CONSULT_SECONDS, partial(self.put, h.ConsultUnanswered(self.session.consult)))
        if self.session.parted and not before.parted:
            self._timers.later(ALONE_SECONDS, self.check_alone)
        if self.session.stage is not Stage.CLOSED:
            self._performing.rules = rights.rules
        failures = await self._performing.carry_out(orders)
        if not failures:
            self._stopwatch.look(self.session, asyncio.get_running_loop().time())
            self._beside.follow(rights, self._performing.rules.customer)
        for failure in in_turn(failures):
            self._asked = None
            if isinstance(failure, h.Joined):
                await self._glance(Glance.MOVED)
            await self._advance(failure)

    def _rights_for(self, happening: h.Happening) -> Rights:
        """What the policy allows, if need be after a question: towards the agent whom it is about."""
        if isinstance(happening, h.AgentAsked | h.AgentLeft | h.AgentConsults):
            return self.agents.towards(happening.agent)
        return self.agents.rights()

    def rights_now(self, *, minutes: float | None = None) -> Rights:
        """What is allowed without a further question."""
        return self.agents.without_asking(self.agents.rights(minutes=minutes))

    async def _announced(self, announced: Announced) -> None:
        """The wish that has waited is decided about now, or refused; without one it was for somebody new."""
        if not announced.failed:
            self._records.note(Deed.NOTICE, "announcement")
            if announced.wish is not None:
                await self._wish(announced.wish)
        elif announced.wish is not None:
            self._refuse(Refusal.UNTOLD)
        elif self._beside.untold(self._performing.rules.customer):
            await self._advance(h.Untold())

    # --- questions

    def _answer(self, asked: Asked) -> None:
        words = self._choosing.begin() if asked is Asked.WHOM else self._other_supervisors.answer(asked, self.session)
        self._board.say(self.session, words)
