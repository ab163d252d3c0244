"""The board as browsers are told it: what moves is told at once, to those who may see it and to nobody else."""

import asyncio
from typing import Any

import pytest

from supervise.domain.words import Mode
from tests.support.board import AGENTS, ALL, BoardUnderTest, Socket, board_policy
from tests.support.fake_floor import AGENT, CALL, CUSTOMER

pytestmark = pytest.mark.unit


def row_of(message: dict[str, Any], name: str) -> dict[str, Any] | None:
    """The row about somebody in a snapshot or a difference."""
    rows = message["rows"] if message["type"] == "snapshot" else message["set"]
    return next((row for row in rows if row["id"] == name), None)


async def told(socket: Socket, name: str, fits: Any) -> dict[str, Any]:
    """Wait for a row about somebody that fits."""

    def has(message: dict[str, Any]) -> bool:
        row = row_of(message, name)
        return row is not None and bool(fits(row))

    row = row_of(await socket.until("rows", has), name)
    assert row is not None
    return row


async def test_who_connects_is_told_everything_that_they_may_see() -> None:
    """A lead sees their team and nobody else, in groups, with the call that goes on."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser, browser.live() as socket:
        hello = await socket.until("hello")
        assert hello["me"]["id"] == "hilda"
        snapshot = await socket.until("snapshot")
        groups = {row["id"]: row["group"] for row in snapshot["rows"]}
        assert groups == {"anna": "on-call", "ben": "available", "hilda": "available", "sven": "available"}
        anna = row_of(snapshot, "anna")
        assert anna is not None
        assert anna["call"]["other"]["number"] == "101"
        assert anna["may"]["barge"]["allowed"]
        assert (await socket.until("sessions"))["sessions"] == []


async def test_calls_move_between_the_groups() -> None:
    """A call that ends and one that begins are told within a tick or two."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser, browser.live() as socket:
        await socket.until("mine")
        at.floor.leave(CALL, CUSTOMER)
        assert (await told(socket, "anna", lambda row: row["group"] != "on-call"))["call"] is None
        at.floor.come("ben-1", "202")
        at.floor.come("dora", "109")
        at.floor.connect("later", "ben-1", "dora")
        assert (await told(socket, "ben", lambda row: row["group"] == "on-call"))["call"]["other"]["number"] == "109"


async def test_a_party_on_hold_is_told_with_since_when() -> None:
    """Whoever waits shows, and sorts before calls that go on."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser, browser.live() as socket:
        await socket.until("mine")
        at.floor.hold(AGENT)
        row = await told(socket, "anna", lambda row: row["call"]["held_since"])
        assert row["order"].startswith("1 ")


async def test_a_session_begun_on_the_phone_shows_on_the_panel_and_takes_clicks() -> None:
    """The panel says what the bridges say, and a click does what a key does."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser, browser.live() as socket:
        await socket.until("mine")
        at.floor.dial("*55201")
        panel = (await socket.until("sessions", _stage("live")))["sessions"][0]
        assert (panel["source"], panel["mode"], panel["hears_me"]["who"]) == ("phone", "monitor", "nobody")
        change = {"version": panel["version"], "mode": "coach"}
        status, _ = await browser.ask("PATCH", f"/api/sessions/{panel['id']}", change)
        assert status == 202
        coached = (await socket.until("sessions", _mode("coach")))["sessions"][0]
        assert coached["version"] > panel["version"]
        [session] = at.floor.sessions
        assert session.wanted.mode is Mode.COACH


async def test_a_click_rings_and_the_phone_that_is_picked_up_is_live() -> None:
    """Ringing shows at once, live when the phone was picked up; the same key is the same session."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser, browser.live() as socket:
        await socket.until("mine")
        wanted = {"agent": "anna", "mode": "monitor", "visibility": "hidden"}
        status, first = await browser.ask("POST", "/api/sessions", wanted, Idempotency_Key="click-0001")
        again = await browser.ask("POST", "/api/sessions", wanted, Idempotency_Key="click-0001")
        assert (status, first["stage"], again[1]["id"]) == (202, "ringing", first["id"])
        await socket.until("sessions", _stage("ringing"))
        [channel] = at.floor.board.rung
        at.floor.pick_up(channel)
        panel = (await socket.until("sessions", _stage("live")))["sessions"][0]
        assert (panel["id"], panel["visibility"], panel["source"]) == (first["id"], "hidden", "board")


async def test_the_end_of_a_session_says_why_and_then_goes() -> None:
    """Revoked in the policy: the panel says so."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser, browser.live() as socket:
        await socket.until("mine")
        at.floor.dial("*55201")
        await socket.until("sessions", _stage("live"))
        at.floor.rule(board_policy("{who: lead, may: [see-board], whom: own-teams}", AGENTS))
        closed = (await socket.until("sessions", _stage("closed")))["sessions"][0]
        assert closed["ending"] == "revoked"
        toast = await socket.until("toast")
        assert toast["kind"] == "ended"


async def test_the_agent_is_told_of_a_visible_supervisor() -> None:
    """The green bar and the toasts: entered, changed, left."""
    async with BoardUnderTest() as at, at.browser("anna") as browser, browser.live() as socket:
        await socket.until("mine")
        phone = at.floor.dial("*55201")
        await at.until(lambda: bool(at.floor.sessions))
        at.floor.press(phone, "8")
        mine = await socket.until("mine", lambda message: message["with_me"])
        assert mine["with_me"][0]["id"] == "hilda"
        assert (await socket.until("toast"))["kind"] == "entered"
        at.floor.press(phone, "5")
        assert (await socket.until("toast"))["mode"] == "coach"
        at.floor.hang_up(phone)
        assert (await socket.until("toast"))["kind"] == "left"


