"""The Live call panel: it shows what is, asks for what one presses, and believes the server."""

import pytest
from playwright.async_api import Page, expect

from tests.support.paper_board import PaperBoard
from tests.support.paper_people import Json, ago, attendee, may_wait, row, session, talking

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

_PATH = f"/api/sessions/{session()['id']}"


@pytest.mark.parametrize(
    ("shown", "who", "says"),
    [
        (session("monitor"), "nobody", "Nobody hears you."),
        (session("coach", muted=False), "agent", "Anna Agent hears you. The customer does not."),
        (session("barge", muted=True), "nobody", "Nobody hears you."),
        (session("barge", muted=False), "everybody", "Everybody in the call hears you."),
    ],
)
async def test_the_panel_says_who_hears_me(board: PaperBoard, page: Page, shown: Json, who: str, says: str) -> None:
    """The line comes from the server's account of the bridges, and each attendee who hears has a mark."""
    board.sessions = [shown]
    await page.goto("/board")
    await expect(page.locator(f"[data-hears={who}]")).to_contain_text(says)
    hearing = {"nobody": 0, "agent": 1, "everybody": 2}[who]
    await expect(page.get_by_title("Hears you now")).to_have_count(hearing)


async def test_what_was_asked_for_is_not_shown_as_what_is(board: PaperBoard, page: Page) -> None:
    """During a switch the mode that the room has stays pressed, and so does the line of who hears me."""
    board.sessions = [session("monitor") | {"mode": "coach"}]
    await page.goto("/board")
    modes = page.get_by_role("group", name="Mode")
    await expect(modes.get_by_role("button", name="Monitor")).to_have_attribute("aria-pressed", "true")
    await expect(modes.get_by_role("button", name="Coach")).to_have_attribute("aria-pressed", "false")
    await expect(page.locator("[data-hears=nobody]")).to_be_visible()


@pytest.mark.parametrize(
    ("button", "body"),
    [
        ("Barge", {"version": 3, "mode": "barge"}),
        ("Mic open", {"version": 3, "muted": True}),
        ("Visible", {"version": 3, "visibility": "hidden"}),
    ],
)
async def test_a_button_asks_for_one_change_of_one_version(
    board: PaperBoard, page: Page, button: str, body: dict[str, object]
) -> None:
    """What is asked for names the session as it was shown, so that a stale click can be told."""
    board.sessions = [session("coach", muted=False, version=3)]
    await page.goto("/board")
    await page.get_by_role("complementary").get_by_role("button", name=button).click()
    asked = await board.until_asked("PATCH", _PATH)
    assert asked.body == body
    assert asked.headers["X-CSRF-Token"] == "paper-csrf"


@pytest.mark.parametrize(
    ("key", "body"),
    [("4", {"mode": "monitor"}), ("6", {"mode": "barge"}), ("0", {"muted": True}), ("7", {"visibility": "hidden"})],
)
async def test_the_keys_of_the_phone_work_in_the_panel(
    board: PaperBoard, page: Page, key: str, body: dict[str, object]
) -> None:
    """P goes to the panel, and there a key means what it means on the phone."""
    board.sessions = [session("coach", muted=False)]
    await page.goto("/board")
    await page.wait_for_selector("[data-session]")
    await page.keyboard.press("p")
    await page.keyboard.press("Tab")
    await page.keyboard.press(key)
    asked = await board.until_asked("PATCH", _PATH)
    assert asked.body == {"version": 1} | body


async def test_a_stale_click_shows_what_is_true_now(board: PaperBoard, page: Page) -> None:
    """The phone was quicker: the panel takes the session as it is, says so, and opens no microphone."""
    board.sessions = [session("coach", muted=True)]
    barge = session("barge", muted=True, version=2)
    stale: Json = {"error": "stale", "says": "You have changed to barge on your phone.", "now": barge}
    board.refusals[f"PATCH {_PATH}"] = (409, stale)
    await page.goto("/board")
    await page.get_by_role("button", name="Muted").click()
    await expect(page.get_by_role("log")).to_contain_text("You have changed to barge on your phone.")
    barging = page.get_by_role("group", name="Mode").get_by_role("button", name="Barge")
    await expect(barging).to_have_attribute("aria-pressed", "true")


