"""Hearing at once that a variable was set on a channel of a supervised call.

The events of all channels would be half of what an Asterisk has to tell. So they come over an application of their
own, which is told nothing else, and only of the channels that were asked for (measured, 22.10.1: docs/decisions/0006).
"""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace

import structlog

from supervise.ari.client.client import Ari
from supervise.ari.client.errors import AriError
from supervise.ari.client.events import ChannelVarset
from supervise.ari.client.stream import Connected, Disconnected, Item, Replaced
from supervise.ari.client.transport import Access

log = structlog.get_logger(__name__)

EVENTS = ("ChannelVarset",)
"""What the application is told."""

Told = Callable[[str, str], None]
"""Takes a channel and the name of a variable that was set on it; must not wait."""


def access_for(access: Access) -> Access:
    """The same Asterisk, with the application for marks."""
    return replace(access, app=f"{access.app}-marks")


class Marks:
    """What is set on the channels that are watched.

    A channel is watched until it ends: that is as long as the call, and Asterisk forgets it by itself.
    """

    def __init__(self, ari: Ari) -> None:
        """Watch over `ari`, which has been made with `EVENTS` alone; nothing is watched before `run`."""
        self.told: Told = lambda _channel, _variable: None
        self._ari = ari
        self._seeing = False
        self._watched: set[str] = set()

    async def run(self) -> None:
        """Take events until the client is closed."""
        async for item in self._ari.events():
            self._take(item)

    def _take(self, item: Item) -> None:
        match item:
            case Connected():
                self._seeing = True
                self._watched.clear()
            case Disconnected() | Replaced():
                self._seeing = False
                self._watched.clear()
            case ChannelVarset(channel=channel, variable=variable):
                self.told(channel.id, variable)
            case _:
                pass

    async def watch(self, channels: Collection[str]) -> bool:
        """Watch these from now on; whether all of them are. What is set later is told, what was is to be asked for."""
        if not self._seeing:
            return False
        new = [channel for channel in channels if channel not in self._watched]
        done = await asyncio.gather(*map(self._subscribe, new))
        return all(done) and self._seeing

    async def _subscribe(self, channel: str) -> bool:
        try:
            await self._ari.applications.subscribe([f"channel:{channel}"])
        except AriError as error:
            log.info("mark.unwatched", channel=channel, error=str(error))
            return False
        self._watched.add(channel)
        return True

    def forget(self, channel: str) -> None:
        """A channel has ended."""
        self._watched.discard(channel)
