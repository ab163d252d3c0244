"""Running one session: happenings in, orders carried out, records written, words said."""

import asyncio
from collections.abc import Iterable

import structlog

from supervise.domain.board.board import Watched
from supervise.domain.calls.calls import Call
from supervise.domain.calls.naming import OurId
from supervise.domain.keypad import Question as Asked
from supervise.domain.keypad import Typed
from supervise.domain.ports import OrderFailedError, Switchboard, Telling
from supervise.domain.records import Deed
from supervise.domain.rights.admission import admit
from supervise.domain.rights.decisions import Allowed, Decision, Refusal, Refused, Rights, SessionRules
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.conduct import advance, begin, end
from supervise.domain.sessions.glance import Glance, seen
from supervise.domain.sessions.moves import in_turn, keeps_call
from supervise.domain.sessions.session import Ending, Session, Stage
from supervise.domain.sessions.truth import call_of, leaks_to
from supervise.domain.sessions.turn import Step
from supervise.domain.words import Mode
from supervise.floor.carrier import Carrier
from supervise.floor.company import Company
from supervise.floor.customer import Announced, Announcing
from supervise.floor.deadline import Deadline
from supervise.floor.entry import Answered, Entry, Wish
from supervise.floor.gate import Ask
from supervise.floor.holding import Holding
from supervise.floor.house import House
from supervise.floor.parties import Parties
from supervise.floor.privacy import Privacy
from supervise.floor.records import Records
from supervise.floor.shown import Shown, Wished
from supervise.floor.standing import Standing, allows, allows_something, limits_of
from supervise.floor.stopwatch import Stopwatch
from supervise.floor.usage import UsageCounter

TAP_PATIENCE = 1.0
"""Seconds until an ear or a seat is there; they take 3 to 45 ms."""

MOST_WAITING = 64
"""A line with so much waiting is being flooded."""

Item = h.Happening | Asked | Answered | Announced | Glance | Wished
"""What a session takes, one after the other."""

_WISHES = (h.ModeAsked, h.MuteAsked, Answered, Announced, Wished)
"""The items after which a supervisor waits for another sound."""

_CLOSING = (o.CloseMic, o.BringBack, o.TakeOut, o.HangUp, o.Finish, o.Say, o.Tell, o.Write)
"""What is carried out even when something before it failed: it takes rights away, or only tells."""

log = structlog.get_logger(__name__)


