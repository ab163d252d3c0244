"""The agents of one session's call: the one whom the session is about, and those whom it may come to be about."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import structlog

from supervise.domain.calls.calls import Channel
from supervise.domain.ports import Switchboard, UnrecordedError
from supervise.domain.rights.admission import admit, may_hear_consult
from supervise.domain.rights.decisions import Action, Follow, Refusal, Refused, Rights
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.agents import OtherAgent
from supervise.domain.sessions.consult import consulting
from supervise.domain.sessions.glance import Glance, on_the_way, seen
from supervise.domain.sessions.session import Person, Session, Stage
from supervise.domain.sessions.truth import beside, bridges_with, call_of
from supervise.domain.words import Mode
from supervise.floor.house import House
from supervise.floor.running.parties import Parties
from supervise.floor.running.privacy import Privacy, ask, says_private
from supervise.floor.running.standing import Standing
from supervise.floor.usage import Asking, Running, UsageCounter

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Supposed:
    """A session as it would be."""

    session: Session
    began: float
    recorded: float | None


class CallAgents:
    """Asks the policy about everybody whom one session may be about.

    Attributes:
        others: the other parties that were decided about, beside the agent of now.
        phone: the channel of the agent of now, as it was seen last.
        privacy: whether the call is private.
    """

    def __init__(self, house: House, board: Switchboard, usage: UsageCounter, run: Running, parties: Parties) -> None:
        """Ask about the call of `run`, which was decided about as `parties` say."""
        self._house = house
        self._board = board
        self._usage = usage
        self._run = run
        self._parties = parties
        self.privacy = Privacy(house, board)
        self._standings = {parties.agent.name: Standing(house, board, usage, parties.question)}
        self.others = parties.others
        self.phone = self._phone_of(run.session.agent)
        self._there = parties.others
        self._begun = ""
        self._returned = ""
        self._beside = self._beside_agent()

    # --- rights

    def rights(self, *, minutes: float | None = None) -> Rights:
        """What may be done now, if need be after a question; or when the session has lasted so many minutes."""
        return self._standing_of(self._run.session.agent.name).rights(self._run, self.privacy, minutes=minutes)

    def towards(self, agent: Person) -> Rights:
        """What might be done if the session were about somebody else in the call."""
        supposed = Supposed(replace(self._run.session, agent=agent), self._run.began, self._run.recorded)
        return self._standing_of(agent.name).rights(supposed, self.privacy)

    def without_asking(self, rights: Rights) -> Rights:
        """What of it is allowed without a further question: a PIN that a rule has come to ask for was not typed."""
        return rights.without(lambda leave: self._parties.gate.asks(leave) is not None)

    def _standing_of(self, agent: str) -> Standing:
        """How much supervision an agent has had today is known once `_learn` has asked."""
        known = self._standings.get(agent)
        begun = self._parties.question
        return known or Standing(self._house, self._board, self._usage, replace(begun, agent=agent))

    async def why_not(self, wish: h.Happening) -> Refusal | None:
        """Why a wish is refused before it is decided about: whoever has left meanwhile is not chosen."""
        if not isinstance(wish, h.AgentAsked):
            return None
        if wish.agent not in (self._run.session.agent, *(each.agent for each in self.choices())):
            return Refusal.NOT_ON_A_CALL
        return None if await self._learn(wish.agent.name) else Refusal.UNRECORDED

    async def _learn(self, agent: str) -> bool:
        """Ask the journal about somebody, for the limits of the policy; whether it could be asked."""
        if agent in self._standings:
            return True
        session = self._run.session
        try:
            counted = await self._usage.counted(agent)
        except UnrecordedError as error:
            log.warning("agent.uncounted", agent=agent, error=str(error))
            return False
        used = self._usage.before(Asking(session.supervisor.name, agent, session.node, frozenset()), counted)
        begun = replace(self._parties.question, agent=agent, usage=used)
        self._standings[agent] = Standing(self._house, self._board, self._usage, begun)
        return True

    # --- who there is

    def choices(self) -> tuple[OtherAgent, ...]:
        """The other agents of the call, and what the supervisor may do with each."""
        session = self._run.session
        call = call_of(session, self._board.book)
        if call is None or session.without_agent or session.home is not None:
            return ()
        return tuple(self._seen(call.others(session.agent.channel)))

    def _seen(self, parties: tuple[Channel, ...]) -> Iterator[OtherAgent]:
        for party in parties:
            person = self._house.source.policy.person_by_endpoint(party.endpoint)
            if person is not None and person.extension:
                agent = Person(person.name, party.id)
                yield OtherAgent(agent, person.extension, self.towards(agent))

    # --- who comes and goes

    async def consult(self) -> h.AgentConsults | h.AgentConsultOver | None:
        """What there is to tell of a consult call: it may be heard from now on, or no longer.

        Where somebody would have to be told first, it is not heard; nor while nobody knows that it is not private. Each
        is begun with once.
        """
        session, book = self._run.session, self._board.book
        home = session.home or session.agent
        where = "" if session.without_agent or session.handed else consulting(home, self.others, book)
        if session.home is not None:
            return None if where == session.agent.channel else h.AgentConsultOver()
        self._begun = self._begun if where else ""
        agent = Person(home.name, where)
        if not where or where == self._begun or not await self._may_hear(agent):
            return None
        self._begun = where
        return h.AgentConsults(agent)

    async def _may_hear(self, agent: Person) -> bool:
        rights, visibility = self.without_asking(self.towards(agent)), self._run.session.visibility
        if not may_hear_consult(visibility, rights):
            return False
        private = says_private(self._house, await ask(self._house, self._board, agent.channel))
        untold = self._parties.notices.missing(rights.rules.customer, Mode.MONITOR, agent.channel)
        return not private and not untold and self._board.book.call_of(agent.channel) is not None

    def note_return(self) -> None:
        """Remember that an agent who is being called back is in the call: at the next look they may be gone again."""
        if self._is_back():
            self._returned = self._run.session.recall

    def _is_back(self) -> bool:
        session, book = self._run.session, self._board.book
        return bool(session.recall and bridges_with(session.seat, book) & book.bridges_of(session.recall))

    def _sent_on(self) -> bool:
        """Whether an agent who was called back has left again, and somebody is in the call in their place."""
        session = self._run.session
        returned = bool(session.recall) and session.recall == self._returned and not self._is_back()
        here = {channel.id for channel in beside(session.seat, session.agent.channel, self._board.book)}
        return returned and not here <= self.others

    def seen(self, glance: Glance) -> h.Happening | None:
        """What a look at the call tells; a consult call is decided about anew each time."""
        session = self._run.session
        if session.home is not None:
            return h.RightsChanged()
        if self._sent_on():
            return h.CallChanged()
        happening = seen(session, self._board.book, self.others, glance)
        gone = self._board.book.channel(session.agent.channel) is None
        return h.CallEnded() if isinstance(happening, h.Parted) and gone and not self._may_receive() else happening

    def regrouped(self) -> bool:
        """Whether others are beside the agent now than at the last look: parties, other supervisors, whoever."""
        before, self._beside = self._beside, self._beside_agent()
        return before != self._beside

    def _beside_agent(self) -> frozenset[str]:
        agent, book = self._run.session.agent.channel, self._board.book
        return frozenset().union(*map(book.members_of, book.bridges_of(agent))) - {agent}

    def _may_receive(self) -> bool:
        """Whether the customer may be on their way to the supervisor; to nobody else would their release be delayed."""
        decision = self.rights().actions.get(Action.RECEIVE_TRANSFER)
        return decision is not None and not isinstance(decision, Refused)

    def look(self) -> None:
        """Everybody who is in the call now has been decided about."""
        if self._run.session.home is not None:
            return
        call = call_of(self._run.session, self._board.book)
        if call is not None:
            self._there = frozenset(party.id for party in call.others(self._run.session.agent.channel))

    def concerned(self, channels: Collection[str]) -> bool:
        """Whether something that moved around these channels is about the session: its call, or the agent's phone."""
        session, book = self._run.session, self._board.book
        mine = {session.agent.channel, *self.others, *(() if session.home is None else (session.home.channel,))}
        known = (book.channel(id_) for id_ in channels)
        phone = any(c is not None and c.endpoint == self.phone.endpoint for c in known if self.phone.endpoint)
        return phone or not mine.isdisjoint(channels)

    def turned(self, before: Session) -> None:
        """The session is about another agent from now on, unless a consult call is only listened in to."""
        session, self._beside = self._run.session, self._beside_agent()
        if session.home is not None or before.home is not None:
            return
        call = self._board.book.call_of(session.agent.channel)
        if call is not None:
            self.others = frozenset(party.id for party in call.others(session.agent.channel))
        self.phone = self._phone_of(session.agent)
        self._there = self.others

    def _phone_of(self, agent: Person) -> Channel:
        known = self._board.book.channel(agent.channel)
        return known or Channel(agent.channel, f"PJSIP/{self._parties.agent.endpoint}-")

    async def explained(self, happening: h.Happening) -> h.Happening:
        """What is lost or fails since nobody is left on the call is the call's end: an ear goes before its channel.

        It is not the end where another agent stays, and this call only is what the supervisor wants; and it may be none
        where the customer is with nobody: they may be coming to the supervisor.
        """
        session = self._run.session
        if session.home is not None and isinstance(happening, h.CallEnded | h.CallChanged):
            return h.AgentConsultOver()
        ours = (session.tap, session.coming, session.seat)
        # An agent who could not be brought back is alone, and their customer still has the seat.
        failed = isinstance(happening, h.OrderFailed) and not isinstance(happening.order, o.BringBack)
        troubled = failed or (isinstance(happening, h.TapLost) and happening.tap in ours)
        if troubled and not session.handed and call_of(session, self._board.book) is None:
            if session.home is not None:
                return h.AgentConsultOver()
            coming = not session.without_agent and self._may_receive() and on_the_way(self._board.book, self.others)
            happening = h.Parted() if coming else h.CallEnded()
        stays = session.follow is Follow.THIS_CALL and not session.without_agent and session.stage is Stage.LIVE
        if isinstance(happening, h.CallEnded | h.CallChanged) and stays:
            return await self._successor() or happening
        return happening

    async def _successor(self) -> h.AgentLeft | None:
        """Somebody who has been in the call together with the agent who is out of it now, and may be monitored."""
        book, visibility = self._board.book, self._run.session.visibility
        for channel in filter(None, map(book.channel, sorted(self._there))):
            call = book.call_of(channel.id)
            if call is None or not self._there & {party.id for party in call.others(channel.id)}:
                continue
            for each in self._seen((channel,)):
                known = await self._learn(each.agent.name)
                rights = self.without_asking(self.towards(each.agent))
                if known and not isinstance(admit(Mode.MONITOR, visibility, rights), Refused):
                    return h.AgentLeft(each.agent, each.extension)
        return None
