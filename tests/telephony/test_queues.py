"""Calls through queues: whatever kind the member is, the agent's own device is what is supervised."""

import asyncio

import pytest

from supervise.domain.sessions.session import Ending
from supervise.domain.words import Mode
from supervise.lab.callcentre import CallCentre, Plan
from tests.support.crew import Seen, crew_plan, dial
from tests.support.ledger import until_closed
from tests.support.supervising import Scene
from tests.support.witness import witness

pytestmark = pytest.mark.telephony

QUEUES = ("501", "502", "503")
"""Members as PJSIP/201, as Local/202@members/n, and as Local/203@members, which Asterisk optimises away."""


@pytest.fixture
def plan() -> Plan:
    """Three supervised calls."""
    return crew_plan()


async def test_every_mode_in_every_queue(centre: CallCentre) -> None:
    """Exactly the right people hear the supervisor, and the ear is on the agent's own device."""
    seen = await asyncio.gather(*(_supervised(centre, number) for number in range(1, 1 + len(QUEUES))))
    assert await _devices_with_ears(centre) == ["PJSIP/201", "PJSIP/202", "PJSIP/203"]
    earlier = Mode.MONITOR
    for mode, key in ((Mode.COACH, "5"), (Mode.BARGE, "6"), (Mode.COACH, "5"), (Mode.MONITOR, "4")):
        before = [each.around() for each in seen]
        await asyncio.gather(*(each.scene.supervisor.press(key) for each in seen))
        await asyncio.gather(*(each.expect_mode(mode) for each in seen))
        for each, heard in zip(seen, before, strict=True):
            each.expect_steady(heard, earlier, mode)
        earlier = mode
    await asyncio.gather(*(each.scene.customer.hangup() for each in seen))
    await asyncio.gather(*(each.scene.supervisor.until_closed() for each in seen))
    await asyncio.gather(*(each.scene.agent.until_closed() for each in seen))
    closings = await until_closed(centre, count=len(seen))
    assert {record.reason for record in closings} == {Ending.CALL_ENDED}
    assert {(record.agent, record.number) for record in closings} == {("anna", "101"), ("ben", "102"), ("cleo", "103")}


async def _supervised(centre: CallCentre, number: int) -> Seen:
    """A customer who has come to an agent through a queue, and the supervisor who monitors them."""
    customer, agent = await centre.call(f"10{number}", f"20{number}", dialled=f"50{number}")
    each = Seen(Mode.MONITOR, Scene(centre, customer, agent, await centre.phone(f"30{number}")))
    before = each.around()
    await dial(each)
    each.expect_steady(before, Mode.MONITOR)
    return each


async def _devices_with_ears(centre: CallCentre) -> list[str]:
    """The devices that the ears are on: a Snoop channel's name has the id of its target in it."""
    async with witness(centre) as client:
        names = {channel.json["id"]: channel.json["name"] for channel in await client.channels.list()}
    targets = (
        name.removeprefix("Snoop/").rpartition("-")[0] for id_, name in names.items() if id_.startswith("sv-ear")
    )
    return sorted(names[target].rpartition("-")[0] for target in targets)
