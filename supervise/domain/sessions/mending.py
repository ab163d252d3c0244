"""What goes wrong in a session, and its end: back to a lesser right, or to none."""

from supervise.domain.calls.naming import OurId
from supervise.domain.records import Deed
from supervise.domain.rights.decisions import Refusal
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.moves import MOVING_DEEDS
from supervise.domain.sessions.session import MONITOR, SPOKEN_ENDINGS, AgentPlace, Ending, Stage
from supervise.domain.sessions.switching import Switching
from supervise.domain.words import Visibility

MOST_FAILURES = 3
"""A session that had to begin again so often is ended: something is wrong that trying does not mend."""


class Mending(Switching):
    """The part of a session's conduct that is about failures and the end."""

    # --- what goes wrong

    def tap_lost(self, tap: OurId) -> None:
        """Do without a tap that has ended; from the least right, if it was needed."""
        needed = tap in (self.session.tap, self.session.coming)
        self.forget_seat(tap)
        if needed:
            self.fall_back()

    def order_failed(self, order: o.Order) -> None:
        """Go on from what Asterisk did not do."""
        if isinstance(order, o.Answer | o.MakeRoom | o.CloseMic | o.Together):
            self.close(Ending.FAILED)
        elif isinstance(order, o.HoldAgent | o.RemoveAgent):
            self.move_failed()
        elif isinstance(order, o.TakeOver):
            self.take_over_failed()
        elif isinstance(order, o.CallBack):
            self.agent_unreached(Refusal.NO_ANSWER)
        elif isinstance(order, o.Receive):
            self.not_handed(Ending.FAILED)
        elif isinstance(order, o.TakeIn):
            self.consult_failed()
        elif isinstance(order, o.BringBack):
            self._bring_back_failed(order.seat)
        elif isinstance(order, o.Make) and order.tap != self.session.coming:
            self.forget_seat(order.tap)
        elif not isinstance(order, o.LetGo | o.Ring | o.StopCalling):  # Asterisk lets go by itself
            self.fall_back()

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

    def fall_back(self) -> None:
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
        self.make_wanted()
        self.order(self.record(Deed.MODE, MONITOR, reason=Refusal.FAILED.value))

    def record_failed(self, write: o.Write) -> None:
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
            if self.session.agent_wanted is AgentPlace.ON_HOLD:
                self.become(agent_wanted=AgentPlace.IN_CALL)
            self.aim(MONITOR, Deed.MODE)

    # --- the end

    def close(self, ending: Ending) -> None:
        """End the session: the call is as it was, and everybody who knew is told."""
        visible = self.session.visibility is Visibility.VISIBLE and self.session.stage is Stage.LIVE
        self.leave_consult()
        self.stop_calling()
        self.empty_the_room()
        self.become(ending=ending)
        words = (ending.value,) if ending in SPOKEN_ENDINGS else ()
        if visible:
            self.tell(o.Presence.LEFT, self.session.stance.mode)
        self.order(o.Finish(self.session.room, words, keep=self.session.goes_on))
        if ending is not Ending.UNRECORDED:
            self.order(self.record(Deed.CLOSED, self.session.stance, reason=ending.value))
        self.become(stage=Stage.CLOSED)
