"""What the floor does for all lines: news to the right one, orphans, strays, blindness, leases, the end."""

import asyncio

import pytest
import structlog

from supervise.domain.calls.calls import Channel
from supervise.domain.calls.naming import Kind, OurId
from supervise.domain.records import Deed
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.session import Ending, Session
from supervise.domain.words import Mode
from supervise.floor.nodes import BLIND_SECONDS
from supervise.floor.rounds import ORPHAN_SECONDS, RECONCILE_SECONDS, RENEW_SECONDS
from tests.support.fake_board import NODE
from tests.support.fake_floor import ALL, CUSTOMER, FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit

NOBODYS = OurId(Kind.EAR, "f" * 32, 1)


@in_virtual_time
async def test_a_tap_that_no_session_waits_for_is_taken_down() -> None:
    """One that comes after everybody has gone is not left behind."""
    async with FakeFloor() as at:
        at.floor.tap_ready(NODE, NOBODYS)
        await at.later()
        assert at.board.removed == [NOBODYS]


@in_virtual_time
async def test_what_is_left_over_at_the_start_is_taken_down() -> None:
    """An ear of a controller that is no more."""
    async with FakeFloor() as at:
        at.board.left_over.append(NOBODYS)
        at.floor.connected(NODE)
        await at.later()
        assert at.board.removed == [NOBODYS]


@in_virtual_time
async def test_an_orphan_is_one_when_it_is_still_there_at_a_second_look() -> None:
    """What is just on its way out is left in peace."""
    async with FakeFloor() as at:
        leaving = OurId(Kind.NOTIFIER, "e" * 32, 1)
        at.board.left_over += [NOBODYS, leaving]
        await at.later(RECONCILE_SECONDS + ORPHAN_SECONDS / 2)
        at.board.left_over.remove(leaving)
        await at.later(ORPHAN_SECONDS)
        assert at.board.removed == [NOBODYS]


@in_virtual_time
async def test_a_phone_found_in_our_hands_begins_again_in_monitor() -> None:
    """Whatever it had dialled, a restart gives the least right; and a second sight of it gives no second session."""
    async with FakeFloor() as at:
        at.come("phone", "301")
        found = at.board.book.channel("phone")
        assert isinstance(found, Channel)
        at.board.waiting.append((found, "*57201"))
        at.floor.connected(NODE)
        at.floor.connected(NODE)
        await at.later()
        assert [session.stance.mode for session in at.sessions] == [Mode.MONITOR]
        assert at.board.renewed.count("phone") >= 1


@in_virtual_time
async def test_a_short_blindness_is_borne() -> None:
    """Sessions go on if Asterisk can be seen again in time."""
    async with FakeFloor() as at:
        await at.session()
        at.floor.disconnected(NODE)
        await at.later(BLIND_SECONDS - 0.1)
        at.floor.connected(NODE)
        await at.later(BLIND_SECONDS * 2)
        assert len(at.sessions) == 1


@in_virtual_time
async def test_a_long_blindness_ends_every_session() -> None:
    """Five seconds after the first sign of it, however often it is told."""
    async with FakeFloor() as at:
        await at.session()
        for _ in range(3):
            at.floor.disconnected(NODE)
            await at.later(1)
        await at.later(BLIND_SECONDS - 3.5)
        assert len(at.sessions) == 1
        await at.later(1)
        assert at.journal.reasons(Deed.CLOSED) == [Ending.BLIND]


@in_virtual_time
async def test_what_happened_while_nobody_looked_is_found() -> None:
    """A phone, an ear and a call that have gone meanwhile."""
    async with FakeFloor() as at:
        phone = await at.session()
        await at.session(endpoint="302")
        at.floor.disconnected(NODE)
        at.board.book.gone(phone)
        at.floor.connected(NODE)
        await at.later(5)
        assert at.journal.reasons(Deed.CLOSED)[0] == Ending.SUPERVISOR_GONE
        at.floor.disconnected(NODE)
        at.board.book.gone("agent")
        at.floor.connected(NODE)
        await at.later(5)
        assert at.journal.reasons(Deed.CLOSED)[1:] == [Ending.CALL_ENDED]


@in_virtual_time
async def test_leases_of_everything_that_is_there_are_renewed() -> None:
    """The phone and its ear, every three seconds; nothing of a session that is over."""
    async with FakeFloor() as at:
        phone = await at.session()
        ear = str(at.sessions[0].tap)
        await at.later(RENEW_SECONDS * 3 + 0.1)
        assert at.board.renewed.count(phone) == 3
        at.press(phone, "*")
        await at.later(RENEW_SECONDS)
        assert at.board.renewed.count(ear) <= 3


@in_virtual_time
async def test_a_new_policy_is_held_against_every_session() -> None:
    """At once, for all of them."""
    async with FakeFloor() as at:
        for endpoint in ("301", "302"):
            await at.session(endpoint=endpoint)
        at.rule(policy())
        await at.later(0.01)
        assert at.journal.reasons(Deed.CLOSED) == [Ending.REVOKED] * 2


@in_virtual_time
async def test_time_alone_can_end_a_right() -> None:
    """Hours that end are noticed without anybody's doing."""
    rules = policy(ALL.replace("}", ", when: {from: '00:00', to: '12:01', zone: UTC}}"))
    async with FakeFloor(rules) as at:
        await at.session()
        await at.later(50)
        assert len(at.sessions) == 1
        await at.later(25)
        assert at.journal.reasons(Deed.CLOSED) == [Ending.REVOKED]


@in_virtual_time
async def test_a_line_that_breaks_breaks_alone() -> None:
    """A fault of ours ends one session, is told, and the others go on."""
    async with FakeFloor() as at:
        await at.session(endpoint="302")
        carry_out = at.board.carry_out

        async def break_for_hilda(session: Session, order: o.Order) -> None:
            if session.supervisor.name == "hilda" and isinstance(order, o.Make):
                raise ZeroDivisionError
            await carry_out(session, order)

        at.board.carry_out = break_for_hilda  # type: ignore[method-assign]  # a fault that nobody has foreseen
        with structlog.testing.capture_logs() as logs:
            at.dial()
            await at.later()
        assert [line["event"] for line in logs if line["log_level"] == "error"] == ["floor.broken"]
        assert [session.supervisor.name for session in at.sessions] == ["sven"]
        assert at.journal.reasons(Deed.CLOSED) == [Ending.FAILED]


@in_virtual_time
async def test_the_end_ends_everything_in_good_order() -> None:
    """Sessions are closed in words and in the journal, and no task is left."""
    async with FakeFloor() as at:
        await at.session()
        at.dial("*55", "302")
        await at.later()
        await at.floor.close()
        await asyncio.sleep(0)
        assert at.board.words[-2:] == [Ending.SHUT_DOWN] * 2
        assert at.journal.reasons(Deed.CLOSED) == [Ending.SHUT_DOWN]
        assert not at.floor._errands


@in_virtual_time
async def test_news_of_a_node_go_to_its_own_lines() -> None:
    """A channel id is known within its node only."""
    async with FakeFloor() as at:
        phone = await at.session()
        at.floor.pressed("another", phone, "*")
        at.floor.supervisor_gone("another", phone)
        at.floor.tap_lost("another", at.sessions[0].present[0])
        at.floor.calls_moved("another", [CUSTOMER, "agent"])
        await at.later()
        assert len(at.sessions) == 1
