"""The device states that phones' keys and queues can watch."""

import asyncio

import pytest

from supervise.lab.callcentre import CallCentre, Plan
from tests.support.moving import moving_plan
from tests.support.supervising import scene
from tests.support.witness import witness

pytestmark = pytest.mark.telephony

SUPERVISING, SUPERVISED = "Stasis:supervising-301", "Stasis:supervised-201"
RECEIVING = "Stasis:receiving-301"


@pytest.fixture
def plan() -> Plan:
    """Leads who may do everything."""
    return moving_plan()


async def until_lit(centre: CallCentre, *lamps: str, within: float = 5.0) -> None:
    """Wait until exactly these lamps burn."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    async with witness(centre) as client:
        while (lit := {s.json["name"] for s in await client.deviceStates.list() if s.json["state"] == "INUSE"}) != {
            *lamps
        }:
            assert loop.time() < end, f"lit are {lit}"
            await asyncio.sleep(0.05)


async def test_lamps_show_visible_sessions_and_outlive_no_crash(centre: CallCentre) -> None:
    """Hidden never shows at the agent's; after a session, a crash or a stop nothing burns that should not."""
    at = await scene(centre)
    await until_lit(centre, RECEIVING, SUPERVISING)
    await at.supervisor.press("8")
    await until_lit(centre, RECEIVING, SUPERVISED, SUPERVISING)
    await at.supervisor.press("7")
    await until_lit(centre, RECEIVING, SUPERVISING)
    await centre.controller.kill()
    await at.supervisor.hangup()
    await centre.controller.start()
    await until_lit(centre)
