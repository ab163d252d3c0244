"""What becomes of a supervisor when the call moves on, and waiting for the next one, by clicks; what limits show."""

from typing import Any

import pytest

from supervise.domain.records import Deed
from supervise.domain.rights.decisions import Follow
from tests.support.board import AGENTS, BoardUnderTest, board_policy

pytestmark = pytest.mark.unit

FOLLOWS = "{who: lead, may: [monitor, coach, follow-agent, see-board], whom: own-teams, how: choice}"
LISTENS = "{who: lead, may: [monitor, coach, see-board], whom: own-teams, how: choice}"
WAIT = {"agent": "ben", "mode": "monitor", "visibility": "hidden", "wait": True}


def stage(name: str) -> Any:
    """A message in which the only session is in this stage."""
    return lambda message: [each["stage"] for each in message["sessions"]] == [name]


async def test_a_click_says_what_is_followed_as_far_as_the_rights_go() -> None:
    """Each of the three is a button with its reason; a click on one that is allowed is what the key does."""
    async with BoardUnderTest(board_policy(FOLLOWS, AGENTS)) as at, at.browser("hilda") as browser:
        async with browser.live() as socket:
            at.floor.dial("*55201")
            panel = (await socket.until("sessions", stage("live")))["sessions"][0]
            path = f"/api/sessions/{panel['id']}"
            assert (panel["follow"], panel["may"]["follow-agent"]) == ("this-call", {"allowed": True, "says": ""})
            assert panel["may"]["follow-customer"]["says"] == "The policy does not allow you this."
            change = {"version": panel["version"], "follow": "customer"}
            status, refused = await browser.ask("PATCH", path, change)
            assert (status, refused["error"]) == (403, "not-allowed")
            status, _ = await browser.ask("PATCH", path, {"version": panel["version"], "follow": "agent"})
            assert status == 202
            told = await socket.until("sessions", lambda message: message["sessions"][0]["follow"] == "agent")
            assert told["sessions"][0]["version"] > panel["version"]
        assert at.floor.sessions[0].follow is Follow.AGENT


async def test_somebody_waits_for_the_next_call_of_an_agent_by_a_click() -> None:
    """Their phone rings once; they wait on it without pressing anything, and the next call is the session."""
    async with BoardUnderTest(board_policy(FOLLOWS, AGENTS)) as at, at.browser("hilda") as browser:
        async with browser.live() as socket:
            snapshot = await socket.until("snapshot")
            waits = {row["id"]: row["wait"] for row in snapshot["rows"]}
            assert (waits["anna"], waits["ben"]["allowed"]) == (None, True)
            status, begun = await browser.ask("POST", "/api/sessions", WAIT, Idempotency_Key="wait-0001")
            assert (status, begun["stage"]) == (202, "ringing")
            [channel] = at.floor.board.rung
            at.floor.pick_up(channel)
            told = (await socket.until("sessions", stage("waiting")))["sessions"][0]
            assert (told["id"], told["agent"]["id"], told["source"]) == (begun["id"], "ben", "board")
            assert "wait-offer" not in at.floor.board.words
            assert (await browser.ask("PATCH", f"/api/sessions/{begun['id']}", {"version": 0, "muted": False}))[
                0
            ] == 409
            at.floor.come("ben-phone", "202")
            at.floor.come("caller", "102")
            at.floor.connect("another", "caller", "ben-phone")
            at.floor.move("caller", "ben-phone")
            live = (await socket.until("sessions", stage("live")))["sessions"][0]
            assert (live["id"], live["agent"]["id"], live["mode"]) == (begun["id"], "ben", "monitor")
        assert at.floor.journal.reasons(Deed.REFUSED) == []


async def test_waiting_is_given_up_by_a_click_and_in_the_journal() -> None:
    """The phone is let go, and the attempt is written down."""
    async with BoardUnderTest(board_policy(FOLLOWS, AGENTS)) as at, at.browser("hilda") as browser:
        async with browser.live() as socket:
            _, begun = await browser.ask("POST", "/api/sessions", WAIT, Idempotency_Key="wait-0001")
            [channel] = at.floor.board.rung
            at.floor.pick_up(channel)
            await socket.until("sessions", stage("waiting"))
            assert (await browser.ask("DELETE", f"/api/sessions/{begun['id']}"))[0] == 204
            await socket.until("sessions", lambda message: message["sessions"] == [])
        await at.until(lambda: at.floor.board.book.channel(channel) is None)
        assert at.floor.journal.reasons(Deed.REFUSED) == ["left"]


async def test_nobody_waits_without_the_right() -> None:
    """The row does not offer it, and who asks all the same is told that the agent is on no call."""
    async with BoardUnderTest(board_policy(LISTENS, AGENTS)) as at, at.browser("hilda") as browser:
        assert (await browser.ask("GET", "/api/agents/ben"))[1]["wait"] is None
        status, refused = await browser.ask("POST", "/api/sessions", WAIT, Idempotency_Key="wait-0001")
        assert (status, refused["error"]) == (409, "not-on-a-call")
        assert not at.floor.board.rung


@pytest.mark.parametrize("further", [{"mode": "coach"}, {"call": "1763730000.12"}])
async def test_who_waits_begins_in_monitor_and_names_no_call(further: dict[str, str]) -> None:
    """A wish that makes no sense is told so, before anything rings."""
    async with BoardUnderTest(board_policy(FOLLOWS, AGENTS)) as at, at.browser("hilda") as browser:
        status, refused = await browser.ask("POST", "/api/sessions", {**WAIT, **further}, Idempotency_Key="wait-0001")
        assert (status, refused["error"]) == (400, "bad-request")


async def test_a_limit_for_the_day_shows_on_the_row_before_anybody_clicks() -> None:
    """As soon as the last session that the day allows has ended, the buttons say that a limit is reached."""
    limited = LISTENS.replace("how: choice", "how: choice, within: {sessions_per_agent_a_day: 1}")
    async with BoardUnderTest(board_policy(limited, AGENTS)) as at, at.browser("hilda") as browser:
        await at.board.lookout.look_at_the_past()
        assert (await browser.ask("GET", "/api/agents/anna"))[1]["may"]["monitor"]["allowed"]
        phone = at.floor.dial("*55201")
        await at.until(lambda: any(session.stage == "live" for session in at.floor.sessions))
        at.floor.hang_up(phone)
        await at.until(lambda: not at.floor.sessions)
        await at.board.lookout.look_at_the_past()
        may = (await browser.ask("GET", "/api/agents/anna"))[1]["may"]
        assert may["monitor"] == {
            "allowed": False,
            "says": "A limit of the policy is reached; try again later.",
            "visibilities": [],
            "asks": [],
        }
