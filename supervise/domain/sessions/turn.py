"""One step of a session in the making: the session as it becomes, and the small deeds that steps are made of."""

from dataclasses import replace

from supervise.domain.calls.naming import Kind, OurId
from supervise.domain.records import Deed
from supervise.domain.rights.decisions import Refused, Rights
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.session import AgentPlace, Session, Stance
from supervise.domain.words import Mode

Step = tuple[Session, tuple[o.Order, ...]]


class Turn:
    """The session as it becomes, and the orders so far."""

    def __init__(self, session: Session, rights: Rights | None) -> None:
        self.session = session
        self._rights = rights
        self._orders: list[o.Order] = []

    def done(self) -> Step:
        """The session and the orders of this step."""
        return self.session, tuple(self._orders)

    @property
    def rights(self) -> Rights:
        """What may be done now; ending a session asks for none."""
        if self._rights is None:
            raise RuntimeError("ending a session asks for no rights")
        return self._rights

    def become(self, **changes: object) -> None:
        """Let the session be another one in these respects."""
        self.session = replace(self.session, **changes)  # type: ignore[arg-type]  # replace() checks the names itself

    def order(self, *orders: o.Order) -> None:
        """Let these be done after what was ordered so far."""
        self._orders.extend(orders)

    def record(self, deed: Deed, stance: Stance, *, must: bool = False, reason: str = "", rule: str = "") -> o.Write:
        """The record of a deed, as things stand."""
        return o.Write(deed, stance.mode, stance.muted, self.session.visibility, must=must, reason=reason, rule=rule)

    def refuse(self, refused: Refused, mode: Mode | None = None, about: str = "") -> None:
        """Say why something is refused, and write it down; `about` somebody, where that is not the agent."""
        asked = replace(self.session.wanted, mode=mode) if mode else self.session.wanted
        record = self.record(Deed.REFUSED, asked, reason=refused.reason.value, rule=refused.rule or "")
        self.order(o.Say((refused.reason.value,)), replace(record, about=about))

    def tell(self, presence: o.Presence, mode: Mode) -> None:
        """Tell the agent something of the supervisor."""
        self.order(o.Tell(presence, mode, self.session.agent))
        gone = presence in (o.Presence.LEFT, o.Presence.HID)
        self.become(told="" if gone else self.session.agent.channel)

    def confirm_stance(self) -> None:
        """Say which mode this is, and whether it is muted."""
        self.order(o.Say(self.session.note + words_of(self.session.wanted)))
        self.become(note=())

    def next_id(self, kind: Kind) -> OurId:
        """An id that this session has not given before."""
        self.become(turn=self.session.turn + 1)
        return OurId(kind, self.session.id, self.session.turn)

    def make(self, kind: Kind) -> OurId:
        """Ask for a channel of ours."""
        tap = self.next_id(kind)
        self.order(o.Make(tap, self.session.agent.channel))
        return tap

    def make_seat(self) -> None:
        """Ask for the seat."""
        self.become(seat=self.make(Kind.SEAT), seated=False)

    def hush(self) -> None:
        """Close the microphone at once when the tap in the room carries further than is wanted now, or elsewhere.

        Who is being consulted talks to the agent alone, whatever they want to do in the call.
        """
        tap = self.session.tap
        if self.session.consulting:
            return
        if tap is None or reach_of(tap) > self.session.wanted.reach or self.session.elsewhere:
            self.close_mic()

    def discard_coming(self) -> None:
        """Do without what was asked for. A seat that has been taken stays; one on its way is not waited for."""
        coming = self.session.coming
        self.become(coming=None)
        if coming is not None and not (coming == self.session.seat and self.session.seated):
            self.order(o.HangUp(coming))
            self.forget_seat(coming)

    def forget_seat(self, tap: OurId) -> None:
        """Know no seat any more, if this was it."""
        if tap == self.session.seat:
            self.become(seat=None, seated=False)

    def leave_seat_without_right(self) -> None:
        """Who may not barge has no leg in the call, except the silent one that lets the agent hear their coach.

        Where the agent is out of the call it is all that the customer has: they are brought back first.
        """
        refused = isinstance(self.rights.modes[Mode.BARGE], Refused)
        kept = self.session.wanted.reach == 1 or self.session.suspended or self.session.without_agent
        if refused and not kept:
            self.leave_seat()

    def leave_seat(self) -> None:
        """Out of the call's bridge, unless the seat is in the room or about to be: then that is dealt with first."""
        seat = self.session.seat
        if seat is not None and seat not in (self.session.tap, self.session.coming):
            self.order(o.HangUp(seat))
            self.forget_seat(seat)

    def close_mic(self) -> None:
        """Keep the supervisor's voice out of the room."""
        if self.session.mic_open:
            self.become(mic_open=False)
            self.order(o.CloseMic())

    def return_agent(self) -> None:
        """Put an agent who is on hold back into the call; before a seat leaves it, or the customer would be alone."""
        if self.session.agent_place is AgentPlace.ON_HOLD and self.session.seat is not None:
            self.order(o.BringBack(self.session.seat))
            self.order(self.record(Deed.BRING_BACK, self.session.wanted))
        self.become(agent_place=AgentPlace.IN_CALL, agent_wanted=AgentPlace.IN_CALL)

    def vacate(self) -> None:
        """Have nothing in the room; a seat stays in the call, where it may be all that the customer has."""
        self.close_mic()
        tap = self.session.tap
        if tap is not None:
            self.order(o.TakeOut(tap))
            self.become(tap=None)
            if tap != self.session.seat:
                self.order(o.HangUp(tap))

    def empty_the_room(self) -> None:
        """Close the microphone, part the room from the call, put the agent back, and end every tap."""
        self.close_mic()
        tap = self.session.tap
        if tap is not None:
            self.order(o.TakeOut(tap))
        self.return_agent()
        if tap is not None:
            self.order(o.HangUp(tap))
            self.forget_seat(tap)
            self.become(tap=None)
        self.discard_coming()
        self.leave_seat()


def reach_of(tap: OurId) -> int:
    """How far a voice goes through a tap; see `Stance.reach`."""
    return _REACHES[tap.kind]


_REACHES = {Kind.EAR: 0, Kind.QUIET_EAR: 0, Kind.COACH_EAR: 1, Kind.QUIET_COACH_EAR: 1, Kind.SEAT: 2}


def words_of(stance: Stance) -> tuple[str, ...]:
    """A stance, as it is said."""
    return (stance.mode.value,) if stance.mode is Mode.MONITOR else (stance.mode.value, _mute_word(muted=stance.muted))


def _mute_word(*, muted: bool) -> str:
    return "muted" if muted else "unmuted"
