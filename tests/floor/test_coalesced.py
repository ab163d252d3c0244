"""What many ask for at once is done for all of them."""

import asyncio

import pytest

from supervise.floor.running.coalesced import Coalesced

pytestmark = pytest.mark.unit


async def test_once_more_for_all_who_asked_meanwhile() -> None:
    """Whoever asks while it is being done may have seen what it has not: it is done once more, and not for each."""
    go_on, done = asyncio.Event(), []

    async def do() -> None:
        done.append("begun")
        await go_on.wait()

    coalesced = Coalesced(do)
    first = asyncio.create_task(coalesced())
    await asyncio.sleep(0)
    await asyncio.gather(*(coalesced() for _ in range(5)))
    assert done == ["begun"]
    go_on.set()
    await first
    assert done == ["begun", "begun"]


async def test_a_failure_does_not_keep_others_from_asking() -> None:
    """What was not done is done when the next one asks."""
    failures = [OSError("gone")]

    async def do() -> None:
        if failures:
            raise failures.pop()

    coalesced = Coalesced(do)
    with pytest.raises(OSError, match="gone"):
        await coalesced()
    await coalesced()
