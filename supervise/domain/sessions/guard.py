"""What must not be ordered: who would hear whom after an order, computed before Asterisk is asked to carry it out.

The session says what is wanted, the book who is in which bridge. But the book learns by events, which come a moment
after the answers; so what Asterisk has answered about the session's own room, microphone and agent counts first. An
order whose outcome is unknown may have been carried out, and is taken to have raised a right and not to have lowered
one.

What takes a right away is never refused, but for the one thing that could harm the call: a seat that goes while the
agent is on hold would leave the customer alone.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from supervise.domain.calls.audioflow import Flow, hearing, who_hears
from supervise.domain.calls.calls import CallBook
from supervise.domain.calls.naming import Kind, OurId, is_ours
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.session import AgentPlace, Session
from supervise.domain.sessions.truth import beside, bridges_with, broken_in, flow_around
from supervise.domain.sessions.turn import reach_of
from supervise.domain.words import Mode


@dataclass(frozen=True, slots=True)
class Answered:
    """What Asterisk has answered about one session.

    Attributes:
        room: who is in the room beside the supervisor, or may be.
        mic_open: whether the supervisor's voice may enter the room; it does as long as nobody has closed it.
        held: the agent has been put on hold, or may have been.
    """

    room: frozenset[str] = frozenset()
    mic_open: bool = True
    held: bool = False

    def asked(self, order: o.Order) -> "Answered":
        """What may be so from the moment at which an order goes out."""
        match order:
            case o.PutIn(tap):
                return replace(self, room=self.room | {str(tap)})
            case o.TakeIn(channel):
                return replace(self, room=self.room | {channel})
            case o.OpenMic() | o.TakeOver() | o.Receive():
                return replace(self, mic_open=True)
            case o.HoldAgent():
                return replace(self, held=True)
            case _:
                return self

    def done(self, order: o.Order) -> "Answered":
        """What is so when an order has been carried out."""
        match order:
            case o.MakeRoom() | o.CloseMic():
                return replace(self, mic_open=False)
            case o.TakeOut(tap):
                return replace(self, room=self.room - {str(tap)})
            case o.BringBack() | o.RemoveAgent() | o.TakeOver():
                return replace(self, held=False)
            case _:
                return self


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything that is known when an order is given.

    Attributes:
        session: as it is to be when all orders of its step have been carried out.
        book: who is connected with whom, by events.
        answered: what is known before those.
    """

    session: Session
    book: CallBook
    answered: Answered

    def why_not(self, order: o.Order) -> str:
        """What an order would break; empty where it may be given."""
        return self._foreign(order) or self._why_not(order)

    def _foreign(self, order: o.Order) -> str:
        """Nothing is done with what belongs to another session."""
        match order:
            case o.Make(mine) | o.PutIn(mine) | o.TakeOut(mine) | o.HangUp(mine) | o.MakeRoom(mine) | o.Finish(mine):
                foreign = mine.session != self.session.id
            case o.HoldAgent(mine) | o.BringBack(mine) | o.CallBack(mine) | o.RemoveAgent(mine) | o.TakeOver(mine):
                foreign = mine.session != self.session.id
            case _:
                return ""
        return f"{mine} belongs to another session" if foreign else ""

    def _why_not(self, order: o.Order) -> str:
        match order:
            case o.MakeRoom(room):
                strangers = self.book.members_of(str(room)) - {self.session.supervisor.channel}
                return f"{sorted(strangers)} are in the room" if strangers else ""
            case o.Make(tap, on):
                return self._why_not_make(tap, on)
            case o.PutIn(tap):
                return self._why_not_put_in(str(tap))
            case o.OpenMic():
                return self._broken(self._flow(mic_open=True))
            case _:
                return self._why_not_move(order) or self._why_not_hand_over(order)

    def _why_not_hand_over(self, order: o.Order) -> str:
        session = self.session
        match order:
            case o.TakeIn(channel) if channel != session.consult or not session.consulting:
                return f"{channel} is not who is to be talked to"
            case o.TakeIn(channel):
                return self._why_not_put_in(channel)
            case o.Receive(channel) if channel != session.handed or not self._may_bring(channel):
                return f"{channel} is not what has been handed over"
            case o.Receive(channel):
                return self._why_not_own(self.book.bridges_of(channel))
            case o.EndConsult(channel) if channel in (session.agent.channel, session.supervisor.channel):
                return f"{channel} is in the call"
            case _:
                return ""

    def _may_bring(self, channel: str) -> bool:
        """Whether a customer may come by a channel: a stranger's, or what stood for this session's agent."""
        ours = OurId.read(channel)
        return ours is None or (ours.kind is Kind.CONSULT and ours.session == self.session.id)

    # --- one kind of order each

    def _why_not_make(self, tap: OurId, on: str) -> str:
        """An ear that may not be in the room with the supervisor is not made; nor a seat by who speaks to nobody."""
        session = self.session
        if session.suspended:
            return "nothing may be made now"
        if on != session.agent.channel or on == session.supervisor.channel:
            return f"{on} is not the agent's channel"
        if tap.kind is Kind.SEAT:
            return "" if session.wanted.mode is not Mode.MONITOR else "a monitor has no seat"
        return "" if reach_of(tap) <= session.wanted.reach else f"{tap.kind} carries a voice too far"

    def _why_not_put_in(self, channel: str) -> str:
        others = self._in_room() - {channel}
        if others:
            return f"{sorted(others)} would be in the room as well"
        if self.session.suspended and not self.session.consulting:
            return "nothing may be in the room now"
        return self._broken(self._with(channel))

    def _why_not_move(self, order: o.Order) -> str:
        match order:
            case o.HoldAgent() | o.RemoveAgent() | o.TakeOver():
                return self._why_not_take_out(order)
            case o.HangUp(seat) if seat.kind is Kind.SEAT:
                return self._why_not_leave(seat)
            case o.CallBack(_, channel):
                wanted = self.session.agent_place is AgentPlace.REMOVED and channel == self.session.recall
                return "" if wanted else "nobody is to be called back"
            case _:
                return ""

    def _why_not_take_out(self, order: o.HoldAgent | o.RemoveAgent | o.TakeOver) -> str:
        """Only who barges moves an agent, and only to where the session has them from now on."""
        if self.session.wanted.mode is not Mode.BARGE or self.session.agent_place not in _PLACES[type(order)]:
            return "the agent is not to be moved there"
        own = self._why_not_own(bridges_with(order.seat, self.book)) if isinstance(order, o.TakeOver) else ""
        return own or self._why_not_send_away(order.seat)

    def _why_not_send_away(self, seat: OurId) -> str:
        """Whoever is left in the call has to hear the supervisor, were the microphone open, and be heard by them."""
        session, agent = self.session, self.session.agent.channel
        now = self._flow(str(seat))
        flow = replace(now, bridges={id_: members - {agent} for id_, members in now.bridges.items()})
        left = self._left_with(seat)
        with_supervisor = who_hears(replace(flow, muted=frozenset()), session.supervisor.channel)
        if not left or not left <= with_supervisor:
            return f"{sorted(left - with_supervisor)} would be alone"
        return self._broken(flow)

    def _left_with(self, seat: OurId) -> frozenset[str]:
        """Who is in the call that a seat is in, without the agent."""
        agent = self.session.agent.channel
        others = beside(seat, agent, self.book)
        call = self.book.call_of(others[0].id, least=1) if others else None
        return frozenset({party.id for party in call.parties} if call is not None else ()) - {agent}

    def _why_not_own(self, bridges: Collection[str]) -> str:
        """With the supervisor's own phone in the call nobody may hear themselves: it is a call like any other then."""
        supervisor, now = self.session.supervisor.channel, self._flow()
        members = {id_: self.book.members_of(id_) | {supervisor} for id_ in bridges}
        room = {str(self.session.room): frozenset(self._in_room())}
        heard = hearing(replace(now, bridges={**now.bridges, **members, **room}, muted=frozenset()))
        echo = sorted(phone for phone, voices in heard.items() if phone in voices)
        return f"{echo} hear themselves" if echo else ""

    def _why_not_leave(self, seat: OurId) -> str:
        agent = self.session.agent.channel
        back = self.book.bridges_of(agent) & bridges_with(seat, self.book)
        away = self.answered.held and self.book.channel(agent) is not None and not back
        left = self._left_with(seat) if away else ()
        return f"{sorted(left)} would be alone, with the agent on hold" if left else ""

    # --- the picture

    def _in_room(self) -> frozenset[str]:
        """What is in the room beside the supervisor; what has ended is not."""
        return frozenset(id_ for id_ in self.answered.room if self.book.channel(id_) is not None)

    def _flow(self, *also: str, mic_open: bool | None = None) -> Flow:
        """How sound would flow; the room and the microphone are as Asterisk has answered, not as events tell."""
        supervisor, room = self.session.supervisor.channel, self._in_room()
        flow = flow_around(self.session, self.book, room | frozenset(also))
        is_open = self.answered.mic_open if mic_open is None else mic_open
        muted = frozenset() if is_open else frozenset({supervisor})
        return replace(flow, bridges={**flow.bridges, str(self.session.room): room | {supervisor}}, muted=muted)

    def _with(self, channel: str) -> Flow:
        """How sound would flow with one more in the room."""
        flow, room = self._flow(channel), str(self.session.room)
        return replace(flow, bridges={**flow.bridges, room: flow.bridges[room] | {channel}})

    def _broken(self, flow: Flow) -> str:
        """Which promise would not hold."""
        return broken_in(self.session, hearing(flow), self.book)


def why_not_hand_back(supervisor: str, endpoint: str, book: CallBook) -> str:
    """Why an agent's phone must not be put into the call that a supervisor has made their own."""
    known = book.channel(supervisor)
    if known is None or any(is_ours(bridge) for bridge in book.bridges_of(supervisor)):
        return "the supervisor is not in a call of their own"
    return "the supervisor would hear themselves" if known.endpoint == endpoint else ""


_PLACES = {
    o.HoldAgent: {AgentPlace.ON_HOLD},
    o.RemoveAgent: {AgentPlace.REMOVED, AgentPlace.REPLACED},
    o.TakeOver: {AgentPlace.REPLACED},
}
"""Where a session has its agent when they are moved; who takes a call over removes them first."""
