"""Several agents in one call: the session is about one of them, and may come to be about another.

Choosing another agent is a switch like any other: the microphone is closed first where the voice went to the one of
before, the record comes before the new ear, and the new ear goes into the room when the old one is out of it.
"""

from dataclasses import dataclass, replace

from supervise.domain.calls.naming import Kind
from supervise.domain.records import Deed
from supervise.domain.rights.admission import admit
from supervise.domain.rights.decisions import Refusal, Refused, Rights
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.consult import Consults
from supervise.domain.sessions.session import MONITOR, Ending, Person, Stage, Stance
from supervise.domain.words import Mode, Visibility

CHOSEN, LEFT = "chosen", "agent-left"
"""Why a session is about another agent from now on, in the journal."""


@dataclass(frozen=True, slots=True)
class OtherAgent:
    """Another agent in a session's call, whom the session may come to be about.

    Attributes:
        agent: who, with their channel.
        extension: as which they are spoken of.
        rights: what the supervisor may do with them now.
    """

    agent: Person
    extension: str
    rights: Rights


class Agents(Consults):
    """The part of a session's conduct that is about which agent it is about."""

    def aim(self, wanted: Stance, deed: Deed) -> None:
        """Set out for a stance."""
        raise NotImplementedError

    def mode_asked(self, mode: Mode) -> None:
        """Set out for a mode, if it may be entered."""
        raise NotImplementedError

    def muted_in(self, mode: Mode) -> bool:
        """Whether a mode is entered muted."""
        raise NotImplementedError

    def turn_visible_for(self, visibility: Visibility) -> None:
        """Become as visible as a mode wants it."""
        raise NotImplementedError

    def close(self, ending: Ending) -> None:
        """End the session."""
        raise NotImplementedError

    # --- a wish

    def agent_asked(self, asked: h.AgentAsked) -> None:
        """Set out to be with another agent of the call, if that is allowed."""
        mode = asked.mode or self.session.wanted.mode
        if asked.agent.channel == self.session.agent.channel:
            self.mode_asked(mode)
            return
        admitted = admit(mode, self.session.visibility, self.rights)
        busy = self.session.without_agent or self.session.suspended or self.session.home is not None
        if busy or self.session.stage is Stage.OPENING:
            admitted = Refused(Refusal.NOT_AVAILABLE)
        if isinstance(admitted, Refused):
            self.refuse(admitted, mode, asked.agent.name)
            return
        before = self.session.agent
        self._turn_to(asked.agent, Stance(mode, muted=self._muted_with(mode)))
        self.hush()
        self._take_leave_of(before)
        self.turn_visible_for(admitted)
        self.become(note=_named(asked.extension))
        record = self.record(Deed.TARGET, self.session.wanted, must=True, reason=CHOSEN)
        self.order(replace(record, before=before))
        self.settle()

    def _muted_with(self, mode: Mode) -> bool:
        """Who stays in their mode stays muted or not: they have said to whom they want to speak."""
        return self.session.wanted.muted if mode is self.session.wanted.mode else self.muted_in(mode)

    def _turn_to(self, agent: Person, wanted: Stance) -> None:
        """Be about somebody else; an ear that is on its way to the one of before is not waited for."""
        before = self.session
        if before.coming is not None and before.coming.kind is not Kind.SEAT:
            self.discard_coming()
        self.become(agent=agent, wanted=wanted, ear_on=before.ear_on or before.agent.channel)

    def _take_leave_of(self, agent: Person) -> None:
        if self.session.visibility is Visibility.VISIBLE and self.session.told == agent.channel:
            self.order(o.Tell(o.Presence.LEFT, self.session.stance.mode, agent))
            self.become(told="")

    # --- news

    def turn_to(self, news: h.AgentLeft | h.AgentConsults | h.AgentConsultOver) -> None:
        """Go on with somebody else, or with the agent elsewhere."""
        match news:
            case h.AgentLeft():
                self.agent_left(news)
            case h.AgentConsults(agent):
                self.hear_consult(agent)
            case h.AgentConsultOver():
                self.unhear_consult()

    def agent_left(self, left: h.AgentLeft) -> None:
        """Go on with one who stays, from the least right: whoever spoke to the one who left speaks to nobody now."""
        admitted = admit(Mode.MONITOR, self.session.visibility, self.rights)
        if isinstance(admitted, Refused) or self.session.without_agent:
            self.close(Ending.CALL_ENDED)
            return
        self.vacate()
        self.discard_coming()
        self.become(parted=False, agent=left.agent, wanted=MONITOR, stance=MONITOR)
        self.turn_visible_for(admitted)
        self.become(note=(LEFT, *_named(left.extension)))
        self.order(self.record(Deed.TARGET, MONITOR, must=True, reason=LEFT))
        self.settle()

    def agent_unrecorded(self, before: Person | None) -> None:
        """What could not be recorded is not done: back to the agent of before, or to nobody where they have left."""
        if before is None:
            self.close(Ending.UNRECORDED)
            return
        if self.session.home is not None:
            self.unhear_consult()
            return
        dropped = self.session.coming is not None
        self.order(o.Say((Refusal.UNRECORDED.value,)))
        self.discard_coming()
        self.become(agent=before, note=())
        if dropped:
            self.become(wanted=self.session.stance)
            self.settle()
        else:
            self.vacate()
            self.aim(MONITOR, Deed.MODE)


def _named(extension: str) -> tuple[str, ...]:
    """An agent as they are spoken of: as in the menu."""
    return ("agent", f"digits:{extension}")
