"""What a session makes of its supervisor's wishes: they are decided about first, and then aimed at."""

from dataclasses import replace

from supervise.domain.records import Deed
from supervise.domain.rights.admission import admit, may_follow, may_turn
from supervise.domain.rights.decisions import Follow, Refusal, Refused
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.handing import Handing
from supervise.domain.sessions.session import AgentPlace, Stance
from supervise.domain.sessions.turn import words_of
from supervise.domain.words import Mode, Visibility

Wish = (
    h.ModeAsked
    | h.MuteAsked
    | h.VisibilityAsked
    | h.ActionAsked
    | h.BackAsked
    | h.FollowAsked
    | h.AgentAsked
    | h.ConsultAnswered
    | h.UnknownAsked
)
"""What a supervisor may wish for, besides to leave."""


class Wishes(Handing):
    """The part of a session's conduct that is about wishes."""

    def take_wish(self, wish: Wish) -> None:
        """Decide about a wish, and set out for it or refuse it."""
        beside = self.session.consulting and not isinstance(wish, h.FollowAsked)
        match wish:
            case _ if beside or isinstance(wish, h.UnknownAsked):
                self.refuse(Refused(Refusal.NOT_AVAILABLE))
            case h.ModeAsked(mode):
                self.mode_asked(mode)
            case h.MuteAsked(muted):
                self._mute_asked(muted=muted)
            case h.VisibilityAsked(visibility):
                self._visibility_asked(visibility)
            case h.ActionAsked(action):
                self.action_asked(action)
            case h.BackAsked():
                self.back_asked()
            case h.FollowAsked(follow):
                self._follow_asked(follow)
            case h.AgentAsked():
                self.agent_asked(wish)
            case h.ConsultAnswered():
                self.consult_answered()

    def mode_asked(self, mode: Mode) -> None:
        """Set out for a mode, if it may be entered."""
        before = self.session.wanted
        if mode is before.mode:
            self.confirm_stance()
            return
        admitted = admit(mode, self.session.visibility, self.rights)
        if self.session.agent_wanted is AgentPlace.REMOVED or self.session.home is not None:
            admitted = Refused(Refusal.NOT_AVAILABLE)
        if isinstance(admitted, Refused):
            self.refuse(admitted, mode)
            return
        if mode is not Mode.BARGE:
            self.become(agent_wanted=AgentPlace.IN_CALL)
        self.turn_visible_for(admitted)
        self.aim(Stance(mode, muted=self.muted_in(mode)), Deed.MODE)

    def muted_in(self, mode: Mode) -> bool:
        """Monitor is muted; between coach and barge the mute is kept; entering either obeys the house rule."""
        if mode is Mode.MONITOR:
            return True
        before = self.session.wanted
        return self.rights.rules.start_muted if before.mode is Mode.MONITOR else before.muted

    def _mute_asked(self, *, muted: bool) -> None:
        wanted = self.session.wanted
        if wanted.mode is Mode.MONITOR and not muted:
            self.refuse(Refused(Refusal.NOT_AVAILABLE))
        elif self.session.private and not muted:
            self.refuse(Refused(Refusal.PRIVATE))
        elif wanted.muted is muted:
            self.order(o.Say(words_of(wanted)[-1:]))
        else:
            self.aim(replace(wanted, muted=muted), Deed.MUTE)
            if self.session.suspended:
                self.order(o.Say(words_of(self.session.wanted)[-1:]))

    def _visibility_asked(self, visibility: Visibility) -> None:
        if visibility is self.session.visibility:
            self.order(o.Say((visibility.value,)))
            return
        mode = self.session.wanted.mode
        decision = may_turn(visibility, mode, self.rights)
        if isinstance(decision, Refused):
            self.refuse(decision, mode)
            return
        self.become(visibility=visibility)
        self.order(self.record(Deed.VISIBILITY, self.session.wanted, must=visibility is Visibility.HIDDEN))
        presence = o.Presence.ENTERED if visibility is Visibility.VISIBLE else o.Presence.HID
        self.tell(presence, mode)
        self.order(o.Say((visibility.value,)))

    def _follow_asked(self, follow: Follow) -> None:
        refused = may_follow(follow, self.rights)
        if refused is not None:
            self.refuse(refused)
            return
        self.become(follow=follow)
        self.order(o.Say((f"follow-{follow.value}",)))
        self.order(self.record(Deed.TARGET, self.session.wanted, reason=follow.value))

    def turn_visible_for(self, visibility: Visibility) -> None:
        """Become as visible as a mode wants it."""
        if visibility is not self.session.visibility:
            self.become(visibility=visibility)
            self.order(self.record(Deed.VISIBILITY, self.session.wanted))