async def test_a_hidden_supervisor_leaves_no_trace_at_the_agent() -> None:
    """Not one message comes to the agent of a whole hidden session; what follows is told as ever."""
    async with BoardUnderTest() as at, at.browser("anna") as browser, browser.live() as socket:
        await socket.until("mine")
        phone = at.floor.dial("*55201")
        await at.until(lambda: bool(at.floor.sessions))
        before = len(socket.raw)
        at.floor.press(phone, "5610")
        await at.until(lambda: at.floor.sessions[0].wanted.mode is Mode.BARGE)
        at.floor.hang_up(phone)
        await at.until(lambda: not at.floor.sessions)
        at.floor.hold(AGENT)
        await socket.until("mine", lambda message: message["call"]["held_since"])
        kinds = [message["type"] for message in socket.all[before:]]
        assert set(kinds) <= {"mine", "rows"}, socket.raw[before:]
        assert not any("hilda" in text and 'supervisors":[]' not in text for text in socket.raw[before:])
        assert all("301" not in text for text in socket.raw[before:])


async def test_another_team_sees_nothing() -> None:
    """Who has no rule towards anybody gets an empty board, and no message when it moves."""
    async with BoardUnderTest() as at, at.browser("olga") as browser, browser.live() as socket:
        assert (await socket.until("snapshot"))["rows"] == []
        await socket.until("mine")
        at.floor.leave(CALL, CUSTOMER)
        await socket.socket.send_str('{"type":"ping"}')
        await socket.until("pong")
        assert not [message for message in socket.all if message["type"] == "rows"]


async def test_a_raised_hand_reaches_those_who_may_answer() -> None:
    """It sorts first, comes as a toast, and who answers it is told to the agent."""
    async with (
        BoardUnderTest() as at,
        at.browser("anna") as agent,
        at.browser("hilda") as lead,
        agent.live() as hers,
        lead.live() as board,
    ):
        await hers.until("mine")
        await board.until("mine")
        status, _ = await agent.ask("PUT", "/api/hand", {"reason": "refund {above} 500"})
        assert status == 204
        row = await told(board, "anna", lambda row: row["hand"])
        assert (row["hand"]["reason"], row["order"][0]) == ("refund {above} 500", "0")
        assert "refund {above} 500" in (await board.until("toast"))["says"]
        assert (await lead.ask("POST", "/api/hands/anna/answer"))[0] == 204
        answered = await hers.until("mine", lambda message: message["hand"] and message["hand"]["answered_by"])
        assert answered["hand"]["answered_by"]["id"] == "hilda"


async def test_two_browsers_of_one_person_are_told_the_same() -> None:
    """A second browser that connects takes nothing from the first."""
    async with BoardUnderTest() as at, at.browser("hilda") as one, at.browser("hilda") as other, one.live() as first:
        await first.until("mine")
        at.floor.dial("*55201")
        async with other.live() as second:
            await second.until("sessions")
            await asyncio.gather(first.until("sessions", _stage("live")), second.until("sessions", _stage("live")))


async def test_another_policy_is_told_by_itself() -> None:
    """Rows that may be seen no more go, without anybody reloading."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser, browser.live() as socket:
        await socket.until("mine")
        at.floor.rule(board_policy("{who: lead, may: [see-board], whom: {people: [ben]}}", AGENTS))
        at.board.lookout.all_moved()
        gone = await socket.until("rows")
        assert set(gone["gone"]) == {"anna", "hilda", "sven"}


async def test_rows_are_those_of_the_policy_for_each() -> None:
    """Over the socket everybody gets exactly what GET /api/agents gives them."""
    async with BoardUnderTest(board_policy(ALL, AGENTS, house=", mask_numbers: {for: [agent]}")) as at:
        for name in ("hilda", "anna", "ben", "olga", "mara"):
            async with at.browser(name) as browser, browser.live() as socket:
                snapshot = await socket.until("snapshot")
                _, answer = await browser.ask("GET", "/api/agents")
                assert sorted(answer["rows"], key=_id) == sorted(snapshot["rows"], key=_id)


async def test_who_supervises_sees_their_own_hidden_session_and_nobody_elses() -> None:
    """Two of a kind, with as many sessions, are told the same but for these rows; each gets what REST gives them."""
    async with BoardUnderTest() as at, at.browser("hilda") as hilda, at.browser("sven") as sven:
        async with hilda.live() as ours, sven.live() as theirs:
            for socket in (ours, theirs):
                await socket.until("mine")
            at.floor.come("ben-phone", "202")
            at.floor.come("caller", "102")
            at.floor.connect("another", "caller", "ben-phone")
            at.floor.dial("*55201", "301")
            at.floor.dial("*55202", "302")
            await told(ours, "anna", lambda row: [each["id"] for each in row["supervisors"]] == ["hilda"])
            await told(theirs, "ben", lambda row: [each["id"] for each in row["supervisors"]] == ["sven"])
        for browser in (hilda, sven):
            async with browser.live() as socket:
                snapshot = await socket.until("snapshot")
                _, answer = await browser.ask("GET", "/api/agents")
                assert sorted(answer["rows"], key=_id) == sorted(snapshot["rows"], key=_id)
                assert sum(len(row["supervisors"]) for row in answer["rows"]) == 1


def _id(row: dict[str, Any]) -> str:
    return str(row["id"])


def _stage(stage: str) -> Any:
    return lambda message: any(session["stage"] == stage for session in message["sessions"])


def _mode(mode: str) -> Any:
    return lambda message: any(session["now"]["mode"] == mode for session in message["sessions"])
