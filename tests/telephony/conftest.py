"""A call centre for each telephony test, and the proof that nothing of it is left afterwards.

All these tests live in one loop, so that a call centre that was left clean can serve the next: tests/support/shelf.py.
"""

from collections.abc import AsyncIterator, Generator, Iterable
from pathlib import Path

import pytest
import pytest_asyncio

from supervise.lab.asterisk import Asterisk, Way, find_asterisk
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.checkout import cache_folder
from supervise.lab.progress import Progress
from tests.support.oracle import beside_the_sound
from tests.support.shelf import Shelf
from tests.support.warm import Warm
from tests.support.witness import nothing_is_left

_FAILED = pytest.StashKey[bool]()
_WARM = pytest.StashKey[Warm]()


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """One loop for all tests of this folder."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and item.get_closest_marker("asyncio"):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Load the program before any test begins: xdist lets none begin until every worker has collected.

    Five workers that did so in their first tests took the processors from the sound that some of these judged already.
    """
    session.config.stash[_WARM] = warm = Warm()
    here = Path(__file__).parent
    if not session.config.option.collectonly and any(item.path.is_relative_to(here) for item in session.items):
        warm.load()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember which tests failed."""
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def way() -> Way:
    """The way to run an Asterisk here."""
    return await find_asterisk(cache_folder(), Progress())


@pytest_asyncio.fixture(loop_scope="session")
async def asterisk(way: Way) -> AsyncIterator[Asterisk]:
    """An Asterisk without a controller."""
    async with Asterisk(way, Plan().accounts()) as asterisk:
        yield asterisk


@pytest.fixture
def plan() -> Plan:
    """What the test's call centre has; a test or module may give another."""
    return Plan()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shelf(request: pytest.FixtureRequest) -> AsyncIterator[Shelf]:
    """Call centres that were left clean."""
    shelf = Shelf(request.config.stash[_WARM])
    yield shelf
    await shelf.close()


@pytest_asyncio.fixture(loop_scope="session")
async def centre(request: pytest.FixtureRequest, shelf: Shelf, way: Way, plan: Plan) -> AsyncIterator[CallCentre]:
    """A call centre in which no channel and no bridge is left when its phones have hung up.

    Every voice that a test waits for has to follow from what Asterisk has: the oracle runs beside the sound.
    The next test with this plan gets it, unless this one has failed, or has changed what it is made of. A test that
    looks at what others may have left in memory (sessions that have ended, counts of a day) is marked `fresh`.
    """
    if request.node.get_closest_marker("fresh"):
        await shelf.clear()
    centre = await shelf.take(way, plan)
    try:
        async with beside_the_sound(centre):
            yield centre
        await centre.hang_up_all()
        await nothing_is_left(centre)
    except BaseException:
        await shelf.throw_away(centre)
        raise
    if request.node.stash.get(_FAILED, False):
        await shelf.throw_away(centre)
    else:
        await shelf.put_back(centre)
