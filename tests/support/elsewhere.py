"""Another ARI application: it puts whoever dials 660 into a bridge of its own, as an IVR or click-to-call does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from supervise.lab.callcentre import CallCentre

_APP, _BRIDGE = "elsewhere", "of-another-application"


@asynccontextmanager
async def elsewhere(centre: CallCentre) -> AsyncIterator[None]:
    """Serve 660 as long as the block lasts."""
    user, password = centre.asterisk.witness
    headers = {"Authorization": aiohttp.encode_basic_auth(user, password)}
    url = f"{centre.asterisk.ari_url}/ari"
    async with aiohttp.ClientSession(headers=headers) as session, session.ws_connect(f"{url}/events?app={_APP}") as ws:
        (await session.post(f"{url}/bridges/{_BRIDGE}?type=mixing")).raise_for_status()
        serving = asyncio.create_task(_serve(session, ws, f"{url}/bridges/{_BRIDGE}/addChannel"))
        try:
            yield
        finally:
            serving.cancel()
            await asyncio.wait([serving])
            (await session.delete(f"{url}/bridges/{_BRIDGE}")).raise_for_status()


async def _serve(session: aiohttp.ClientSession, ws: aiohttp.ClientWebSocketResponse[bool], add: str) -> None:
    async for message in ws:
        event = message.json()
        if event["type"] == "StasisStart":
            (await session.post(add, params={"channel": event["channel"]["id"]})).raise_for_status()
