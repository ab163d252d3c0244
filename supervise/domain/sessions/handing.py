"""An agent hands the call that is supervised over to the supervisor, by the keys of their own phone.

Blind, the customer comes at once, and there is nobody left who could take it back: the supervisor's own phone is put
beside them. Attended, the agent first calls the supervisor. That call waits until the supervisor answers it by a key,
so that nobody's microphone is opened by somebody else; then the two talk in the session's room, with nothing else in
it, and when the agent lets go the customer is in their place.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import Kind
from supervise.domain.records import Deed
from supervise.domain.rights.decisions import Action, Refusal, Refused
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.agents import Agents
from supervise.domain.sessions.session import AgentPlace, Ending, Session, Stage
from supervise.domain.sessions.truth import half_of


@dataclass(frozen=True, slots=True)
class Sent:
    """A call to a supervisor's extension, before their phone is rung.

    Attributes:
        channel: the one that has come.
        extension: what it is to reach.
        by: the name of the channel that has sent it here by a blind transfer, or in whose place it is by an attended
            one; empty for none.
        keyed_by: the name of the channel that calls by Asterisk's own keys for an attended transfer, over a Local
            channel; empty for none.
    """

    channel: Channel
    extension: str
    by: str = ""
    keyed_by: str = ""


class Sending(StrEnum):
    """How the agent of a session sends its call."""

    BLIND = "blind"
    CONSULT = "consult"
    """By calling the supervisor first, while the customer is on hold."""
    CONSULTED = "consulted"
    """By ending a consultation that the supervisor has answered."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Whose call a session was decided about.

    Attributes:
        agent: the agent's channel as it was; it may have ended.
        others: the channels of the other parties.
        lines: the names of the channels by which the agent has called the supervisor; they may have ended as well.
    """

    agent: Channel
    others: AbstractSet[str]
    lines: AbstractSet[str] = frozenset()


def recognise(session: Session, decided: Decided, sent: Sent, book: CallBook) -> Sending | None:
    """Whether a call to the supervisor's extension is their session's own, handed over; None for any other call.

    Args:
        session: the supervisor's.
        decided: the call that it is about.
        sent: the call to the extension.
        book: who is connected with whom now.
    """
    agent = decided.agent
    if sent.by:
        return _recognise_sent(session, decided, sent)
    if sent.keyed_by:
        return Sending.CONSULT if sent.keyed_by == agent.name and sent.channel.technology == "Local" else None
    now = book.channel(session.agent.channel)
    consults = sent.channel.endpoint == agent.endpoint and sent.channel.id != agent.id and not sent.by
    return Sending.CONSULT if consults and agent.endpoint and now is not None and now.held else None


def _recognise_sent(session: Session, decided: Decided, sent: Sent) -> Sending | None:
    """Whether what the agent has left behind is this call's.

    They may have let go in the middle of their consultation, from its channel. A Local channel is what Asterisk sends
    where they leave more than one behind, or where that is in our room. It may be here before its other half is in
    their bridge, and when there is nothing left of their own line.
    """
    agent = decided.agent
    stands_in = sent.channel.technology == "Local" and sent.by in {agent.name, *decided.lines}
    phone = Channel("", sent.by).endpoint
    known = sent.channel.id in decided.others and (sent.by == agent.name or (phone != "" and phone == agent.endpoint))
    if not stands_in and not known:
        return None
    return Sending.CONSULTED if session.consulting else Sending.BLIND


def brought_into(session: Session, others: AbstractSet[str], book: CallBook) -> str:
    """The channel by which the customer has come in the agent's place; empty while there is none.

    It is a Local channel that stood for the agent: when they end their consultation by the transfer, Asterisk puts the
    customer in their place at its other end. The one of Asterisk's own keys may still ring: then the customer comes to
    it as soon as the agent is not there any more.
    """
    if not session.consulting and session.asker == session.consult:
        return ""
    here = session.consult if session.over is None else str(session.over)
    there = book.connected(half_of(here, book))
    left = session.consulting or session.asker not in there
    return here if left and others & there else ""


class Handing(Agents):
    """The part of a session's conduct that is about a call that is handed over."""

    def take_handing(self, happening: h.Handed | h.Consulted | h.ConsultUnanswered | h.ConsultEnded) -> None:
        """Take in what the agent does; news of another call of theirs than the one that rings is none."""
        match happening:
            case h.Handed(channel, stands_in=True) if self.session.agent_place is not AgentPlace.IN_CALL:
                self.order(o.EndConsult(channel))  # the agent was moved first, and the customer is in the call
            case h.Handed(channel, consulted):
                self._forget_move()
                self.handed(channel, consulted=consulted)
            case h.Consulted(channel, asker) if channel != self.session.consult:
                self.consulted(channel, asker or channel)
            case h.ConsultUnanswered(channel) if channel == self.session.consult and not self.session.consulting:
                self.leave_consult()
            case h.ConsultEnded(channel) if channel == self.session.consult:
                self.consult_ended()
            case _:
                pass

    # --- blind, and what both end in

    def handed(self, channel: str, *, consulted: bool) -> None:
        """Take the call that comes by a channel; what was consulted about has been decided about.

        Who lets go of a call that still rings has sent it as blindly as one who has not called at all.
        """
        rings = channel == self.session.consult and not self.session.consulting
        if not self.session.consulting:
            if channel != self.session.consult:
                self.leave_consult()
            self._forget_consult()
        refused = None if consulted else self._refusal_to_receive()
        if refused is not None:
            self._let_go(channel, refused)
            return
        self._forget_consult()
        self.become(handed=channel)
        self.become(agent_place=AgentPlace.REPLACED, agent_wanted=AgentPlace.REPLACED)
        self.order(self.record(Deed.HANDED_OVER, self.session.wanted, must=not consulted), o.Receive(channel, rings))

    def _forget_move(self) -> None:
        """Who transfers before anything was done with them is not moved any more."""
        if self.session.agent_place is AgentPlace.IN_CALL is not self.session.agent_wanted:
            self.overtaken()

    def not_handed(self, ending: Ending) -> None:
        """What has come goes on without us; of the call that was supervised nothing is left."""
        self.order(o.LetGo(self.session.handed))
        self.become(handed="")
        self.close(ending)

    def _let_go(self, channel: str, refused: Refused) -> None:
        """It rings the supervisor's phone as any call does, so nothing needs to be said."""
        self.order(o.LetGo(channel))
        reason, rule = refused.reason.value, refused.rule or ""
        self.order(self.record(Deed.REFUSED, self.session.wanted, reason=reason, rule=rule))

    def _refusal_to_receive(self) -> Refused | None:
        decision = self.rights.actions.get(Action.RECEIVE_TRANSFER, Refused(Refusal.NOT_ALLOWED))
        if isinstance(decision, Refused):
            return decision
        if self.session.visibility not in decision.visibilities:
            return Refused(Refusal.VISIBLE_FIRST, decision.rule)
        free = self.session.agent_place is self.session.agent_wanted is AgentPlace.IN_CALL and not self.session.consult
        ready = free and self.session.stage is Stage.LIVE
        return None if ready else Refused(Refusal.BUSY, decision.rule)

    # --- the agent calls first

    def consulted(self, channel: str, asker: str) -> None:
        """The agent calls: let it ring, and tell the supervisor, who answers or does not."""
        refused = self._refusal_to_receive()
        if refused is not None:
            self._let_go(channel, refused)
            return
        self.become(consult=channel, asker=asker)
        self.order(o.Ring(channel), o.Say(("agent-calls",), after=True))

    def consult_answered(self) -> None:
        """Let the two talk alone."""
        if not self.session.consult or self.session.consulting:
            self.refuse(Refused(Refusal.NOT_AVAILABLE))
            return
        self.order(self.record(Deed.CONSULT, self.session.wanted, must=True))
        self.empty()
        by_phone = self.session.asker == self.session.consult
        over = self.next_id(Kind.CONSULT) if by_phone else None
        self.order(o.TakeIn(self.session.consult, over), o.OpenMic())
        self.become(consulting=True, mic_open=True, over=over)

    def consult_ended(self) -> None:
        """The agent has hung up, or cannot be taken in: back to the call."""
        if not self.session.consult:
            return
        talked = self.session.consulting
        self._forget_consult()
        if talked:
            self.close_mic()
            self.settle()

    def consult_unrecorded(self) -> None:
        """Nobody is taken in: what rings goes on to ring the phone, and the supervisor is back in the call."""
        self.order(o.LetGo(self.session.consult))
        self.consult_ended()

    def consult_failed(self) -> None:
        """Nobody knows whether the agent is in the room, so they are not."""
        self.leave_consult()
        self.close_mic()
        self.settle()

    def leave_consult(self) -> None:
        """The session ends: a call that still rings goes on to ring the phone, one that was answered has ended."""
        consult = self.session.consult
        if consult:
            self.order(o.EndConsult(consult) if self.session.consulting else o.LetGo(consult))
            self._forget_consult()

    def _forget_consult(self) -> None:
        self.become(consult="", asker="", consulting=False, over=None)
