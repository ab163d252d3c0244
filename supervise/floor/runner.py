"""Running one session: happenings in, orders carried out, records written, words said."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from supervise.domain import happenings as h
from supervise.domain import orders as o
from supervise.domain.admission import admit
from supervise.domain.calls import Call
from supervise.domain.conduct import Step, advance, begin, end
from supervise.domain.decisions import Allowed, Occasion, Refusal, Refused, Rights
from supervise.domain.keypad import Question as Asked
from supervise.domain.naming import OurId
from supervise.domain.people import Person as Somebody
from supervise.domain.ports import OrderFailedError, Switchboard, Telling, UnrecordedError
from supervise.domain.reception import facts_of
from supervise.domain.records import Deed, Record
from supervise.domain.rules import Question
from supervise.domain.session import Ending, Session, Stage
from supervise.domain.speech import who_hears, who_is_on
from supervise.domain.truth import hearers
from supervise.domain.words import Mode
from supervise.floor.entry import Answered, Entry, Wish
from supervise.floor.gate import Ask, Gate
from supervise.floor.house import House
from supervise.floor.usage import UsageCounter

TAP_PATIENCE = 1.0
"""Seconds until an ear or a seat is there; they take 3 to 45 ms."""

MOST_WAITING = 64
"""A line with so much waiting is being flooded."""

Item = h.Happening | Asked | Answered
"""What a session takes, one after the other."""

_CLOSING = (o.CloseMic, o.TakeOut, o.HangUp, o.Finish, o.Say, o.Tell, o.Write)
"""What is carried out even when something before it failed: it takes rights away, or only tells."""

_OCCASIONS = {
    o.Presence.ENTERED: Occasion.ENTER,
    o.Presence.CHANGED: Occasion.MODE,
    o.Presence.HID: Occasion.VISIBILITY,
    o.Presence.LEFT: Occasion.LEAVE,
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Parties:
    """Who a session is about, as it was decided.

    Attributes:
        supervisor, agent: people of the policy.
        others: the channels of the call's other parties when the session began.
        question: what was asked of the policy.
        gate: what the supervisor has been asked for.
    """

    supervisor: Somebody
    agent: Somebody
    others: frozenset[str]
    question: Question
    gate: Gate


class Runner:
    """One session from its opening to its end."""

    def __init__(
        self, house: House, board: Switchboard, usage: UsageCounter, session: Session, parties: Parties
    ) -> None:
        """Run `session`, which has been decided about; nothing happens before `run`."""
        self.session = session
        self._house = house
        self._board = board
        self._usage = usage
        self._parties = parties
        self._waiting: asyncio.Queue[Item] = asyncio.Queue()
        self._entry = Entry(parties.gate, parties.supervisor, self.put)
        self._timers: set[asyncio.TimerHandle] = set()
        self._began = asyncio.get_running_loop().time()
        self._received: Mapping[str, int] = {}
        self._stalled = False
        self._log = log.bind(session=session.id, node=session.node)

    # --- what comes in; none of these waits

    def put(self, item: Item) -> None:
        """Take something in."""
        self._waiting.put_nowait(item)

    def press(self, digit: str) -> None:
        """Take a key. While a line is being flooded with keys further ones are dropped; news never is."""
        if not self._entry.take(digit) and self._waiting.qsize() < MOST_WAITING:
            self.put(self._house.keypad.pressed(digit))

    def check_call(self) -> None:
        """Look at the call again, since something moved around it."""
        happening = self._moved()
        if happening is not None:
            self.put(happening)

    def _moved(self) -> h.Happening | None:
        agent, call = self.session.agent.channel, self.call
        if self._board.book.channel(agent) is None:
            return h.CallEnded()
        if call is None:
            # Between two bridges for a moment, or alone: the floor looks again when the moment is over.
            return None
        others = {party.id for party in call.others(agent)}
        return h.RightsChanged() if others & self._parties.others else h.CallChanged()

    def check_alone(self) -> None:
        """The moment is over: an agent who is still alone is in no call any more."""
        if self.call is None:
            self.put(h.CallEnded())

    async def look_at_carrier(self) -> None:
        """See whether anything is being sent to the agent: a coach is heard only along with it (22.10.1)."""
        call = self.call
        if min(self.session.stance.reach, self.session.wanted.reach) != 1 or call is None or call.on_hold:
            self._received, self._stalled = {}, False
            return
        before, self._received = self._received, await self._count_received(call)
        known = before.keys() & self._received.keys()
        stalled = bool(known) and all(before[channel] == self._received[channel] for channel in known)
        if known and stalled is not self._stalled:
            self._stalled = stalled
            self.put(h.Stalled(stalled))

    async def _count_received(self, call: Call) -> Mapping[str, int]:
        try:
            return await self._board.received([party.id for party in call.others(self.session.agent.channel)])
        except OrderFailedError as error:
            self._log.warning("carrier.unknown", error=str(error))
            return {}

    @property
    def call(self) -> Call | None:
        """The call that the agent's channel is in now."""
        return self._board.book.call_of(self.session.agent.channel)

    # --- the loop

    async def run(self, rights: Rights) -> None:
        """Open the session and go on until it is closed."""
        try:
            await self._take(begin(self.session, rights))
            while self.session.stage is not Stage.CLOSED:
                await self._handle(await self._waiting.get())
        finally:
            self._entry.cancel()
            for timer in self._timers:
                timer.cancel()

    async def stop(self, ending: Ending) -> None:
        """End the session from outside; `run` must not be going on any more."""
        await self._take(end(self.session, ending))

    async def _handle(self, item: Item) -> None:
        match item:
            case Asked():
                self._answer(item)
            case Answered(wish, ask, refusal) if refusal is not None:
                self._turn_down(wish, ask, refusal)
            case Answered(wish):
                await self._handle(wish)
            case h.ModeAsked() | h.VisibilityAsked() if (missing := self._missing_for(item)) is not None:
                self._entry.begin(item, missing)
                self._board.say(self.session, (missing.value,))
            case _:
                await self._take(advance(self.session, self._explained(item), self._rights()))

    def _missing_for(self, wish: Wish) -> Ask | None:
        """What the rule that allows a wish wants to be asked first; what no rule allows is refused without asking."""
        rights = self._rights()
        if isinstance(wish, h.ModeAsked):
            visibility = admit(wish.mode, self.session.visibility, rights)
            decision = visibility if isinstance(visibility, Refused) else rights.may(wish.mode, visibility)
        else:
            decision = rights.may(self.session.wanted.mode, wish.visibility)
        return self._parties.gate.asks(decision) if isinstance(decision, Allowed) else None

    def _turn_down(self, wish: Wish, ask: Ask, refusal: Refusal) -> None:
        self._board.say(self.session, (refusal.value,))
        self._house.journal.note(replace(self._record_base(Deed.REFUSED), reason=refusal.value))
        if refusal is Refusal.PIN_WRONG:
            self._entry.begin(wish, ask)

    async def _take(self, step: Step) -> None:
        """Become the next session and carry its orders out; what fails happens to the session in turn."""
        self.session, orders = step
        failure = await self._carry_out_all(orders)
        if failure is not None:
            await self._take(advance(self.session, self._explained(failure), self._rights()))

    def _explained(self, happening: h.Happening) -> h.Happening:
        """What is lost or fails because nobody is left on the call is the call's end: an ear goes before its channel."""
        troubled = isinstance(happening, h.TapLost | h.OrderFailed)
        return h.CallEnded() if troubled and self.call is None else happening

    def _rights(self) -> Rights:
        """What may be done now: the policy of now, about the call of now."""
        agent, call = self.session.agent.channel, self.call
        minutes = (asyncio.get_running_loop().time() - self._began) / 60
        base = replace(self._parties.question.usage, minutes=minutes)
        facts = self._parties.question.call if call is None else facts_of(call, agent)
        usage = self._usage.now(self.session.supervisor.name, self.session.call, base, apart_from=self.session.id)
        question = replace(self._parties.question, at=self._house.now(), call=facts, usage=usage)
        return self._house.source.policy.rights(question)

    # --- orders

    async def _carry_out_all(self, orders: Iterable[o.Order]) -> h.Happening | None:
        failure: h.Happening | None = None
        for order in orders:
            if failure is None or isinstance(order, _CLOSING):
                failure = await self._carry_out(order) or failure
        return failure

    async def _carry_out(self, order: o.Order) -> h.Happening | None:
        match order:
            case o.Together(several):
                failures = await asyncio.gather(*(self._carry_out(each) for each in several))
                return next((failure for failure in failures if failure is not None), None)
            case o.Write():
                return await self._write(order)
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
        rules = self._house.source.policy.house.session
        if _OCCASIONS[presence] not in rules.notice_of:
            return
        endpoint = self._board.book.channel(self.session.agent.channel)
        name = self._parties.supervisor.display
        where = endpoint.endpoint if endpoint is not None else self._parties.agent.endpoint
        self._board.tell(self.session, presence, mode, Telling(name, where, rules.notices))
        self._house.journal.note(replace(self._record_base(Deed.NOTICE), reason=presence.value))

    # --- records

    async def _write(self, order: o.Write) -> h.Happening | None:
        record = self._record(order)
        self._log.info(order.deed.value, mode=order.mode, muted=order.muted, reason=order.reason)
        if not order.must:
            self._house.journal.note(record)
            return None
        try:
            await self._house.journal.write(record)
        except UnrecordedError as error:
            self._log.error("journal.failed", deed=order.deed, error=str(error))
            return h.RecordFailed(order)
        return None

    def _record(self, order: o.Write) -> Record:
        return replace(
            self._record_base(order.deed),
            mode=order.mode,
            muted=order.muted,
            visibility=order.visibility,
            rule=order.rule or self._rule(order),
            reason=order.reason,
        )

    def _record_base(self, deed: Deed) -> Record:
        session, policy = self.session, self._house.source.policy
        return Record(
            deed,
            at=self._house.now(),
            node=session.node,
            session=session.id,
            supervisor=session.supervisor.name,
            agent=session.agent.name,
            call=session.call,
            number=policy.number_for_journal(session.number),
            mode=session.wanted.mode,
            muted=session.wanted.muted,
            visibility=session.visibility,
            source=session.source,
            policy=policy.hash,
            reason_code=self._parties.gate.reason,
            elapsed=timedelta(seconds=asyncio.get_running_loop().time() - self._began),
        )

    def _rule(self, order: o.Write) -> str:
        decision: Allowed | Refused = self._rights().may(order.mode, order.visibility)
        return decision.rule or ""

    # --- questions

    def _answer(self, asked: Asked) -> None:
        match asked:
            case Asked.WHO_IS_ON if self.call is not None:
                words = who_is_on(self.call, self._house.source.policy, self.session.supervisor.name)
            case Asked.WHO_HEARS_ME:
                words = who_hears(hearers(self.session, self._board.book), self.session.agent.channel)
            case _:
                words = ("help",)
        self._board.say(self.session, words)
