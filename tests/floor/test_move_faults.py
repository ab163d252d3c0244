"""A fault at every single request of a life in which the agent is moved, or the call is private for a while."""

from collections.abc import Awaitable, Callable

import pytest

from supervise.domain.records import Deed
from tests.ari.fake_ari import Fault
from tests.floor.test_faults import at_each, expect_clean, expect_nothing_left, hang_up_at_request
from tests.support.fake_centre import AGENT, CUSTOMER, FAULTS, MOVING_POLICY, SUPERVISOR, FakeCentre, fault_at

pytestmark = pytest.mark.unit

MARK = "SUPERVISE_PRIVATE"

UNLIKE = {name: FAULTS[name] for name in ("404", "500 or 503", "done but no answer")}
"""Faults that are taken differently; 409 and 422, which `test_faults` has too, are taken as 503 is."""

Life = Callable[[FakeCentre], Awaitable[None]]


async def pressing(centre: FakeCentre, *keys: str) -> None:
    """Barge, and press keys one word after the other."""
    centre.dial("*57201")
    await centre.calm()
    for each in keys:
        centre.press(each)
        await centre.calm()


async def gone(centre: FakeCentre, phone: str = SUPERVISOR) -> None:
    """Wait until a phone has hung up, and everything that was begun has ended."""
    await centre.until(lambda: phone not in centre.asterisk.switch.channels, f"{phone} gone", within=10)
    await centre.board.settle()


async def hold(centre: FakeCentre) -> None:
    """Hold the agent, go down and up, bring them back, hold them again, and leave."""
    await pressing(centre, "91", "0", "1", "92", "91", "5", "6", "91")
    centre.press("*")
    await gone(centre)


async def private(centre: FakeCentre) -> None:
    """Hold the agent, let the call be private and open again, twice, and leave in the middle of a private part."""
    await pressing(centre, "91")
    for value in ("yes", "", "yes"):
        await mark(centre, value)
    centre.press("*")
    await gone(centre)


async def mark(centre: FakeCentre, value: str) -> None:
    """Set the mark, and wait until the session has been told of it."""
    customer = centre.asterisk.switch.channels.get(CUSTOMER)
    if customer is not None:
        customer.variables[MARK] = value
        await centre.until(lambda: centre.is_over() or centre.is_private() is bool(value), f"told of {value}")
        await centre.calm()


async def remove(centre: FakeCentre) -> None:
    """Remove the agent, mute and unmute, call them back, remove them once more, and leave."""
    await pressing(centre, "93", "0", "1", "92")
    await centre.until(lambda: not any(session.recall for session in centre.floor.lines.sessions()), "answered")
    await centre.calm()
    centre.press("93")
    await centre.calm()
    centre.press("*")
    await gone(centre)


async def take_over(centre: FakeCentre) -> None:
    """Take the call over, and hang up."""
    await pressing(centre)
    centre.press("94")
    await centre.until(lambda: centre.is_over() or AGENT not in centre.asterisk.switch.channels or centre.is_calm(), "")
    centre.hang_up(SUPERVISOR)
    await gone(centre)


async def expect_both(centre: FakeCentre) -> None:
    """The same, and agent and customer are in their call: the last of them perhaps by a lease."""
    switch = centre.asterisk.switch
    await centre.until(
        lambda: AGENT not in switch.channels or switch.channel(AGENT).bridge == "call", "back", within=10
    )
    await expect_nothing_left(centre)


async def expect_call_or_end(centre: FakeCentre) -> None:
    """Nothing of ours is left, and whoever is still there is in a call of two: nobody was left alone."""
    await expect_clean(centre)
    channels = centre.asterisk.switch.channels
    people = (AGENT, CUSTOMER, "svback-")
    await centre.until(lambda: sum(id_.startswith(people) for id_ in channels) != 1, "nobody alone", within=10)
    opened = [each.session for each in centre.journal.all(Deed.OPENED)]
    await centre.until(lambda: [each.session for each in centre.journal.all(Deed.CLOSED)] == opened, "closed once")


LIVES: dict[str, tuple[Life, Life]] = {
    "hold": (hold, expect_both),
    "private": (private, expect_both),
    "remove": (remove, expect_call_or_end),
    "take over": (take_over, expect_call_or_end),
}


@pytest.mark.parametrize("life", LIVES)
async def test_without_a_fault_everything_is_reached(life: str) -> None:
    """Each life does what it says."""
    live, expect = LIVES[life]
    async with FakeCentre(MOVING_POLICY) as centre:
        await live(centre)
        await expect(centre)
        deeds = {record.deed for record in centre.journal.records}
        assert (
            deeds
            >= {
                "hold": {Deed.HOLD_AGENT, Deed.BRING_BACK},
                "private": {Deed.HOLD_AGENT, Deed.BRING_BACK, Deed.PRIVATE, Deed.PRIVATE_OVER},
                "remove": {Deed.REMOVE_AGENT, Deed.BRING_BACK},
                "take over": {Deed.TAKE_OVER},
            }[life]
        )


@pytest.mark.timeout(600)
@pytest.mark.parametrize("life", LIVES)
@pytest.mark.parametrize("faults", UNLIKE.values(), ids=UNLIKE)
async def test_a_fault_at_each_request(faults: tuple[Fault, ...], life: str) -> None:
    """Whichever request fails, agent and customer are not separated but by the supervisor's wish, and nothing stays."""
    live, expect = LIVES[life]

    async def at(number: int) -> bool:
        async with FakeCentre(MOVING_POLICY) as centre:
            centre.asterisk.fail_at |= fault_at(number, faults)
            await live(centre)
            await expect(centre)
            return centre.asterisk.changes >= number

    await at_each(at)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("phone", [AGENT, CUSTOMER])
@pytest.mark.parametrize("life", LIVES)
async def test_a_party_hangs_up_at_each_step(life: str, phone: str) -> None:
    """Nothing of ours stays, and nobody is left alone in the call."""
    live, _ = LIVES[life]

    async def at(number: int) -> bool:
        async with FakeCentre(MOVING_POLICY) as centre:
            hang_up_at_request(centre, number, phone)
            await live(centre)
            await expect_call_or_end(centre)
            return centre.asterisk.changes >= number

    await at_each(at)
