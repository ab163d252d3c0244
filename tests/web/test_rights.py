"""What strangers, forged pages and broken clients try: measuring.md, F67 to F71: who may read and change what."""

import re
from datetime import timedelta
from typing import Any

import pytest

from supervise.domain.records import Deed
from supervise.domain.words import Mode
from supervise.web.board import BoardSettings
from supervise.web.entry.signins import Lasting
from tests.support.board import AGENTS, PASSWORD, BoardUnderTest, Browser, board_policy
from tests.support.fake_floor import CALL

pytestmark = pytest.mark.unit


async def with_session(at: BoardUnderTest) -> str:
    """A session of Hilda's, by phone; its id."""
    at.floor.dial("*55201")
    await at.until(lambda: any(session.stage == "live" for session in at.floor.sessions))
    return at.floor.sessions[0].id


# --- F67


@pytest.mark.parametrize("viewer", ["hilda", "sven", "anna", "ben", "olga", "mara"])
@pytest.mark.parametrize("subject", ["hilda", "sven", "anna", "ben", "olga", "mara"])
async def test_nobody_reads_more_than_the_policy_says(viewer: str, subject: str) -> None:
    """F67: for every pair of people, REST gives a row exactly where the policy lets them see one."""
    leads = {"hilda", "sven"}
    may = viewer in leads | {"anna", "ben"} and subject in leads | {"anna", "ben"}
    async with BoardUnderTest() as at, at.browser(viewer) as browser:
        status, _ = await browser.ask("GET", f"/api/agents/{subject}")
        assert status == (200 if may else 404)


async def test_anothers_session_is_not_there() -> None:
    """F67: whoever guesses an id finds what they would find for no id at all, and changes nothing."""
    async with BoardUnderTest() as at, at.browser("sven") as browser:
        session = await with_session(at)
        real = [await browser.ask(m, f"/api/sessions/{session}{p}", b) for m, p, b in _session_calls()]
        made_up = [await browser.ask(m, f"/api/sessions/{'0' * 32}{p}", b) for m, p, b in _session_calls()]
        assert real == made_up
        assert {status for status, _ in real} == {404}
        assert len(at.floor.sessions) == 1


def _session_calls() -> list[tuple[str, str, Any]]:
    return [
        ("GET", "", None),
        ("PATCH", "", {"version": 2, "mode": "barge"}),
        ("POST", "/take-over", {"version": 2}),
        ("DELETE", "", None),
    ]


async def test_ids_are_random() -> None:
    """F67: 32 hexadecimal digits that say nothing."""
    async with BoardUnderTest() as at:
        assert re.fullmatch(r"[0-9a-f]{32}", await with_session(at))


async def test_a_reason_is_given_where_one_is_asked_for_and_is_one_of_the_policys() -> None:
    """Anything else is refused in words, and does nothing."""
    holds = board_policy(further="reasons: {'42': complaint}\n")
    async with BoardUnderTest(holds) as at, at.browser("hilda") as browser:
        path = f"/api/sessions/{await with_session(at)}/reason"
        assert (await browser.ask("POST", path, {"reason": "43"}))[0] == 400
        status, answer = await browser.ask("POST", path, {"reason": "42"})
        assert (status, answer["error"]) == (409, "not-available")


# --- F68


async def test_a_click_that_was_made_before_is_not_made_again() -> None:
    """F68: an old change replayed is a 409 with what is true now."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser:
        session = await with_session(at)
        _, panel = await browser.ask("GET", f"/api/sessions/{session}")
        change = {"version": panel["version"], "mode": "coach"}
        assert (await browser.ask("PATCH", f"/api/sessions/{session}", change))[0] == 202
        await at.until(lambda: at.floor.sessions[0].wanted.mode is Mode.COACH)
        status, answer = await browser.ask("PATCH", f"/api/sessions/{session}", {**change, "mode": "barge"})
        assert (status, answer["error"], answer["now"]["mode"]) == (409, "stale", "coach")
        assert at.floor.sessions[0].wanted.mode is Mode.COACH


async def test_a_coach_of_somebody_else_does_not_speak_to_this_agent() -> None:
    """F68: a session has one agent; who names another one is told so, and nobody hears them."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser:
        session = await with_session(at)
        _, panel = await browser.ask("GET", f"/api/sessions/{session}")
        change = {"version": panel["version"], "mode": "coach", "agent": "nobody"}
        status, answer = await browser.ask("PATCH", f"/api/sessions/{session}", change)
        assert (status, answer["error"]) == (409, "not-available")
        assert at.floor.sessions[0].wanted.mode is Mode.MONITOR
        change["agent"] = panel["agent"]["id"]
        assert (await browser.ask("PATCH", f"/api/sessions/{session}", change))[0] == 202


