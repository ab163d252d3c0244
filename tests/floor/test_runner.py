"""One running session: the order of things, what fails, floods of keys, its time, and whose rules it follows."""

from datetime import timedelta

import pytest

from supervise.domain.calls.naming import Kind
from supervise.domain.records import Deed, Record
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.session import Ending
from supervise.domain.words import Mode
from supervise.floor.running.performing import TAP_PATIENCE
from supervise.floor.running.runner import MOST_WAITING
from tests.support.fake_floor import AGENT, ALL, CALL, CUSTOMER, PEOPLE, FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit


def place(at: FakeFloor, deed: Deed, mode: Mode) -> int:
    """Where in the story a record stands."""
    return next(
        index
        for index, item in enumerate(at.story)
        if isinstance(item, Record) and (item.deed, item.mode) == (deed, mode)
    )


def made(at: FakeFloor, kind: Kind) -> int:
    """Where in the story a tap was asked for."""
    return next(i for i, item in enumerate(at.story) if isinstance(item, o.Make) and item.tap.kind is kind)


@in_virtual_time
async def test_a_record_comes_before_what_it_allows() -> None:
    """The opening before the first ear, each raise before its tap."""
    async with FakeFloor() as at:
        phone = await at.session()
        at.press(phone, "5")
        await at.later()
        at.press(phone, "6")
        await at.later()
        assert place(at, Deed.OPENED, Mode.MONITOR) < made(at, Kind.EAR)
        assert place(at, Deed.MODE, Mode.COACH) < made(at, Kind.COACH_EAR)
        assert place(at, Deed.MODE, Mode.BARGE) < made(at, Kind.SEAT)


@in_virtual_time
async def test_no_record_no_ear() -> None:
    """A journal that fails ends the session in words, and nothing was made."""
    async with FakeFloor() as at:
        at.journal.broken = True
        at.dial()
        await at.later()
        assert at.board.orders(o.Make) == []
        assert at.board.words == ["unrecorded"]


@pytest.mark.parametrize("failing", [o.PutIn, o.OpenMic, o.Make])
@in_virtual_time
async def test_after_a_failure_nothing_more_is_given_but_all_is_taken(failing: type[o.Order]) -> None:
    """On the way to coach: what stands behind the failure and gives is not done, and the old ear is still hung up."""
    async with FakeFloor() as at:
        phone = await at.session()
        ear = at.sessions[0].present[0]
        at.board.failing.add(failing)
        before = len(at.story)
        at.press(phone, "5")
        await at.later()
        after = at.story[before:]
        failed = next(index for index, item in enumerate(after) if isinstance(item, failing))
        given = [item for item in after[failed + 1 :] if isinstance(item, o.OpenMic)]
        assert given == []
        if failing is not o.Make:
            assert o.HangUp(ear) in after
        at.board.failing.clear()
        await at.later(TAP_PATIENCE * 3)
        assert [session.stance.mode for session in at.sessions] in ([Mode.MONITOR], [])


@in_virtual_time
async def test_a_tap_that_does_not_come_is_given_up() -> None:
    """After a second the session falls back; a switchboard that never answers ends it."""
    async with FakeFloor() as at:
        phone = await at.session()
        at.board.taps_come = False
        at.press(phone, "5")
        await at.later(TAP_PATIENCE / 2)
        assert at.sessions[0].coming is not None
        assert at.sessions[0].coming.kind is Kind.COACH_EAR
        await at.later(TAP_PATIENCE)
        assert at.sessions[0].wanted.mode is Mode.MONITOR
        await at.later(TAP_PATIENCE * 3)
        assert at.journal.reasons(Deed.CLOSED) == [Ending.FAILED]


@in_virtual_time
async def test_a_flood_of_keys_drops_keys_and_no_news() -> None:
    """Of a thousand keys at once only so many are taken, and the hang-up behind them is."""
    async with FakeFloor() as at:
        phone = await at.session()
        at.press(phone, "54" * 500)
        at.hang_up(phone)
        await at.later()
        assert at.sessions == []
        assert at.journal.reasons(Deed.CLOSED) == [Ending.SUPERVISOR_GONE]
        assert len([record for record in at.journal.records if record.deed is Deed.MODE]) <= MOST_WAITING


@in_virtual_time
async def test_an_agent_in_another_call_ends_the_session() -> None:
    """One party coming is a change of members, all others gone is another call."""
    async with FakeFloor() as at:
        await at.session()
        at.come("second", "102")
        at.connect(CALL, "second")
        at.move(AGENT)
        await at.later()
        assert len(at.sessions) == 1
        at.board.book.left(CALL, CUSTOMER)
        at.move(AGENT)
        await at.later()
        assert at.journal.reasons(Deed.CLOSED) == [Ending.CALL_CHANGED]


@in_virtual_time
async def test_an_agent_who_is_alone_for_longer_is_in_no_call() -> None:
    """Between two bridges for a moment is nothing; half a second is the end."""
    async with FakeFloor() as at:
        await at.session()
        at.board.book.left(CALL, CUSTOMER)
        at.move(AGENT)
        await at.later(0.3)
        at.connect(CALL, CUSTOMER)
        await at.later(1)
        assert len(at.sessions) == 1
        at.board.book.left(CALL, CUSTOMER)
        at.move(AGENT)
        await at.later(1)
        assert at.journal.reasons(Deed.CLOSED) == [Ending.CALL_ENDED]


