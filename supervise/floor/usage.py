"""How much supervision there is already, for the limits of the policy."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from supervise.domain.calls.calls import CallBook
from supervise.domain.rights.limits import Usage
from supervise.domain.rights.policy import Policy
from supervise.domain.sessions.moves import around
from supervise.domain.sessions.session import Session, Stage
from supervise.floor.house import House


class Running(Protocol):
    """A session on the floor.

    Attributes:
        began: when, by the loop's clock.
        recorded: since when its opening is in the journal, by the same clock; None while it is not.
    """

    began: float
    recorded: float | None

    @property
    def session(self) -> Session:
        """How it stands."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Whose limits are asked for.

    Attributes:
        supervisor, agent: their names in the policy.
        node: where the call is.
        parties: the channels of everybody in it.
    """

    supervisor: str
    agent: str
    node: str
    parties: frozenset[str]


@dataclass(frozen=True, slots=True)
class Counted:
    """What the journal had of an agent's day and month, and when it was asked, by the loop's clock."""

    day: int = 0
    month: int = 0
    asked: float = 0.0


class UsageCounter:
    """Counts the sessions of now on the floor, and those of the day and the month in the journal.

    What is in the journal outlives the controller; the sessions of now do not, so there is nothing else to remember.
    """

    def __init__(self, house: House, running: Callable[[], Iterable[Running]]) -> None:
        """Count `running`, which are the sessions of now."""
        self._house = house
        self._running = running

    async def counted(self, agent: str) -> Counted:
        """Ask the journal for an agent's day and month."""
        policy, asked = self._house.source.policy, asyncio.get_running_loop().time()
        if not _counts_agents(policy):
            return Counted(asked=asked)
        midnight = self._house.now().astimezone(policy.house.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        day, month = await self._count(midnight, agent), await self._count(midnight.replace(day=1), agent)
        return Counted(day, month, asked)

    async def _count(self, since: datetime, agent: str) -> int:
        return await self._house.journal.sessions(since=since, agent=agent)

    def before(self, asking: Asking, counted: Counted) -> Usage:
        """What there is at this moment, before a session begins.

        What was not in the journal when it was asked counts beside it; what came into it at that very moment perhaps
        twice, so that it is never too little.
        """
        sessions = [each for each in self._living() if each.session.agent.name == asking.agent]
        unseen = sum(each.recorded is None or each.recorded >= counted.asked for each in sessions)
        base = Usage(agent_day=counted.day + unseen, agent_month=counted.month + unseen)
        return _with_sessions(base, asking, [each.session for each in self._living()])

    def during(self, asking: Asking, base: Usage, run: Running) -> Usage:
        """What there is at this moment beside the session `run`, which began with the counts of `base`.

        Those that came after it do not count: nobody loses their session because another one was let in.
        """
        return _with_sessions(base, asking, [each.session for each in self._living() if each.began < run.began])

    def moved_by_another(self, run: Running, book: CallBook) -> bool:
        """Whether another supervisor has this session's agent out of the call, or is moving another agent of it."""
        mine = run.session
        others = [each.session for each in self._living() if each.session.id != mine.id]
        here = [other for other in others if other.node == mine.node]
        call = around(mine, book)
        theirs = any(other.without_agent and other.agent.channel == mine.agent.channel for other in here)
        return theirs or any(other.moves_agent and not call.isdisjoint(around(other, book)) for other in here)

    def sessions(self) -> Iterator[Session]:
        """Every session that has not ended."""
        return (each.session for each in self._living())

    def _living(self) -> Iterator[Running]:
        return (each for each in self._running() if each.session.stage is not Stage.CLOSED)


def _with_sessions(base: Usage, asking: Asking, others: list[Session]) -> Usage:
    return replace(
        base,
        on_call=sum(_on_call(session, asking.node, asking.parties) for session in others),
        at_once=sum(session.supervisor.name == asking.supervisor for session in others),
    )


def _on_call(session: Session, node: str, parties: Collection[str]) -> bool:
    """By the people in it: a call's own id is that of whoever is there longest, and so another one when they leave."""
    return session.node == node and session.agent.channel in parties


def _counts_agents(policy: Policy) -> bool:
    """Whether any rule asks; the journal is not read for nothing while somebody waits for their first sound."""
    return any(r.limits.agent_day is not None or r.limits.agent_month is not None for r in policy.rules)
