"""An agent with two calls: the target is a call, not an extension."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from supervise.domain.records import Deed
from supervise.domain.rights.policy import Policy
from supervise.domain.sessions import orders as o
from supervise.domain.words import Mode, Source
from supervise.floor.desk import Invitation, Ringing
from tests.support.fake_floor import AGENT, ALL, CALL, CUSTOMER, FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit

LINE, WAITING = "second line", "waiting"


@asynccontextmanager
async def two(holds: Policy | None = None) -> AsyncIterator[FakeFloor]:
    """Let anna hold customer 101 and talk with customer 102."""
    async with FakeFloor(holds) as at:
        at.hold(AGENT)
        at.come(WAITING, "102")
        at.come(LINE, "201")
        at.connect("other", WAITING, LINE)
        yield at


def ears(at: FakeFloor) -> list[str]:
    """On which channels there has been an ear."""
    return [order.on for order in at.story if isinstance(order, o.Make)]


@pytest.mark.parametrize(("key", "channel"), [("1", LINE), ("2", AGENT)])
@in_virtual_time
async def test_a_choice_is_offered_in_words(key: str, channel: str) -> None:
    """The one that they talk in first; the key begins with that call, and nothing is heard of the other."""
    async with two() as at:
        phone = at.dial()
        await at.later(0.5)
        first = ["several-calls", "menu-for", "call-with", "digits:102", "menu-press", "digits:1"]
        assert at.board.words == [*first, "menu-for", "call-on-hold-with", "digits:101", "menu-press", "digits:2"]
        at.press(phone, key)
        await at.later()
        assert ears(at) == [channel]


@in_virtual_time
async def test_how_long_a_call_lasts_is_said() -> None:
    """In whole minutes, so that two calls with strangers can be told apart."""
    async with two() as at:
        await at.later(180)
        at.dial()
        await at.later(0.5)
        assert at.board.words[3:7] == ["digits:102", "call-since", "digits:2", "call-minutes"]


@in_virtual_time
async def test_the_star_leaves_the_choice() -> None:
    """Nothing has begun."""
    async with two() as at:
        phone = at.dial()
        await at.later(0.5)
        at.press(phone, "*")
        await at.later(2)
        assert ears(at) == []
        assert at.journal.reasons(Deed.REFUSED) == ["left"]


@in_virtual_time
async def test_masked_numbers_are_said_masked() -> None:
    """As much of a number as the supervisor may read."""
    async with two(policy(ALL, house=", mask_numbers: {for: everybody, keep: 1}")) as at:
        at.dial()
        await at.later(0.5)
        assert [word for word in at.board.words if word.startswith("digits:")] == [
            "digits:2",
            "digits:1",
            "digits:1",
            "digits:2",
        ]


@pytest.mark.parametrize(("never", "channel"), [("102", AGENT), ("101", LINE)])
@in_virtual_time
async def test_a_call_that_is_not_allowed_is_not_offered(never: str, channel: str) -> None:
    """There is no choice then, and nothing names the other one."""
    async with two(policy(ALL, further=f"never: [{{numbers: [{never}]}}]")) as at:
        at.dial()
        await at.later(0.5)
        assert ears(at) == [channel]
        assert at.board.words == ["monitor"]


@in_virtual_time
async def test_a_private_call_is_not_offered() -> None:
    """The other one is begun with."""
    async with two() as at:
        at.board.marked[WAITING] = "yes"
        at.dial()
        await at.later(0.5)
        assert ears(at) == [AGENT]


@pytest.mark.parametrize(("call", "channel"), [(CUSTOMER, AGENT), (WAITING, LINE)])
@in_virtual_time
async def test_a_click_on_a_call_means_that_call(call: str, channel: str) -> None:
    """No question is asked on the phone."""
    async with two() as at:
        ringing = await at.floor.desk.begin(Invitation("hilda", "anna", Mode.MONITOR, Source.BOARD, call=call))
        assert isinstance(ringing, Ringing)
        at.pick_up(ringing.arrival.channel)
        await at.later(0.5)
        assert ears(at) == [channel]


@in_virtual_time
async def test_the_menu_offers_an_agent_once_and_then_their_calls() -> None:
    """An agent has one extension."""
    async with two() as at:
        phone = at.dial("*55")
        await at.later(0.5)
        assert at.board.words.count("digits:201") == 1
        at.press(phone, "1")
        await at.later(0.5)
        assert "several-calls" in at.board.words
        at.press(phone, "2")
        await at.later()
        assert ears(at) == [AGENT]


@in_virtual_time
async def test_the_session_stays_with_its_call() -> None:
    """The agent goes on with the other one: not a frame of it."""
    async with two() as at:
        phone = at.dial()
        await at.later(0.5)
        at.press(phone, "1")
        await at.later()
        at.hold(LINE)
        at.hold(AGENT, held=False)
        at.move(AGENT, LINE)
        await at.later(15)
        assert set(ears(at)) == {LINE}
        at.leave("other", WAITING, LINE)
        await at.later(2)
        assert at.sessions == []
        assert set(ears(at)) == {LINE}
        assert CALL in at.board.book.bridges_of(AGENT)
