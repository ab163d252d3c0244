"""How a session goes on: a happening and the rights of this very moment in, the next session and its orders out.

What is wanted is one thing, what is in the room another; each step only works towards what is wanted. A wish that comes
in the middle of a switch changes the aim, never the order of the steps (`switching`). Whatever fails ends in the ear of
a listener, or in the end of the session (`mending`).
"""

from supervise.domain.calls.naming import Kind
from supervise.domain.records import Deed
from supervise.domain.rights.decisions import Refusal, Rights
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.mending import Mending
from supervise.domain.sessions.session import AgentPlace, Ending, Session, Stage
from supervise.domain.sessions.turn import Step
from supervise.domain.sessions.wishes import Wish
from supervise.domain.words import Mode

_ENDINGS: dict[type[h.Happening], Ending] = {
    h.LeaveAsked: Ending.LEFT,
    h.SupervisorGone: Ending.SUPERVISOR_GONE,
    h.CallEnded: Ending.CALL_ENDED,
    h.CallChanged: Ending.CALL_CHANGED,
    h.TimeUp: Ending.TIME_UP,
    h.Untold: Ending.UNTOLD,
    h.GoneBlind: Ending.BLIND,
}

_ENDS_TAKE_OVER = (*_ENDINGS, h.OrderFailed, h.Overtaken, h.RecordFailed)
"""What matters once the supervisor's own phone is in the call, and its news is awaited."""


def begin(session: Session, rights: Rights) -> Step:
    """Open a session that was decided about: `session` says in `wanted` and `visibility` how it is to begin."""
    turn = _Conduct(session, rights)
    turn.open()
    return turn.done()


def advance(session: Session, happening: h.Happening, rights: Rights) -> Step:
    """Take one happening in.

    Args:
        session: how it stands.
        happening: what happened.
        rights: what the supervisor may do to this call now, not when something was asked for.
    """
    turn = _Conduct(session, rights)
    leaving = session.agent_place is AgentPlace.REPLACED and not isinstance(happening, _ENDS_TAKE_OVER)
    if session.stage is Stage.CLOSED or leaving:
        turn.too_late(happening)
    else:
        turn.take(happening)
    return turn.done()


def end(session: Session, ending: Ending) -> Step:
    """End a session from outside."""
    turn = _Conduct(session, None)
    if session.stage is not Stage.CLOSED:
        turn.close(ending)
    return turn.done()


class _Conduct(Mending):
    """What each happening leads to."""

    # --- what can happen

    def open(self) -> None:
        record = self.record(Deed.OPENED, self.session.wanted, must=True)
        self.order(o.Together((record, o.Answer(), o.MakeRoom(self.session.room))))
        self.make_wanted()

    def take(self, happening: h.Happening) -> None:
        if isinstance(happening, Wish):
            self.take_wish(happening)
            return
        match happening:
            case h.RightsChanged() if self.session.home is not None and not self.hears_consult:
                self.unhear_consult()
            case h.RightsChanged():
                self.rights_changed()
            case h.SupervisorGone() if self.session.agent_place is AgentPlace.REPLACED:
                self.become(mic_open=False)
                self.close(Ending.HANDED_OVER if self.session.handed else Ending.TAKEN_OVER)
            case h.LeaveAsked():
                self.return_agent()
                self.close(Ending.LEFT)
            case _ if type(happening) in _ENDINGS:
                self.close(_ENDINGS[type(happening)])
            case _:
                self._take_news(happening)

    def _take_news(self, happening: h.Happening) -> None:
        match happening:
            case h.TapReady(tap):
                self.tap_ready(tap)
            case h.TapLost(tap):
                self.tap_lost(tap)
            case h.OrderFailed(order):
                self.order_failed(order)
            case h.RecordFailed(write):
                self.record_failed(write)
            case h.Stalled(stalled):
                self.stalled(stalled=stalled)
            case h.Handed() | h.Consulted() | h.ConsultUnanswered() | h.ConsultEnded():
                self.take_handing(happening)
            case _:
                self._take_news_of_agent(happening)

    def _take_news_of_agent(self, happening: h.Happening) -> None:
        match happening:
            case h.HoldChanged(held):
                self.hold_changed(held=held)
            case h.MusicHeard() if self.session.held:
                self.become(quiet=True)
                self.settle()
            case h.AgentLeft() | h.AgentConsults() | h.AgentConsultOver():
                self.turn_to(happening)
            case h.Leaking():
                self.fall_back()
            case h.Parted() if not self.session.parted and not self.session.without_agent:
                self.part()
            case h.Astray() if self.session.parted:
                self.leave_seat()
            case h.Joined():
                self.empty()
                self.settle()
            case h.Regrouped():
                self.renew_ear()
            case h.Rejoined() if self.session.parted:
                self.become(parted=False)
                self.rights_changed()
            case _:
                self._take_news_of_moves(happening)

    def _take_news_of_moves(self, happening: h.Happening) -> None:
        match happening:
            case h.AgentGone() if self.session.agent_place in (AgentPlace.ON_HOLD, AgentPlace.IN_CALL):
                self._agent_gone()
            case h.Overtaken():
                self.overtaken()
            case h.AgentReturned() if self.session.agent_place is AgentPlace.ON_HOLD:
                self.agent_returned()
            case h.AgentCalledBack(channel) if channel == self.session.recall:
                self.agent_called_back(channel)
            case h.AgentUnreached(channel, busy) if channel == self.session.recall:
                self.become(recall="")
                self.agent_unreached(Refusal.AGENT_BUSY if busy else Refusal.NO_ANSWER)

    def _agent_gone(self) -> None:
        """Who barges goes on with the customer; to anybody else a call without its agent has ended."""
        here = self.session.tap is not None and self.session.tap.kind is Kind.SEAT
        if self.session.agent_place is AgentPlace.ON_HOLD or (here and self.session.wanted.mode is Mode.BARGE):
            self.agent_gone()
        else:
            self.close(Ending.CALL_ENDED)

    def too_late(self, happening: h.Happening) -> None:
        """What comes late is not left behind: the hang-up of a tap may have come before Asterisk knew it."""
        match happening:
            case h.TapReady(tap) if self.session.stage is Stage.CLOSED:
                self.order(o.HangUp(tap))
            case h.Handed(channel, stands_in=True) if self._taken_over:
                self.order(o.EndConsult(channel))
            case h.Handed(channel) | h.Consulted(channel) if channel != self.session.handed:
                self.order(o.LetGo(channel))

    @property
    def _taken_over(self) -> bool:
        """Whether the customer is in the supervisor's own call: what still comes of a transfer is nobody's."""
        return self.session.agent_place is AgentPlace.REPLACED and not self.session.handed
