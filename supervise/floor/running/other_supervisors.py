"""Supervisors of one call, told of each other as far as the policy lets each of them know."""

from collections.abc import Iterator

from supervise.domain.board.sight import Eyes
from supervise.domain.calls.calls import Call
from supervise.domain.keypad import Question
from supervise.domain.ports import Switchboard
from supervise.domain.reception import facts_of
from supervise.domain.rights.decisions import Refusal
from supervise.domain.sessions.session import Session, Stage
from supervise.domain.sessions.truth import call_of, hearers
from supervise.domain.speech import supervisor, who_hears, who_is_on
from supervise.domain.words import Mode, Visibility
from supervise.floor.house import House
from supervise.floor.usage import UsageCounter


class OtherSupervisors:
    """The other supervisors of a call, and what they are told: in words that only their own phones hear."""

    def __init__(self, house: House, board: Switchboard, usage: UsageCounter) -> None:
        """Know the sessions of `usage` on the calls of `board`, by the policy of `house`."""
        self._house = house
        self._board = board
        self._usage = usage

    def follow(self, before: Session, now: Session) -> None:
        """Tell the others what has become of a session, and its own supervisor, as they come, who else is there."""
        if _seen(before) == _seen(now):
            return
        for other in self._beside(now):
            self._say(other, self._news(other, before, now))
            if before.stage is Stage.OPENING and self._knows(now, other):
                self._say(now, self._named(other, other.stance.mode))

    def answer(self, asked: Question, session: Session) -> tuple[str, ...]:
        """What a supervisor asks about, in words; of a private call only that it is one."""
        call = call_of(session, self._board.book)
        match asked:
            case Question.WHO_IS_ON if session.private:
                return (Refusal.PRIVATE.value,)
            case Question.WHO_IS_ON if call is not None:
                return self._who_is_on(session, call)
            case Question.WHO_HEARS_ME:
                agent = session.consult if session.consulting else session.agent.channel
                return who_hears(hearers(session, self._board.book), agent)
            case _:
                return ("help",)

    def _who_is_on(self, session: Session, call: Call) -> tuple[str, ...]:
        """Everybody on a call of whom a session's supervisor may know."""
        policy = self._house.source.policy
        known = (other for other in self._beside(session) if self._knows(session, other))
        words = (word for other in known for word in self._named(other, other.stance.mode))
        return (*who_is_on(call, policy, session.supervisor.name), *words)

    def _news(self, viewer: Session, before: Session, now: Session) -> tuple[str, ...]:
        """A hidden supervisor comes when they become visible, and goes when they hide."""
        knew, knows = self._knows(viewer, before), self._knows(viewer, now)
        if knows and not knew:
            return self._named(now, "has-joined", now.stance.mode)
        if knew and not knows:
            return self._named(now, "has-left")
        if knows and before.stance.mode is not now.stance.mode:
            return self._named(now, now.stance.mode)
        return self._named(now, now.visibility) if knows and before.visibility is not now.visibility else ()

    def _named(self, session: Session, *words: str) -> tuple[str, ...]:
        return (*supervisor(self._house.source.policy, session.supervisor.name), *words)

    def _say(self, listener: Session, words: tuple[str, ...]) -> None:
        if words:
            self._board.say(listener, words, after=True)

    def _knows(self, viewer: Session, other: Session) -> bool:
        policy = self._house.source.policy
        call = call_of(viewer, self._board.book)
        facts = None if call is None else facts_of(call, viewer.agent.channel, policy)
        return Eyes(viewer.supervisor.name, policy, self._house.now()).knows_beside(other, facts)

    def _beside(self, session: Session) -> Iterator[Session]:
        """The sessions of others on the same call."""
        around = self._board.book.connected(session.agent.channel)
        for other in self._usage.sessions():
            same = other.node == session.node and other.agent.channel in around
            if same and other.stage is Stage.LIVE and other.supervisor.name != session.supervisor.name:
                yield other


def _seen(session: Session) -> tuple[Stage, Mode, Visibility]:
    return session.stage, session.stance.mode, session.visibility
