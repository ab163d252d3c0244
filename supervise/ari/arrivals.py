"""Who comes into our application by the dialplan, and what for (``extensions_supervise.conf``)."""

from supervise.ari.movers import DIALLED
from supervise.domain.calls.calls import Channel
from supervise.domain.ports import Listener
from supervise.domain.sessions.handing import Sent

RECEIVE = "receive"
"""The first argument of Stasis for a call to a supervisor; then come the extension, and who has sent it blind."""


def tell_of(listener: Listener, node: str, channel: Channel | None, args: tuple[str, ...]) -> None:
    """Tell the floor of a channel that has come; one that has gone already, or for nothing of ours, is left alone."""
    match args:
        case [what, digits, *_] if channel is not None and what == DIALLED:
            listener.arrived(node, channel, digits)
        case [what, extension, *by] if channel is not None and what == RECEIVE:
            listener.sent(node, Sent(channel, extension, ",".join(by)))
        case _:
            pass
