"""The floor for whoever clicks instead of dialling: begin a session, wish for something in it, look at it.

A session that is begun here rings the supervisor's own phone. When they pick up, it arrives at the same line as one
that has dialled, is decided about by the same policy, and goes on in the same way.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from supervise.domain.board.board import Watched
from supervise.domain.calls.calls import Channel
from supervise.domain.calls.naming import rung_id
from supervise.domain.keypad import Dialled
from supervise.domain.ports import OrderFailedError, Switchboard, UnrecordedError
from supervise.domain.reception import targets_of
from supervise.domain.records import Deed, Record
from supervise.domain.rights.decisions import Action, Refusal, Refused
from supervise.domain.rights.people import Person
from supervise.domain.sessions.session import Stage
from supervise.domain.words import Mode, Source, Visibility
from supervise.floor.arriving.deciding import Admitted, Decider, TurnedAway
from supervise.floor.house import Arrival, House
from supervise.floor.lines import Lines
from supervise.floor.running.shown import Wished
from supervise.floor.usage import Counted, UsageCounter

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Invitation:
    """What somebody has clicked.

    Attributes:
        supervisor: their name in the policy.
        agent: whom they want to supervise, by name.
        mode: how to begin.
        visibility: how to begin; None leaves it to the house.
        call: the call that was shown; empty for the one that the agent talks in.
        phone: which of their phones, as an endpoint; empty for the main one.
        reason: a reason code.
        wait: where the agent is on no call, wait for their next one.
    """

    supervisor: str
    agent: str
    mode: Mode
    source: Source
    visibility: Visibility | None = None
    call: str = ""
    phone: str = ""
    reason: str = ""
    wait: bool = False


@dataclass(frozen=True, slots=True)
class Ringing:
    """A phone that rings for a session to come."""

    invitation: Invitation
    arrival: Arrival
    node: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody on the phone who waits for an agent's next call.

    Attributes:
        session: the id of the session that may come of it.
        supervisor, agent: their names in the policy.
        source: where it was begun.
        since: when they began to wait.
    """

    session: str
    node: str
    supervisor: str
    agent: str
    source: Source
    since: datetime


