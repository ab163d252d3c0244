"""What goes on beside one session as long as it does: the tone, the announcement, the clock, the music of a hold."""

from typing import Protocol

from supervise.domain.ports import Switchboard
from supervise.domain.records import Deed
from supervise.domain.rights.decisions import CustomerNotice, Rights
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions.session import Session, Stage
from supervise.floor.running.customer import Announced, Announcing
from supervise.floor.running.deadline import Deadline
from supervise.floor.running.holding import Holding
from supervise.floor.running.parties import Parties
from supervise.floor.running.records import Records
from supervise.floor.running.standing import allows, allows_something, limits_of


class Run(Protocol):
    """The session beside which it goes on."""

    @property
    def session(self) -> Session:
        """How it stands."""

    @property
    def began(self) -> float:
        """When, by the loop's clock."""

    def rights_now(self, *, minutes: float | None = None) -> Rights:
        """What is allowed without a further question; or when the session has lasted so many minutes."""

    def put(self, item: h.Untold | h.RightsChanged | h.TimeUp | h.MusicHeard | Announced) -> None:
        """Take news in."""


class Accompaniment:
    """Follows a session.

    Attributes:
        announcing: the announcement in the middle of it.
        holding: the holds that a party begins.
    """

    def __init__(self, run: Run, board: Switchboard, parties: Parties, records: Records) -> None:
        """Nothing goes on beside `run` yet."""
        self._run = run
        self._board = board
        self._notices = parties.notices
        self._records = records
        self._deadline = Deadline(run.began, self._warn_of_time, self._time_reached)
        self.announcing = Announcing(parties.notices, run.put)
        self.holding = Holding(board, run.put)

    def follow(self, rights: Rights, notice: CustomerNotice) -> None:
        """Go on as the session stands now; whoever has come into the call since the announcement hears it too."""
        session = self._run.session
        self._notices.follow(session, notice, self._tone_told)
        self.holding.follow(session)
        if session.stage is Stage.CLOSED:
            return
        self._deadline.follow(limits_of(rights))
        newcomers = self.untold(notice)
        if newcomers:
            self.announcing.begin(notice, newcomers)

    def untold(self, notice: CustomerNotice) -> frozenset[str]:
        """Who is in the call and has not heard the announcement that they have to hear."""
        session = self._run.session
        return self._notices.missing(notice, session.wanted.mode, session.agent.channel)

    def end(self) -> None:
        """Nothing of it goes on any more."""
        self._deadline.cancel()
        self.announcing.cancel()
        self.holding.cancel()
        self._notices.end()

    def _tone_told(self, heard: bool) -> None:  # noqa: FBT001 - it says what it is asked
        if heard:
            self._records.note(Deed.NOTICE, "tone")
        else:
            self._run.put(h.Untold())

    def _warn_of_time(self, limit: int) -> None:
        session = self._run.session
        if not allows(session, session.wanted.mode, self._run.rights_now(minutes=limit)):
            self._board.say(session, ("minute-left",), after=True)

    def _time_reached(self) -> None:
        goes_on = allows_something(self._run.session, self._run.rights_now())
        self._run.put(h.RightsChanged() if goes_on else h.TimeUp())
