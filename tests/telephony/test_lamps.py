"""The device states that phones' keys and queues can watch."""

import asyncio
from dataclasses import replace

import pytest

from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.moving import moving_plan
from tests.support.supervising import scene
from tests.support.witness import witness

pytestmark = pytest.mark.telephony

WAITS_MS = 2500
"""A queue tries its members every second."""

SUPERVISING, SUPERVISED = "Stasis:supervising-301", "Stasis:supervised-201"
OTHER = "Stasis:supervising-303"
RECEIVING = "Stasis:receiving-301"


@pytest.fixture
def plan() -> Plan:
    """Leads who may do everything, of whom one has two phones."""
    plan = moving_plan()
    trainee = '  toni: {name: Toni Trainee, role: trainee, endpoint: "303"}\n'
    two = plan.policy.replace(trainee, "").replace(", toni", "").replace('endpoint: "301"', 'endpoint: ["301", "303"]')
    return replace(plan, policy=two)


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
    await until_lit(centre, RECEIVING, SUPERVISING, OTHER)
    await at.supervisor.press("8")
    await until_lit(centre, RECEIVING, SUPERVISED, SUPERVISING, OTHER)
    await at.supervisor.press("7")
    await until_lit(centre, RECEIVING, SUPERVISING, OTHER)
    await centre.controller.kill()
    await at.supervisor.hangup()
    await centre.controller.start()
    await until_lit(centre)


async def in_queue(centre: CallCentre, caller: Phone) -> None:
    """Wait in the queue for long enough to be sure that nobody is rung."""
    await caller.dial("505")
    await caller.until_established()
    await centre.hearing.listen([caller], WAITS_MS)


async def fetched(centre: CallCentre, caller: Phone) -> None:
    """Wait until the queue has found its member, and hang up."""
    await centre.hearing.until(caller, hears={Voice.SUPERVISOR}, within=10)
    await caller.hangup()


async def test_a_queue_skips_who_supervises(centre: CallCentre) -> None:
    """Their other, idle phone is rung before and after a session, also a killed one, and in it where the house says."""
    idle, caller = await centre.phone("303"), await centre.phone("102", Voice.OTHER)
    await until_lit(centre)
    await caller.dial("505")
    await fetched(centre, caller)
    at = await scene(centre)
    await until_lit(centre, RECEIVING, SUPERVISING, OTHER)
    await in_queue(centre, caller)
    assert not idle.open_calls
    await centre.controller.kill()
    await at.supervisor.hangup()
    await centre.hearing.listen([caller], WAITS_MS)
    assert not idle.open_calls
    await centre.controller.start()
    await fetched(centre, caller)
    await at.supervisor.dial("*55201")
    await until_lit(centre, RECEIVING, SUPERVISING, OTHER)
    await in_queue(centre, caller)
    assert not idle.open_calls
    house = centre.controller.policy.read_text() + "  busy_while_supervising: no\n"
    centre.controller.policy.write_text(house)
    centre.controller.reload()
    await fetched(centre, caller)
    await centre.hearing.until(at.supervisor, hears={Voice.AGENT, Voice.CUSTOMER}, for_ms=200)