async def test_an_answer_that_comes_late_does_not_undo_what_is_newer(board: PaperBoard, page: Page) -> None:
    """A session that is older than the one shown is not shown."""
    board.sessions = [session("barge", version=5)]
    await page.goto("/board")
    await expect(page.locator(".live.mode-barge")).to_be_visible()
    await board.show_sessions(session("monitor", version=4))
    await board.show_sessions(session("barge", version=6, says=""))
    await expect(page.locator(".live.mode-barge")).to_be_visible()


async def test_what_cannot_be_taken_back_is_asked_about(board: PaperBoard, page: Page) -> None:
    """Hold is one click; remove and take over ask once more, in their place."""
    board.sessions = [session("barge", muted=False)]
    await page.goto("/board")
    await page.get_by_role("button", name="Hold Anna").click()
    await board.until_asked("POST", f"{_PATH}/hold")
    await page.get_by_role("button", name="Remove Anna").click()
    await expect(page.get_by_text("Anna leaves the call, and you stay with the customer.")).to_be_visible()
    assert [asked.path for asked in board.asked] == [f"{_PATH}/hold"]
    await page.get_by_role("button", name="Remove Anna").click()
    await board.until_asked("POST", f"{_PATH}/remove")


async def test_one_held_agent_can_be_brought_back_and_a_taken_call_handed_back(board: PaperBoard, page: Page) -> None:
    """Of each pair the button stands there that makes sense now."""
    told = session("barge", muted=False)
    may = told["may"]
    assert isinstance(may, dict)
    yes = {"allowed": True, "says": ""}
    held = [attendee("agent", "Anna Agent", "201", held=True)]
    board.sessions = [told | {"attendees": held, "may": may | {"bring-back": yes, "hand-back": yes}}]
    await page.goto("/board")
    await page.get_by_role("button", name="Bring Anna back").click()
    await board.until_asked("POST", f"{_PATH}/bring-back")
    await page.get_by_role("button", name="Hand back to Anna").click()
    await board.until_asked("POST", f"{_PATH}/hand-back")


async def test_coach_stands_next_to_each_agent(board: PaperBoard, page: Page) -> None:
    """With two agents in the call one says whom one coaches."""
    board.sessions = [
        session("coach", attendees=[attendee("agent", "Anna Agent", "201"), attendee("agent", "Ben Okoro", "202")])
    ]
    await page.goto("/board")
    await page.get_by_role("button", name="Coach Ben Okoro").click()
    asked = await board.until_asked("PATCH", _PATH)
    assert asked.body == {"version": 1, "mode": "coach", "agent": "ben"}


async def test_one_says_what_becomes_of_one_when_the_call_moves_on(board: PaperBoard, page: Page) -> None:
    """The one in force is pressed, another one is a click, and one that is not allowed says why."""
    board.sessions = [session()]
    await page.goto("/board")
    choices = page.get_by_role("group", name="When the call ends or moves on")
    await expect(choices.get_by_role("button", name="Leave with it")).to_have_attribute("aria-pressed", "true")
    customer = choices.get_by_role("button", name="Go with the customer")
    await expect(customer).to_have_accessible_description("The policy does not allow you this.")
    await choices.get_by_role("button", name="Stay with the agent").click()
    assert (await board.until_asked("PATCH", _PATH)).body == {"version": 1, "follow": "agent"}


