"""A fault at every single request of a session's life: nothing is heard that must not be, and nothing stays."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from supervise.domain.records import Deed
from tests.ari.fake_ari import Fault
from tests.support.fake_centre import AGENT, CUSTOMER, FAULTS, SUPERVISOR, FakeCentre, fault_at

pytestmark = pytest.mark.unit

KEYS = ("5", "1", "6", "0", "1", "5", "4", "8")
MOST_REQUESTS = 200

ABREAST = 4
"""Lives at once, since most of each is waiting."""


async def life(centre: FakeCentre) -> None:
    """Dial, take every stance, leave."""
    centre.dial()
    await centre.calm()
    for key in KEYS:
        centre.press(key)
        await centre.calm()
    centre.press("*")
    await centre.until(lambda: SUPERVISOR not in centre.asterisk.switch.channels, "dismissed")
    await centre.board.settle()


async def expect_clean(centre: FakeCentre) -> None:
    """Nothing of ours is in Asterisk, and no promise was broken on the way."""
    await centre.until(lambda: not centre.left(), f"cleaned up: {centre.left()}")
    assert centre.broken == []


async def expect_nothing_left(centre: FakeCentre) -> None:
    """The same, and the call goes on, and the journal has one closing for each opening."""
    await expect_clean(centre)
    assert {AGENT, CUSTOMER} <= centre.asterisk.switch.channels.keys()
    assert centre.asterisk.switch.channel(AGENT).bridge == "call"
    openings, closings = centre.journal.all(Deed.OPENED), centre.journal.all(Deed.CLOSED)
    assert [record.session for record in closings] == [record.session for record in openings]


async def test_without_a_fault_everything_is_reached() -> None:
    """The story without a fault takes every stance, and leaves nothing."""
    async with FakeCentre() as centre:
        await life(centre)
        await expect_nothing_left(centre)
        modes = [record.mode for record in centre.journal.all(Deed.MODE)]
        assert modes == ["coach", "barge", "coach", "monitor"]


async def at_each(live: Callable[[int], Awaitable[bool]]) -> None:
    """Live again and again, each time with another number of the request at which something happens, until one is over.

    `live` says whether there were so many requests at all.
    """
    for first in range(1, MOST_REQUESTS, ABREAST):
        if not all(await asyncio.gather(*map(live, range(first, first + ABREAST)))):
            return
    pytest.fail(f"a session takes more than {MOST_REQUESTS} requests")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
async def test_a_fault_at_each_request(faults: tuple[Fault, ...]) -> None:
    """Whichever request fails, the session ends at the same or a lesser right, and nothing of it stays."""

    async def live(number: int) -> bool:
        async with FakeCentre() as centre:
            centre.asterisk.fail_at |= fault_at(number, faults)
            await life(centre)
            await expect_nothing_left(centre)
            return centre.asterisk.changes >= number

    await at_each(live)


async def life_with_two(centre: FakeCentre) -> None:
    """Coach one agent, then the other one and the first again, go back to monitor, leave."""
    centre.join()
    centre.dial()
    await centre.calm()
    for key in ("5", "1", "90", "1", "90", "1", "4"):
        centre.press(key)
        await centre.calm()
    centre.press("*")
    await centre.until(lambda: SUPERVISOR not in centre.asterisk.switch.channels, "dismissed")
    await centre.board.settle()


async def test_without_a_fault_both_agents_are_coached() -> None:
    """The story of two agents without a fault takes what it is meant to."""
    async with FakeCentre() as centre:
        await life_with_two(centre)
        await expect_nothing_left(centre)
        assert [record.agent for record in centre.journal.all(Deed.TARGET)] == ["ben", "anna"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
async def test_a_fault_at_each_request_with_two_agents(faults: tuple[Fault, ...]) -> None:
    """Whichever request fails, never do two agents hear a coach, nor one who was not chosen."""

    async def live(number: int) -> bool:
        async with FakeCentre() as centre:
            centre.asterisk.fail_at |= fault_at(number, faults)
            await life_with_two(centre)
            await expect_nothing_left(centre)
            return centre.asterisk.changes >= number

    await at_each(live)


async def test_the_coached_agent_hangs_up_at_each_step() -> None:
    """The session goes on with the other one or ends, and nothing of it stays."""

    async def live(number: int) -> bool:
        async with FakeCentre() as centre:
            hang_up_at_request(centre, number, AGENT)
            await life_with_two(centre)
            await expect_clean(centre)
            return centre.asterisk.changes >= number

    await at_each(live)


async def test_the_supervisor_hangs_up_at_each_step() -> None:
    """A phone that goes at any moment leaves nothing."""

    async def live(number: int) -> bool:
        async with FakeCentre() as centre:
            hang_up_at_request(centre, number, SUPERVISOR)
            await life(centre)
            await expect_nothing_left(centre)
            return centre.asterisk.changes >= number

    await at_each(live)


async def test_the_agent_hangs_up_at_each_step() -> None:
    """An agent who goes at any moment ends the session, and the customer is not kept by a leg of ours."""

    async def live(number: int) -> bool:
        async with FakeCentre() as centre:
            hang_up_at_request(centre, number, AGENT)
            await life(centre)
            await expect_clean(centre)
            return centre.asterisk.changes >= number

    await at_each(live)


async def test_the_customer_hangs_up_at_each_step() -> None:
    """So does a customer; the agent is not kept by a leg of ours either."""

    async def live(number: int) -> bool:
        async with FakeCentre() as centre:
            hang_up_at_request(centre, number, CUSTOMER)
            await life(centre)
            await expect_clean(centre)
            return centre.asterisk.changes >= number

    await at_each(live)


def hang_up_at_request(centre: FakeCentre, number: int, phone: str) -> None:
    """Let a phone hang up right after the n-th request."""
    look = centre.asterisk.look

    def hang_up_then_look() -> None:
        look()
        if centre.asterisk.changes == number:
            asyncio.get_running_loop().call_soon(centre.hang_up, phone)

    centre.asterisk.look = hang_up_then_look


async def test_a_journal_that_fails_opens_nothing() -> None:
    """No record, no ear."""
    async with FakeCentre() as centre:
        centre.journal.broken = True
        centre.dial()
        await centre.until(lambda: SUPERVISOR not in centre.asterisk.switch.channels, "dismissed")
        assert not any("/snoop/" in path for path in centre.asterisk.paths("POST"))


async def test_a_tap_that_never_starts_ends_in_words_not_in_waiting() -> None:
    """An ear whose StasisStart never comes ends the session within seconds."""
    async with FakeCentre() as centre:
        centre.asterisk.operations.start_delay = None
        centre.dial()
        await centre.until(lambda: SUPERVISOR not in centre.asterisk.switch.channels, "dismissed", within=10)
        assert centre.journal.all(Deed.CLOSED)[0].reason == "failed"


async def test_starts_that_come_before_their_answers_are_as_good() -> None:
    """StasisStart may overtake the answer to the request that caused it."""
    async with FakeCentre() as centre:
        centre.asterisk.operations.start_delay = -1
        await life(centre)
        await expect_nothing_left(centre)
