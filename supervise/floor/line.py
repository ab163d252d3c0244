"""One supervisor's line, from the feature code to the hang-up: one task that takes one thing after another."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

import structlog

from supervise.domain.ports import OrderFailedError, Switchboard, UnrecordedError
from supervise.domain.reception import LEAVE_KEY
from supervise.domain.rights.admission import following
from supervise.domain.rights.decisions import Follow, Refusal, Refused
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions.handing import Sent
from supervise.domain.sessions.offering import Offer
from supervise.domain.sessions.session import MONITOR, AgentPlace, Ending, Person, Session, Stance
from supervise.domain.words import Mode
from supervise.floor.arriving.attempt import Attempt
from supervise.floor.arriving.deciding import Admitted, TurnedAway
from supervise.floor.arriving.dialogue import HungUpError
from supervise.floor.arriving.reception import Reception
from supervise.floor.arriving.waiting import Next, OverError
from supervise.floor.house import Arrival, House
from supervise.floor.running.own import OwnCall
from supervise.floor.running.parties import Parties
from supervise.floor.running.runner import Runner
from supervise.floor.usage import UsageCounter

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Ran:
    """What is known after a session of its call: the other parties, and the agent's extension and phone."""

    others: frozenset[str]
    extension: str
    endpoint: str


