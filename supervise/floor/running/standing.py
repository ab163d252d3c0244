"""What a running session may do: by the policy of now, about the call of now, for whoever has the phones now."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace

from supervise.domain.ports import Switchboard
from supervise.domain.reception import facts_of, possible
from supervise.domain.rights.admission import admit, modes_down_from
from supervise.domain.rights.decisions import Action, Decision, Refusal, Refused, Rights
from supervise.domain.rights.rules import CallFacts, Question
from supervise.domain.sessions.moves import MOVES
from supervise.domain.sessions.session import Person, Session
from supervise.domain.words import Mode
from supervise.floor.house import House
from supervise.floor.running.deadline import MINUTE
from supervise.floor.running.privacy import Privacy
from supervise.floor.usage import Asking, Running, UsageCounter


class Standing:
    """Asks the policy about one running session, again and again."""

    def __init__(self, house: House, board: Switchboard, usage: UsageCounter, begun: Question) -> None:
        """Ask about the session that was decided about by the question `begun`."""
        self._house = house
        self._board = board
        self._usage = usage
        self._begun = begun

    def rights(self, run: Running, privacy: Privacy, *, minutes: float | None = None) -> Rights:
        """What may be done now, or when the session has lasted so many minutes."""
        session, call = run.session, self._board.book.call_of(run.session.agent.channel)
        parties = [session.agent.channel] if call is None else [party.id for party in call.parties]
        asking = Asking(session.supervisor.name, session.agent.name, session.node, frozenset(parties))
        lasted = (asyncio.get_running_loop().time() - run.began) / MINUTE if minutes is None else minutes
        question = Question(
            supervisor=self._owner(session.supervisor),
            agent=self._owner(session.agent),
            at=self._house.now(),
            call=self._facts(session, private=privacy.private),
            usage=replace(self._usage.during(asking, self._begun.usage, run), minutes=lasted),
        )
        rights = possible(self._house.source.policy.rights(question), self._board.book, session.agent.channel)
        refusal = self._why_not_move(run)
        return rights if refusal is None else replace(rights, actions=_without_moves(rights.actions, refusal))

    def _why_not_move(self, run: Running) -> Refusal | None:
        """Why nobody may take this agent out of the call, whatever the policy says; None where it can be done.

        One supervisor at a time, also where they are with different agents of one call; and an agent in the hands of
        another ARI application is left to that.
        """
        if self._usage.moved_by_another(run, self._board.book):
            return Refusal.BUSY
        agent = self._board.book.channel(run.session.agent.channel)
        foreign = agent is not None and agent.app.startswith("Stasis ") and not agent.put_on_hold
        return Refusal.NOT_AVAILABLE if foreign else None

    def _facts(self, session: Session, *, private: bool) -> CallFacts | None:
        agent = session.agent.channel
        call = self._board.book.call_of(agent)
        if call is not None:
            return facts_of(call, agent, self._house.source.policy, private=private)
        return None if self._begun.call is None else replace(self._begun.call, private=private)

    def _owner(self, person: Person) -> str:
        """Their name, as long as the phone is theirs: a phone that is another's now has nobody's rights."""
        channel = self._board.book.channel(person.channel)
        if channel is None:
            return person.name
        owner = self._house.source.policy.person_by_endpoint(channel.endpoint)
        return person.name if owner is not None and owner.name == person.name else ""


def _without_moves(actions: Mapping[Action, Decision], refusal: Refusal) -> Mapping[Action, Decision]:
    return {**actions, **{action: Refused(refusal) for action in MOVES}}


def allows_something(session: Session, rights: Rights) -> bool:
    """Whether a session may go on, in its mode or in a lesser one."""
    return any(allows(session, mode, rights) for mode in modes_down_from(session.wanted.mode))


def allows(session: Session, mode: Mode, rights: Rights) -> bool:
    """Whether a session may be in a mode."""
    return not isinstance(admit(mode, session.visibility, rights), Refused)


def limits_of(rights: Rights) -> Iterator[int]:
    """The minutes after which rights end, for one rule or another."""
    return (way.minutes for ways in rights.ways.values() for way in ways if way.minutes is not None)
