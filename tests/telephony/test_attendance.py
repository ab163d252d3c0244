"""What the board knows of phones and their people on real Asterisk, and that Asterisk bears to tell it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

import pytest

from supervise.ari import Access, Ari, Connected, Disconnected, Loss
from supervise.ari.attendance import Attendance
from supervise.ari.client.events import DeviceStateChanged
from supervise.domain.board.presence import PresenceBook
from tests.support.cable import wire

pytestmark = pytest.mark.telephony

DEVICES = [f"Stasis:device-{number}" for number in range(8)]

KILLS = 30
"""With all devices subscribed to (``deviceState:``) Asterisk was deaf after 1 to 6 of them (22.10.1, six runs)."""


class Telephony(Protocol):
    """The part of the `asterisk` fixture that this module needs."""

    ari_url: str
    ari_user: str
    ari_password: str


@asynccontextmanager
async def changing(ari: Ari) -> AsyncIterator[None]:
    """Every device changes, again and again."""

    async def change(device: str) -> None:
        while True:
            await ari.device_states.update(device, "INUSE")
            await ari.device_states.update(device, "NOT_INUSE")

    changes = [asyncio.create_task(change(device)) for device in DEVICES]
    try:
        yield
    finally:
        for task in changes:
            task.cancel()
        ended = await asyncio.gather(*changes, return_exceptions=True)
    assert {type(each) for each in ended} == {asyncio.CancelledError}


async def test_asterisk_bears_that_whoever_it_tells_of_devices_is_killed(asterisk: Telephony) -> None:
    """In the moment of a change, again and again: each time somebody may come next, and is told of devices."""
    user = Access("lab", asterisk.ari_url, asterisk.ari_user, asterisk.ari_password, "changer")
    async with wire(asterisk.ari_url) as line, Ari(user) as changer, changing(changer):
        mortal = Access("lab", line.url, asterisk.ari_user, asterisk.ari_password, "ari-tests")
        for _ in range(KILLS):
            async with Ari(mortal) as ari:
                async with asyncio.timeout(10):
                    async for item in ari.events():
                        assert not isinstance(item, Disconnected) or item.loss is not Loss.UNREACHABLE, item.detail
                        if isinstance(item, Connected):
                            await Attendance(ari, PresenceBook()).read(DEVICES)
                        if isinstance(item, DeviceStateChanged):
                            break
                line.cut()
            line.mend()
