"""Who a session is about."""

from dataclasses import dataclass

from supervise.domain.rights.people import Person as Somebody
from supervise.domain.rights.rules import Question
from supervise.floor.running.customer import CustomerNotices
from supervise.floor.running.gate import Gate


@dataclass(frozen=True, slots=True)
class Parties:
    """Who a session is about, as it was decided.

    Attributes:
        supervisor, agent: people of the policy.
        others: the channels of the call's other parties when the session began.
        question: what was asked of the policy.
        gate: what the supervisor has been asked for.
        notices: what the other parties have been told.
        asked: since when the supervisor has only been waiting, by the loop's clock.
    """

    supervisor: Somebody
    agent: Somebody
    others: frozenset[str]
    question: Question
    gate: Gate
    notices: CustomerNotices
    asked: float
