"""Carrying one session's orders out, one after the other: in Asterisk, in the journal, in words."""

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Protocol

import structlog

from supervise.domain.calls.naming import OurId
from supervise.domain.ports import GuardedError, OrderFailedError, OvertakenError, Switchboard, Telling
from supervise.domain.records import Deed
from supervise.domain.rights.decisions import SessionRules
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.failures import still_due
from supervise.domain.sessions.moves import has_left
from supervise.domain.sessions.session import Session
from supervise.floor.running.parties import Parties
from supervise.floor.running.records import Records
from supervise.floor.running.seat_music import SeatMusic
from supervise.floor.running.shown import Shown
from supervise.floor.running.timers import Timers

TAP_PATIENCE = 1.0
"""Seconds until an ear or a seat is there; they take 3 to 45 ms."""

_SOUNDING = (o.PutIn, o.OpenMic)
"""What lets somebody be heard: not while there is anybody in the call about whom nothing has been decided."""

_MOVING = (o.HoldAgent, o.RemoveAgent, o.TakeOver)
"""What takes the agent out of the call; not while there is anybody else in it of whom that is so."""

GUARD = "guard"
"""Why something was not done, in the journal, when it would have broken a promise."""

log = structlog.get_logger(__name__)


class Run(Protocol):
    """The session whose orders these are."""

    @property
    def session(self) -> Session:
        """How it stands."""

    @property
    def joined(self) -> bool:
        """Whether somebody has come into the call about whom nothing has been decided."""

    @property
    def phone(self) -> str:
        """The endpoint of its agent's phone."""

    def put(self, item: h.TapLost | h.AgentGone) -> None:
        """Take in that something did not come in time, or that somebody is not there any more."""


class Performing:
    """Carries out what a session orders.

    Attributes:
        rules: the house rules by which the agent is told.
    """

    def __init__(self, run: Run, board: Switchboard, parties: Parties, records: Records, shown: Shown) -> None:
        """Do it on `board` for `run`."""
        self.rules = SessionRules()
        self._run = run
        self._board = board
        self._parties = parties
        self._records = records
        self._shown = shown
        self._timers = Timers()
        self._music = SeatMusic(run, board)

    def cancel(self) -> None:
        """Wait for nothing any more."""
        self._timers.cancel()

    async def carry_out(self, orders: Iterable[o.Order]) -> list[h.Happening]:
        """Carry them out; what failed of them, to happen to the session in turn."""
        failures: list[h.Happening] = []
        self._music.end()
        for order in orders:
            if still_due(order, failures):
                failure = await self._carry_out(order)
                failures += [] if failure is None else [failure]
        await self._music.begin()
        return failures

    async def _carry_out(self, order: o.Order) -> h.Happening | None:
        session = self._run.session
        match order:
            case o.Together(several):
                failures = await asyncio.gather(*(self._carry_out(each) for each in several))
                return next((failure for failure in failures if failure is not None), None)
            case o.Write():
                if order.deed is Deed.REFUSED:
                    self._shown.refuse(session, order.reason)
                return await self._records.write(order)
            case o.Say(words, after):
                self._board.say(session, words, after=after)
            case o.Tell():
                self._tell(order)
            case _:
                return await self._switch(order)
        return None

    async def _switch(self, order: o.Order) -> h.Happening | None:
        session = self._run.session
        if isinstance(order, o.HoldAgent | o.RemoveAgent) and has_left(session, self._board.book):
            return h.Overtaken()
        if isinstance(order, (*_SOUNDING, *_MOVING)) and self._run.joined:
            return h.Joined() if isinstance(order, _SOUNDING) else h.OrderFailed(order)
        try:
            if isinstance(order, o.CallBack):
                await self._board.call_back(session, order, self._run.phone)
            else:
                await self._board.carry_out(session, order)
        except OvertakenError as error:
            log.info("agent.overtaken", session=session.id, node=session.node, error=str(error))
            return h.Overtaken()
        except OrderFailedError as error:
            about = log.bind(session=session.id, node=session.node)
            about.warning("order.failed", order=type(order).__name__, error=str(error))
            if isinstance(error, GuardedError):
                self._records.note(Deed.REFUSED, GUARD, why=str(error))
            return h.OrderFailed(order)
        if isinstance(order, _SOUNDING) and self._run.joined:
            return h.Joined()
        if isinstance(order, o.Make):
            self._expect(order.tap)
        if isinstance(order, o.BringBack) and self._board.book.channel(session.agent.channel) is None:
            self._run.put(h.AgentGone())
        return None

    def _expect(self, tap: OurId) -> None:
        """Do not wait for ever for a tap that was asked for."""
        self._timers.later(TAP_PATIENCE, partial(self._give_up, tap))

    def _give_up(self, tap: OurId) -> None:
        session = self._run.session
        if tap == session.coming or (tap == session.seat and not session.seated):
            log.warning("tap.late", session=session.id, node=session.node, tap=str(tap))
            self._run.put(h.TapLost(tap))

    def _tell(self, order: o.Tell) -> None:
        session = self._run.session
        if o.occasion_of(order.presence) not in self.rules.notice_of:
            return
        channel = self._board.book.channel(order.agent.channel)
        where = channel.endpoint if channel is not None else self._parties.agent.endpoint
        ways = Telling(self._parties.supervisor.display, where, order.agent.channel, self.rules.notices)
        self._board.tell(session, order.presence, order.mode, ways)
        self._records.note(Deed.NOTICE, order.presence.value)
