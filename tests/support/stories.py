"""What the session's stories are told with: rights, wishes, moves and ends by chance, and orders that fail."""

from collections.abc import Callable

from hypothesis import strategies as st

from supervise.domain.rights.decisions import (
    Action,
    Allowed,
    Decision,
    Refusal,
    Refused,
    Rights,
    SessionRules,
    VisibleBefore,
)
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.moves import MOVES as MOVING
from supervise.domain.words import Mode, Visibility
from tests.support.world import Outcome, World

VISIBILITIES = st.frozensets(st.sampled_from(Visibility), min_size=1)
DECISIONS: st.SearchStrategy[Decision] = st.one_of(
    st.builds(Allowed, st.just("p:1"), VISIBILITIES), st.just(Refused(Refusal.NOT_ALLOWED))
)
RULES = st.builds(
    SessionRules,
    st.fixed_dictionaries({Mode.COACH: st.sampled_from(VisibleBefore), Mode.BARGE: st.sampled_from(VisibleBefore)}),
    st.booleans(),
)
RIGHTS = st.builds(
    Rights,
    st.fixed_dictionaries({Mode.MONITOR: DECISIONS, Mode.COACH: DECISIONS, Mode.BARGE: DECISIONS}),
    RULES,
    st.just("hash"),
    st.fixed_dictionaries(dict.fromkeys(sorted(MOVING), DECISIONS)),
)
WISHES = st.one_of(
    st.builds(h.ModeAsked, st.sampled_from(Mode)),
    st.builds(h.MuteAsked, st.booleans()),
    st.builds(h.VisibilityAsked, st.sampled_from(Visibility)),
    st.just(h.UnknownAsked()),
    st.builds(h.Stalled, st.booleans()),
    st.builds(h.HoldChanged, st.booleans()),
    st.just(h.MusicHeard()),
)
MOVES = st.one_of(st.builds(h.ActionAsked, st.sampled_from(sorted(MOVING))), st.just(h.BackAsked()))
PRIVATE = dict.fromkeys(Mode, Refused(Refusal.PRIVATE))
ENDS = st.sampled_from([h.LeaveAsked(), h.SupervisorGone(), h.CallEnded(), h.CallChanged(), h.TimeUp(), h.GoneBlind()])

ALL = Rights(
    dict.fromkeys(Mode, Allowed("p:1", frozenset(Visibility))),
    SessionRules(dict.fromkeys(Mode, VisibleBefore.NOT_REQUIRED), start_muted=False),
    "hash",
    dict.fromkeys([*sorted(MOVING), Action.RECEIVE_TRANSFER], Allowed("p:1", frozenset(Visibility))),
)
"""Who may everything."""


def with_outcomes(world: World, outcomes: list[Outcome], act: Callable[[], None]) -> None:
    """Let the next orders end like this, and the ones after them well."""
    coming = iter(outcomes)
    world.outcome = lambda order: _bearable(order, next(coming, Outcome.DONE))
    act()
    world.outcome = lambda _: Outcome.DONE


def _bearable(order: o.Order, outcome: Outcome) -> Outcome:
    """Hanging up and ending the room are tried by the floor until they succeed; the world takes that as given.

    What is let go, Asterisk lets go by itself after three seconds.
    """
    surely = o.HangUp | o.EndConsult | o.StopCalling | o.LetGo | o.Finish
    return Outcome.DONE if isinstance(order, surely) else outcome
