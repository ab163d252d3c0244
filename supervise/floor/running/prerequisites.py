"""What has to be done before a wish is decided about: the supervisor is asked for something, the customer is told."""

from collections.abc import Callable

from supervise.domain.rights.admission import admit, to_follow
from supervise.domain.rights.decisions import Allowed, Decision, Refusal, Refused, Rights
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions.session import Session
from supervise.floor.running.entry import Wish
from supervise.floor.running.gate import Ask
from supervise.floor.running.parties import Parties
from supervise.floor.running.standing import allows


class Prerequisites:
    """Says what is missing; what no rule allows is refused without asking or telling."""

    def __init__(self, parties: Parties, rights: Callable[[Wish], Rights]) -> None:
        """Ask those of `parties`; `rights` says what the policy allows, after a question if need be."""
        self._parties = parties
        self._rights = rights

    def asks(self, session: Session, wish: Wish) -> Ask | None:
        """What the rule that allows a wish wants to be asked first."""
        decision = _decision(session, wish, self._rights(wish))
        return self._parties.gate.asks(decision) if isinstance(decision, Allowed) else None

    def untold(self, session: Session, wish: Wish) -> frozenset[str]:
        """Who has to hear the announcement before a wish may come true; nobody where it may not anyway."""
        if not isinstance(wish, h.ModeAsked | h.AgentAsked):
            return frozenset()
        rights, mode = self._rights(wish), wish.mode or session.wanted.mode
        if not allows(session, mode, rights):
            return frozenset()
        agent = wish.agent if isinstance(wish, h.AgentAsked) else session.agent
        return self._parties.notices.missing(rights.rules.customer, mode, agent.channel)


def _decision(session: Session, wish: Wish, rights: Rights) -> Decision | None:
    """The decision that a wish is to be made by; None where it asks for no right."""
    match wish:
        case h.ActionAsked(action):
            return rights.actions.get(action, Refused(Refusal.NOT_ALLOWED))
        case h.FollowAsked(follow):
            return to_follow(follow, rights)
        case h.VisibilityAsked(visibility):
            return rights.may(session.wanted.mode, visibility)
        case _:
            mode = wish.mode or session.wanted.mode
            admitted = admit(mode, session.visibility, rights)
            return admitted if isinstance(admitted, Refused) else rights.may(mode, admitted)