async def test_another_agent_of_the_call_is_chosen_by_a_click() -> None:
    """Coach beside their name: the session is with them, and an old click that meant the first one is stale."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser:
        at.floor.come("second", "202")
        at.floor.connect(CALL, "second")
        session = await with_session(at)
        _, panel = await browser.ask("GET", f"/api/sessions/{session}")
        assert {each["id"]: each["coachable"] for each in panel["attendees"] if each["kind"] == "agent"} == {
            "anna": True,
            "ben": True,
        }
        change = {"version": panel["version"], "mode": "coach", "agent": "ben"}
        assert (await browser.ask("PATCH", f"/api/sessions/{session}", change))[0] == 202
        await at.until(lambda: at.floor.sessions[0].stance.mode is Mode.COACH)
        assert at.floor.sessions[0].agent.name == "ben"
        _, panel = await browser.ask("GET", f"/api/sessions/{session}")
        assert panel["agent"]["id"] == "ben"
        change["agent"] = "anna"
        assert (await browser.ask("PATCH", f"/api/sessions/{session}", change))[0] == 409


async def test_what_the_role_may_not_do_is_refused_whatever_is_sent() -> None:
    """F68: a listener's click on barge is refused, and in the journal."""
    rules = "{who: lead, may: [monitor, see-board], whom: own-teams, how: choice}"
    async with BoardUnderTest(board_policy(rules, AGENTS)) as at, at.browser("hilda") as browser:
        session = await with_session(at)
        _, panel = await browser.ask("GET", f"/api/sessions/{session}")
        assert not panel["may"]["barge"]["allowed"]
        change = {"version": panel["version"], "mode": "barge"}
        status, answer = await browser.ask("PATCH", f"/api/sessions/{session}", change)
        assert (status, answer["error"]) == (403, "not-allowed")
        await at.until(lambda: "not-allowed" in at.floor.journal.reasons(Deed.REFUSED))
        assert at.floor.sessions[0].wanted.mode is Mode.MONITOR


@pytest.mark.parametrize(
    "body",
    [
        {"version": 2, "mode": "barge", "muted": False},
        {"version": 2, "mode": "monitor", "supervisor": "sven"},
        {"version": 2, "rights": {"barge": True}},
        {"version": "2", "muted": "no"},
        {"mode": "coach"},
        {"version": 2},
        {},
        [],
        None,
    ],
)
async def test_a_change_is_one_change_and_nothing_else(body: Any) -> None:
    """F68: unknown fields, two wishes at once or none are refused before anything is decided."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser:
        session = await with_session(at)
        status, answer = await browser.ask("PATCH", f"/api/sessions/{session}", body)
        assert (status, answer["error"]) == (400, "bad-request")
        assert at.floor.sessions[0].wanted.mode is Mode.MONITOR


async def test_a_key_means_one_session() -> None:
    """F68: an idempotency key cannot be used for something else."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser:
        body = {"agent": "anna", "mode": "monitor"}
        assert (await browser.ask("POST", "/api/sessions", body, Idempotency_Key="the-key-1"))[0] == 202
        status, _ = await browser.ask("POST", "/api/sessions", {**body, "mode": "barge"}, Idempotency_Key="the-key-1")
        assert status == 409
        for bad in ("", "short", "with space ", "x" * 100):
            assert (await browser.ask("POST", "/api/sessions", body, Idempotency_Key=bad))[0] == 400


# --- F70


async def test_no_secret_is_in_any_answer_or_log(capfd: pytest.CaptureFixture[str]) -> None:
    """F70: no password, no hash, no id of a sign-in."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser:
        texts = []
        for path in ("/api/me", "/api/agents", "/api/signin", "/api/sessions", "/api/mine"):
            async with browser.session.get(path) as answer:
                texts.append(await answer.text())
        cookie = _cookie(browser)
    told = "".join(texts) + "".join(capfd.readouterr())
    for secret in (PASSWORD, "argon2", cookie):
        assert secret not in told


# --- F71


async def test_no_header_can_be_smuggled_in() -> None:
    """F71: line ends in names and filters never come back as headers."""
    async with BoardUnderTest() as at, at.browser("hilda") as browser:
        for path in ("/api/agents/a%0d%0aSet-Cookie:%20x=1", "/api/signin/oidc/back?state=%0d%0aX: 1"):
            async with browser.session.get(path, allow_redirects=False) as answer:
                assert answer.status in (302, 404)
                assert "x=1" not in str(answer.headers)


async def test_a_sign_in_lasts_as_long_as_it_may_and_no_longer() -> None:
    """Idle and absolute time-outs; a browser that is open is not idle."""
    settings = BoardSettings(lasting=Lasting(timedelta(minutes=30), timedelta(hours=2)))
    async with BoardUnderTest(settings=settings) as at, at.browser("hilda") as browser:
        for _ in range(4):
            at.floor.skipped += timedelta(minutes=29)
            assert (await browser.ask("GET", "/api/me"))[0] == 200
        at.floor.skipped += timedelta(minutes=5)
        assert (await browser.ask("GET", "/api/me"))[0] == 401
        await browser.sign_in("hilda")
        at.floor.skipped += timedelta(minutes=31)
        assert (await browser.ask("GET", "/api/me"))[0] == 401


def _cookie(browser: Browser) -> str:
    return next(cookie.value for cookie in browser.session.cookie_jar if cookie.key == "supervise")
