"""How much supervision there is already, for the limits of the policy."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from supervise.domain.limits import NOTHING_USED, Usage
from supervise.domain.policy import Policy
from supervise.domain.session import Session, Stage
from supervise.floor.house import House


class Running(Protocol):
    """A session on the floor.

    Attributes:
        began: when, by the loop's clock.
        recorded: its opening is in the journal.
    """

    began: float
    recorded: bool

    @property
    def session(self) -> Session:
        """How it stands."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Whose limits are asked for.

    Attributes:
        supervisor: their name in the policy.
        node: where the call is.
        parties: the channels of everybody in it.
    """

    supervisor: str
    node: str
    parties: frozenset[str]


class UsageCounter:
    """Counts the sessions of now on the floor, and those of the day and the month in the journal.

    What is in the journal outlives the controller; the sessions of now do not, so there is nothing else to remember.
    """

    def __init__(self, house: House, running: Callable[[], Iterable[Running]]) -> None:
        """Count `running`, which are the sessions of now."""
        self._house = house
        self._running = running

    async def counted(self, agent: str) -> Usage:
        """What the journal has of an agent's day and month, and what is just on its way there."""
        policy = self._house.source.policy
        if not _counts_agents(policy):
            return NOTHING_USED
        midnight = self._house.now().astimezone(policy.house.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        day, month = await self._count(midnight, agent), await self._count(midnight.replace(day=1), agent)
        return Usage(agent_day=day, agent_month=month)

    async def _count(self, since: datetime, agent: str) -> int:
        """A session whose record is just being written counts, and for a moment perhaps twice: never too little."""
        before = self._unrecorded(agent)
        counted = await self._house.journal.sessions(since=since, agent=agent)
        return counted + len(before | self._unrecorded(agent))

    def _unrecorded(self, agent: str) -> frozenset[str]:
        sessions = (each.session for each in self._living() if not each.recorded)
        return frozenset(session.id for session in sessions if session.agent.name == agent)

    def now(self, asking: Asking, counted: Usage, *, run: Running | None = None) -> Usage:
        """All limits' counts at this moment.

        Args:
            asking: who asks, about which call.
            counted: what was counted for the day and the month.
            run: the session that is decided about, where it runs already. Those that came after it do not count:
                nobody loses their session because another one was let in.
        """
        others = [each.session for each in self._living() if run is None or each.began < run.began]
        return replace(
            counted,
            on_call=sum(_on_call(session, asking.node, asking.parties) for session in others),
            at_once=sum(session.supervisor.name == asking.supervisor for session in others),
        )

    def _living(self) -> Iterator[Running]:
        return (each for each in self._running() if each.session.stage is not Stage.CLOSED)


def _on_call(session: Session, node: str, parties: Collection[str]) -> bool:
    """By the people in it: a call's own id is that of whoever is there longest, and so another one when they leave."""
    return session.node == node and session.agent.channel in parties


def _counts_agents(policy: Policy) -> bool:
    """Whether any rule asks; the journal is not read for nothing while somebody waits for their first sound."""
    return any(r.limits.agent_day is not None or r.limits.agent_month is not None for r in policy.rules)
