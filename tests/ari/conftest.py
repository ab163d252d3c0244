"""What the client's tests share."""

from collections.abc import AsyncIterator

import pytest

from tests.ari.fake_ari import FakeAri


@pytest.fixture
async def fake() -> AsyncIterator[FakeAri]:
    """A fake Asterisk with an agent and a customer in a call of Dial()."""
    async with FakeAri() as server:
        server.switch.endpoints |= {"PJSIP/200": "online"}
        server.switch.new_channel("agent", "PJSIP/200", caller=("Ann", "200"))
        server.switch.new_channel("customer", "PJSIP/trunk", caller=("Bob", "0301234"))
        server.switch.call("call", "agent", "customer")
        yield server