class Line:
    """A supervisor's phone that has dialled a feature code, and the session that came of it.

    Attributes:
        board: where the phone is.
        runner: the session, once there is one.
        gone: the phone has hung up; Asterisk says so more than once.
    """

    def __init__(self, house: House, board: Switchboard, usage: UsageCounter, arrival: Arrival) -> None:
        """Serve `arrival` on `board`; nothing happens before `serve`."""
        self.board = board
        self.runner: Runner | None = None
        self.gone = False
        self._house = house
        self._usage = usage
        self._attempt = Attempt(house, board.node, arrival)
        self._reception = Reception(house, board, usage, self._attempt)
        self._ran: _Ran | None = None
        self._own: OwnCall | None = None
        self._follow: Follow | None = None

    @property
    def arrival(self) -> Arrival:
        """The phone, and what it dialled; after a session with the id of the next one."""
        return self._attempt.arrival

    @property
    def session(self) -> Session | None:
        """The session, once there is one."""
        return None if self.runner is None else self.runner.session

    @property
    def own(self) -> OwnCall | None:
        """The call that its supervisor has taken over, while it is theirs."""
        return self._own

    @property
    def waits_for(self) -> Next | None:
        """Whose next call its supervisor waits for, while they do."""
        return self._reception.waits_for

    # --- what comes in; none of these waits

    def press(self, digit: str) -> None:
        """Take a key."""
        (self._own or self.runner or self._reception).press(digit)

    def stop_waiting(self) -> None:
        """The supervisor does not want the next call any more."""
        self._reception.press(LEAVE_KEY)

    def consult_gone(self, channel: str) -> None:
        """A channel has ended; the agent may be calling by it, or over it, to hand the call over."""
        session = self.session
        if session is None or not session.consult:
            return
        if channel == (session.consult if session.over is None else str(session.over)):
            self.put(h.ConsultEnded(session.consult))

    def takes(self, sent: Sent) -> bool:
        """Take a call to a supervisor's extension, if it is this session's own, handed over."""
        owner = self._house.source.policy.person_by_extension(sent.extension)
        theirs = self.session is not None and owner is not None and owner.name == self.session.supervisor.name
        return theirs and self.runner is not None and self.runner.handover.take(sent)

    def offered_to(self, endpoint: str) -> Offer | None:
        """As whom the supervisor is offered to an agent, by their phone; None if they are not."""
        if self.runner is None or not self.runner.handover.is_offered_to(endpoint):
            return None
        supervisor = self._house.source.policy.person(self.runner.session.supervisor.name)
        named = supervisor is not None and supervisor.extension
        return Offer(named, self.runner.agents.phone.name) if named else None

    def moved(self, channels: Collection[str]) -> None:
        """Somebody came or went around these channels."""
        if self.runner is None:
            self._reception.moved(channels)

    def put(self, happening: h.Happening) -> None:
        """Take news; before the session there is nothing that it could be about."""
        if self.runner is not None:
            self.runner.put(happening)

    @property
    def leased(self) -> tuple[str, ...]:
        """The channels whose lease is to be renewed; before the session, saying something sees to that."""
        session = self.session
        if session is None:
            return ()
        held = (session.agent.channel,) if session.agent_place is AgentPlace.ON_HOLD else ()
        over = "" if session.over is None else str(session.over)
        consult = (over or session.consult,) if session.consult else ()
        return (self.arrival.channel, *map(str, session.present), *held, *consult)

    # --- the task

    async def serve(self) -> None:
        """Receive the supervisor, and run their session to its end, and further ones as long as they follow."""
        try:
            outcome = await self._receive()
            while outcome is not None:
                await self._run(outcome)
                outcome = await self._go_on()
        except HungUpError:
            self._attempt.given_up(Ending.LEFT.value)
            await self.board.dismiss(self.arrival.channel, ("goodbye",))
        except OverError:
            await self.board.dismiss(self.arrival.channel, (Ending.CALL_ENDED.value,))
        except (OrderFailedError, UnrecordedError) as error:
            log.warning("reception.failed", node=self.board.node, endpoint=self.arrival.endpoint, error=str(error))
            await self._turn_away(TurnedAway(Refused(_why(error)), self._attempt.supervisor, self._attempt.agent))
        except asyncio.CancelledError:
            if self.board.book.channel(self.arrival.channel) is None:
                self._attempt.given_up(Ending.SUPERVISOR_GONE.value)
            raise

    async def _receive(self) -> Admitted | None:
        """Who is turned away may be let wait, and is told why otherwise."""
        outcome = await self._reception.receive()
        if isinstance(outcome, Admitted):
            return outcome
        if not self.arrival.wait:
            self._attempt.refused(outcome)
        if outcome.refused.reason is Refusal.NOT_ON_A_CALL:
            admitted = await self._reception.offer_to_wait(outcome)
            if admitted is not None:
                return admitted
        if self.arrival.wait:
            self._attempt.refused(outcome)
        await self._say_why(outcome)
        return None

    async def _run(self, admitted: Admitted) -> None:
        target, reception = admitted.target, self._reception
        parties = Parties(
            admitted.supervisor,
            target.agent,
            frozenset(party.id for party in target.call.others(target.channel.id)),
            admitted.question,
            self._attempt.gate,
            reception.notices,
            reception.asked,
        )
        self._attempt.settled()
        self.runner = Runner(self._house, self.board, self._usage, self._session(admitted), parties)
        await self.runner.run(admitted.rights)
        self._ran = self._what_ran(self.runner)

    def _what_ran(self, runner: Runner) -> _Ran:
        """Of the agent whom the session was about in the end."""
        agent = self._house.source.policy.person(runner.session.agent.name)
        return _Ran(runner.agents.others, "" if agent is None else agent.extension, runner.agents.phone.endpoint)

    # --- after a session

    async def _go_on(self) -> Admitted | None:
        """What comes after a session: nothing, a call of one's own, or another session."""
        session, ran = self.session, self._ran
        if session is None or ran is None or not session.goes_on:
            return None
        if session.ending is not None and session.ending.own:
            self._own = OwnCall(self._house, self.board, session, ran.endpoint)
            self.runner = None
            await self._own.serve()
            return None
        self.runner = None
        self._begin_anew()
        customers = ran.others if session.follow is Follow.CUSTOMER else frozenset()
        words = (session.ending.value,) if session.ending else ()
        follow = session.follow
        upcoming = Next(session.supervisor.name, ran.extension, self._house.now(), customers)
        admitted = await self._reception.wait(upcoming, words)
        self._follow = follow
        return admitted

    def _begin_anew(self) -> None:
        """A session has one call: the next one has an id, an opening and a closing of its own."""
        self._attempt = self._attempt.anew()
        self._reception = Reception(self._house, self.board, self._usage, self._attempt)

    def _session(self, admitted: Admitted) -> Session:
        muted = admitted.mode is Mode.MONITOR or admitted.rights.rules.start_muted
        return Session(
            id=self.arrival.session,
            node=self.board.node,
            supervisor=Person(admitted.supervisor.name, self.arrival.channel),
            agent=Person(admitted.target.agent.name, admitted.target.channel.id),
            call=admitted.target.call.id,
            number=admitted.target.number,
            source=self.arrival.source,
            stance=MONITOR,
            wanted=Stance(admitted.mode, muted=muted),
            visibility=admitted.visibility,
            follow=self._follow or following(admitted.rights),
        )

    async def _turn_away(self, turned: TurnedAway) -> None:
        """Write it down and say why. A refusal is no right: it is spoken even if it cannot be written."""
        self._attempt.refused(turned)
        await self._say_why(turned)

    async def _say_why(self, turned: TurnedAway) -> None:
        try:
            await self.board.answer(self.arrival.channel)
        except OrderFailedError as error:
            log.info("refused.unheard", node=self.board.node, error=str(error))
        await self.board.dismiss(self.arrival.channel, (turned.refused.reason.value,))

    async def stop(self, ending: Ending) -> None:
        """End the line from outside; `serve` must not be going on any more."""
        if self._own is not None:
            return
        if self.runner is not None:
            await self.runner.stop(ending)
        else:
            self._attempt.given_up(ending.value)
            await self.board.dismiss(self.arrival.channel, (ending.value,))


def _why(error: OrderFailedError | UnrecordedError) -> Refusal:
    return Refusal.UNRECORDED if isinstance(error, UnrecordedError) else Refusal.FAILED
