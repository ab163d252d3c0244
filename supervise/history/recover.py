"""Which closings are missing after a crash."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from supervise.domain.records import Deed, Record

RECOVERED = "recovered"
"""The reason, and the detail, of a closing that was not written by the session itself."""


def closings(
    openings: Iterable[Record], now: datetime, alive: Collection[str] = (), nodes: Collection[str] | None = None
) -> list[Record]:
    """The closings that sessions without one get when a controller starts.

    Args:
        openings: the openings of all sessions that have no closing.
        now: when the controller started; the session may have ended at any moment since its last record.
        alive: sessions that the controller has taken up and goes on with.
        nodes: the nodes that this controller serves; sessions of others are not its own. None is all.
    """
    return [
        replace(
            opening,
            deed=Deed.CLOSED,
            at=now,
            mode=None,
            muted=None,
            visibility=None,
            reason=RECOVERED,
            detail={RECOVERED: "yes", "opened": opening.at.isoformat()},
        )
        for opening in openings
        if opening.session not in alive and (nodes is None or opening.node in nodes)
    ]
