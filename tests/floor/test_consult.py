"""The agent's consult calls: heard by the right `hear-consult` alone, in monitor, and only while they last."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from supervise.domain.records import Deed
from supervise.domain.rights.policy import Policy
from supervise.domain.sessions import orders as o
from supervise.domain.words import Mode
from tests.support.fake_floor import AGENT, ALL, CALL, CUSTOMER, FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit

LINE, THIRD = "second line", "third"
MAY = "{who: lead, may: [monitor, coach, barge, hear-consult], whom: own-teams, how: choice}"


@asynccontextmanager
async def supervised(holds: Policy, code: str = "*55") -> AsyncIterator[FakeFloor]:
    """Let a lead supervise anna's call."""
    async with FakeFloor(holds) as at:
        await at.session(f"{code}201")
        yield at


async def consult(at: FakeFloor, number: str = "102") -> None:
    """Let anna put the customer on hold, and dial somebody from her second line."""
    at.hold(AGENT)
    at.move(AGENT, CUSTOMER)
    at.come(LINE, "201")
    at.come(THIRD, number)
    at.connect("consult", LINE, THIRD)
    at.move(LINE, THIRD)
    await at.later()


async def go_back(at: FakeFloor) -> None:
    """Let her come back to the customer."""
    at.leave("consult", LINE, THIRD)
    at.hold(AGENT, held=False)
    at.move(AGENT, CUSTOMER)
    await at.later()


def ears(at: FakeFloor) -> list[str]:
    """On which channels there has been an ear."""
    return [order.on for order in at.story if isinstance(order, o.Make)]


@in_virtual_time
async def test_without_the_right_it_is_never_heard() -> None:
    """The session stays with its call; so it does where the right asks for a PIN that nobody has typed."""
    with_pin = MAY.replace("monitor, coach, barge, hear-consult", "hear-consult").replace("}", ", with: pin}")
    for holds in (policy(ALL), policy(ALL, with_pin)):
        async with supervised(holds) as at:
            await consult(at)
            await at.later(15)
            assert set(ears(at)) == {AGENT}


@pytest.mark.parametrize("code", ["*55", "*56", "*57"])
@in_virtual_time
async def test_with_the_right_it_is_monitored_and_then_the_call_again(code: str) -> None:
    """Whatever the mode was; both are in the journal, the first one before the ear."""
    async with supervised(policy(MAY), code) as at:
        before = at.sessions[0].call
        await consult(at)
        assert ears(at)[-1] == LINE
        assert (at.sessions[0].stance.mode, at.sessions[0].mic_open) == (Mode.MONITOR, False)
        await go_back(at)
        assert ears(at)[-1] == AGENT
        session = at.sessions[0]
        assert (session.stance.mode, session.call, session.parted) == (Mode.MONITOR, before, False)
        turned = [record.reason for record in at.journal.records if record.deed is Deed.TARGET]
        assert turned == ["consult", "consult-over"]
        assert {"consult", "consult-over"} <= set(at.board.words)


@in_virtual_time
async def test_a_consult_call_is_only_monitored() -> None:
    """Coach and barge are refused there."""
    async with supervised(policy(MAY)) as at:
        await consult(at)
        for key in "56":
            at.press(at.sessions[0].supervisor.channel, key)
            await at.later()
            assert at.board.words[-1] == "not-available"
        assert at.sessions[0].wanted.mode is Mode.MONITOR


@in_virtual_time
async def test_what_the_policy_does_not_allow_of_it_is_not_heard() -> None:
    """The one who is consulted is a party like any other: a number that is never supervised, a private mark."""
    for holds, mark in ((policy(MAY, further="never: [{numbers: [102]}]"), ""), (policy(MAY), "yes")):
        async with supervised(holds) as at:
            at.board.marked[THIRD] = mark
            await consult(at)
            await at.later(5)
            assert set(ears(at)) == {AGENT}


@in_virtual_time
async def test_another_call_that_the_agent_answers_is_no_consult_call() -> None:
    """Call waiting: that is somebody else's call."""
    async with supervised(policy(MAY)) as at:
        at.hold(AGENT)
        at.come(THIRD, "102")
        at.come(LINE, "201")
        at.connect("other", THIRD, LINE)
        at.move(THIRD, LINE)
        await at.later(5)
        assert set(ears(at)) == {AGENT}


@in_virtual_time
async def test_a_revoked_right_ends_it() -> None:
    """The session goes back to its call, and does not come again."""
    async with supervised(policy(MAY)) as at:
        await consult(at)
        at.rule(policy(ALL))
        await at.later()
        assert ears(at)[-1] == AGENT
        assert len(at.sessions) == 1
        at.move(LINE, THIRD)
        await at.later(15)
        assert ears(at)[-1] == AGENT


@in_virtual_time
async def test_without_a_record_it_is_not_heard() -> None:
    """And the session goes on with its own call."""
    async with supervised(policy(MAY)) as at:
        at.journal.broken = True
        await consult(at)
        await at.later(2)
        assert set(ears(at)) == {AGENT}
        assert len(at.sessions) == 1
        assert len(ears(at)) < 4


@in_virtual_time
async def test_consulting_by_asterisks_own_keys() -> None:
    """The agent's channel moves to another bridge, and back."""
    async with supervised(policy(MAY)) as at:
        at.board.book.left(CALL, AGENT)
        at.move(AGENT, CUSTOMER)
        at.come(THIRD, "102")
        at.connect("consult", AGENT, THIRD)
        at.move(AGENT, THIRD)
        await at.later()
        assert at.sessions[0].home is not None
        assert not at.sessions[0].parted
        at.board.book.left("consult", AGENT)
        at.move(AGENT, THIRD)
        at.connect(CALL, AGENT)
        at.move(AGENT, CUSTOMER)
        await at.later()
        assert at.sessions[0].home is None
        assert not at.sessions[0].parted
        assert set(ears(at)) == {AGENT}


@in_virtual_time
async def test_a_transfer_after_it_ends_the_session() -> None:
    """The agent is gone from both calls: this call only is what was wanted."""
    async with supervised(policy(MAY)) as at:
        await consult(at)
        for channel in (LINE, AGENT):
            at.board.book.gone(channel)
            at.move(channel, CUSTOMER, THIRD)
        await at.later(2)
        assert at.sessions == []
