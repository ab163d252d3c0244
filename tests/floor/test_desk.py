"""Sessions that are begun and changed by clicks: the same line, the same policy, the same record."""

import pytest

from supervise.domain.records import Deed
from supervise.domain.rights.decisions import Refusal
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions.session import Stage
from supervise.domain.words import Mode, Source, Visibility
from supervise.floor.arriving.deciding import TurnedAway
from supervise.floor.desk import Invitation, Ringing
from supervise.floor.running.shown import Wished
from tests.support.fake_board import NODE
from tests.support.fake_floor import CALL, FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit

CLICK = Invitation("hilda", "anna", Mode.MONITOR, Source.BOARD)


async def begun(at: FakeFloor, invitation: Invitation = CLICK) -> Ringing:
    """Click, and let the phone ring."""
    ringing = await at.floor.desk.begin(invitation)
    assert isinstance(ringing, Ringing), ringing
    return ringing


@in_virtual_time
async def test_a_click_rings_the_supervisors_phone_and_begins_when_they_pick_up() -> None:
    """The session has the id that was told at the click, and says that it came from the board."""
    async with FakeFloor() as at:
        ringing = await begun(at)
        assert at.board.rung == {ringing.arrival.channel: "*55201"}
        assert not at.sessions
        at.pick_up(ringing.arrival.channel)
        await at.later()
        [session] = at.sessions
        assert (session.id, session.stage, session.source) == (ringing.arrival.session, Stage.LIVE, Source.BOARD)
        assert [record.source for record in at.journal.records if record.deed is Deed.OPENED] == [Source.BOARD]
        assert not list(at.floor.desk.ringing())


@in_virtual_time
@pytest.mark.parametrize("visibility", list(Visibility))
async def test_it_begins_as_visible_as_was_clicked(visibility: Visibility) -> None:
    """The choice at the start outweighs the house's way to begin."""
    async with FakeFloor() as at:
        ringing = await begun(at, Invitation("hilda", "anna", Mode.COACH, Source.BOARD, visibility))
        at.pick_up(ringing.arrival.channel)
        await at.later()
        [session] = at.sessions
        assert (session.visibility, session.wanted.mode) == (visibility, Mode.COACH)


@in_virtual_time
async def test_what_the_policy_refuses_rings_nothing_and_is_in_the_journal() -> None:
    """Nobody is rung for what they may not do."""
    async with FakeFloor(policy("{who: lead, may: [coach], whom: own-teams}")) as at:
        turned = await at.floor.desk.begin(CLICK)
        assert isinstance(turned, TurnedAway)
        assert turned.refused.reason is Refusal.NOT_ALLOWED
        assert not at.board.rung
        [record] = at.journal.records
        assert (record.deed, record.source, record.reason) == (Deed.REFUSED, Source.BOARD, "not-allowed")


@in_virtual_time
async def test_it_is_decided_about_again_when_the_phone_is_picked_up() -> None:
    """What was revoked while the phone rang does not begin."""
    async with FakeFloor() as at:
        ringing = await begun(at)
        at.rule(policy("{who: lead, may: [coach], whom: own-teams}"))
        at.pick_up(ringing.arrival.channel)
        await at.later()
        assert not at.sessions
        assert at.journal.reasons(Deed.REFUSED) == ["not-allowed"]


@in_virtual_time
async def test_only_the_call_that_was_clicked_is_entered() -> None:
    """An agent who is in another call by now is not listened to in that one."""
    async with FakeFloor() as at:
        turned = await at.floor.desk.begin(Invitation("hilda", "anna", Mode.MONITOR, Source.BOARD, call="another"))
        assert isinstance(turned, TurnedAway)
        assert turned.refused.reason is Refusal.NOT_ON_A_CALL
        [session_call] = {call.id for _, call in at.board.book.calls_at("201")}
        ringing = await begun(at, Invitation("hilda", "anna", Mode.MONITOR, Source.BOARD, call=session_call))
        at.board.book.left(CALL, "customer")
        at.come("newcomer", "102")
        at.connect("later", "newcomer")
        at.board.book.left(CALL, "agent")
        at.connect("later", "agent")
        at.pick_up(ringing.arrival.channel)
        await at.later()
        assert not at.sessions


@in_virtual_time
async def test_two_clicks_are_one_ringing_phone() -> None:
    """Who clicks twice is not rung twice."""
    async with FakeFloor() as at:
        await begun(at)
        turned = await at.floor.desk.begin(CLICK)
        assert isinstance(turned, TurnedAway)
        assert turned.refused.reason is Refusal.BUSY


@in_virtual_time
async def test_only_ones_own_phone_is_rung() -> None:
    """Nobody makes a colleague's phone ring."""
    async with FakeFloor() as at:
        turned = await at.floor.desk.begin(Invitation("hilda", "anna", Mode.MONITOR, Source.BOARD, phone="302"))
        assert isinstance(turned, TurnedAway)
        assert not at.board.rung


