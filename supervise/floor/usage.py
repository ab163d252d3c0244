"""How much supervision there is already, for the limits of the policy."""

from collections.abc import Callable, Iterable
from datetime import datetime

from supervise.domain.limits import Usage
from supervise.domain.policy import Policy
from supervise.domain.session import Session, Stage
from supervise.floor.house import House


class UsageCounter:
    """Counts the sessions of now on the floor, and those of the day and the month in the journal."""

    def __init__(self, house: House, sessions: Callable[[], Iterable[Session]]) -> None:
        """Count `sessions`, which are those of now."""
        self._house = house
        self._sessions = sessions

    async def before(self, supervisor: str, agent: str, call: str) -> Usage:
        """What there is before a session begins."""
        day, month = await self._journaled(agent)
        return self.now(supervisor, call, Usage(agent_day=day, agent_month=month))

    def now(self, supervisor: str, call: str, base: Usage, *, apart_from: str = "") -> Usage:
        """What there is now apart from one session; `base` has the counts of the day and the month."""
        others = [s for s in self._sessions() if s.id != apart_from and s.stage is not Stage.CLOSED]
        return Usage(
            on_call=sum(session.call == call for session in others),
            at_once=sum(session.supervisor.name == supervisor for session in others),
            agent_day=base.agent_day,
            agent_month=base.agent_month,
            minutes=base.minutes,
        )

    async def _journaled(self, agent: str) -> tuple[int, int]:
        policy = self._house.source.policy
        if not _counts_agents(policy):
            return 0, 0
        midnight = self._house.now().astimezone(policy.house.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return await self._count(midnight, agent), await self._count(midnight.replace(day=1), agent)

    async def _count(self, since: datetime, agent: str) -> int:
        return await self._house.journal.sessions(since=since, agent=agent)


def _counts_agents(policy: Policy) -> bool:
    """Whether any rule asks; the journal is not read for nothing while somebody waits for their first sound."""
    return any(r.limits.agent_day is not None or r.limits.agent_month is not None for r in policy.rules)
