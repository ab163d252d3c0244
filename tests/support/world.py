"""A small Asterisk for the session's tests: it carries out orders, can fail at each, and knows who hears whom."""

from collections.abc import Callable
from copy import copy
from enum import StrEnum

from supervise.domain.calls.audioflow import Direction, Flow, Hearing, Tap, hearing
from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import Kind, OurId
from supervise.domain.rights.decisions import Rights
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.conduct import advance, begin, end
from supervise.domain.sessions.failures import in_turn, still_due
from supervise.domain.sessions.guard import Answered, Moment
from supervise.domain.sessions.session import MONITOR, AgentPlace, Ending, Person, Session, Stance
from supervise.domain.sessions.turn import Step
from supervise.domain.words import Mode, Source, Visibility

SUPERVISOR, AGENT, CUSTOMER, SECOND = "supervisor", "agent", "customer", "second agent"
CONSULT = "consult"
"""The agent's second call, by which they ask the supervisor first."""

CALL, ROOM = "call", "room"
HEARD_BY = (frozenset[str](), frozenset({AGENT}), frozenset({AGENT, CUSTOMER}))
"""Who hears a supervisor of each reach."""
REPLACED = AgentPlace.REPLACED


class Outcome(StrEnum):
    """What becomes of an order."""

    DONE = "done"
    FAILED = "failed"
    DONE_BUT_UNTOLD = "done but untold"
    """Asterisk did it, but its answer was lost."""


