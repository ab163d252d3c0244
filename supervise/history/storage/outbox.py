"""What each webhook has reached, and the parcels that could not be delivered: the state that survives a restart.

Everything up to `reached` has been delivered, was not wanted, or is a parcel. Every function works inside the
caller's transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from supervise.history.storage.chain import newest
from supervise.history.storage.rows import TEXT, moment, time_of
from supervise.history.storage.tables import hooks, parcels

MOST = 30
"""Attempts after which a parcel is dead: with the delays between them, most of a day."""
LONGEST = timedelta(hours=1)
"""The longest delay between two attempts."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A record that waits for a receiver.

    Attributes:
        sequence, session: of the record.
        attempts: how often it was tried.
        due: when to try again.
        fault: why the last attempt failed; empty for one that waits behind another of its session.
        dead: it is not tried again unless somebody says so.
    """

    sequence: int
    session: str
    attempts: int
    due: datetime
    fault: str
    dead: bool = False


def delay(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: two seconds, four, eight, and at most an hour."""
    return min(timedelta(seconds=2 ** min(attempts, 20)), LONGEST)


def reached(connection: Connection, hook: str) -> int:
    """The record up to which a hook has been served; a new hook begins with what comes next, not with the past."""
    found = connection.scalar(select(hooks.c.reached).where(hooks.c.name == hook))
    if found is not None:
        return int(found)
    begin = newest(connection).sequence
    connection.execute(insert(hooks).values(name=hook, reached=begin))
    return begin


def advance(connection: Connection, hook: str, sequence: int, failed: Iterable[Parcel]) -> None:
    """A hook has been served up to a record, but for these parcels."""
    rows = [_row(hook, parcel) for parcel in failed]
    if rows:
        connection.execute(insert(parcels), rows)
    connection.execute(update(hooks).where(hooks.c.name == hook).values(reached=sequence))


def settle(connection: Connection, hook: str, delivered: Iterable[int], failed: Iterable[Parcel]) -> None:
    """Some parcels have been delivered, others have been tried once more."""
    gone = [*delivered, *(parcel.sequence for parcel in failed)]
    connection.execute(delete(parcels).where(parcels.c.hook == hook, parcels.c.sequence.in_(gone)))
    rows = [_row(hook, parcel) for parcel in failed]
    if rows:
        connection.execute(insert(parcels), rows)


def kept(connection: Connection, hook: str, *, dead: bool) -> list[Parcel]:
    """The parcels of a hook that wait, or the dead ones, in order."""
    asked = select(parcels).where(parcels.c.hook == hook, parcels.c.dead == dead).order_by(parcels.c.sequence)
    return [
        Parcel(row["sequence"], row["session"], row["attempts"], time_of(row["due"]), row["fault"], row["dead"])
        for row in connection.execute(asked).mappings()
    ]


def names(connection: Connection) -> list[str]:
    """The hooks that the journal knows."""
    return list(connection.scalars(select(hooks.c.name).order_by(hooks.c.name)))


def revive(connection: Connection, hook: str, now: datetime) -> int:
    """Try the dead letters of a hook again, and return how many there are."""
    again = update(parcels).where(parcels.c.hook == hook, parcels.c.dead)
    return connection.execute(again.values(dead=False, attempts=0, due=moment(now))).rowcount


def _row(hook: str, parcel: Parcel) -> dict[str, Any]:
    return {
        "hook": hook,
        "sequence": parcel.sequence,
        "session": parcel.session,
        "attempts": parcel.attempts,
        "due": moment(parcel.due),
        "fault": parcel.fault[:TEXT],
        "dead": parcel.dead,
    }
