"""The lamps that sessions light."""

import pytest

from tests.support.fake_floor import ALL, FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit

SUPERVISING, SUPERVISED = "Stasis:supervising-301", "Stasis:supervised-201"
RECEIVING = "Stasis:receiving-301"
"""No lamp of anybody's: by it the dialplan knows whom to ask about."""


@in_virtual_time
async def test_who_supervises_and_who_is_seen_to_be_supervised() -> None:
    """The supervisor's lamp burns as long as the session lasts, the agent's as long as a visible one is there."""
    async with FakeFloor() as at:
        channel = await at.session()
        await at.later(1)
        assert at.board.lit == {SUPERVISING, RECEIVING}
        assert {SUPERVISING, SUPERVISED} <= at.board.known
        at.press(channel, "8")
        await at.later(1)
        assert at.board.lit == {SUPERVISING, SUPERVISED, RECEIVING}
        at.press(channel, "7")
        await at.later(1)
        assert at.board.lit == {SUPERVISING, RECEIVING}
        at.press(channel, "8*")
        await at.later(1)
        assert at.board.lit == frozenset()


@in_virtual_time
async def test_the_house_may_do_without_lamps() -> None:
    """Both can be switched off."""
    async with FakeFloor(policy(ALL, house=", busy_while_supervising: no, agent_lamp: no")) as at:
        channel = await at.session()
        at.press(channel, "8")
        await at.later(1)
        assert at.board.lit == {RECEIVING}
        assert at.board.known == frozenset()
