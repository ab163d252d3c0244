"""The lamps that running sessions light: device states, for phones' keys and for queues."""

from collections.abc import Iterable

from supervise.domain.calls.calls import CallBook
from supervise.domain.rights.decisions import SessionRules
from supervise.domain.rights.policy import Policy
from supervise.domain.sessions.session import Session, Stage
from supervise.domain.words import Visibility

BUSY, SUPERVISED = "Stasis:supervising-", "Stasis:supervised-"
"""A supervisor in a session; an agent with whom a visible one is. The endpoint's name follows."""

RECEIVING = "Stasis:receiving-"
"""A supervisor in a session, to whom its call may be handed over (``supervise-receive``). The extension follows."""


def receiving(sessions: Iterable[Session], policy: Policy) -> frozenset[str]:
    """What lets the dialplan ask us first about a call to a supervisor; whether they may is decided when one comes."""
    live = (session.supervisor.name for session in sessions if session.stage is Stage.LIVE)
    people = (person for name in live if (person := policy.person(name)) is not None and person.extension)
    return frozenset(RECEIVING + person.extension for person in people)


def every_lamp(endpoints: Iterable[str], rules: SessionRules) -> frozenset[str]:
    """All lamps that sessions of these phones may light some day."""
    kinds = [*([BUSY] if rules.busy_while_supervising else []), *([SUPERVISED] if rules.agent_lamp else [])]
    return frozenset(kind + endpoint for endpoint in endpoints for kind in kinds)


def lamps(sessions: Iterable[Session], book: CallBook, policy: Policy) -> frozenset[str]:
    """Every lamp that is to be lit: a supervisor's for all their phones, an agent's for one who is not hidden."""
    rules = policy.house.session
    lit = set[str]()
    for session in sessions:
        supervisor, agent = book.channel(session.supervisor.channel), book.channel(session.agent.channel)
        if rules.busy_while_supervising and supervisor is not None:
            person = policy.person(session.supervisor.name)
            phones = () if person is None else person.endpoints
            lit |= {BUSY + endpoint for endpoint in (supervisor.endpoint, *phones)}
        seen = session.visibility is Visibility.VISIBLE and session.stage is Stage.LIVE
        if rules.agent_lamp and seen and agent is not None:
            lit.add(SUPERVISED + agent.endpoint)
    return frozenset(lit)
