"""Asterisk's events and snapshots, folded into the call book."""

from collections.abc import Set as AbstractSet

from supervise.ari.client import events as e
from supervise.ari.client import models
from supervise.ari.snapshot import Snapshot
from supervise.domain.calls.calls import CallBook, Channel, Place

_UNCHANGED: AbstractSet[str] = frozenset()


NO_CLASS = "N/A"
"""What Asterisk calls the music of a phone that asks for none."""


class Folder:
    """Keeps a book up to date."""

    def __init__(self, book: CallBook) -> None:
        """Fold into `book`."""
        self._book = book

    def replace(self, snapshot: Snapshot) -> None:
        """Take a snapshot as the whole truth."""
        self._book.clear()
        for channel in snapshot.channels:
            self._book.see(as_channel(channel))
        for bridge in snapshot.bridges:
            self._book.opened(bridge.id, place_of(bridge))
            for id_ in bridge.channels:
                self._book.entered(bridge.id, id_)

    def fold(self, event: e.Event) -> AbstractSet[str]:
        """Take an event in; the channels around which somebody came or went, held or came back."""
        match event:
            case e.ChannelEnteredBridge():
                self._book.see(as_channel(event.channel))
                self._book.opened(event.bridge.id, place_of(event.bridge))
                self._book.entered(event.bridge.id, event.channel.id)
                return self._book.connected(event.channel.id)
            case e.ChannelLeftBridge():
                self._book.left(event.bridge.id, event.channel.id)
                return frozenset({event.channel.id}) | self._around(event.bridge.id)
            case e.BridgeCreated():
                self._book.opened(event.bridge.id, place_of(event.bridge))
            case e.BridgeDestroyed():
                around = self._around(event.bridge.id)
                self._book.bridge_gone(event.bridge.id)
                return around
            case e.ChannelDestroyed():
                around = self._book.connected(event.channel.id)
                self._book.gone(event.channel.id)
                return around
            case e.ChannelHold() | e.ChannelUnhold():
                self._book.see(as_channel(event.channel))
                music = event.musicclass if isinstance(event, e.ChannelHold) and event.musicclass != NO_CLASS else ""
                self._book.hold(event.channel.id, held=isinstance(event, e.ChannelHold), music=music)
                return self._book.connected(event.channel.id)
            case e.ChannelCreated() | e.ChannelStateChange() | e.ChannelCallerId() | e.ChannelConnectedLine():
                self._book.see(as_channel(event.channel))
            case e.StasisStart():
                self._book.see(as_channel(event.channel))
            case _:
                pass
        return _UNCHANGED

    def _around(self, bridge: str) -> AbstractSet[str]:
        """Everybody connected with a bridge's members."""
        return frozenset().union(*(self._book.connected(member) for member in self._book.members_of(bridge)))


def as_channel(channel: models.Channel) -> Channel:
    """What the book keeps of a channel."""
    return Channel(
        id=channel.id,
        name=channel.name,
        up=channel.state is models.ChannelState.UP,
        number=channel.caller.number,
        display_name=channel.caller.name,
        created=channel.creationtime.isoformat(),
        app=f"{channel.dialplan.app_name} {channel.dialplan.app_data}",
    )


def place_of(bridge: models.Bridge) -> Place:
    """What kind of place a bridge is (``bridge_holding.c`` and ``stasis_bridge.c`` have the names)."""
    if bridge.technology == "holding_bridge":
        return Place.WAITING
    return Place.APPLICATION if bridge.bridge_class == "stasis" else Place.OPEN
