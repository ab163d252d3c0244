"""Two supervisors on one call, in every pair of modes: to each alone apply the promises that are made to one."""

import asyncio
from collections.abc import Sequence
from itertools import product

import pytest

from supervise.domain.records import Deed
from supervise.domain.sessions.session import Ending
from supervise.domain.words import Mode
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.crew import crew_plan
from tests.support.ledger import records, until_closed
from tests.support.unbroken import Around, around
from tests.support.witness import names

pytestmark = pytest.mark.telephony

KEYS = {Mode.MONITOR: "4", Mode.COACH: "5", Mode.BARGE: "6"}
TALKING = (Mode.COACH, Mode.BARGE)


@pytest.fixture
def plan() -> Plan:
    """Supervisors who may everything at once."""
    return crew_plan()


async def test_every_pair_of_modes(centre: CallCentre) -> None:
    """Both switch at once; the customer hears who barges, the agent who talks, and they each other who barges."""
    customer, agent = await centre.call()
    one, two = await asyncio.gather(centre.phone("301"), centre.phone("302", Voice.SECOND))
    await asyncio.gather(one.dial("*55201"), two.dial("*55201"))
    await _expect(centre, (customer, agent, one, two), (Mode.MONITOR, Mode.MONITOR))
    earlier = (Mode.MONITOR, Mode.MONITOR)
    for modes in product(reversed(Mode), Mode):
        heard = [around(centre, phone) for phone in (customer, agent)]
        await asyncio.gather(one.press(KEYS[modes[0]]), two.press(KEYS[modes[1]]))
        await _expect(centre, (customer, agent, one, two), modes)
        _expect_steady(heard, earlier, modes)
        earlier = modes
    rooms = [bridge for bridge in (await names(centre))[1] if bridge.startswith("sv-room-")]
    assert len(rooms) == 2, "one room each"

    await asyncio.gather(one.press("6"), two.press("6"))
    await _expect(centre, (customer, agent, one, two), (Mode.BARGE, Mode.BARGE))
    left = around(centre, customer)
    await one.press("*")
    await one.until_closed()
    await centre.hearing.until(
        customer, hears={Voice.AGENT, Voice.SECOND}, not_hears={Voice.SUPERVISOR, Voice.CUSTOMER}, for_ms=300
    )
    left.only(Voice.AGENT, Voice.SUPERVISOR, Voice.SECOND)
    left.never_without(Voice.AGENT)
    await agent.hangup()
    await asyncio.gather(customer.until_closed(), two.until_closed())
    endings = {record.supervisor: record.reason for record in await until_closed(centre, count=2)}
    assert endings == {"hilda": Ending.LEFT, "sven": Ending.CALL_ENDED}
    assert {record.call for record in records(centre, Deed.OPENED, Deed.CLOSED)} == {
        records(centre, Deed.OPENED)[0].call
    }


def _expect_steady(heard: Sequence[Around], *modes: tuple[Mode, Mode]) -> None:
    """Customer and agent heard each other all the time, and only supervisors whom either modes let them."""
    customer, agent = heard
    customer.only(Voice.AGENT, *(voice for each in modes for voice in _in(each, Mode.BARGE)))
    customer.never_without(Voice.AGENT)
    agent.only(Voice.CUSTOMER, *(voice for each in modes for voice in _in(each, *TALKING)))
    agent.never_without(Voice.CUSTOMER)


def _in(modes: tuple[Mode, Mode], *these: Mode) -> set[Voice]:
    """The supervisors who are in one of these modes."""
    return {voice for voice, mode in zip((Voice.SUPERVISOR, Voice.SECOND), modes, strict=True) if mode in these}


async def _expect(centre: CallCentre, phones: tuple[Phone, Phone, Phone, Phone], modes: tuple[Mode, Mode]) -> None:
    customer, agent, one, two = phones
    barging, talking = _in(modes, Mode.BARGE), _in(modes, *TALKING)
    both = {Voice.AGENT, Voice.CUSTOMER}
    for _ in range(2):  # what is not heard once one has switched may be heard when the other has
        await asyncio.gather(
            _hears(centre, customer, {Voice.AGENT} | barging),
            _hears(centre, agent, {Voice.CUSTOMER} | talking),
            _hears(centre, one, both | barging - {Voice.SUPERVISOR}),
            _hears(centre, two, both | barging - {Voice.SECOND}),
        )


async def _hears(centre: CallCentre, phone: Phone, voices: set[Voice]) -> None:
    """Wait until a phone hears exactly these voices."""
    await centre.hearing.until(phone, hears=voices, not_hears=set(Voice) - voices, for_ms=200, within=6)
