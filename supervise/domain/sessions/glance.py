"""What a look at the call tells a running session: who came and went, by the book of this moment."""

from enum import StrEnum

from supervise.domain.calls.calls import CallBook
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions.session import AgentPlace, Session
from supervise.domain.sessions.truth import beside, bridges_with, call_of


class Glance(StrEnum):
    """A look at the call, to be taken when all that came before has been dealt with."""

    MOVED = "moved"
    ALONE = "alone"
    """The moment that somebody may be between two bridges is over."""


def seen(session: Session, book: CallBook, decided: frozenset[str], glance: Glance) -> h.Happening | None:
    """What a look at the call tells; `decided` are the other parties that were decided about."""
    if session.handed:
        return None
    if session.agent_place is not AgentPlace.IN_CALL:
        return _seen_without_agent(session, book, glance)
    agent, call = session.agent.channel, call_of(session, book)
    if book.channel(agent) is None:
        return h.Parted() if glance is Glance.MOVED and on_the_way(book, decided) else h.CallEnded()
    if call is None or not {party.id for party in call.others(agent)} & decided:
        ended = h.CallEnded() if call is None else h.CallChanged()
        passing = call is None and glance is Glance.MOVED
        if not passing and not _comes_back(agent, book, decided):
            return ended
        return h.Astray() if glance is Glance.ALONE and not _on_hold(agent, book) else h.Parted()
    return h.Rejoined() if session.parted else h.RightsChanged()


def on_the_way(book: CallBook, decided: frozenset[str]) -> bool:
    """Whether somebody of a call whose agent has gone is with nobody, and so may be about to come to the supervisor."""
    return any(book.channel(other) is not None and book.call_of(other) is None for other in decided)


def _seen_without_agent(session: Session, book: CallBook, glance: Glance) -> h.Happening | None:
    if not beside(session.seat, session.agent.channel, book):
        return h.CallEnded() if glance is Glance.ALONE else None
    if session.agent_place is AgentPlace.ON_HOLD and book.channel(session.agent.channel) is None:
        return h.AgentGone()
    call = bridges_with(session.seat, book)
    if session.recall and call & book.bridges_of(session.recall):
        return h.AgentCalledBack(session.recall)
    return h.AgentReturned() if call & book.bridges_of(session.agent.channel) else h.RightsChanged()


def _comes_back(agent: str, book: CallBook, decided: frozenset[str]) -> bool:
    """Whether the agent is expected back: another supervisor has put them on hold, or the others wait, alone.

    That is so while an agent consults somebody by Asterisk's own feature keys. What they say there is not heard.
    """
    waiting = any(book.talking_in(other) and book.call_of(other) is None for other in decided)
    return waiting or _on_hold(agent, book)


def _on_hold(agent: str, book: CallBook) -> bool:
    """Whether another supervisor has put the agent on hold."""
    channel = book.channel(agent)
    return channel is not None and channel.put_on_hold