@in_virtual_time
async def test_a_coach_whose_customer_is_silent_gets_a_seat() -> None:
    """Two looks without a packet; in monitor nobody looks."""
    async with FakeFloor() as at:
        at.board.packets[CUSTOMER] = 7
        phone = await at.session()
        await at.later(3)
        assert at.sessions[0].seat is None
        at.press(phone, "5")
        await at.later(3)
        assert at.sessions[0].seat is not None
        assert "you-may-be-inaudible" in at.board.words


@in_virtual_time
async def test_time_is_up_to_the_second() -> None:
    """A word a minute before, and the end when the limit comes."""
    rules = policy(ALL.replace("}", ", within: {minutes: 3}}"))
    async with FakeFloor(rules) as at:
        await at.session()
        await at.later(119)
        assert "minute-left" not in at.board.words
        await at.later(2)
        assert at.board.words[-1] == "minute-left"
        await at.later(58)
        assert len(at.sessions) == 1
        await at.later(1)
        closing = at.journal.records[-1]
        assert closing.reason == Ending.TIME_UP
        assert closing.elapsed is not None
        assert timedelta(0) <= closing.elapsed - timedelta(minutes=3) < timedelta(seconds=1)
        assert at.board.words[-1] == "time-up"


@in_virtual_time
async def test_the_time_of_one_mode_is_up() -> None:
    """Where only barge is limited, a barge is lowered when its time is up, and the listening goes on."""
    rules = policy(
        ALL.replace(", barge", ""),
        "{who: lead, may: barge, whom: own-teams, how: choice, within: {minutes: 2}}",
    )
    async with FakeFloor(rules) as at:
        await at.session("*57201")
        await at.later(121)
        assert at.sessions[0].stance.mode is Mode.COACH
        assert at.board.words[-3:] == ["lowered", "coach", "unmuted"]
        await at.later(300)
        assert len(at.sessions) == 1


@in_virtual_time
async def test_another_rule_without_a_limit_lets_go_on_without_a_word() -> None:
    """Nobody is warned of an end that does not come."""
    rules = policy(ALL, ALL.replace("}", ", within: {minutes: 2}}"))
    async with FakeFloor(rules) as at:
        await at.session()
        await at.later(150)
        assert len(at.sessions) == 1
        assert at.board.words == ["monitor"]


@in_virtual_time
async def test_a_new_limit_counts_from_the_beginning_of_the_session() -> None:
    """A policy that gives five minutes ends a session of six at once, and one of four in a minute."""
    async with FakeFloor() as at:
        await at.session()
        await at.later(240)
        at.rule(policy(ALL.replace("}", ", within: {minutes: 5}}")))
        await at.later(59)
        assert len(at.sessions) == 1
        await at.later(2)
        assert at.journal.reasons(Deed.CLOSED) == [Ending.TIME_UP]


@in_virtual_time
async def test_the_agent_is_told_by_the_rules_under_which_it_was() -> None:
    """A policy that ends the session and tells nobody anything does not keep its end from the agent."""
    told = ", tell_agent: {by: [message], of: [enter, leave]}"
    async with FakeFloor(policy(ALL.replace("choice", "visible"), house=told)) as at:
        phone = await at.session()
        at.press(phone, "5")
        await at.later()
        at.rule(policy(house=", tell_agent: {by: []}"))
        await at.later()
        assert [presence for presence, _, _ in at.board.told] == [o.Presence.ENTERED, o.Presence.LEFT]
        assert {ways.ways for _, _, ways in at.board.told} == {at.board.told[0][2].ways}


@in_virtual_time
async def test_a_phone_that_is_somebody_elses_now_has_no_rights() -> None:
    """Neither the supervisor's nor the agent's: rights belong to people."""
    for old, new in (('"301"', '"309"'), ('"201"', '"209"')):
        async with FakeFloor() as at:
            await at.session()
            at.rule(policy(ALL, people=PEOPLE.replace(old, new)))
            await at.later()
            assert at.journal.reasons(Deed.CLOSED) == [Ending.REVOKED]


@pytest.mark.parametrize("code", ["*55", "*56"])
@in_virtual_time
async def test_who_comes_beside_the_agent_is_heard_by_a_new_ear(code: str) -> None:
    """The old one goes first; the mode stays, and nothing is said of it. A second look changes nothing."""
    async with FakeFloor() as at:
        await at.session(f"{code}201")
        ear, words = at.sessions[0].present[0], list(at.board.words)
        before = len(at.story)
        at.come("third", "102")
        at.connect(CALL, "third")
        at.move(AGENT, CUSTOMER, "third")
        await at.later()
        made = [item for item in at.story[before:] if isinstance(item, o.TakeOut | o.HangUp | o.Make | o.PutIn)]
        new = at.sessions[0].present[0]
        assert made == [o.TakeOut(ear), o.HangUp(ear), o.Make(new, AGENT), o.PutIn(new)]
        assert (new.kind, at.board.words) == (ear.kind, words)
        at.move(AGENT, CUSTOMER, "third")
        await at.later()
        assert at.sessions[0].present[0] == new
