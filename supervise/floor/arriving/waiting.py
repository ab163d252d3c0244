"""Whose next call a supervisor waits for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from supervise.domain.calls.calls import CallBook
from supervise.domain.keypad import Dialled
from supervise.domain.rights.policy import Policy
from supervise.domain.words import Mode


class OverError(Exception):
    """There will be no next call."""


@dataclass(frozen=True, slots=True)
class Next:
    """An agent's next call, or the next call of some customers.

    Attributes:
        supervisor: who waits; they are nobody's next agent.
        extension: the agent's.
        since: when they began to wait.
        customers: the channels of the customers who are followed, empty where the agent is.
    """

    supervisor: str
    extension: str
    since: datetime
    customers: frozenset[str] = frozenset()

    def concerns(self, channels: Collection[str], book: CallBook, policy: Policy) -> bool:
        """Whether something that moved around these channels may be the next call."""
        if self.customers:
            return not self.customers.isdisjoint(channels)
        agent = policy.person_by_extension(self.extension)
        known = (book.channel(id_) for id_ in channels)
        return agent is not None and any(c is not None and c.endpoint in agent.endpoints for c in known)

    def find(self, book: CallBook, policy: Policy) -> Dialled | None:
        """Whom to ask the policy about now: always in the least mode.

        Raises:
            OverError: the customers have hung up.
        """
        if not self.customers:
            return Dialled(Mode.MONITOR, self.extension)
        if all(book.channel(id_) is None for id_ in self.customers):
            raise OverError
        calls = [call for id_ in sorted(self.customers) if (call := book.call_of(id_)) is not None]
        people = [policy.person_by_endpoint(party.endpoint) for call in calls for party in call.parties]
        agents = [p for p in people if p is not None and p.extension and p.name != self.supervisor]
        return Dialled(Mode.MONITOR, agents[0].extension) if agents else None

    def is_it(self, parties: Collection[str]) -> bool:
        """Whether a call of these parties is the one that is waited for."""
        return not self.customers or not self.customers.isdisjoint(parties)
