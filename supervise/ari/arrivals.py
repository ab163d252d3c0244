"""Who comes into our application by the dialplan, and what for (``extensions_supervise.conf``)."""

from dataclasses import dataclass

from supervise.ari.client.events import StasisStart
from supervise.ari.movers import DIALLED
from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.ports import Listener
from supervise.domain.sessions.handing import Sent
from supervise.domain.sessions.offering import Asker

RECEIVE, CHOOSE = "receive", "choose"
"""The first argument of Stasis for a call to a supervisor, then its extension; for an agent who asks for whom.

Then come the names of the channels that have sent it: by a blind transfer, and by Asterisk's keys for an attended one.
"""

ENTER = "enter"
"""The same for somebody who is about to come into a conference, then its name."""


@dataclass(frozen=True, slots=True)
class Come:
    """A channel that has come into our application.

    Attributes:
        channel: as the book knows it; None where it has gone already.
        args: what it has come for.
        replaced: the name of the channel whose place it has taken here, by an attended transfer; empty for none.
    """

    channel: Channel | None
    args: tuple[str, ...]
    replaced: str = ""

    @property
    def sent_by(self) -> str:
        """The name of the channel that has sent a call to a supervisor by a blind transfer; empty for none."""
        match self.args:
            case [what, _, by, *_] if what == RECEIVE and not self.replaced:
                return by
            case _:
                return ""


def come(event: StasisStart, book: CallBook) -> Come:
    """Read it off an event. Asterisk tells no arguments where a channel takes another one's place (22.10.1)."""
    channel, before = book.channel(event.channel.id), event.replace_channel
    if before is None:
        return Come(channel, event.args)
    return Come(channel, tuple(before.dialplan.app_data.split(",")[1:]), before.name)


def tell_of(listener: Listener, node: str, come: Come) -> None:
    """Tell the floor of a channel that has come; one that has gone already, or for nothing of ours, is left alone."""
    channel = come.channel
    match come.args:
        case _ if channel is None:
            pass
        case [what, digits, *_] if what == DIALLED and not come.replaced:
            listener.arrived(node, channel, digits)
        case [what, extension, *by] if what == RECEIVE:
            listener.sent(node, Sent(channel, extension, *_both(come, by)))
        case [what, *by] if what == CHOOSE:
            listener.asks(node, Asker(channel, *_both(come, by)))
        case [what, conference] if what == ENTER:
            listener.enters(node, channel.id, conference)
        case _:
            pass


def _both(come: Come, by: list[str]) -> tuple[str, str]:
    """Who has sent a channel, as far as Stasis was told, or by whose place it is in."""
    sent_by, keyed_by, *_ = (*by, "", "")
    return come.replaced or sent_by, "" if come.replaced else keyed_by