class Runner:
    """One session from its opening to its end.

    Attributes:
        session: how it stands.
        began: when, by the loop's clock.
        recorded: since when its opening is in the journal, by the same clock; None while it is not.
        privacy: what the call's channels say of it.
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
        self._entry = Entry(parties.gate, self.put)
        self._timers: set[asyncio.TimerHandle] = set()
        self._deadline = Deadline(self.began, self._warn_of_time, self._time_reached)
        self.privacy = Privacy(house, board)
        self._standing = Standing(house, board, usage, parties.question)
        self._records = Records(house, self, parties.gate, self._rights_now)
        self._shown = Shown(house)
        self._company = Company(house, board, usage)
        self._stopwatch = Stopwatch(house.figures, parties.asked)
        self._asked: float | None = None
        self._announcing = Announcing(parties.notices, self.put)
        self._rules = SessionRules()
        self._carrier = Carrier(board)
        self._holding = Holding(board, self.put)
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
        if self._entry.take(digit) or self._waiting.qsize() >= MOST_WAITING:
            return
        now = asyncio.get_running_loop().time()
        self._typed, meaning = self._typed.press(digit, now, self._house.keypad)
        if meaning is not None:
            self.put(meaning)

    def watched(self) -> Watched:
        """The session as the board shows it."""
        return self._shown.watched(self.session, self._rights(), self._entry.asking)

    def check_call(self) -> None:
        """Look at the call again, since something moved around it."""
        self.put(Glance.MOVED)

    def check_alone(self) -> None:
        """The moment is over: an agent who is still alone is in no call any more."""
        self.put(Glance.ALONE)

    def check_leak(self) -> None:
        """Hold who hears the supervisor against who may; in the middle of a change there is nothing to hold."""
        leaks = leaks_to(self.session, self._board.book) if self.idle and self.session.coming is None else ()
        if leaks:
            self._log.error("leak", hearers=sorted(leaks), alarm=True)
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

    async def look_at_marks(self) -> None:
        """See whether the call has been marked private; also where the agent is out of it, or on their way back."""
        call, agent = self.call, self.session.agent.channel
        waiting = self._parties.others if self.session.parted else frozenset()
        if await self.privacy.look({agent, agent if call is None else call.id, *waiting}):
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
        finally:
            self._entry.cancel()
            self._deadline.cancel()
            self._announcing.cancel()
            self._holding.cancel()
            self._parties.notices.end()
            for timer in self._timers:
                timer.cancel()

    async def stop(self, ending: Ending) -> None:
        """End the session from outside; `run` must not be going on any more."""
        await self._take(end(self.session, ending), self._rights_now())

    async def _handle(self, item: Item) -> None:
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
            case h.ModeAsked() | h.VisibilityAsked() | h.ActionAsked():
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
        change = self._holding.look(self.session)
        if change is not None:
            await self._advance(change)
        happening = seen(self.session, self._board.book, self._parties.others, glance)
        if happening is not None:
            await self._advance(happening)

    async def _wish(self, wish: Wish) -> None:
        """What must be asked of the supervisor, and told to the customer, comes before a wish is decided about."""
        missing = self._missing_for(wish)
        untold = self._untold_for(wish) if isinstance(wish, h.ModeAsked) else frozenset()
        if missing is not None:
            self._entry.begin(wish, missing)
            self._board.say(self.session, (missing.value,))
        elif isinstance(wish, h.ModeAsked) and untold:
            self._announcing.begin(self._rights().rules.customer, untold, wish)
            self._board.say(self.session, ("wait",))
        else:
            self._announcing.forget_wish()
            await self._advance(wish)

    def _untold_for(self, wish: h.ModeAsked) -> frozenset[str]:
        """Who has to hear the announcement before a mode may be entered; nobody where it may not be anyway."""
        rights = self._rights()
        if not allows(self.session, wish.mode, rights):
            return frozenset()
        return self._parties.notices.missing(rights.rules.customer, wish.mode, self.session.agent.channel)

    def _missing_for(self, wish: Wish) -> Ask | None:
        """What the rule that allows a wish wants to be asked first; what no rule allows is refused without asking."""
        rights = self._rights()
        decision: Decision
        if isinstance(wish, h.ActionAsked):
            decision = rights.actions.get(wish.action, Refused(Refusal.NOT_ALLOWED))
        elif isinstance(wish, h.ModeAsked):
            visibility = admit(wish.mode, self.session.visibility, rights)
            decision = visibility if isinstance(visibility, Refused) else rights.may(wish.mode, visibility)
        else:
            decision = rights.may(self.session.wanted.mode, wish.visibility)
        return self._parties.gate.asks(decision) if isinstance(decision, Allowed) else None

    def _turn_down(self, wish: Wish, ask: Ask, refusal: Refusal) -> None:
        self._refuse(refusal)
        if refusal is Refusal.PIN_WRONG:
            self._entry.begin(wish, ask)

    def _refuse(self, refusal: Refusal) -> None:
        self._board.say(self.session, (refusal.value,))
        self._records.note(Deed.REFUSED, refusal.value)
        self._shown.refuse(self.session, refusal.value)

    async def _advance(self, happening: h.Happening) -> None:
        rights = self._rights_now()
        await self._take(advance(self.session, self._explained(happening), rights), rights)

    async def _take(self, step: Step, rights: Rights) -> None:
        """Become the next session and carry its orders out; what fails happens to the session in turn.

        The house rules are those of the version that allows the session to go on: when another one ends it, the agent
        is told by the rules under which it was.
        """
        before, (self.session, orders) = self.session, step
        self._shown.follow(before, self.session)
        self._company.follow(before, self.session)
        self._stopwatch.follow(before, self.session, self._asked)
        if self.session.stage is not Stage.CLOSED:
            self._rules = rights.rules
        failures = await self._carry_out_all(orders)
        if not failures:
            self._stopwatch.look(self.session, asyncio.get_running_loop().time())
            self._accompany(rights)
        for failure in in_turn(failures):
            self._asked = None
            await self._advance(failure)

    def _explained(self, happening: h.Happening) -> h.Happening:
        """What is lost or fails since nobody is left on the call is the call's end: an ear goes before its channel."""
        ours = (self.session.tap, self.session.coming, self.session.seat)
        # An agent who could not be brought back is alone, and their customer still has the seat.
        failed = isinstance(happening, h.OrderFailed) and not isinstance(happening.order, o.BringBack)
        troubled = failed or (isinstance(happening, h.TapLost) and happening.tap in ours)
        return h.CallEnded() if troubled and self.call is None else happening

    def _rights(self, *, minutes: float | None = None) -> Rights:
        """What the policy allows, if need be after a question."""
        return self._standing.rights(self, self.privacy, minutes=minutes)

    def _rights_now(self, *, minutes: float | None = None) -> Rights:
        """What is allowed without a further question: a PIN that a rule has come to ask for was not typed."""
        return self._rights(minutes=minutes).without(lambda leave: self._parties.gate.asks(leave) is not None)

    # --- what goes on beside the session

    def _accompany(self, rights: Rights) -> None:
        """The tone, the clock, and whoever has come into the call since the announcement."""
        notices, notice = self._parties.notices, self._rules.customer
        notices.follow(self.session, notice, self._tone_told)
        self._holding.follow(self.session)
        if self.session.stage is Stage.CLOSED:
            return
        self._deadline.follow(limits_of(rights))
        newcomers = notices.missing(notice, self.session.wanted.mode, self.session.agent.channel)
        if newcomers:
            self._announcing.begin(notice, newcomers)

    def _tone_told(self, heard: bool) -> None:  # noqa: FBT001 - it says what it is asked
        if heard:
            self._records.note(Deed.NOTICE, "tone")
        else:
            self.put(h.Untold())

    async def _announced(self, announced: Announced) -> None:
        """The wish that has waited is decided about now, or refused; without one it was for somebody new."""
        notices, session = self._parties.notices, self.session
        if not announced.failed:
            self._records.note(Deed.NOTICE, "announcement")
            if announced.wish is not None:
                await self._wish(announced.wish)
        elif announced.wish is not None:
            self._refuse(Refusal.UNTOLD)
        elif notices.missing(self._rules.customer, session.wanted.mode, session.agent.channel):
            await self._advance(h.Untold())

    def _warn_of_time(self, limit: int) -> None:
        if not allows(self.session, self.session.wanted.mode, self._rights_now(minutes=limit)):
            self._board.say(self.session, ("minute-left",), after=True)

    def _time_reached(self) -> None:
        self.put(h.RightsChanged() if allows_something(self.session, self._rights_now()) else h.TimeUp())

    # --- orders

    async def _carry_out_all(self, orders: Iterable[o.Order]) -> list[h.Happening]:
        failures: list[h.Happening] = []
        for order in orders:
            if (not failures or isinstance(order, _CLOSING)) and not keeps_call(order, failures):
                failure = await self._carry_out(order)
                failures += [] if failure is None else [failure]
        return failures

    async def _carry_out(self, order: o.Order) -> h.Happening | None:
        match order:
            case o.Together(several):
                failures = await asyncio.gather(*(self._carry_out(each) for each in several))
                return next((failure for failure in failures if failure is not None), None)
            case o.Write():
                if order.deed is Deed.REFUSED:
                    self._shown.refuse(self.session, order.reason)
                return await self._records.write(order)
            case o.Say(words, after):
                self._board.say(self.session, words, after=after)
            case o.Tell(presence, mode):
                self._tell(presence, mode)
            case _:
                return await self._switch(order)
        return None

    async def _switch(self, order: o.Order) -> h.Happening | None:
        try:
            await self._board.carry_out(self.session, order)
        except OrderFailedError as error:
            self._log.warning("order.failed", order=type(order).__name__, error=str(error))
            return h.OrderFailed(order)
        if isinstance(order, o.Make):
            self._expect(order.tap)
        return None

    def _expect(self, tap: OurId) -> None:
        """Do not wait for ever for a tap that was asked for."""
        timer = asyncio.get_running_loop().call_later(TAP_PATIENCE, self._give_up, tap)
        self._timers = {timer, *(t for t in self._timers if t.when() > asyncio.get_running_loop().time())}

    def _give_up(self, tap: OurId) -> None:
        if tap == self.session.coming or (tap == self.session.seat and not self.session.seated):
            self._log.warning("tap.late", tap=str(tap))
            self.put(h.TapLost(tap))

    def _tell(self, presence: o.Presence, mode: Mode) -> None:
        rules = self._rules
        if o.occasion_of(presence) not in rules.notice_of:
            return
        endpoint = self._board.book.channel(self.session.agent.channel)
        name = self._parties.supervisor.display
        where = endpoint.endpoint if endpoint is not None else self._parties.agent.endpoint
        self._board.tell(self.session, presence, mode, Telling(name, where, rules.notices))
        self._records.note(Deed.NOTICE, presence.value)

    # --- questions

    def _answer(self, asked: Asked) -> None:
        self._board.say(self.session, self._company.answer(asked, self.session))
