"""What becomes of a step of which something has failed: what is still carried out, and what is dealt with first."""

from collections.abc import Collection, Iterable

from supervise.domain.calls.naming import OurId
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions import orders as o

CLOSING = (
    o.CloseMic,
    o.StopCalling,
    o.BringBack,
    o.TakeOut,
    o.HangUp,
    o.LetGo,
    o.EndConsult,
    o.Finish,
    o.Say,
    o.Tell,
    o.Write,
)
"""What is carried out even when something before it failed: it takes rights away, or only tells."""


def still_due(order: o.Order, failures: Collection[h.Happening]) -> bool:
    """Whether an order is to be carried out after what has failed before it in the same step."""
    return (not failures or isinstance(order, CLOSING)) and not keeps_call(order, failures)


def in_turn(failures: Iterable[h.Happening]) -> tuple[h.Happening, ...]:
    """The failures of one step as they are to be dealt with: first the agent who is not back."""
    return tuple(sorted(failures, key=lambda failure: _not_back(failure) is None))


def keeps_call(order: o.Order, failures: Collection[h.Happening]) -> bool:
    """Whether an order would end the seat of an agent who could not be put back.

    Then it is left to the leases: the agent's ends first, and Asterisk puts them back.
    """
    return isinstance(order, o.HangUp) and order.tap in {_not_back(failure) for failure in failures}


def _not_back(failure: h.Happening) -> OurId | None:
    """The seat that an agent was to come back to, if that is what failed."""
    failed = failure.order if isinstance(failure, h.OrderFailed) else None
    return failed.seat if isinstance(failed, o.BringBack) else None
