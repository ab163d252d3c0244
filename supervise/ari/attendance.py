"""Devices, read after each connect and then folded from events: who can be reached, who wants calls.

They are asked to be told by name, never all of them (``deviceState:``). When an application ends, Asterisk gives its
*all devices* back and waits for the one that is just being told, which waits for it (asterisk issue 2170; 22.10.1).
What was asked for by name it leaves as it is (``stasis_app_unregister`` in ``res/res_stasis.c``), and so do we: to give
it back ourselves would wait in the same way. *All endpoints* (``endpoint:``) is worse: an Asterisk that is just telling
of one may crash. See docs/decisions/0013.
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator
from urllib.parse import quote

import structlog

from supervise.ari.client import events as e
from supervise.ari.client.client import Ari
from supervise.ari.client.errors import AriError
from supervise.domain.board.presence import PresenceBook

AT_ONCE = 8
"""How many devices are asked for at a time."""

BATCH, BATCH_BYTES = 100, 3500
"""How many devices are subscribed to with one request: Asterisk takes 127, and a line of 4 kB."""

_DEVICE = "deviceState:"

log = structlog.get_logger(__name__)


class Attendance:
    """Keeps the presence book of one Asterisk."""

    def __init__(self, ari: Ari, book: PresenceBook) -> None:
        """Fill `book` from `ari`."""
        self._ari = ari
        self._book = book
        self._told: set[str] = set()

    def fold(self, event: e.Event) -> str:
        """Take an event in; the endpoint or extension whose person it is about, or nothing."""
        if not isinstance(event, e.DeviceStateChanged):
            return ""
        device = event.device_state
        self._told.add(device.name)
        return self._book.see_device(device.name, device.state)

    async def read(self, devices: Iterable[str]) -> None:
        """Be told of these devices from now on, and read them; one that cannot be read says nothing."""
        followed = await self._follow(dict.fromkeys(devices))
        self._book.clear()
        self._told.clear()
        left = iter(followed)
        await asyncio.gather(*(self._ask(left) for _ in range(AT_ONCE)))

    async def _follow(self, devices: Collection[str]) -> list[str]:
        """Have Asterisk tell of these devices; those of which it does, for of another nothing true can be said."""
        told: frozenset[str] = frozenset()
        why = "Asterisk does not tell of them"
        try:
            # What was asked for before a connection was lost is still there: Asterisk keeps it until it ends.
            told = frozenset((await self._ari.applications.get()).device_names)
            for batch in batches(device for device in devices if device not in told and "," not in device):
                told = await self._subscribe(batch)
        except AriError as error:
            why = str(error)
        untold = [device for device in devices if device not in told]
        if untold:
            log.warning("devices.untold", error=why, count=len(untold), such_as=untold[0])
        return [device for device in devices if device in told]

    async def _subscribe(self, devices: Collection[str]) -> frozenset[str]:
        answer = await self._ari.applications.subscribe([_DEVICE + device for device in devices])
        return frozenset(answer.device_names)

    async def _ask(self, devices: Iterator[str]) -> None:
        for device in devices:
            try:
                found = await self._ari.device_states.get(device)
            except AriError as error:
                log.info("device.unknown", device=device, error=str(error))
            else:
                if device not in self._told:  # what was told since is newer than any answer
                    self._book.see_device(device, found.state)


def batches(devices: Iterable[str]) -> Iterator[list[str]]:
    """As many at a time as one request can name."""
    batch: list[str] = []
    size = 0
    for device in devices:
        length = len(quote(f"{_DEVICE}{device},", safe=""))
        if batch and (len(batch) == BATCH or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(device)
        size += length
    if batch:
        yield batch
