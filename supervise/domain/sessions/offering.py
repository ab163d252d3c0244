"""Which supervisors an agent is offered who wants to hand their call over: the visible ones, and never a hidden one."""

from dataclasses import dataclass

from supervise.domain.calls.calls import Channel
from supervise.domain.rights.decisions import Action, Refused, Rights
from supervise.domain.sessions.session import Session, Stage
from supervise.domain.words import Visibility


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who comes by the code that offers agents their supervisors.

    Attributes:
        channel: the one that has come.
        sent_by: the name of the agent's channel that has sent it here by a blind transfer, so that it is their
            customer's; empty for none.
        keyed_by: the name of the agent's channel where it is they who ask, over a Local channel, by Asterisk's own keys
            for an attended transfer; empty for none.
    """

    channel: Channel
    sent_by: str = ""
    keyed_by: str = ""

    @property
    def endpoint(self) -> str:
        """The agent's phone, which has proved who it is; empty where it is none."""
        return Channel("", self.sent_by or self.keyed_by or self.channel.name).endpoint

    @property
    def is_customer(self) -> bool:
        """Whether the agent has gone, and whoever is on the channel must not hear what is for them."""
        return bool(self.sent_by)


@dataclass(frozen=True, slots=True, order=True)
class Offer:
    """A supervisor to whom an agent can hand their call over.

    Attributes:
        extension: under which they are named.
        by: the name of the agent's channel in the call.
    """

    extension: str
    by: str


def offered(session: Session, rights: Rights) -> bool:
    """Whether a session's supervisor is offered to its agent: visible, there, and allowed to receive the call."""
    decision = rights.actions.get(Action.RECEIVE_TRANSFER)
    if decision is None or isinstance(decision, Refused) or session.visibility not in decision.visibilities:
        return False
    there = session.stage is Stage.LIVE and session.visibility is Visibility.VISIBLE
    return there and not session.without_agent and not session.consult and not session.handed
