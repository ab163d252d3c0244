"""The end of a scenario: every Asterisk has to be empty."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from supervise.ari import Access
from supervise.lab.scenarios.leaving import leave

pytestmark = pytest.mark.unit


@asynccontextmanager
async def node(name: str, bridges: list[str]) -> AsyncIterator[Access]:
    """An Asterisk with these bridges and no channel."""

    async def answer(request: web.Request) -> web.Response:
        bridge = {"technology": "simple_bridge", "bridge_type": "mixing", "bridge_class": "", "creator": "", "name": ""}
        bridge["creationtime"] = "2026-11-21T20:00:00.000+0000"
        there = [{**bridge, "id": each, "channels": []} for each in bridges] if "bridges" in request.path else []
        return web.json_response(there)

    app = web.Application()
    app.router.add_get("/ari/{what}", answer)
    async with TestServer(app) as server:
        yield Access(name, str(server.make_url("")).rstrip("/"), "user", "password", "app")


async def test_what_is_left_on_any_node_is_told() -> None:
    """A bridge that stays on the second node is told with its name, though the first one is empty."""
    async with node("pbx", []) as first, node("second", ["room"]) as second:
        assert await leave([], [first, second], within=2) == ("bridge room of node second",)
        assert await leave([], [first], within=2) == ()
