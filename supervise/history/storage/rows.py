"""Records to rows and back.

What callers and phones put into a record is bounded and made storable here: neither engine takes half a surrogate
pair, PostgreSQL takes no NUL, and a caller's name of ten kilobytes is nobody's name.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

from supervise.domain.records import Deed, Record
from supervise.domain.words import Mode, Source, Visibility
from supervise.history.storage.seal import VERSION

TEXT = 256
"""The longest text kept in a column, in characters; identifiers of ours and of Asterisk are shorter."""
DETAILS = 32
"""The most details kept of one record."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Row = dict[str, Any]


def moment(at: datetime) -> int:
    """Microseconds since 1970 in UTC.

    Raises:
        ValueError: the time says no time zone, so nobody can know which moment it is.
    """
    if at.utcoffset() is None:
        raise ValueError(f"{at} has no time zone; the journal keeps moments")
    return (at - _EPOCH) // _MICROSECOND


def time_of(microseconds: int) -> datetime:
    """The moment as a time in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def row_of(record: Record) -> Row:
    """All columns of a record but `sequence` and `seal`, which its place in the chain gives it.

    Raises:
        ValueError: it has no time zone, or opens or closes a session without naming one.
    """
    if record.deed in (Deed.OPENED, Deed.CLOSED) and not record.session:
        raise ValueError(f"a record of {record.deed} needs a session")
    return {
        "version": VERSION,
        "deed": record.deed.value,
        "at": moment(record.at),
        "elapsed": None if record.elapsed is None else record.elapsed // _MICROSECOND,
        "node": _clean(record.node),
        "session": _clean(record.session),
        "supervisor": _clean(record.supervisor),
        "agent": _clean(record.agent),
        "call": _clean(record.call),
        "number": _clean(record.number),
        "mode": record.mode and record.mode.value,
        "muted": record.muted,
        "visibility": record.visibility and record.visibility.value,
        "source": record.source and record.source.value,
        "rule": _clean(record.rule),
        "policy": _clean(record.policy),
        "reason": _clean(record.reason),
        "reason_code": _clean(record.reason_code),
        "shown": record.shown,
        "detail": _details(record.detail),
    }


def record_of(row: RowMapping | Mapping[str, Any]) -> Record:
    """The record that a row keeps.

    Raises:
        ValueError: the row was edited into something that no record can be.
    """
    return Record(
        deed=Deed(row["deed"]),
        at=time_of(row["at"]),
        node=row["node"],
        session=row["session"],
        supervisor=row["supervisor"],
        agent=row["agent"],
        call=row["call"],
        number=row["number"],
        mode=Mode(row["mode"]) if row["mode"] else None,
        muted=row["muted"],
        visibility=Visibility(row["visibility"]) if row["visibility"] else None,
        source=Source(row["source"]) if row["source"] else None,
        rule=row["rule"],
        policy=row["policy"],
        reason=row["reason"],
        detail=json.loads(row["detail"]) if row["detail"] else {},
        elapsed=None if row["elapsed"] is None else row["elapsed"] * _MICROSECOND,
        reason_code=row["reason_code"],
        shown=row["shown"],
    )


def _clean(text: str) -> str:
    if text.isascii() and text.isprintable() and len(text) <= TEXT:
        return text
    storable = text.encode(errors="replace").decode().replace("\0", "\ufffd")
    return storable if len(storable) <= TEXT else storable[: TEXT - 1] + "…"


def _details(detail: Mapping[str, str]) -> str:
    if not detail:
        return ""
    kept = {_clean(key): _clean(value) for key, value in sorted(detail.items())[:DETAILS]}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
