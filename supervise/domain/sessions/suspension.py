"""While nothing may be in a session's room: the agent is between two calls, or the call is private.

What is wanted is kept. When it is over, that is decided about anew, and only then asked for again.
"""

from supervise.domain.records import Deed
from supervise.domain.rights.decisions import MidSession
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.moves import Moves
from supervise.domain.sessions.session import AgentPlace


class Suspension(Moves):
    """The part of a session's conduct that is about having nothing in the room for a while."""

    def part(self) -> None:
        """The agent has left the call, nobody knows yet for where; a seat stays, it may be all the customer has.

        It goes when they are `Astray`: the call is to end, or to wait, as it would without us.
        """
        self.empty()
        self.become(parted=True)

    @property
    def is_to_pause(self) -> bool:
        """Whether the call is private now, and the house lets the session wait for the end of that."""
        return self.rights.private and self.rights.rules.mid_session is MidSession.PAUSE

    def pause(self) -> None:
        """Let nothing of the supervisor be in a private call, and nothing of the call with them."""
        if self.session.private:
            return
        self.become(private=True)
        self.empty()
        self._leave_call()
        self.order(o.Say(("private",)), self.record(Deed.PRIVATE, self.session.wanted))

    def resume(self) -> None:
        """The call is private no longer; that is written before anything may be heard of it again."""
        if self.session.private:
            self.become(private=False, note=("private-over",))
            self.order(self.record(Deed.PRIVATE_OVER, self.session.wanted, must=True))

    def stay_paused(self) -> None:
        """The end of the pause could not be written, so it has not ended; the next look at the rights tries again.

        What was to follow that record has not been done: neither is a tap in the room nor the microphone open.
        """
        self.become(private=True)
        self.empty()

    def empty(self) -> None:
        """Neither voice nor ear: the microphone closed, the tap out of the room, and nothing on its way there.

        Who talks with the agent alone goes on with that: it is not the call.
        """
        if not self.session.consulting:
            self.vacate()
        self.discard_coming()

    def _leave_call(self) -> None:
        """The agent comes back, and the seat goes; where they have been removed, it is all that the customer has."""
        if self.session.agent_place is AgentPlace.REMOVED:
            self.become(agent_wanted=AgentPlace.REMOVED)
        else:
            self.return_agent()
            self.leave_seat()
