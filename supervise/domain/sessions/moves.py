"""What a supervisor who barges may do with the agent: hold, bring back, remove, take over.

Where the agent is to be is one more thing that is wanted, beside mode and mute. To take them out, the seat is put into
the room first: what is left of the call is never one party alone. To bring them back comes before anything that ends
the seat.
"""

from supervise.domain.calls.calls import CallBook
from supervise.domain.calls.naming import OurId, called_back_id
from supervise.domain.records import Deed
from supervise.domain.rights.decisions import Action, Refusal, Refused
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.session import AgentPlace, Person, Session
from supervise.domain.sessions.truth import beside, bridges_with
from supervise.domain.sessions.turn import Turn
from supervise.domain.words import Mode

_PLACES = {
    Action.HOLD_AGENT: AgentPlace.ON_HOLD,
    Action.REMOVE_AGENT: AgentPlace.REMOVED,
    Action.TAKE_OVER: AgentPlace.REPLACED,
}

MOVES = frozenset(_PLACES)
"""The actions that take the agent out of the call."""

_DEEDS = {
    AgentPlace.ON_HOLD: Deed.HOLD_AGENT,
    AgentPlace.REMOVED: Deed.REMOVE_AGENT,
    AgentPlace.REPLACED: Deed.TAKE_OVER,
}

MOVING_DEEDS = frozenset(_DEEDS.values())
"""The deeds without whose record no agent is moved."""


