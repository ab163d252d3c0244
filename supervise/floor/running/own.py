"""A call that a supervisor has made their own. It is no longer supervised; one key hands it back to the agent."""

import asyncio
from dataclasses import replace

import structlog

from supervise.domain.ports import OrderFailedError, Switchboard, UnreachedError
from supervise.domain.records import Deed, Record
from supervise.domain.rights.decisions import Refusal
from supervise.domain.sessions.session import Session
from supervise.floor.house import House

HAND_BACK_KEYS = "*50"
"""As in ``features_supervise.conf``, which keeps them from the customer."""

log = structlog.get_logger(__name__)


class OwnCall:
    """Listens for the key while the call lasts; the supervisor's hang-up cancels `serve`."""

    def __init__(self, house: House, board: Switchboard, session: Session, endpoint: str) -> None:
        """The call of `session`, which was taken over; `endpoint` is the agent's phone."""
        self._house = house
        self._board = board
        self._session = session
        self._endpoint = endpoint
        self._pressed = ""
        self._asked = asyncio.Event()

    def press(self, digit: str) -> None:
        """Take a key; most are for the customer."""
        self._pressed = (self._pressed + digit)[-len(HAND_BACK_KEYS) :]
        if self._pressed == HAND_BACK_KEYS:
            self._asked.set()

    @property
    def session(self) -> Session:
        """The session in which the call was taken over."""
        return self._session

    def hand_back(self) -> None:
        """As the key does."""
        self._asked.set()

    async def serve(self) -> None:
        """Tell of what nobody has asked for; hand the call back when asked to, and return when the agent has it."""
        if self._session.handed:
            self._board.say(self._session, ("handed-over",))
        while True:
            await self._asked.wait()
            self._board.say(self._session, ("wait",))
            try:
                await self._board.hand_back(self._session.supervisor.channel, self._endpoint)
            except OrderFailedError as error:
                log.info("hand-back.failed", session=self._session.id, error=str(error))
                self._board.say(self._session, (_why(error).value,))
            else:
                self._house.journal.note(self._record())
                return
            self._asked.clear()

    def _record(self) -> Record:
        session = self._session
        record = Record(Deed.HAND_BACK, at=self._house.now(), node=session.node, session=session.id)
        return replace(
            record,
            supervisor=session.supervisor.name,
            agent=session.agent.name,
            call=session.call,
            source=session.source,
            policy=self._house.source.policy.hash,
        )


def _why(error: OrderFailedError) -> Refusal:
    busy = isinstance(error, UnreachedError) and error.busy
    return Refusal.AGENT_BUSY if busy else Refusal.NO_ANSWER
