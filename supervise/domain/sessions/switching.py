"""Towards what is wanted: one tap takes the place of another, and the rights of this very moment decide about it.

* A switch makes the new tap, waits until it is there, decides anew, takes the old one out, puts the new one in and
  hangs the old one up. Both in the room at once would let the agent hear themselves.
* Where the voice is to go less far, the microphone is closed first; only an agent on hold is brought back before that.
* A record that raises a right comes before the tap that gives it.
"""

from supervise.domain.calls.naming import Kind, OurId
from supervise.domain.records import Deed
from supervise.domain.rights.admission import admit, modes_down_from
from supervise.domain.rights.decisions import Refused
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.session import AgentPlace, Ending, Stage, Stance
from supervise.domain.sessions.wishes import Wishes
from supervise.domain.words import Mode, Visibility


class Switching(Wishes):
    """The part of a session's conduct that is about what is in the room."""

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
            self.make_wanted()

    def _has_what_it_needs(self) -> bool:
        """Whether the right tap is in the room: of seats only the session's own, of ears only one on the agent."""
        tap, needed = self.session.tap, self.session.needed
        right = tap is not None and tap.kind is needed and not self.session.elsewhere
        return right and (needed is not Kind.SEAT or tap == self.session.seat)

    def make_wanted(self) -> None:
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

    def tap_ready(self, tap: OurId) -> None:
        """Put in what is wanted, if it may still be; what nobody waits for any more is ended."""
        if tap == self.session.seat:
            self.become(seated=True)
        if tap == self.session.coming and tap.kind is self.session.needed:
            self._put_in_if_still_allowed(tap)
        elif tap == self.session.coming:
            self.discard_coming()
            self.settle()
        elif tap == self.session.seat:
            self.order(o.Say(("you-are-audible-again",), after=True))
            self.renew_ear()
        elif tap != self.session.tap:
            self.order(o.HangUp(tap))

    def _put_in_if_still_allowed(self, tap: OurId) -> None:
        """The decision counts at this moment, not at the one when it was asked for."""
        admitted = admit(self.session.wanted.mode, self.session.visibility, self.rights)
        if isinstance(admitted, Refused):
            self.discard_coming()
            self.rights_changed()
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

    def rights_changed(self) -> None:
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
                self.make_wanted()
            return
        self.close(Ending.PRIVATE if self.rights.private else Ending.REVOKED)

    # --- an agent to whom nothing is sent

    def stalled(self, *, stalled: bool) -> None:
        """Have a silent seat carry the coach's voice where nothing else is sent to the agent."""
        coaching = self.session.stance.reach == 1 and self.session.wanted.reach == 1
        if stalled and coaching and self.session.seat is None and not self.session.suspended:
            self.order(o.Say(("you-may-be-inaudible",)))
            self.make_seat()
            self.order(self.record(Deed.INAUDIBLE, self.session.stance))

    def renew_ear(self) -> None:
        """Listen anew, when the ear of until now has gone.

        What the agent is sent comes from elsewhere, to which an ear that stays may be deaf (22.10.1, decision 9); and
        what nothing has carried to them has piled up in it, to half a second, and would delay all that follows.
        """
        tap = self.session.tap
        if tap is None or tap.kind is Kind.SEAT or self.session.coming is not None or self.session.suspended:
            return
        self.vacate()
        self.make_wanted()

    def hold_changed(self, *, held: bool) -> None:
        """Whoever coaches through a hold is not heard late when it ends."""
        self.become(held=held, quiet=False)
        self.order(o.Say(("on-hold" if held else "off-hold",), after=True))
        if not held:
            self.renew_ear()
        self.settle()
