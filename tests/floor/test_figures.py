"""What the floor counts and times, for whoever watches the figures."""

import pytest

from supervise.domain.calls.naming import Kind, OurId
from supervise.domain.ports import LEASE_SECONDS
from supervise.domain.words import Mode
from supervise.floor.rounds import ORPHAN_SECONDS, RECONCILE_SECONDS, RENEW_SECONDS
from tests.support.fake_board import NODE, SPEECH
from tests.support.fake_floor import ALL, PIN, FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit

NOBODYS = OurId(Kind.EAR, "f" * 32, 1)


@in_virtual_time
async def test_joining_lasts_from_the_wish_to_the_sound() -> None:
    """Dialled, and a twentieth of a second later the ear is there; later switches are no joining."""
    async with FakeFloor() as at:
        at.board.tap_after = 0.05
        phone = await at.session()
        at.press(phone, "5")
        await at.later()
        assert at.figures.joins == [0.05]


@in_virtual_time
async def test_typing_a_pin_is_no_joining() -> None:
    """What a supervisor is asked for first takes as long as they take; they wait from their last key on."""
    async with FakeFloor(policy(ALL[:-1] + ", with: pin}")) as at:
        at.board.tap_after = 0.05
        phone = at.dial()
        await at.later(SPEECH + 3)
        at.press(phone, PIN + "#")
        await at.later()
        assert at.figures.joins == [0.05]


@in_virtual_time
async def test_a_switch_lasts_from_the_key_to_the_sound() -> None:
    """A new tap takes its time; what needs none is there at once, and a second press of the same key is no switch."""
    async with FakeFloor() as at:
        phone = await at.session()
        at.board.tap_after = 0.03
        at.press(phone, "5")
        await at.later()
        at.press(phone, "5")
        await at.later()
        at.press(phone, "0")
        await at.later()
        assert at.figures.switches == [(Mode.COACH, 0.03), (Mode.COACH, 0.03)]


@in_virtual_time
async def test_the_last_wish_counts() -> None:
    """Two keys in a row: the switch is timed from the key whose wish came true."""
    async with FakeFloor() as at:
        phone = await at.session()
        at.board.tap_after = 0.03
        at.press(phone, "5")
        await at.later(0.02)
        at.press(phone, "6")
        await at.later()
        assert [mode for mode, _ in at.figures.switches] == [Mode.BARGE]
        assert at.figures.switches[0][1] == pytest.approx(0.04)


@in_virtual_time
async def test_what_nobody_wished_for_is_not_timed() -> None:
    """A policy that lowers a session is no switch of a supervisor's."""
    async with FakeFloor() as at:
        phone = await at.session()
        at.press(phone, "5")
        await at.later()
        before = list(at.figures.switches)
        at.rule(policy("{who: lead, may: monitor, whom: own-teams, how: choice}"))
        await at.later()
        assert at.sessions[0].stance.mode is Mode.MONITOR
        assert at.figures.switches == before


@in_virtual_time
async def test_orphans_and_reconnections_are_counted() -> None:
    """An orphan at a reconnection and one at a look later; the first connection is no reconnection."""
    async with FakeFloor() as at:
        assert at.figures.reconnects == []
        at.board.left_over.append(NOBODYS)
        at.floor.connected(NODE)
        await at.later()
        at.board.left_over.append(NOBODYS)
        await at.later(RECONCILE_SECONDS + ORPHAN_SECONDS)
        assert at.figures.orphans == 2
        assert at.figures.reconnects == [NODE]


@in_virtual_time
async def test_a_session_that_nobody_could_renew_has_lapsed() -> None:
    """An end within the lease's time after a renewal is a hang-up; one after a longer pause is a lapse."""
    async with FakeFloor() as at:
        at.hang_up(await at.session())
        await at.later()
        assert at.figures.lapses == 0
        first = await at.session()
        await at.later(RENEW_SECONDS * 2)
        at.hang_up(first)
        await at.later()
        assert at.figures.lapses == 0
        second = await at.session()
        at.board.renewing = LEASE_SECONDS + 1
        await at.later(RENEW_SECONDS + LEASE_SECONDS + 2)
        at.hang_up(second)
        await at.later()
        assert at.figures.lapses == 1


@in_virtual_time
async def test_a_lease_may_lapse_before_its_first_renewal() -> None:
    """A controller that hangs right after its start has not renewed anything, and lets lapse all the same."""
    async with FakeFloor() as at:
        at.board.renewing = LEASE_SECONDS
        phone = await at.session()
        await at.later(LEASE_SECONDS + 1)
        at.hang_up(phone)
        at.hang_up(phone)
        await at.later()
        assert at.figures.lapses == 1
