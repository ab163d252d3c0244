"""Orders that nobody should give: each of them, at any moment, is either harmless or refused by the guard."""

from collections.abc import Iterator
from dataclasses import replace

from supervise.domain.calls.naming import Kind, OurId
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.guard import Moment
from tests.support.world import AGENT, CONSULT, CUSTOMER, SECOND, SUPERVISOR, World

TAPS = (Kind.EAR, Kind.COACH_EAR, Kind.QUIET_EAR, Kind.QUIET_COACH_EAR, Kind.SEAT)


def nonsense(world: World) -> Iterator[o.Order]:
    """Every order that changes who hears whom, about all that is there and about what is not."""
    made_up = [OurId(kind, world.session.id, 999) for kind in TAPS]
    seats = [tap for tap in world.taps if tap.kind is Kind.SEAT] or [made_up[-1]]
    yield o.OpenMic()
    yield from (o.PutIn(tap) for tap in world.taps)
    yield from (o.HangUp(tap) for tap in world.taps)
    yield from (o.Make(tap, on) for tap in made_up for on in (AGENT, CUSTOMER, SECOND, SUPERVISOR))
    yield from (move(seat) for move in (o.HoldAgent, o.RemoveAgent, o.TakeOver) for seat in seats)
    yield from (o.TakeIn(channel) for channel in (AGENT, CUSTOMER, CONSULT))
    yield o.Receive(CUSTOMER)


def expect_nonsense_refused(world: World) -> int:
    """Hold everything against the guard that would break a promise; how much that was."""
    if world.kept:
        return 0
    moment, found = Moment(world.session, world.book(), world.answered), 0
    for order in nonsense(world):
        spoilt = world.spoils(order)
        found += bool(spoilt)
        assert not spoilt or moment.why_not(order), f"{order}: {spoilt}"
    return found


def of_another(order: o.PutIn | o.TakeOut | o.HangUp) -> o.Order:
    """The same order about a tap of another session."""
    return replace(order, tap=replace(order.tap, session="1" * 32))
