"""What the customer, and everybody else in the call, is told while somebody supervises it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from supervise.domain.ports import OrderFailedError, Switchboard
from supervise.domain.rights.decisions import CustomerNotice, Tone
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions.session import AgentPlace, Session, Stage
from supervise.domain.sessions.truth import call_of
from supervise.domain.words import Mode, Visibility
from supervise.floor.house import Arrival

MOST_TRIES = 3
"""A tone that could not be heard so often in a row cannot be heard."""

BETWEEN_TRIES = 1.0
"""Seconds."""

log = structlog.get_logger(__name__)


class CustomerNotices:
    """Tells one call's parties of one supervisor.

    An announcement is for everybody but the agent. The tone is for the agent as well, where the supervisor is visible:
    a hidden one must not be given away by it.

    Attributes:
        told: the channels that have heard the announcement.
    """

    def __init__(self, board: Switchboard, arrival: Arrival) -> None:
        """Nobody has been told anything."""
        self._board = board
        self.told: frozenset[str] = frozenset()
        self._session = arrival.session
        self._sounded = False
        self._visible = False
        self._follows: Session | None = None
        self._tone: Tone | None = None
        self._agent = ""
        self._repeating: asyncio.Task[None] | None = None

    # --- the announcement

    def missing(self, notice: CustomerNotice, mode: Mode, agent: str) -> frozenset[str]:
        """Who is still to hear the announcement before the one on channel `agent` may be supervised in a mode."""
        if not notice.announcement or mode not in notice.modes:
            return frozenset()
        return self._others(agent) - self.told

    async def announce(self, notice: CustomerNotice, listeners: frozenset[str]) -> None:
        """Play the announcement to its end.

        Raises:
            OrderFailedError: somebody did not hear it.
        """
        await self._board.announce(self._session, sorted(listeners), notice.announcement)
        self.told |= listeners

    # --- the tone

    def follow(self, session: Session, notice: CustomerNotice, tell: Callable[[bool], None]) -> None:
        """Sound the tone, or no longer, as a session stands now; `tell` gets whether it could be heard, once."""
        supervised = session.stage is not Stage.CLOSED and not session.private
        wanted = notice.tone if supervised and session.wanted.mode in notice.modes else None
        in_call = session.agent_place is AgentPlace.IN_CALL
        self._visible = session.visibility is Visibility.VISIBLE and in_call
        self._follows = session
        if (wanted, session.agent.channel) == (self._tone, self._agent):
            return
        self.end()
        self._agent = session.agent.channel
        if wanted is not None:
            self._tone = wanted
            self._repeating = asyncio.create_task(self._repeat(wanted, session.agent.channel, tell))

    def end(self) -> None:
        """No tone any more; one that sounds is cut short."""
        if self._repeating is not None:
            self._repeating.cancel()
        self._tone = self._repeating = None

    async def _repeat(self, tone: Tone, agent: str, tell: Callable[[bool], None]) -> None:
        """The first one of a session may be longer than the others."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while await self._sound(tone, agent, tone.length if self._sounded else tone.first):
            if not self._sounded:
                self._sounded = True
                tell(True)  # noqa: FBT003 - whether it could be heard
            due = max(due + tone.every, loop.time())
            await asyncio.sleep(due - loop.time())
        tell(False)  # noqa: FBT003 - the same

    async def _sound(self, tone: Tone, agent: str, length: int) -> bool:
        """Sound it once; whether it could be heard."""
        for _ in range(MOST_TRIES):
            listeners = self._others(agent) | ({agent} if self._visible else frozenset())
            try:
                await self._board.sound_tone(self._session, sorted(listeners), tone.hertz, length)
            except OrderFailedError as error:
                log.warning("tone.failed", session=self._session, error=str(error))
                await asyncio.sleep(BETWEEN_TRIES)
            else:
                return True
        return False

    def _others(self, agent: str) -> frozenset[str]:
        book, session = self._board.book, self._follows
        call = book.call_of(agent) if session is None else call_of(session, book)
        return frozenset() if call is None else frozenset(party.id for party in call.others(agent))


ModeWish = h.ModeAsked | h.AgentAsked
"""What may have to wait until the announcement has been heard."""


@dataclass(frozen=True, slots=True)
class Announced:
    """The announcement has ended in the middle of a session; `wish` waited for it, if one did."""

    wish: ModeWish | None
    failed: bool


class Announcing:
    """Plays the announcement in the middle of a session; the wish that needs it waits."""

    def __init__(self, notices: CustomerNotices, tell: Callable[[Announced], None]) -> None:
        """Nothing is played; `tell` gets what came of it, and must not wait."""
        self._notices = notices
        self._tell = tell
        self._wish: ModeWish | None = None
        self._playing: asyncio.Task[None] | None = None

    def begin(self, notice: CustomerNotice, listeners: frozenset[str], wish: ModeWish | None = None) -> None:
        """Play it, unless it is being played; a wish takes the place of the one that waits."""
        self._wish = wish or self._wish
        if self._playing is None:
            self._playing = asyncio.create_task(self._play(notice, listeners))

    def forget_wish(self) -> None:
        """Nothing waits any more: something else was asked for."""
        self._wish = None

    def cancel(self) -> None:
        """Cut short what is being played."""
        self._wish = None
        if self._playing is not None:
            self._playing.cancel()

    async def _play(self, notice: CustomerNotice, listeners: frozenset[str]) -> None:
        failed = False
        try:
            await self._notices.announce(notice, listeners)
        except OrderFailedError as error:
            log.warning("announcement.failed", error=str(error))
            failed = True
        self._playing, wish = None, self._wish
        self._wish = None
        self._tell(Announced(wish, failed))