class World:
    """One session and the Asterisk it lives in."""

    def __init__(self, rights: Rights, outcome: Callable[[o.Order], Outcome] = lambda _: Outcome.DONE) -> None:
        """Begin with a call between agent and customer and a supervisor who has dialled."""
        self.rights = rights
        self.towards: dict[str, Rights] = {}
        self.on: dict[OurId, str] = {}
        self.outcome = outcome
        self.session: Session = new_session()
        self.call = {AGENT, CUSTOMER}
        self.room: set[str] = set()
        self.taps: set[OurId] = set()
        self.unannounced: list[OurId] = []
        self.mic_muted = False
        self.supervisor_there = True
        self.written: list[o.Write] = []
        self.said: list[str] = []
        self.told: list[o.Tell] = []
        self.removed = False
        self.kept = False
        self.calling = ""
        self.abandoned = False
        self.stuck: set[OurId] = set()
        self.opened = 0
        self._heard: tuple[object, Hearing] = (None, {})
        self.let_go: list[str] = []
        self.watch: Callable[[], None] = lambda: None
        self.news: list[h.Happening] = []
        self.answered = Answered()
        self.refused: list[str] = []
        self.transferring = False
        self.news_of_transfer: h.Happening = h.CallEnded()

    # --- driving

    def begin(self) -> None:
        """Open the session."""
        self._run(begin(self.session, self.rights))

    def happen(self, happening: h.Happening) -> None:
        """Let something happen, and everything that it leads to at once."""
        agent = happening.agent if isinstance(happening, h.AgentAsked | h.AgentLeft) else self.session.agent
        self._run(advance(self.session, happening, self.rights_towards(agent.channel)))

    def rights_towards(self, agent: str) -> Rights:
        """The rights towards an agent; they may differ from one to another."""
        return self.towards.get(agent, self.rights)

    def end(self, ending: Ending) -> None:
        """End the session from outside."""
        self._run(end(self.session, ending))

    def announce(self, index: int = 0) -> None:
        """Tell the session of a tap that is there."""
        self.happen(h.TapReady(self.unannounced.pop(index)))

    def settle(self) -> None:
        """Announce whatever is there until nothing more comes."""
        while self.unannounced:
            self.announce()

    def lose(self, tap: OurId) -> None:
        """A tap ends by itself."""
        alone = tap.kind is Kind.SEAT and not self.call & {AGENT, SECOND, SUPERVISOR, self.agent}
        if alone:
            self.call.discard(CUSTOMER)
        self._hang_up(tap)
        self.happen(h.CallEnded() if alone else h.TapLost(tap))

    def leases_run_out(self) -> None:
        """Let Asterisk end what nobody renews: first it puts an agent on hold back, then it ends the seats."""
        if not self.removed:
            self.call.add(self.agent)
        for seat in self.stuck:
            self._hang_up(seat)

    def leave(self, agent: str) -> None:
        """An agent hangs up, and with their channel the ears on it end."""
        self.call.discard(agent)
        for tap in [tap for tap in self.taps if tap.kind is not Kind.SEAT and self.on[tap] == agent]:
            self._hang_up(tap)

    def answer(self) -> None:
        """The agent who is called back answers, and is in the call by another channel than before."""
        channel, self.calling = self.calling, ""
        self.call.add(channel)
        self.removed = False
        self.happen(h.AgentCalledBack(channel))

    def decline(self, *, busy: bool) -> None:
        """The agent who is called back does not answer."""
        channel, self.calling = self.calling, ""
        self.happen(h.AgentUnreached(channel, busy))

    # --- looking

    @property
    def agent(self) -> str:
        """The channel of the agent whom the session is about."""
        return self.session.agent.channel

    def hearers(self, reach: int) -> frozenset[str]:
        """Who is to hear a supervisor of a reach."""
        return (frozenset[str](), frozenset({self.agent}), frozenset(self.call - {SUPERVISOR}))[reach]

    def flow(self) -> Flow:
        """Asterisk as it is now."""
        seats = [tap for tap in self.taps if tap.kind is Kind.SEAT and CUSTOMER in self.call]
        ears = {str(t): t for t in self.taps if t.kind is not Kind.SEAT}
        return Flow(
            bridges={CALL: frozenset(self.call | {str(seat.far) for seat in seats}), ROOM: frozenset(self.room)},
            halves={str(s): str(s.far) for s in seats} | {str(s.far): str(s) for s in seats},
            taps={name: Tap(self.on[ear], _spy(ear), _whisper(ear)) for name, ear in ears.items()},
            muted=frozenset({SUPERVISOR}) if self.mic_muted else frozenset(),
        )

    def hears(self, listener: str) -> frozenset[str]:
        """Whose voices a phone hears."""
        return self._hearing().get(listener, frozenset())

    def heard_by(self) -> frozenset[str]:
        """Who hears the supervisor."""
        return frozenset(listener for listener, voices in self._hearing().items() if SUPERVISOR in voices)

    def _hearing(self) -> Hearing:
        """Who hears whom; asked a dozen times between two changes, and computed once."""
        now = self.call.copy(), self.room.copy(), self.taps.copy(), self.on.copy(), self.mic_muted
        if now != self._heard[0]:
            self._heard = now, hearing(self.flow())
        return self._heard[1]

    def book(self) -> CallBook:
        """Everything as the product's call book has it."""
        book = CallBook()
        people = self.call | (self.room & {CONSULT}) | {SUPERVISOR} | (set[str]() if self.removed else {self.agent})
        for number, name in enumerate(sorted(people)):
            book.see(Channel(name, f"PJSIP/{number}-00000000", up=True))
        for tap in self.taps:
            seat = tap.kind is Kind.SEAT
            book.see(Channel(str(tap), f"Local/seat-{tap.turn};1" if seat else f"Snoop/{self.on[tap]}-00000000"))
            if seat:
                book.see(Channel(str(tap.far), f"Local/seat-{tap.turn};2"))
        flow = self.flow()
        for bridge, name in ((CALL, CALL), (ROOM, str(self.session.room))):
            for member in flow.bridges[bridge]:
                book.entered(name, member)
        return book

    def spoils(self, order: o.Order) -> str:
        """Which promise an order breaks that is whole before it, found by carrying it out in a twin of this world."""
        twin = copy(self)
        twin.call, twin.room, twin.taps = set(self.call), set(self.room), set(self.taps)
        twin.on, twin.news, twin.unannounced = dict(self.on), [], []
        before = twin._broken()
        if isinstance(order, o.TakeOver | o.Receive):  # the supervisor's own call, which nobody else is to bring about
            own = self.session.handed if isinstance(order, o.Receive) else self.session.agent_place is REPLACED
            return "" if own else "a call becomes the supervisor's own"
        twin._do(order)
        return ", ".join(sorted(twin._broken() - before))

    def _broken(self) -> set[str]:
        """What nobody may ever hear, whatever is going on."""
        alone = {CONSULT} if self.session.consulting else set[str]()
        may_hear = alone if CONSULT in self.room else self.hearers(self.session.wanted.reach)
        leaks = {f"{phone} hears the supervisor" for phone in self.heard_by() - may_hear}
        heard = self.hears(SUPERVISOR) - (alone if self.session.suspended else self.call)
        echo = {f"{phone} hears themselves" for phone in (AGENT, SECOND, CUSTOMER) if phone in self.hears(phone)}
        two = {"two in the room"} if len(self.room - {SUPERVISOR}) > 1 else set[str]()
        return leaks | echo | two | {f"the supervisor hears {voice}" for voice in heard} | self._left_alone()

    def _left_alone(self) -> set[str]:
        """A customer without an agent, whom the supervisor could not speak to either."""
        there_too = self.call & {AGENT, SECOND, SUPERVISOR, self.agent}
        with_somebody = there_too or self.removed or CUSTOMER not in self.call
        seats = {str(tap) for tap in self.taps if tap.kind is Kind.SEAT}
        there = seats & self.room if self.session.wanted.mode is not Mode.MONITOR else seats
        return set() if with_somebody or there else {"the customer is alone"}

    def why_not(self, order: o.Order) -> str:
        """What the product's guard says of an order."""
        return Moment(self.session, self.book(), self.answered).why_not(order)

    # --- carrying out

    def _run(self, step: Step) -> None:
        self.session, orders = step
        failures: list[h.Happening] = []
        for order in orders:
            if not still_due(order, failures):
                self.stuck |= {order.tap} if isinstance(order, o.HangUp) else set()
                continue
            failure = self._carry_out(order)
            failures += [] if failure is None else [failure]
            # A microphone that could not be closed is open until what follows has parted the room from the call.
            if h.OrderFailed(o.CloseMic()) not in failures:
                self.watch()
        self.watch()
        for failed in in_turn(failures):
            self.happen(failed)
        while self.news:
            self.happen(self.news.pop())

    def _carry_out(self, order: o.Order) -> h.Happening | None:
        if isinstance(order, o.Together):
            failures = [self._carry_out(each) for each in order.orders]
            return next((failure for failure in failures if failure is not None), None)
        outcome = self.outcome(order)
        if isinstance(order, o.Write):
            return self._write(order, outcome)
        why = self.why_not(order)
        if why:
            self.refused.append(f"{order}: {why}")
            return h.OrderFailed(order)
        self.answered = self.answered.asked(order)
        if self.transferring and self.agent in self.call and isinstance(order, o.HoldAgent | o.RemoveAgent):
            return self._transfer()
        if outcome is not Outcome.FAILED:
            self._do(order)
        if outcome is Outcome.DONE:
            self.answered = self.answered.done(order)
        return None if outcome is Outcome.DONE or isinstance(order, o.Say | o.Tell) else h.OrderFailed(order)

    def _transfer(self) -> h.Happening:
        """The agent has transferred the call before they were moved: Asterisk ends the seats, and news of it comes."""
        self.transferring = False
        self.leave(self.agent)
        self.removed = True
        for seat in [tap for tap in self.taps if tap.kind is Kind.SEAT]:
            self._hang_up(seat)
        self.news.append(self.news_of_transfer)
        return h.Overtaken()

    def _write(self, order: o.Write, outcome: Outcome) -> h.Happening | None:
        if outcome is Outcome.DONE:
            self.written.append(order)
        return h.RecordFailed(order) if order.must and outcome is not Outcome.DONE else None

    def _do(self, order: o.Order) -> None:
        match order:
            case o.MakeRoom():
                self.room.add(SUPERVISOR)
                self.mic_muted = True
            case o.OpenMic() | o.CloseMic():
                self.mic_muted = isinstance(order, o.CloseMic)
            case o.Finish():
                self.room.clear()
                self.supervisor_there = order.keep
            case o.Say(words):
                self.said.extend(words)
            case o.Tell():
                self.told.append(order)
            case o.HoldAgent() | o.BringBack() | o.RemoveAgent() | o.TakeOver():
                self._move_agent(order)
            case o.Make() | o.PutIn() | o.TakeOut() | o.HangUp():
                self._move(order)
            case _:
                self._hand_over(order)

    def _hand_over(self, order: o.Order) -> None:
        match order:
            case o.TakeIn(channel):
                self.room.add(channel)
            case o.LetGo(channel) | o.EndConsult(channel):
                self.let_go.append(channel)
                self.room.discard(channel)
            case o.CallBack(_, channel):
                self.calling = channel
            case o.StopCalling(channel):
                assert self.calling in ("", channel), "who could not be rung does not ring"
                self.calling = ""
            case o.Receive():
                self.room.discard(SUPERVISOR)
                self.call |= {SUPERVISOR, CUSTOMER}
                self.kept = True
            case _:
                pass

    def _move_agent(self, order: o.HoldAgent | o.BringBack | o.RemoveAgent | o.TakeOver) -> None:
        """Move the agent; one who is out for good comes back by nobody, and is found to have gone."""
        if isinstance(order, o.BringBack):
            self.call |= set[str]() if self.removed else {self.agent}
            self.news += [h.AgentGone()] if self.removed else []
        elif isinstance(order, o.TakeOver):
            self.room.discard(SUPERVISOR)
            self.call.add(SUPERVISOR)
            self.kept = True
        else:
            self.call.discard(self.agent)
            self.removed = self.removed or not isinstance(order, o.HoldAgent)

    def _move(self, order: o.Make | o.PutIn | o.TakeOut | o.HangUp) -> None:
        tap = order.tap
        match order:
            case o.Make():
                self.taps.add(tap)
                self.on[tap] = order.on
                self.unannounced.append(tap)
                self.opened += 1
            case o.PutIn() if tap in self.taps:
                self.room.add(str(tap))
            case o.TakeOut():
                self.room.discard(str(tap))
            case o.HangUp():
                self._hang_up(tap)

    def _hang_up(self, tap: OurId) -> None:
        left = self.call | ({"a seat"} if tap.kind is not Kind.SEAT else set())
        if tap in self.taps and left == {CUSTOMER} and not self.removed:
            self.abandoned = True
        self.taps.discard(tap)
        self.room.discard(str(tap))


def new_session(wanted: Stance = MONITOR, visibility: Visibility = Visibility.VISIBLE) -> Session:
    """Build a session that has been decided about and not begun."""
    return Session(
        id="0" * 32,
        node="pbx",
        supervisor=Person("hilda", SUPERVISOR),
        agent=Person("anna", AGENT),
        call="call",
        number="101",
        source=Source.PHONE,
        stance=MONITOR,
        wanted=wanted,
        visibility=visibility,
    )


def _spy(ear: OurId) -> Direction:
    return Direction.IN if ear.kind in (Kind.QUIET_EAR, Kind.QUIET_COACH_EAR) else Direction.BOTH


def _whisper(ear: OurId) -> Direction:
    return Direction.OUT if ear.kind in (Kind.COACH_EAR, Kind.QUIET_COACH_EAR) else Direction.NONE
