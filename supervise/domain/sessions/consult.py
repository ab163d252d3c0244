"""The agent's consult calls: while the customer waits, the agent asks somebody else.

They are heard only where the policy grants it (`hear-consult`), in monitor, and only while they last. The session stays
the one about the customer's call: it goes back there, in monitor.
"""

from collections.abc import Collection
from dataclasses import replace

from supervise.domain.calls.calls import CallBook
from supervise.domain.records import Deed
from supervise.domain.rights.admission import may_hear_consult
from supervise.domain.sessions.session import MONITOR, Person
from supervise.domain.sessions.suspension import Suspension

CONSULT, CONSULT_OVER = "consult", "consult-over"
"""Why something else is heard from now on, in the journal; said as well."""


class Consults(Suspension):
    """The part of a session's conduct that is about the agent's consult calls."""

    def hear_consult(self, agent: Person) -> None:
        """Hear a consult call, from the least right; whoever was spoken to is spoken to no longer."""
        kept = (
            self.session.consult or self.session.without_agent or self.session.private or self.session.home is not None
        )
        if kept or not may_hear_consult(self.session.visibility, self.rights):
            return
        home = self.session.agent
        self.empty()
        self.become(home=home, agent=agent, parted=False, wanted=MONITOR, stance=MONITOR, note=(CONSULT,))
        record = self.record(Deed.TARGET, MONITOR, must=True, reason=CONSULT)
        self.order(replace(record, before=home))
        self.settle()

    @property
    def hears_consult(self) -> bool:
        """Whether the consult call that is heard may be heard still."""
        return may_hear_consult(self.session.visibility, self.rights)

    def unhear_consult(self) -> None:
        """Nothing more of it; the session's own call is heard again as soon as the agent is seen to be in it."""
        if self.session.home is None:
            return
        self.empty()
        self.become(agent=self.session.home, home=None, parted=True, note=(CONSULT_OVER,))
        self.order(self.record(Deed.TARGET, MONITOR, reason=CONSULT_OVER))


def consulting(home: Person, others: Collection[str], book: CallBook) -> str:
    """The channel on which an agent consults somebody while the others of their call wait; empty for none.

    By Asterisk's own keys it is the same channel, in another call than those who wait alone. By the phone's it is
    another line of it, from which they have dialled while their call is on hold: one who answers another call does not
    consult.
    """
    channel = book.channel(home.channel)
    if channel is None:
        return ""
    call = book.call_of(home.channel)
    if call is not None and not {party.id for party in call.others(home.channel)} & set(others):
        waiting = any(book.talking_in(other) and book.call_of(other) is None for other in others)
        return home.channel if waiting and not channel.put_on_hold else ""
    lines = book.calls_at(channel.endpoint) if channel.held and channel.endpoint else ()
    dialled = (line.id for line, other in lines if not line.held and other.parties[0].id == line.id)
    return next((line for line in dialled if line != home.channel), "")
