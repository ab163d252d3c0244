"""How a session goes on: a happening and the rights of this very moment in, the next session and its orders out.

The order of things is what keeps everybody's privacy, so it is all here:

* What is wanted is one thing, what is in the room another; each step only works towards what is wanted. A wish that
  comes in the middle of a switch changes the aim, never the order of the steps.
* A switch makes the new tap, waits until it is there, decides anew, takes the old one out, puts the new one in and
  hangs the old one up. Both in the room at once would let the agent hear themselves.
* Where the voice is to go less far, the microphone is closed first; only an agent on hold is brought back before that.
* A record that raises a right comes before the tap that gives it.
* Whatever fails ends in the ear of a listener, or in the end of the session.
"""

from supervise.domain.calls.naming import Kind, OurId
from supervise.domain.records import Deed
from supervise.domain.rights.admission import admit, modes_down_from
from supervise.domain.rights.decisions import Refusal, Refused, Rights
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.moves import MOVING_DEEDS
from supervise.domain.sessions.session import MONITOR, SPOKEN_ENDINGS, AgentPlace, Ending, Session, Stage, Stance
from supervise.domain.sessions.turn import Step
from supervise.domain.sessions.wishes import Wish, Wishes
from supervise.domain.words import Mode, Visibility

MOST_FAILURES = 3
"""A session that had to begin again so often is ended: something is wrong that trying does not mend."""

_ENDINGS: dict[type[h.Happening], Ending] = {
    h.LeaveAsked: Ending.LEFT,
    h.SupervisorGone: Ending.SUPERVISOR_GONE,
    h.CallEnded: Ending.CALL_ENDED,
    h.CallChanged: Ending.CALL_CHANGED,
    h.TimeUp: Ending.TIME_UP,
    h.Untold: Ending.UNTOLD,
    h.GoneBlind: Ending.BLIND,
}

_ENDS_TAKE_OVER = (*_ENDINGS, h.OrderFailed, h.RecordFailed)
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


