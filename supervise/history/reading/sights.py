"""Who may read what of the journal: a sight takes a record and gives what a viewer may see of it, or nothing."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from supervise.domain.records import Deed, Record
from supervise.domain.rights.decisions import Allowed, Sight
from supervise.domain.rights.house import Keeping
from supervise.domain.rights.policy import Policy
from supervise.domain.rights.rules import CallFacts, Question
from supervise.domain.words import Visibility
from supervise.history.reading.reader import Entry

View = Callable[[Record], Record | None]
"""What somebody may see of a record, perhaps with less in it; None is nothing."""


def everything(record: Record) -> Record | None:
    """The view of whoever has the file itself."""
    return record


def by_policy(policy: Policy, viewer: str, now: datetime, right: Sight = Sight.HISTORY) -> View:
    """The view of somebody in the policy: the agents they may read about, and numbers as they may read them.

    Args:
        policy: the one in force.
        viewer: the person's name.
        now: decides where a rule holds only at certain hours.
        right: reading, or `Sight.EXPORT` for taking away.
    """

    def may(record: Record, wanted: Sight) -> bool:
        call = CallFacts(numbers=frozenset({record.number})) if record.number else None
        return isinstance(policy.may_see(Question(viewer, record.agent, now, call), wanted), Allowed)

    def view(record: Record) -> Record | None:
        if not record.agent:
            seen = policy.may_administer(viewer) or record.supervisor == viewer
        else:
            own = record.supervisor == viewer
            seen = may(record, right) and (
                own or record.visibility is not Visibility.HIDDEN or may(record, Sight.HIDDEN)
            )
        return replace(record, number=policy.number_for(viewer, record.number)) if seen else None

    return view


def about(agent: str, keeping: Keeping, now: datetime) -> View:
    """What an agent may read about themselves: who was with them visibly; hidden ones when enough time has passed.

    When a visible supervisor hides, or goes on with somebody else, then for the agent they have left. Refused
    attempts were never with the agent. The view wants the records in the order of the journal.
    """
    with_me: set[str] = set()
    days = keeping.hidden_to_agent_after
    since = None if days is None else now - timedelta(days=days)

    def view(record: Record) -> Record | None:
        if not record.session or record.deed is Deed.REFUSED:
            return None
        mine, before = record.agent == agent, record.session in with_me
        after = mine and (before if record.visibility is None else record.visibility is Visibility.VISIBLE)
        (with_me.add if after else with_me.discard)(record.session)
        if mine and since is not None and record.at <= since:
            return record
        if not keeping.visible_to_agent:
            return None
        return record if after else _left(record, agent) if before else None

    return view


def _left(record: Record, agent: str) -> Record:
    """What a supervisor's hiding or going elsewhere is to the agent they were with."""
    return Record(
        Deed.CLOSED,
        record.at,
        session=record.session,
        supervisor=record.supervisor,
        agent=agent,
        reason="left",
        elapsed=record.elapsed,
    )


def seen(entries: Iterable[Entry], view: View) -> Iterator[Entry]:
    """The entries as somebody may see them."""
    for entry in entries:
        record = view(entry.record)
        if record is not None:
            yield entry if record is entry.record else replace(entry, record=record)
