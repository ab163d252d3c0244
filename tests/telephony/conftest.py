"""A call centre for each telephony test, and the proof that nothing of it is left afterwards."""

from collections.abc import AsyncIterator

import pytest

from supervise.lab.asterisk import Asterisk, Way, find_asterisk
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.checkout import cache_folder
from supervise.lab.progress import Progress
from tests.support.oracle import beside_the_sound
from tests.support.witness import nothing_is_left


@pytest.fixture
async def way() -> Way:
    """The way to run an Asterisk here."""
    return await find_asterisk(cache_folder(), Progress())


@pytest.fixture
async def asterisk(way: Way) -> AsyncIterator[Asterisk]:
    """An Asterisk without a controller."""
    async with Asterisk(way, Plan().accounts()) as asterisk:
        yield asterisk


@pytest.fixture
def plan() -> Plan:
    """What the test's call centre has; a test or module may give another."""
    return Plan()


@pytest.fixture
async def centre(way: Way, plan: Plan) -> AsyncIterator[CallCentre]:
    """A call centre in which no channel and no bridge is left when its phones have hung up.

    Every voice that a test waits for has to follow from what Asterisk has: the oracle runs beside the sound.
    """
    async with CallCentre(way, plan) as centre:
        async with beside_the_sound(centre):
            yield centre
        await centre.hang_up_all()
        await nothing_is_left(centre)
