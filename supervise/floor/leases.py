"""Whether the leases of our channels may have run out: Asterisk does not tell why it has hung a channel up."""

from supervise.domain.ports import LEASE_SECONDS

SETTLING = 5.0
"""Seconds after a gap in which the ends that it caused come to be known: with the connection found again, at most."""


class Leases:
    """Remembers when they were renewed, by node. All moments are of the loop's clock."""

    def __init__(self) -> None:
        """Nothing has been renewed yet."""
        self._renewed: dict[str, float] = {}
        self._lapsed: dict[str, float] = {}

    def renewed(self, node: str, now: float) -> None:
        """All leases of a node begin anew."""
        if self._overdue(node, now):
            self._lapsed[node] = now
        self._renewed[node] = now

    def ran_out(self, node: str, now: float) -> bool:
        """Whether what ends now on a node has ended since nobody renewed its lease."""
        return self._overdue(node, now) or now - self._lapsed.get(node, -SETTLING) < SETTLING

    def _overdue(self, node: str, now: float) -> bool:
        return now - self._renewed.get(node, now) >= LEASE_SECONDS