class Moves(Turn):
    """The part of a session's conduct that is about where the agent is."""

    def settle(self) -> None:
        """Go on towards what is wanted."""
        raise NotImplementedError

    # --- wishes

    def action_asked(self, action: Action) -> None:
        """Set out to take the agent out of the call; whatever stands against it is said before anything is done."""
        place = _PLACES.get(action)
        refused = self._refusal_of(action, place)
        if refused is not None or place is None:
            self.refuse(refused or Refused(Refusal.NOT_AVAILABLE), Mode.BARGE)
        elif place is self.session.agent_wanted:
            self.stop_calling()
            self._say_place(place)
        else:
            self.stop_calling()
            self.order(self.record(_DEEDS[place], self.session.wanted, must=True))
            self.become(agent_before=self.session.agent_place, agent_wanted=place)
            self.settle()

    def _refusal_of(self, action: Action, place: AgentPlace | None) -> Refused | None:
        if self.session.wanted.mode is not Mode.BARGE:
            return Refused(Refusal.BARGE_FIRST)
        decision = self.rights.actions.get(action, Refused(Refusal.NOT_ALLOWED))
        if isinstance(decision, Refused):
            return decision
        if self.session.visibility not in decision.visibilities:
            return Refused(Refusal.VISIBLE_FIRST, decision.rule)
        gone = self.session.agent_place is AgentPlace.REMOVED and place is AgentPlace.ON_HOLD
        return Refused(Refusal.NOT_AVAILABLE, decision.rule) if gone or self.session.suspended else None

    def back_asked(self) -> None:
        """Set out to have the agent back; it takes nothing from anybody, so it asks for no right."""
        match self.session.agent_wanted:
            case AgentPlace.REMOVED if self.session.agent_place is AgentPlace.REMOVED and not self.session.suspended:
                self._call_back()
            case AgentPlace.ON_HOLD:
                self.become(agent_wanted=AgentPlace.IN_CALL)
                self.settle()
            case AgentPlace.IN_CALL:
                self._say_place(AgentPlace.IN_CALL)
            case _:
                self.refuse(Refused(Refusal.NOT_AVAILABLE), Mode.BARGE)

    def _call_back(self) -> None:
        """Ring an agent who was removed; the supervisor stays with the customer until they answer."""
        if not self.session.recall and self.session.seat is not None:
            self.become(recall=called_back_id(self.session.id, self.session.turn + 1), turn=self.session.turn + 1)
            self.order(o.CallBack(self.session.seat, self.session.recall))
        self.order(o.Say(("agent-rings",), after=True))

    def stop_calling(self) -> None:
        """Ring nobody any more."""
        if self.session.recall:
            self.order(o.StopCalling(self.session.recall))
            self.become(recall="")

    # --- towards what is wanted

    @property
    def brings_back(self) -> bool:
        """Whether the agent is on hold and to be back."""
        return self.session.agent_wanted is AgentPlace.IN_CALL and self.session.agent_place is AgentPlace.ON_HOLD

    def bring_back_if_wanted(self) -> None:
        """Put the agent back before anything else is changed in the room."""
        if self.brings_back:
            self.return_agent()
            self._renew_seat()
            self._say_place(AgentPlace.IN_CALL)

    def _renew_seat(self) -> None:
        """Do without the seat that there was: after a change of the call's members it may be deaf (22.10.1).

        One that is in the room stays there until the next tap has come.
        """
        if self.session.seat == self.session.tap:
            self.become(seat=None, seated=False)
        else:
            self.leave_seat()

    def send_away_if_wanted(self) -> None:
        """Take the agent out, now that the seat is in the room."""
        seat, place = self.session.seat, self.session.agent_wanted
        if seat is None or place is self.session.agent_place:
            return
        self.order(*self._moves_to(place, seat))
        self.become(agent_place=place)
        if place is not AgentPlace.REPLACED:
            self._say_place(place)

    def _moves_to(self, place: AgentPlace, seat: OurId) -> tuple[o.Order, ...]:
        """Who takes over has the agent out first: by a transfer of theirs a stranger would come into their own call."""
        match place:
            case AgentPlace.ON_HOLD:
                return (o.HoldAgent(seat),)
            case AgentPlace.REPLACED if self.session.agent_place is AgentPlace.REMOVED:
                return (o.TakeOver(seat),)
            case AgentPlace.REPLACED:
                return (o.RemoveAgent(seat), o.TakeOver(seat))
            case _:
                return (o.RemoveAgent(seat),)

    def _say_place(self, place: AgentPlace) -> None:
        self.order(o.Say((f"agent-{place.value}",), after=True))

    # --- news

    def agent_gone(self) -> None:
        """An agent who hangs up on hold has removed themselves."""
        self.become(agent_place=AgentPlace.REMOVED, agent_wanted=AgentPlace.REMOVED)
        self.order(self.record(Deed.REMOVE_AGENT, self.session.wanted, reason="agent-gone"))
        self._say_place(AgentPlace.REMOVED)

    def agent_called_back(self, channel: str) -> None:
        """The agent is a party again, by another channel than before."""
        self.become(agent=Person(self.session.agent.name, channel), recall="")
        self._is_back("called")

    def agent_unreached(self, refused: Refusal) -> None:
        """The agent is not called any more; the call goes on without them."""
        self.stop_calling()
        self.refuse(Refused(refused))

    def agent_returned(self) -> None:
        """Asterisk has put the agent back by itself."""
        self._is_back("lease")

    def _is_back(self, how: str) -> None:
        self.become(agent_place=AgentPlace.IN_CALL, agent_wanted=AgentPlace.IN_CALL)
        self._renew_seat()
        self.order(self.record(Deed.BRING_BACK, self.session.wanted, reason=how))
        self._say_place(AgentPlace.IN_CALL)
        self.settle()

    def move_failed(self) -> None:
        """Nobody knows where the agent is: back into the call, which does no harm to one who is there."""
        self.order(o.Say((Refusal.FAILED.value,)))
        self._take_move_back()

    def overtaken(self) -> None:
        """The agent has left the call by their own transfer: it goes on as if nobody had wanted to move them."""
        self.become(agent_place=AgentPlace.IN_CALL, agent_wanted=AgentPlace.IN_CALL)
        self.refuse(Refused(Refusal.FAILED), Mode.BARGE)

    def take_over_failed(self) -> None:
        """The agent is out, and the supervisor still beside the customer; perhaps their microphone has been opened."""
        self.order(o.Say((Refusal.FAILED.value,)))
        self.become(agent_place=AgentPlace.REMOVED, agent_wanted=AgentPlace.REMOVED, mic_open=True)
        self.settle()

    def move_unrecorded(self) -> None:
        """What could not be recorded is not done, and what was about to be done for it neither."""
        self.order(o.Say((Refusal.UNRECORDED.value,)))
        self.discard_coming()
        self._take_move_back()

    def _take_move_back(self) -> None:
        """Whoever had been removed before is not to be had back, and the session goes on without them."""
        if self.session.agent_before is AgentPlace.REMOVED:
            self.become(agent_place=AgentPlace.REMOVED, agent_wanted=AgentPlace.REMOVED)
        else:
            self.become(agent_place=AgentPlace.ON_HOLD, agent_wanted=AgentPlace.IN_CALL)
        self.settle()


def around(session: Session, book: CallBook) -> frozenset[str]:
    """Everybody in a session's call, also while its agent is out of it."""
    left = beside(session.seat, session.agent.channel, book)
    return frozenset[str]().union(*(book.connected(id_) for id_ in (session.agent.channel, *(p.id for p in left))))


def has_left(session: Session, book: CallBook) -> bool:
    """Whether the agent, who was in the call when they were to be moved, is not in it any more."""
    here = book.bridges_of(session.agent.channel)
    there = bridges_with(session.seat, book)
    gone = not here or (there and not here & there)
    return session.agent_before is AgentPlace.IN_CALL and bool(gone)