@in_virtual_time
async def test_a_phone_that_cannot_ring_is_told_and_may_be_tried_again() -> None:
    """Nothing is left of an attempt that failed."""
    async with FakeFloor() as at:
        at.board.unringable = True
        turned = await at.floor.desk.begin(CLICK)
        assert isinstance(turned, TurnedAway)
        assert turned.refused.reason is Refusal.FAILED
        at.board.unringable = False
        await begun(at)


@in_virtual_time
async def test_a_phone_that_is_not_picked_up_rings_for_nothing() -> None:
    """When it has rung out, its supervisor may click again."""
    async with FakeFloor() as at:
        ringing = await begun(at)
        at.hang_up(ringing.arrival.channel)
        assert not list(at.floor.desk.ringing())
        await begun(at)


@in_virtual_time
async def test_a_phone_picked_up_too_late_is_hung_up() -> None:
    """What nobody waits for any more would begin otherwise than it was clicked."""
    async with FakeFloor() as at:
        ringing = await begun(at)
        channel = at.board.book.channel(ringing.arrival.channel)
        assert channel is not None
        assert await at.floor.desk.give_up(ringing.arrival.session, "hilda")
        at.board.book.see(channel)
        at.floor.arrived(NODE, channel, "*55201")
        await at.later()
        assert not at.sessions
        assert at.board.book.channel(channel.id) is None


@in_virtual_time
async def test_nobody_stops_anothers_phone() -> None:
    """Giving up is for whoever began."""
    async with FakeFloor() as at:
        ringing = await begun(at)
        assert not await at.floor.desk.give_up(ringing.arrival.session, "sven")
        assert list(at.floor.desk.ringing()) == [ringing]


@in_virtual_time
async def test_a_click_and_a_key_do_the_same() -> None:
    """A session that was begun on the phone takes clicks, and the record says where the wish came from."""
    async with FakeFloor() as at:
        await at.session("*55201")
        [watched] = at.floor.desk.sessions()
        wished = Wished(h.ModeAsked(Mode.COACH), Source.BOARD, watched.version)
        assert at.floor.desk.wish(watched.session.id, "hilda", wished)
        await at.later()
        [session] = at.sessions
        assert session.wanted.mode is Mode.COACH
        sources = {record.deed: record.source for record in at.journal.records}
        assert (sources[Deed.OPENED], sources[Deed.MODE]) == (Source.PHONE, Source.BOARD)


@in_virtual_time
async def test_a_click_on_what_was_is_not_carried_out() -> None:
    """A key that came between makes the click one about another session: unmuting is refused, leaving never is."""
    async with FakeFloor() as at:
        channel = await at.session("*56201")
        [shown] = at.floor.desk.sessions()
        at.press(channel, "06")
        at.floor.desk.wish(shown.session.id, "hilda", Wished(h.MuteAsked(muted=False), Source.BOARD, shown.version))
        await at.later()
        [now] = at.floor.desk.sessions()
        assert now.session.wanted.muted
        assert now.refused is not None
        assert now.refused[0] == "stale"
        at.floor.desk.wish(now.session.id, "hilda", Wished(h.LeaveAsked(), Source.BOARD))
        await at.later()
        assert not at.sessions


@in_virtual_time
async def test_anothers_session_takes_no_wish() -> None:
    """Whoever knows a session's id has no session by that."""
    async with FakeFloor() as at:
        await at.session()
        [watched] = at.floor.desk.sessions()
        assert not at.floor.desk.wish(watched.session.id, "sven", Wished(h.LeaveAsked(), Source.BOARD))
        await at.later()
        assert at.sessions


@in_virtual_time
async def test_a_refused_wish_is_shown_until_another_is_granted() -> None:
    """The panel says why, and no longer than it matters."""
    async with FakeFloor(policy("{who: lead, may: [monitor, coach], whom: own-teams}")) as at:
        await at.session()
        [before] = at.floor.desk.sessions()
        at.floor.desk.wish(before.session.id, "hilda", Wished(h.ModeAsked(Mode.BARGE), Source.BOARD, before.version))
        await at.later()
        [refused] = at.floor.desk.sessions()
        assert refused.refused is not None
        assert refused.refused[0] == "not-allowed"
        at.floor.desk.wish(before.session.id, "hilda", Wished(h.ModeAsked(Mode.COACH), Source.BOARD, before.version))
        await at.later()
        [granted] = at.floor.desk.sessions()
        assert granted.refused is None
        assert granted.version > refused.version


@in_virtual_time
async def test_every_change_of_a_session_is_told() -> None:
    """Whoever shows sessions hears of the opening, each switch and the end."""
    async with FakeFloor() as at:
        channel = await at.session()
        at.press(channel, "5*")
        await at.later()
        stages = [session.stage for session in at.moved]
        assert (stages[0], stages[-1]) == (Stage.OPENING, Stage.CLOSED)
        assert Mode.COACH in {session.wanted.mode for session in at.moved}
