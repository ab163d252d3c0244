"""What has to be done before a wish is decided about: the supervisor is asked for something, the customer is told."""

from collections.abc import Callable

from supervise.domain.rights.admission import admit
from supervise.domain.rights.decisions import Allowed, Decision, Refusal, Refused, Rights
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions.session import Session
from supervise.floor.running.entry import Wish
from supervise.floor.running.gate import Ask
from supervise.floor.running.parties import Parties
from supervise.floor.running.standing import allows


class Before:
    """Says what is missing; what no rule allows is refused without asking or telling."""

    def __init__(self, parties: Parties, rights: Callable[[Wish], Rights]) -> None:
        """Ask those of `parties`; `rights` says what the policy allows, after a question if need be."""
        self._parties = parties
        self._rights = rights

    def asks(self, session: Session, wish: Wish) -> Ask | None:
        """What the rule that allows a wish wants to be asked first."""
        decision = self._decision(session, wish, self._rights(wish))
        return self._parties.gate.asks(decision) if isinstance(decision, Allowed) else None

    def _decision(self, session: Session, wish: Wish, rights: Rights) -> Decision:
        if isinstance(wish, h.ActionAsked):
            return rights.actions.get(wish.action, Refused(Refusal.NOT_ALLOWED))
        if isinstance(wish, h.VisibilityAsked):
            return rights.may(session.wanted.mode, wish.visibility)
        mode = wish.mode or session.wanted.mode
        visibility = admit(mode, session.visibility, rights)
        return visibility if isinstance(visibility, Refused) else rights.may(mode, visibility)

    def untold(self, session: Session, wish: Wish) -> frozenset[str]:
        """Who has to hear the announcement before a wish may come true; nobody where it may not anyway."""
        if not isinstance(wish, h.ModeAsked | h.AgentAsked):
            return frozenset()
        rights, mode = self._rights(wish), wish.mode or session.wanted.mode
        if not allows(session, mode, rights):
            return frozenset()
        agent = wish.agent if isinstance(wish, h.AgentAsked) else session.agent
        return self._parties.notices.missing(rights.rules.customer, mode, agent.channel)
