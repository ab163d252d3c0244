"""A PIN asked for in the middle of a session: the call goes on, and keys are digits until it was typed."""

import pytest

from supervise.domain.records import Deed
from supervise.domain.words import Mode
from supervise.floor.running.entry import PATIENCE
from tests.support.fake_floor import ALL, PIN, FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit

FOR_BARGE = policy(ALL.replace(", barge", ""), "{who: lead, may: barge, whom: own-teams, how: choice, with: pin}")


async def asked(at: FakeFloor) -> str:
    """Monitor, press 6, and be asked."""
    phone = await at.session()
    at.press(phone, "6")
    await at.later()
    assert at.board.words[-1] == "pin-enter"
    return phone


def mode(at: FakeFloor) -> Mode:
    """The session's mode."""
    return at.sessions[0].stance.mode


@in_virtual_time
async def test_the_right_pin_gives_the_mode() -> None:
    """Digits and # are taken as the PIN, none of them as a key, and barge asks no second time."""
    async with FakeFloor(FOR_BARGE) as at:
        phone = await asked(at)
        at.press(phone, PIN + "#")
        await at.later()
        assert mode(at) is Mode.BARGE
        at.press(phone, "46")
        await at.later()
        assert mode(at) is Mode.BARGE
        assert at.board.words.count("pin-enter") == 1


@in_virtual_time
async def test_as_many_digits_as_there_may_be_need_no_end_key() -> None:
    """Sixteen digits are an answer, and here a wrong one."""
    async with FakeFloor(FOR_BARGE) as at:
        phone = await asked(at)
        at.press(phone, "0" * 16)
        await at.later()
        assert at.board.words[-1] == "pin-wrong"


@in_virtual_time
async def test_a_wrong_pin_is_asked_again_until_the_phone_is_locked() -> None:
    """The session stays in monitor, and after the lock keys are keys again."""
    async with FakeFloor(FOR_BARGE) as at:
        phone = await asked(at)
        for _ in range(5):
            at.press(phone, "1#")
            await at.later()
        assert at.board.words[-5:] == ["pin-wrong"] * 4 + ["pin-locked"]
        assert at.journal.reasons(Deed.PIN) == ["pin-wrong"] * 4 + ["pin-locked"]
        at.press(phone, "5")
        await at.later()
        assert mode(at) is Mode.COACH


@in_virtual_time
async def test_star_gives_up_and_keys_are_keys_again() -> None:
    """* during the PIN does not leave the session."""
    async with FakeFloor(FOR_BARGE) as at:
        phone = await asked(at)
        at.press(phone, "12*")
        await at.later()
        assert mode(at) is Mode.MONITOR
        at.press(phone, "5")
        await at.later()
        assert mode(at) is Mode.COACH


@in_virtual_time
async def test_whoever_types_nothing_has_their_keys_back() -> None:
    """The digits of somebody who was interrupted mean nothing later."""
    async with FakeFloor(FOR_BARGE) as at:
        phone = await asked(at)
        at.press(phone, PIN[:3])
        await at.later(PATIENCE + 1)
        at.press(phone, "5")
        await at.later()
        assert mode(at) is Mode.COACH


@in_virtual_time
async def test_the_decision_counts_when_the_pin_was_typed() -> None:
    """A right that goes while somebody types is refused all the same."""
    async with FakeFloor(FOR_BARGE) as at:
        phone = await asked(at)
        at.rule(policy(ALL.replace(", barge", "")))
        at.press(phone, PIN + "#")
        await at.later()
        assert mode(at) is Mode.MONITOR
        assert at.board.words[-1] == "not-allowed"


@in_virtual_time
async def test_what_is_not_allowed_is_refused_without_asking() -> None:
    """Nobody types a PIN for nothing."""
    async with FakeFloor(policy(ALL.replace(", barge", ""))) as at:
        phone = await at.session()
        at.press(phone, "6")
        await at.later()
        assert at.board.words[-1] == "not-allowed"
        assert "pin-enter" not in at.board.words


@in_virtual_time
async def test_a_reason_code_is_in_all_that_follows() -> None:
    """An unknown one is refused; the known one stands in the records from then on."""
    rules = policy(ALL.replace("}", ", with: reason}"), further="reasons: {'42': complaint}\n")
    async with FakeFloor(rules) as at:
        phone = at.dial()
        await at.later()
        at.press(phone, "42#")
        await at.later()
        at.press(phone, "5")
        await at.later()
        at.press(phone, "*")
        await at.later()
        assert {record.reason_code for record in at.journal.records} == {"42"}


@in_virtual_time
async def test_a_pin_that_a_rule_comes_to_ask_for_was_not_typed() -> None:
    """A running session goes down to the highest mode that asks for none, and its key then asks."""
    async with FakeFloor(policy(ALL)) as at:
        phone = await at.session()
        at.press(phone, "86")
        await at.later()
        assert mode(at) is Mode.BARGE
        at.rule(FOR_BARGE)
        await at.later()
        assert mode(at) is Mode.COACH
        at.press(phone, "6")
        await at.later()
        assert at.board.words[-1] == "pin-enter"
        at.press(phone, PIN + "#")
        await at.later()
        assert mode(at) is Mode.BARGE
        at.rule(FOR_BARGE)
        await at.later()
        assert mode(at) is Mode.BARGE


@in_virtual_time
async def test_a_session_for_which_every_mode_asks_is_cut() -> None:
    """Nobody stays on a call by a right that they have not proved to be theirs."""
    async with FakeFloor(policy(ALL)) as at:
        await at.session()
        at.rule(policy(ALL.replace("}", ", with: pin}")))
        await at.later()
        assert list(at.floor.lines.sessions()) == []
