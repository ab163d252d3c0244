"""Calls that an agent hands over to the supervisor of their session, or about which they ask them first."""

from typing import Protocol

from supervise.domain.ports import Switchboard
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions.handing import Decided, Sending, Sent, brought_into, recognise
from supervise.domain.sessions.offering import offered
from supervise.domain.sessions.session import Session, Stage
from supervise.floor.running.call_agents import CallAgents


class Run(Protocol):
    """The session to whose supervisor they are handed."""

    @property
    def session(self) -> Session:
        """How it stands."""

    @property
    def agents(self) -> CallAgents:
        """The agents of its call."""

    def put(self, item: h.Consulted | h.Handed) -> None:
        """Take in that a call has come."""


class Handover:
    """Knows which calls to a supervisor's extension are their session's own."""

    def __init__(self, run: Run, board: Switchboard) -> None:
        """Nothing has come for `run`."""
        self._run = run
        self._board = board
        self._lines: set[str] = set()

    def is_offered_to(self, endpoint: str) -> bool:
        """Whether the agent whose phone this is may be told that they can hand the call over to this supervisor."""
        agents = self._run.agents
        return agents.phone.endpoint == endpoint and offered(self._run.session, agents.rights())

    def take(self, sent: Sent) -> bool:
        """Take a call to the supervisor's extension, if it is this session's own, handed over."""
        session, agents = self._run.session, self._run.agents
        decided = Decided(agents.phone, agents.others, self._lines)
        sending = recognise(session, decided, sent, self._board.book)
        if sending is None or session.stage is Stage.CLOSED:
            return False
        match sending:
            case Sending.CONSULT:
                self._lines.add(sent.channel.name)
                self._run.put(h.Consulted(sent.channel.id, session.agent.channel if sent.keyed_by else ""))
            case Sending.BLIND | Sending.CONSULTED:
                stands_in = sent.channel.technology == "Local"
                self._run.put(h.Handed(sent.channel.id, sending is Sending.CONSULTED, stands_in))
        return True

    def look(self) -> None:
        """See whether the customer has come in the place of the agent, who has consulted us, or was going to."""
        brought = brought_into(self._run.session, self._run.agents.others, self._board.book)
        if brought:
            self._run.put(h.Handed(brought, consulted=self._run.session.consulting))