class Desk:
    """Used by the board and the API; all its answers are those of this very moment.

    Attributes:
        moved: told of the supervisor whose phone has begun or ended to ring for a session; it must not wait.
        blind: whether a node cannot be seen.
    """

    def __init__(
        self,
        house: House,
        boards: Mapping[str, Switchboard],
        usage: UsageCounter,
        lines: Lines,
    ) -> None:
        """Nobody has clicked yet."""
        self._house = house
        self._boards = boards
        self._usage = usage
        self._lines = lines
        self._ringing: dict[str, Ringing] = {}
        self.moved: Callable[[str], None] = lambda _: None
        self.blind: Callable[[str], bool] = lambda _: False

    # --- beginning

    async def begin(self, invitation: Invitation) -> Ringing | TurnedAway:
        """Decide, and ring the supervisor's phone; it is decided about once more when they pick up.

        Raises:
            UnrecordedError: the journal could not be asked.
        """
        policy = self._house.source.policy
        supervisor, agent = policy.person(invitation.supervisor), policy.person(invitation.agent)
        if supervisor is None:
            return self._turned(invitation, Refused(Refusal.UNKNOWN_SUPERVISOR))
        phone = invitation.phone or supervisor.endpoint
        if agent is None or not agent.extension:
            return self._turned(invitation, Refused(Refusal.NO_SUCH_AGENT))
        if not phone or phone not in supervisor.endpoints or self._rings(supervisor.name):
            return self._turned(invitation, Refused(Refusal.BUSY if phone else Refusal.UNKNOWN_SUPERVISOR))
        board = self._board_of(agent, invitation.call)
        if board is None or self.blind(board.node):
            return self._turned(invitation, Refused(Refusal.BLIND))
        return await self._ring(invitation, board, self._arrival(invitation, phone, agent))

    def _arrival(self, invitation: Invitation, phone: str, agent: Person) -> Arrival:
        session = self._house.new_session_id()
        return Arrival(
            rung_id(session),
            phone,
            self._house.keypad.code(Dialled(invitation.mode, agent.extension)),
            session,
            source=invitation.source,
            visibility=invitation.visibility,
            call=invitation.call,
            reason=invitation.reason,
            wait=invitation.wait,
        )

    async def _ring(self, invitation: Invitation, board: Switchboard, arrival: Arrival) -> Ringing | TurnedAway:
        """Two clicks at once are one ringing phone: it counts as ringing from before anything is asked."""
        ringing = Ringing(invitation, arrival, board.node, self._house.now())
        self._ringing[arrival.channel] = ringing
        self.moved(invitation.supervisor)
        try:
            dialled = self._house.keypad.dialled(arrival.digits)
            decider = Decider(self._house, board, self._usage, arrival)
            outcome = await decider.decide(dialled) if dialled else None
            if not isinstance(outcome, Admitted) and not _may_wait(invitation, outcome, decider):
                refused = Refused(Refusal.NO_SUCH_AGENT) if outcome is None else outcome.refused
                return self._turned(invitation, refused, arrival.channel)
            await board.ring(arrival.channel, arrival.endpoint, arrival.digits)
        except OrderFailedError as error:
            log.warning("ring.failed", node=board.node, endpoint=arrival.endpoint, error=str(error))
            return self._turned(invitation, Refused(Refusal.FAILED), arrival.channel)
        except (UnrecordedError, asyncio.CancelledError):
            self._forget(arrival.channel)
            raise
        return ringing

    def _board_of(self, agent: Person, call: str) -> Switchboard | None:
        """The node that has the agent's call, that call if one is named; any, if they are in none."""
        for board in self._boards.values():
            if any(call in ("", target.call.id) for target in targets_of(agent, board.book)):
                return board
        return next(iter(self._boards.values()), None)

    def _rings(self, supervisor: str) -> bool:
        return any(ringing.invitation.supervisor == supervisor for ringing in self._ringing.values())

    def _turned(self, invitation: Invitation, refused: Refused, channel: str = "") -> TurnedAway:
        """Refused, and written down."""
        self._forget(channel)
        log.info("refused", supervisor=invitation.supervisor, reason=refused.reason)
        self._house.journal.note(
            Record(
                Deed.REFUSED,
                at=self._house.now(),
                supervisor=invitation.supervisor,
                agent=invitation.agent,
                mode=invitation.mode,
                source=invitation.source,
                rule=refused.rule or "",
                policy=self._house.source.policy.hash,
                reason=refused.reason.value,
            )
        )
        return TurnedAway(refused, invitation.supervisor, invitation.agent)

    async def counted(self, agent: str) -> Counted:
        """What the journal has of an agent's day and month, where a limit asks.

        Raises:
            UnrecordedError: the journal could not be asked.
        """
        return await self._usage.counted(agent)

    # --- what becomes of a phone that rings

    def arrival(self, channel: Channel) -> Arrival | None:
        """Somebody has picked up: what their phone was rung for, if it is the phone that was meant."""
        ringing = self._forget(channel.id)
        if ringing is None or ringing.arrival.endpoint != channel.endpoint:
            return None
        return ringing.arrival

    def gone(self, channel: str) -> None:
        """A phone rings no more."""
        if self._forget(channel) is not None:
            log.info("ring.unanswered", channel=channel)

    def _forget(self, channel: str) -> Ringing | None:
        ringing = self._ringing.pop(channel, None)
        if ringing is not None:
            self.moved(ringing.invitation.supervisor)
        return ringing

    def ringing(self) -> Iterator[Ringing]:
        """The phones that ring now."""
        return iter(tuple(self._ringing.values()))

    def waiting(self) -> Iterator[Waiting]:
        """Who waits for a call now."""
        policy = self._house.source.policy
        for line in self._lines:
            upcoming, arrival = line.waits_for, line.arrival
            agent = None if upcoming is None else policy.person_by_extension(upcoming.extension)
            if upcoming is not None and agent is not None:
                who = upcoming.supervisor, agent.name
                yield Waiting(arrival.session, line.board.node, *who, arrival.source, upcoming.since)

    # --- sessions

    def sessions(self) -> Iterator[Watched]:
        """Every session that goes on."""
        for line in self._lines:
            if line.runner is not None and line.runner.session.stage is not Stage.CLOSED:
                yield line.runner.watched()

    def own(self) -> frozenset[str]:
        """The sessions whose call is their supervisor's own now."""
        return frozenset(line.own.session.id for line in self._lines if line.own is not None)

    def hand_back(self, session: str, supervisor: str) -> bool:
        """Hand a call back to its agent; False where there is none of theirs."""
        for line in self._lines:
            own = line.own
            if own is not None and (own.session.id, own.session.supervisor.name) == (session, supervisor):
                own.hand_back()
                return True
        return False

    def wish(self, session: str, supervisor: str, wished: Wished) -> bool:
        """Let a session take a wish of its supervisor's; False where there is no such session of theirs."""
        for line in self._lines:
            run = line.runner
            if run is not None and (run.session.id, run.session.supervisor.name) == (session, supervisor):
                run.put(wished)
                return run.session.stage is not Stage.CLOSED
        return False

    def give_reason(self, session: str, supervisor: str, code: str) -> bool:
        """Answer the question for a reason; False where no session of theirs asks for one."""
        runs = (line.runner for line in self._lines if line.runner is not None)
        mine = (run for run in runs if (run.session.id, run.session.supervisor.name) == (session, supervisor))
        return any(run.give_reason(code) for run in mine)

    async def give_up(self, session: str, supervisor: str) -> bool:
        """Stop ringing or waiting; False where nothing rings or waits for such a session of theirs."""
        for channel, ringing in tuple(self._ringing.items()):
            if (ringing.arrival.session, ringing.invitation.supervisor) == (session, supervisor):
                self._forget(channel)
                await self._boards[ringing.node].dismiss(channel, ())
                return True
        for line in self._lines:
            upcoming = line.waits_for
            if upcoming is not None and (line.arrival.session, upcoming.supervisor) == (session, supervisor):
                line.stop_waiting()
                return True
        return False

    @property
    def lines(self) -> frozenset[str]:
        """The channels of the supervisors' phones that are in our hands or ring for us, all nodes together."""
        return frozenset(line.arrival.channel for line in self._lines) | frozenset(self._ringing)


def _may_wait(invitation: Invitation, outcome: TurnedAway | None, decider: Decider) -> bool:
    """Whether a phone is rung although its agent is on no call."""
    if not invitation.wait or outcome is None or outcome.refused.reason is not Refusal.NOT_ON_A_CALL:
        return False
    return decider.may(Action.FOLLOW_AGENT, invitation.supervisor, invitation.agent)
