"""What the customer is told: the tone in its time, the announcement before a mode, and what happens when it fails."""

import pytest

from supervise.domain.calls.calls import Channel
from supervise.domain.records import Deed
from supervise.domain.sessions.session import Ending
from supervise.domain.words import Mode
from tests.support.fake_board import SPEECH
from tests.support.fake_floor import AGENT, ALL, CALL, CUSTOMER, FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit


def telling(notice: str) -> str:
    """The house's words about the customer."""
    return f", tell_customer: {{{notice}}}"


def mode(at: FakeFloor) -> Mode:
    """The session's mode."""
    return at.sessions[0].stance.mode


TONE = telling("tone: {hertz: 440, length: 200, every: 12, first: 2000}")
ANNOUNCED_BARGE = telling("announcement: custom/hi, in: barge")


@in_virtual_time
async def test_the_tone_comes_in_time_and_the_first_is_longer() -> None:
    """Twelve seconds from beginning to beginning, for the other party alone, as long as the session lasts."""
    async with FakeFloor(policy(ALL, house=TONE)) as at:
        phone = await at.session()
        await at.later(30)
        began = at.board.tones[0][0]
        assert [(round(when - began, 3), length) for when, _, _, length in at.board.tones] == [
            (0, 2000),
            (12, 200),
            (24, 200),
        ]
        assert {(channels, hertz) for _, channels, hertz, _ in at.board.tones} == {((CUSTOMER,), 440)}
        assert at.journal.reasons(Deed.NOTICE) == ["tone"]
        at.press(phone, "*")
        await at.later(30)
        assert len(at.board.tones) == 3


@in_virtual_time
async def test_the_agent_hears_the_tone_of_a_visible_supervisor() -> None:
    """A hidden one is not given away by it."""
    async with FakeFloor(policy(ALL, house=TONE)) as at:
        phone = await at.session()
        await at.later(5)
        at.press(phone, "8")
        await at.later(12)
        assert [channels for _, channels, _, _ in at.board.tones] == [(CUSTOMER,), (AGENT, CUSTOMER)]


@pytest.mark.parametrize("keys", ["91", "93"])
@in_virtual_time
async def test_the_tone_goes_on_without_the_agent(keys: str) -> None:
    """Held or removed, they are not told; the customer, who stays with the supervisor, hears it in its time."""
    moves = "{who: lead, may: [monitor, coach, barge, hold-agent, remove-agent], whom: own-teams, how: choice}"
    async with FakeFloor(policy(moves, house=TONE)) as at:
        phone = await at.session("*57201")
        at.press(phone, "8")
        seat = at.sessions[0].seat
        assert seat is not None
        at.board.book.see(Channel(str(seat.far), "Local/seat@supervise-seat-1;2", up=True))
        at.board.book.entered(CALL, str(seat.far))
        at.press(phone, keys)
        await at.later(1)
        at.board.book.left(CALL, AGENT)
        await at.later(20)
        assert [channels for _, channels, _, _ in at.board.tones[1:]] == [(CUSTOMER,)]


@in_virtual_time
async def test_whoever_comes_into_the_call_hears_the_next_tone() -> None:
    """The parties are those of the moment."""
    async with FakeFloor(policy(ALL, house=TONE)) as at:
        await at.session()
        at.come("second", "102")
        at.connect(CALL, "second")
        await at.later(13)
        assert at.board.tones[-1][1] == (CUSTOMER, "second")


@in_virtual_time
async def test_the_tone_follows_the_mode_and_the_policy() -> None:
    """In coach only; a policy without it ends it, one with another has another."""
    coach = telling("tone: {hertz: 440, length: 200, every: 12}, in: coach")
    async with FakeFloor(policy(ALL, house=coach)) as at:
        phone = await at.session()
        await at.later(20)
        assert at.board.tones == []
        at.press(phone, "5")
        await at.later(1)
        assert len(at.board.tones) == 1
        at.press(phone, "4")
        await at.later(20)
        assert len(at.board.tones) == 1
        at.rule(policy(ALL, house=telling("tone: 1400-every-15")))
        await at.later(1)
        assert at.board.tones[-1][2:] == (1400, 500)
        at.rule(policy(ALL))
        await at.later(20)
        assert len(at.board.tones) == 2