async def test_one_waits_for_the_next_call_of_somebody_who_is_in_none(board: PaperBoard, page: Page) -> None:
    """One click and the choice of being seen; while one waits the panel says so, and it can be given up."""
    board.people(row("Cleo Marin", "203", wait=may_wait()), row("Dana Weiss", "204"))
    await page.goto("/board")
    await expect(page.get_by_role("button", name="Wait for the next call of Dana Weiss")).to_have_count(0)
    await page.get_by_role("button", name="Wait for the next call of Cleo Marin").click()
    dialog = page.get_by_role("dialog", name="Wait for the next call of Cleo Marin")
    await dialog.get_by_role("button", name="Wait", exact=True).click()
    asked = await board.until_asked("POST", "/api/sessions")
    assert asked.body == {"agent": "cleo", "mode": "monitor", "visibility": "visible", "wait": True}
    await board.show_sessions(session(stage="waiting", call=None, attendees=[], may={}))
    panel = page.get_by_role("complementary", name="Live call")
    await expect(panel).to_contain_text("Waiting for the next call")
    await expect(panel.get_by_role("group", name="Mode")).to_have_count(0)
    await panel.get_by_role("button", name="Stop waiting").click()
    await board.until_asked("DELETE", _PATH)


async def test_a_session_begun_on_the_phone_appears_and_goes(board: PaperBoard, page: Page) -> None:
    """What the phone does is on the panel without a click; its end says why."""
    board.people(talking("Anna Agent", "201"))
    await page.goto("/board")
    await page.wait_for_selector("[data-row=anna]")
    await board.show_sessions(session("monitor", source="phone"))
    await expect(page.get_by_role("complementary", name="Live call")).to_contain_text("From the phone")
    await expect(page.locator("[data-row=anna]")).to_contain_text("You: Monitor")
    revoked = "The policy does not allow it any more."
    await board.show_sessions(session("monitor", version=2, stage="closed", ending="revoked", says=revoked))
    await expect(page.get_by_role("complementary", name="Live call")).to_contain_text(revoked)
    await expect(page.get_by_role("group", name="Mode")).to_have_count(0)
    await board.show_sessions()
    await expect(page.get_by_role("complementary", name="Live call")).to_have_count(0)


async def test_leaving_is_always_possible(board: PaperBoard, page: Page) -> None:
    """Also while the phone rings."""
    board.sessions = [session(stage="ringing")]
    await page.goto("/board")
    await page.get_by_role("button", name="Leave the call").click()
    await board.until_asked("DELETE", _PATH)


async def test_the_panel_says_what_the_phone_asks_for_and_what_was_refused(board: PaperBoard, page: Page) -> None:
    """A PIN is keyed in on the phone; the last refusal stands in the panel."""
    refused = {"error": "visible-first", "says": "Become visible first.", "at": ago(1)}
    board.sessions = [session(asks="pin", refused=refused)]
    await page.goto("/board")
    await expect(page.get_by_text("Your phone asks for your PIN.")).to_be_visible()
    await expect(page.get_by_role("alert")).to_have_text("Become visible first.")


async def test_a_reason_that_is_asked_for_is_chosen_in_the_panel(board: PaperBoard, page: Page) -> None:
    """What the phone asks for in mid-session may be given here; the codes are the policy's."""
    board.sessions = [session("barge", asks="reason")]
    await page.goto("/board")
    await page.get_by_label("A reason is asked for.").select_option(label="Training")
    asked = await board.until_asked("POST", f"{_PATH}/reason")
    assert asked.body == {"reason": "1"}


async def test_a_call_that_was_taken_over_is_mine(board: PaperBoard, page: Page) -> None:
    """There is no mode to choose any more; it can be handed back."""
    told = session("barge", muted=False, stage="own")
    may = told["may"]
    assert isinstance(may, dict)
    board.sessions = [told | {"may": may | {"hand-back": {"allowed": True, "says": ""}}}]
    await page.goto("/board")
    await expect(page.get_by_text("The call is yours")).to_be_visible()
    await expect(page.get_by_role("group", name="Mode")).to_have_count(0)
    await page.get_by_role("button", name="Hand back to Anna").click()
    await board.until_asked("POST", f"{_PATH}/hand-back")
