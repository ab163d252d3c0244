"""Endpoints and devices, read after each connect and then folded from events: who can be reached, who wants calls."""

import asyncio
from collections.abc import Iterable

import structlog

from supervise.ari.client import events as e
from supervise.ari.client.client import DEVICES, Ari
from supervise.ari.client.errors import AriError
from supervise.domain.board.presence import PresenceBook

SOURCES = ("endpoint:", DEVICES)
"""What is to be subscribed to besides channels and bridges."""

AT_ONCE = 8
"""How many devices are asked for at a time."""

_PJSIP = "PJSIP"

log = structlog.get_logger(__name__)


class Attendance:
    """Keeps the presence book of one Asterisk."""

    def __init__(self, ari: Ari, book: PresenceBook) -> None:
        """Fill `book` from `ari`."""
        self._ari = ari
        self._book = book

    def fold(self, event: e.Event) -> str:
        """Take an event in; the endpoint or extension whose person it is about, or nothing."""
        match event:
            case e.EndpointStateChange() | e.PeerStatusChange() | e.ContactStatusChange():
                endpoint = event.endpoint
                if endpoint.technology != _PJSIP or not self._book.see_endpoint(endpoint.resource, endpoint.state):
                    return ""
                return endpoint.resource
            case e.DeviceStateChanged(device_state=device):
                return self._book.see_device(device.name, device.state)
            case _:
                return ""

    async def read(self, devices: Iterable[str]) -> None:
        """Read all endpoints, and these devices; one that cannot be read says nothing.

        Raises:
            AriError: the endpoints could not be read.
        """
        self._book.clear()
        for endpoint in await self._ari.endpoints.list():
            if endpoint.technology == _PJSIP:
                self._book.see_endpoint(endpoint.resource, endpoint.state)
        turns = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._ask(device, turns) for device in devices))

    async def _ask(self, device: str, turns: asyncio.Semaphore) -> None:
        async with turns:
            try:
                found = await self._ari.device_states.get(device)
            except AriError as error:
                log.info("device.unknown", device=device, error=str(error))
            else:
                self._book.see_device(device, found.state)