@in_virtual_time
async def test_a_tone_that_nobody_hears_ends_the_session() -> None:
    """It is tried three times; then the supervisor learns why."""
    async with FakeFloor(policy(ALL, house=TONE)) as at:
        at.board.unheard = True
        await at.session()
        await at.later(12)
        assert at.journal.reasons(Deed.CLOSED) == [Ending.UNTOLD]
        assert at.board.words[-1] == "untold"
        assert len(at.board.tones) == 3


@in_virtual_time
async def test_a_mode_waits_for_the_announcement() -> None:
    """6 is held back until everybody else has heard it, and needs no second one."""
    async with FakeFloor(policy(ALL, house=ANNOUNCED_BARGE)) as at:
        phone = await at.session()
        at.press(phone, "6")
        await at.later(SPEECH / 2)
        assert at.sessions[0].wanted.mode is Mode.MONITOR
        assert at.board.words[-1] == "wait"
        await at.later(SPEECH)
        assert at.sessions[0].stance.mode is Mode.BARGE
        at.press(phone, "46")
        await at.later()
        assert at.sessions[0].stance.mode is Mode.BARGE
        assert at.board.announced == [((CUSTOMER,), "custom/hi")]


@in_virtual_time
async def test_another_wish_takes_the_place_of_the_one_that_waits() -> None:
    """Who has pressed 5 meanwhile does not find themselves in barge."""
    async with FakeFloor(policy(ALL, house=ANNOUNCED_BARGE)) as at:
        phone = await at.session()
        at.press(phone, "6")
        await at.later(SPEECH / 2)
        at.press(phone, "5")
        await at.later(2 * SPEECH)
        assert at.sessions[0].stance.mode is Mode.COACH


@in_virtual_time
async def test_an_announcement_that_fails_keeps_out_of_the_mode() -> None:
    """Refused in words; the listening goes on, and the next try is a new one."""
    async with FakeFloor(policy(ALL, house=ANNOUNCED_BARGE)) as at:
        at.board.unheard = True
        phone = await at.session()
        at.press(phone, "6")
        await at.later(2 * SPEECH)
        assert at.board.words[-1] == "untold"
        assert at.journal.reasons(Deed.REFUSED) == ["untold"]
        assert mode(at) is Mode.MONITOR
        at.board.unheard = False
        at.press(phone, "6")
        await at.later(2 * SPEECH)
        assert mode(at) is Mode.BARGE


@in_virtual_time
async def test_the_decision_counts_when_the_announcement_has_ended() -> None:
    """A right that goes meanwhile is gone."""
    async with FakeFloor(policy(ALL, house=ANNOUNCED_BARGE)) as at:
        phone = await at.session()
        at.press(phone, "6")
        await at.later(SPEECH / 2)
        at.rule(policy(ALL.replace(", barge", ""), house=ANNOUNCED_BARGE))
        await at.later(2 * SPEECH)
        assert at.sessions[0].stance.mode is Mode.MONITOR
        assert at.board.words[-1] == "not-allowed"


@in_virtual_time
async def test_what_is_not_allowed_is_not_announced() -> None:
    """A customer is not told of a barge that does not come."""
    async with FakeFloor(policy(ALL.replace(", barge", ""), house=ANNOUNCED_BARGE)) as at:
        phone = await at.session()
        at.press(phone, "6")
        await at.later(2 * SPEECH)
        assert at.board.announced == []


@in_virtual_time
async def test_who_comes_into_the_call_later_is_told() -> None:
    """At once and alone; when that fails, and they are still there, the session ends."""
    for unheard, endings in ((False, []), (True, [Ending.UNTOLD])):
        async with FakeFloor(policy(ALL, house=telling("announcement: custom/hi"))) as at:
            at.dial()
            await at.later(2 * SPEECH)
            at.board.unheard = unheard
            at.come("second", "102")
            at.connect(CALL, "second")
            at.move(AGENT)
            await at.later(2 * SPEECH)
            assert at.board.announced[-1][0] == ("second",)
            assert at.journal.reasons(Deed.CLOSED) == endings
