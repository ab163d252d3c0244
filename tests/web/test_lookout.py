"""What is kept of everybody: since when, on hold since when, private or not."""

import pytest

from supervise.domain.board.board import Why
from tests.support.board import BoardUnderTest
from tests.support.fake_board import NODE
from tests.support.fake_floor import AGENT, CALL, CUSTOMER

pytestmark = pytest.mark.unit


async def test_a_call_that_was_there_before_us_began_when_asterisk_says() -> None:
    """And one that we see begin, when we saw it."""
    async with BoardUnderTest() as at:
        lookout = at.board.lookout
        lookout.refresh()
        anna = lookout.facts("anna")
        assert anna is not None
        assert anna.talk is not None
        before = at.floor.now()
        at.floor.come("ben-1", "202")
        at.floor.come("dora", "109")
        at.floor.connect("later", "ben-1", "dora")
        lookout.refresh()
        ben = lookout.facts("ben")
        assert ben is not None
        assert ben.talk is not None
        assert before <= ben.talk.since <= at.floor.now()


async def test_a_hold_begins_once_and_ends() -> None:
    """Looking again does not begin it anew."""
    async with BoardUnderTest() as at:
        lookout = at.board.lookout
        at.floor.hold(AGENT)
        lookout.refresh()
        first = lookout.facts("anna")
        assert first is not None
        assert first.talk is not None
        assert first.talk.held_since is not None
        lookout.all_moved()
        lookout.refresh()
        again = lookout.facts("anna")
        assert again is not None
        assert again.talk is not None
        assert again.talk.held_since == first.talk.held_since
        at.floor.hold(AGENT, held=False)
        lookout.refresh()
        over = lookout.facts("anna")
        assert over is not None
        assert over.talk is not None
        assert over.talk.held_since is None


async def test_the_mark_of_any_party_makes_a_call_private() -> None:
    """It is asked for while somebody looks, and shown at the next look."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser, browser.live() as socket:
        await socket.until("mine")
        at.floor.board.marked[CUSTOMER] = "yes"
        await at.board.lookout.look_at_marks()
        shown = await socket.until("rows")
        [anna] = [row for row in shown["set"] if row["id"] == "anna"]
        assert anna["call"]["private"]
        assert anna["call"]["other"] == {"number": "", "name": ""}
        assert not anna["may"]["monitor"]["allowed"]


async def test_a_mark_that_is_told_is_shown_at_once() -> None:
    """Nobody waits for the next look at all calls, which is far off; nor does who comes first."""
    async with BoardUnderTest() as at:
        at.floor.board.tells_marks = True
        at.floor.board.marked[CUSTOMER] = "yes"
        async with at.browser("hilda") as browser, browser.live() as socket:
            await socket.until("mine")
            shown = await socket.until("rows")
            assert [row["call"]["private"] for row in shown["set"] if row["id"] == "anna"] == [True]
            assert {AGENT, CUSTOMER} <= at.floor.board.watched
            at.floor.board.marked[CUSTOMER] = ""
            at.board.lookout.marked(NODE, CUSTOMER, "OTHER")
            at.board.lookout.marked(NODE, CUSTOMER, "SUPERVISE_PRIVATE")
            shown = await socket.until("rows")
            assert [row["call"]["private"] for row in shown["set"] if row["id"] == "anna"] == [False]


async def test_a_new_call_is_asked_at_once() -> None:
    """A call that begins marked is never shown without its mark for longer than asking takes."""
    async with BoardUnderTest() as at:
        at.floor.board.tells_marks = True
        async with at.browser("hilda") as browser, browser.live() as socket:
            await socket.until("mine")
            at.floor.come("ben-1", "202")
            at.floor.come("dora", "109")
            at.floor.board.marked["dora"] = "yes"
            at.floor.connect("later", "ben-1", "dora")
            while True:
                shown = await socket.until("rows")
                if any(row["id"] == "ben" and row["call"] and row["call"]["private"] for row in shown["set"]):
                    return


async def test_who_goes_and_comes_back_begins_anew() -> None:
    """Between calls somebody is available since the end of the last one."""
    async with BoardUnderTest() as at:
        lookout = at.board.lookout
        lookout.refresh()
        at.floor.leave(CALL, CUSTOMER)
        at.floor.board.book.gone(AGENT)
        lookout.presence_moved(NODE, "201")
        lookout.refresh()
        anna = lookout.facts("anna")
        assert anna is not None
        assert (anna.talk, anna.using) == (None, Why.NOTHING)
        assert anna.since is not None
