"""Answers to a supervisor's questions, in words."""

from collections.abc import Set as AbstractSet

from supervise.domain.calls.calls import Call, Channel
from supervise.domain.reception import spoken_number
from supervise.domain.rights.policy import Policy

MOST_PARTIES = 6
"""Naming more would take longer than anybody listens."""


def who_is_on(call: Call, policy: Policy, viewer: str) -> tuple[str, ...]:
    """Who is on the call: each party's part in it, and the extension or number by which they are known."""
    parties = call.parties[:MOST_PARTIES]
    return ("on-the-call", *(word for party in parties for word in _party(party, policy, viewer)))


def supervisor(policy: Policy, name: str) -> tuple[str, ...]:
    """A supervisor, by the extension under which they are known."""
    person = policy.person(name)
    return ("supervisor", f"digits:{person.extension}") if person is not None and person.extension else ("supervisor",)


def who_hears(hearers: AbstractSet[str], agent_channel: str) -> tuple[str, ...]:
    """Who hears the supervisor now."""
    if not hearers:
        return ("nobody-hears-you",)
    if agent_channel not in hearers:
        return ("the-customer-hears-you",)
    return ("the-agent-hears-you",) if hearers == {agent_channel} else ("everybody-hears-you",)


def _party(party: Channel, policy: Policy, viewer: str) -> tuple[str, ...]:
    person = policy.person_by_endpoint(party.endpoint)
    if person is not None and person.extension:
        return ("agent", f"digits:{person.extension}")
    return ("customer", spoken_number(policy.number_for(viewer, party.number)))