class _Conduct(Wishes):
    """What each happening leads to."""

    # --- what can happen

    def open(self) -> None:
        record = self.record(Deed.OPENED, self.session.wanted, must=True)
        self.order(o.Together((record, o.Answer(), o.MakeRoom(self.session.room))))
        self._make_wanted()

    def take(self, happening: h.Happening) -> None:
        if isinstance(happening, Wish):
            self.take_wish(happening)
            return
        match happening:
            case h.RightsChanged() if self.session.home is not None and not self.hears_consult:
                self.unhear_consult()
            case h.RightsChanged():
                self._rights_changed()
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
                self._tap_ready(tap)
            case h.TapLost(tap):
                self._tap_lost(tap)
            case h.OrderFailed(order):
                self._order_failed(order)
            case h.RecordFailed(write):
                self._record_failed(write)
            case h.Stalled(stalled):
                self._stalled(stalled=stalled)
            case h.Handed() | h.Consulted() | h.ConsultUnanswered() | h.ConsultEnded():
                self.take_handing(happening)
            case _:
                self._take_news_of_agent(happening)

    def _take_news_of_agent(self, happening: h.Happening) -> None:
        match happening:
            case h.HoldChanged(held):
                self._hold_changed(held=held)
            case h.MusicHeard() if self.session.held:
                self.become(quiet=True)
                self.settle()
            case h.AgentLeft() | h.ConsultHeard() | h.ConsultOver():
                self.turn_to(happening)
            case h.Leaking():
                self._fall_back()
            case h.Parted() if not self.session.parted and not self.session.without_agent:
                self.part()
            case h.Astray() if self.session.parted:
                self.leave_seat()
            case h.Rejoined() if self.session.parted:
                self.become(parted=False)
                self._rights_changed()
            case h.AgentGone() if self.session.agent_place in (AgentPlace.ON_HOLD, AgentPlace.IN_CALL):
                self._agent_gone()
            case h.AgentReturned() if self.session.agent_place is AgentPlace.ON_HOLD:
                self.agent_returned()

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
            case h.Handed(channel) | h.Consulted(channel) if channel != self.session.handed:
                self.order(o.LetGo(channel))

    # --- towards what is wanted

    def aim(self, wanted: Stance, deed: Deed) -> None:
        """Set out for a stance. What raises a right is written first; what lowers one is done first."""
        raises = wanted.reach > self.session.wanted.reach or wanted.mode.right > self.session.wanted.mode.right
        self.become(wanted=wanted)
        record = self.record(deed, wanted, must=raises)
        if raises:
            self.order(record)
        self.settle()
        if not raises:
            self.order(record)

    def settle(self) -> None:
        """One step from what is to what is wanted; the next one follows when this one is told to be done."""
        if self.session.coming is not None or not self.brings_back:
            self.hush()
        if self.session.coming is not None:
            return
        self.bring_back_if_wanted()
        self.hush()
        if self.session.suspended:
            return
        if self._has_what_it_needs():
            self._arrive()
        else:
            self._make_wanted()

    def _has_what_it_needs(self) -> bool:
        """Whether the right tap is in the room: of seats only the session's own, of ears only one on the agent."""
        tap, needed = self.session.tap, self.session.needed
        right = tap is not None and tap.kind is needed and not self.session.elsewhere
        return right and (needed is not Kind.SEAT or tap == self.session.seat)

    def _make_wanted(self) -> None:
        """Ask for the tap that is wanted; a seat that is in the call already only has to be put into the room."""
        kind = self.session.needed
        if self.session.suspended:
            return
        if kind is not Kind.SEAT:
            self.become(coming=self.make(kind))
        elif self.session.seat is None:
            self.make_seat()
            self.become(coming=self.session.seat)
        else:
            self.become(coming=self.session.seat)
            if self.session.seated:
                self._put_in_if_still_allowed(self.session.seat)

    def _arrive(self) -> None:
        """The right tap is in the room: open the microphone if it may be, and say so."""
        wanted = self.session.wanted
        if wanted.reach > 0 and not self.session.mic_open:
            self.become(mic_open=True)
            self.order(o.OpenMic())
        before, opening = self.session.stance, self.session.stage is Stage.OPENING
        self.become(stance=wanted, stage=Stage.LIVE)
        if opening or before != wanted or self.session.note:
            self.confirm_stance()
        new = opening or self.session.told not in (None, self.session.agent.channel)
        if self.session.visibility is Visibility.VISIBLE and (new or before.mode is not wanted.mode):
            self.tell(o.Presence.ENTERED if new else o.Presence.CHANGED, wanted.mode)
        self.send_away_if_wanted()

    # --- taps

    def _tap_ready(self, tap: OurId) -> None:
        if tap == self.session.seat:
            self.become(seated=True)
        if tap == self.session.coming and tap.kind is self.session.needed:
            self._put_in_if_still_allowed(tap)
        elif tap == self.session.coming:
            self.discard_coming()
            self.settle()
        elif tap == self.session.seat:
            self.order(o.Say(("you-are-audible-again",), after=True))
            self._renew_coach_ear()
        elif tap != self.session.tap:
            self.order(o.HangUp(tap))

    def _put_in_if_still_allowed(self, tap: OurId) -> None:
        """The decision counts at this moment, not at the one when it was asked for."""
        admitted = admit(self.session.wanted.mode, self.session.visibility, self.rights)
        if isinstance(admitted, Refused):
            self.discard_coming()
            self._rights_changed()
            return
        old = self.session.tap
        self.become(tap=tap, coming=None, ear_on="")
        if old is not None and old == self.session.seat:
            self.order(o.Drain())
        if old is not None:
            self.order(o.TakeOut(old))
        self.order(o.PutIn(tap))
        if old is not None and old != self.session.seat:
            self.order(o.HangUp(old))
        self.leave_seat_without_right()
        self.settle()

    def _tap_lost(self, tap: OurId) -> None:
        needed = tap in (self.session.tap, self.session.coming)
        self.forget_seat(tap)
        if needed:
            self._fall_back()

    # --- what goes wrong

    def _order_failed(self, order: o.Order) -> None:
        if isinstance(order, o.Answer | o.MakeRoom | o.CloseMic | o.Together):
            self.close(Ending.FAILED)
        elif isinstance(order, o.HoldAgent | o.RemoveAgent | o.TakeOver):
            self.move_failed()
        elif isinstance(order, o.Receive):
            self.not_handed(Ending.FAILED)
        elif isinstance(order, o.TakeIn):
            self.consult_failed()
        elif isinstance(order, o.BringBack):
            self._bring_back_failed(order.seat)
        elif isinstance(order, o.Make) and order.tap != self.session.coming:
            self.forget_seat(order.tap)
        elif not isinstance(order, o.LetGo | o.Ring):  # Asterisk lets go by itself
            self._fall_back()

    def _bring_back_failed(self, seat: OurId) -> None:
        """Try again; in the end, or when the seat has been given up, Asterisk does it: the agent's lease runs out."""
        self.discard_coming()
        self.become(agent_place=AgentPlace.ON_HOLD, agent_wanted=AgentPlace.IN_CALL)
        if self.session.tap == seat or self.session.private:
            self.become(seat=seat, seated=True)
        if self.session.failures + 1 >= MOST_FAILURES or self.session.seat is None:
            self.close(Ending.FAILED)
            return
        self.become(failures=self.session.failures + 1)
        self.settle()

    def _fall_back(self) -> None:
        """Back to the least right: nothing in the room, the microphone closed, then a new ear.

        Without the agent there is no least right: no ear hears the customer.
        """
        if self.session.failures + 1 >= MOST_FAILURES or self.session.agent_place is AgentPlace.REMOVED:
            self.close(Ending.FAILED)
            return
        if self.session.consulting:
            self.leave_consult()
        had = self.session.wanted
        self.empty_the_room()
        self.become(wanted=MONITOR, stance=MONITOR, failures=self.session.failures + 1)
        if had != MONITOR:
            self.become(note=(Refusal.FAILED.value,))
        self._make_wanted()
        self.order(self.record(Deed.MODE, MONITOR, reason=Refusal.FAILED.value))

    def _record_failed(self, write: o.Write) -> None:
        """What could not be recorded has not been done: back to how it stood, or less."""
        if write.deed is Deed.OPENED:
            self.close(Ending.UNRECORDED)
            return
        if write.deed in MOVING_DEEDS:
            self.move_unrecorded()
            return
        if write.deed is Deed.TARGET:
            self.agent_unrecorded(write.before)
            return
        self.order(o.Say((Refusal.UNRECORDED.value,)))
        if write.deed is Deed.HANDED_OVER:
            self.not_handed(Ending.CALL_ENDED)
        elif write.deed is Deed.CONSULT:
            self.consult_unrecorded()
        elif write.deed is Deed.PRIVATE_OVER:
            self.stay_paused()
        elif write.deed is Deed.VISIBILITY:
            self.become(visibility=Visibility.VISIBLE)
        elif self.session.coming is not None and self.session.tap is not None:
            self.discard_coming()
            self.become(wanted=self.session.stance)
            self.settle()
        else:
            self.vacate()  # whether what was to be in the room is there depends on how far the orders came
            self.aim(MONITOR, Deed.MODE)

    def _rights_changed(self) -> None:
        """Keep what is still allowed, else go down to the highest mode that is, else end."""
        if self.is_to_pause:
            self.pause()
            return
        self.resume()
        wanted = self.session.wanted
        self.leave_seat_without_right()
        for mode in modes_down_from(wanted.mode):
            if isinstance(admit(mode, self.session.visibility, self.rights), Refused):
                continue
            if mode is not wanted.mode and self.session.agent_wanted is AgentPlace.REMOVED:
                break
            if mode is not wanted.mode:
                self.close_mic()
                self.become(note=("lowered",), agent_wanted=AgentPlace.IN_CALL)
                self.aim(Stance(mode, muted=mode is Mode.MONITOR or wanted.muted), Deed.MODE)
            elif self.session.coming is None and self.session.tap is None:
                self._make_wanted()
            return
        self.close(Ending.PRIVATE if self.rights.private else Ending.REVOKED)

    # --- an agent to whom nothing is sent

    def _stalled(self, *, stalled: bool) -> None:
        coaching = self.session.stance.reach == 1 and self.session.wanted.reach == 1
        if stalled and coaching and self.session.seat is None and not self.session.suspended:
            self.order(o.Say(("you-may-be-inaudible",)))
            self.make_seat()
            self.order(self.record(Deed.INAUDIBLE, self.session.stance))

    def _renew_coach_ear(self) -> None:
        """Have nothing said late: what nothing carried has piled up in the ear (to half a second, 22.10.1).

        It would delay all that follows; a new ear has none of it.
        """
        needed = self.session.needed
        coaching = needed in (Kind.COACH_EAR, Kind.QUIET_COACH_EAR)
        if self.session.coming is None and coaching and not self.session.suspended:
            self.become(coming=self.make(needed))

    def _hold_changed(self, *, held: bool) -> None:
        """Whoever coaches through a hold is not heard late when it ends."""
        self.become(held=held, quiet=False)
        self.order(o.Say(("on-hold" if held else "off-hold",), after=True))
        self.settle()
        if not held:
            self._renew_coach_ear()

    # --- the end

    def close(self, ending: Ending) -> None:
        visible = self.session.visibility is Visibility.VISIBLE and self.session.stage is Stage.LIVE
        self.leave_consult()
        self.empty_the_room()
        self.become(ending=ending)
        words = (ending.value,) if ending in SPOKEN_ENDINGS else ()
        if visible:
            self.tell(o.Presence.LEFT, self.session.stance.mode)
        self.order(o.Finish(self.session.room, words, keep=self.session.goes_on))
        if ending is not Ending.UNRECORDED:
            self.order(self.record(Deed.CLOSED, self.session.stance, reason=ending.value))
        self.become(stage=Stage.CLOSED)
