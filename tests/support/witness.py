"""An independent look at Asterisk: aioari, the asyncio port of ari-py, with an ARI user of its own.

The product's own client is not asked what the product has left behind: a fault in it could hide itself.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aioari

from supervise.lab.callcentre import CallCentre

_KEPT = ("parking", "agent_hold")


@asynccontextmanager
async def witness(centre: CallCentre) -> AsyncIterator[Any]:
    """Give a connected client of ari-py's lineage."""
    user, password = centre.asterisk.witness
    client = await aioari.connect(centre.asterisk.ari_url, user, password)
    try:
        yield client
    finally:
        await client.close()


async def names(centre: CallCentre) -> tuple[list[str], list[str]]:
    """The names of all channels and the ids of all bridges, ours and others'.

    Two are none of a call's, which Asterisk makes once and keeps: a parking lot's, and the one in which agents who have
    logged in wait (``app_agent_pool.c``).
    """
    async with witness(centre) as client:
        channels = await client.channels.list()
        bridges = await client.bridges.list()
    return sorted(channel.json["name"] for channel in channels), sorted(
        bridge.json["id"] for bridge in bridges if bridge.json["bridge_class"] not in _KEPT
    )


async def technologies(centre: CallCentre) -> list[str]:
    """By what each bridge passes sound on: ``native_rtp``, ``simple_bridge`` or ``softmix``."""
    async with witness(centre) as client:
        return sorted(bridge.json["technology"] for bridge in await client.bridges.list())


async def nothing_is_left(centre: CallCentre, *, within: float = 8.0) -> None:
    """Wait until Asterisk has neither channel nor bridge; fail with what is left."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while (left := await names(centre)) != ([], []):
        assert loop.time() < end, f"left behind: channels {left[0]}, bridges {left[1]}"
        await asyncio.sleep(0.05)


async def eventually_channels(centre: CallCentre, *, count: int, within: float = 5.0) -> list[str]:
    """Wait until Asterisk has so many channels, and give their names."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while len(found := (await names(centre))[0]) != count:
        assert loop.time() < end, f"expected {count} channels, there are {found}"
        await asyncio.sleep(0.05)
    return found


async def signed_in(centre: CallCentre) -> list[str]:
    """The phones that Asterisk would ring: one that vanished is among them until its registration has run out."""
    async with witness(centre) as client:
        endpoints = await client.endpoints.list()
    return sorted(each.json["resource"] for each in endpoints if each.json["state"] == "online")
