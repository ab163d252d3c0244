"""Who comes into our application by the dialplan, and what for (``extensions_supervise.conf``)."""

from supervise.ari.movers import DIALLED
from supervise.domain.calls.calls import Channel
from supervise.domain.ports import Listener
from supervise.domain.sessions.handing import Sent
from supervise.domain.sessions.offering import Asker

RECEIVE, CHOOSE = "receive", "choose"
"""The first argument of Stasis for a call to a supervisor, then its extension; for an agent who asks for whom.

Then come the names of the channels that have sent it: by a blind transfer, and by Asterisk's keys for an attended one.
"""


def tell_of(listener: Listener, node: str, channel: Channel | None, args: tuple[str, ...]) -> None:
    """Tell the floor of a channel that has come; one that has gone already, or for nothing of ours, is left alone."""
    match args:
        case _ if channel is None:
            pass
        case [what, digits, *_] if what == DIALLED:
            listener.arrived(node, channel, digits)
        case [what, extension, *by] if what == RECEIVE:
            listener.sent(node, Sent(channel, extension, *_both(by)))
        case [what, *by] if what == CHOOSE:
            listener.asks(node, Asker(channel, *_both(by)))
        case _:
            pass


def _both(by: list[str]) -> tuple[str, str]:
    """Who has sent a channel, as far as Stasis was told."""
    sent_by, keyed_by, *_ = (*by, "", "")
    return sent_by, keyed_by
