"""Sessions begun and changed on the board, in a real call centre: what a click did is heard in the RTP."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from supervise.domain.records import Deed
from supervise.lab.callcentre import POLICY, CallCentre, Plan
from supervise.lab.sound import Voice
from tests.support.board_client import Client, client

pytestmark = pytest.mark.telephony


@pytest.fixture
def plan() -> Plan:
    """A call centre with a board, and a token for Hilda's; a queue whose members come by two ways."""
    rights = "may: [monitor, coach, barge, hold-agent, remove-agent, take-over, follow-agent]"
    policy = POLICY.replace("may: [monitor, coach, barge]", rights).replace("{leads:", '{queues: ["500"], leads:')
    web = 'tokens = "tokens.json"\nqueue_members = ["PJSIP/{endpoint}", "Local/{extension}@members/n"]'
    return Plan(web=web, policy=policy)


@pytest_asyncio.fixture(loop_scope="session")
async def hilda(centre: CallCentre) -> AsyncIterator[Client]:
    """A program that acts for the lead."""
    async with client(centre, "hilda") as made:
        yield made


async def test_a_click_rings_the_supervisors_phone_and_they_hear_the_call(centre: CallCentre, hilda: Client) -> None:
    """Monitor, coach and barge by clicks: who hears whom is what the panel says."""
    customer, agent = await centre.call()
    lead = await centre.phone("301")
    row = await hilda.until_row("anna", lambda row: row["group"] == "on-call")
    assert row["call"]["other"]["number"] == "101"
    begun = await hilda.begin("anna", "monitor", visibility="visible")
    live = await hilda.until_session(lambda panel: panel["stage"] == "live")
    assert (live["id"], live["hears_me"]["who"]) == (begun["id"], "nobody")
    await centre.hearing.until(lead, hears={Voice.AGENT, Voice.CUSTOMER})
    await hilda.change(mode="coach")
    await hilda.change(muted=False)
    coached = await hilda.until_session(lambda panel: panel["hears_me"]["who"] == "agent")
    assert coached["hears_me"]["names"] == ["Anna Agent"]
    await centre.hearing.until(agent, hears={Voice.CUSTOMER, Voice.SUPERVISOR})
    await hilda.change(mode="barge")
    await hilda.until_session(lambda panel: panel["hears_me"]["who"] == "everybody")
    await centre.hearing.until(customer, hears={Voice.AGENT, Voice.SUPERVISOR})
    await hilda.leave()
    await centre.hearing.until(customer, hears={Voice.AGENT})
    records = await hilda.deeds(centre)
    assert [source for deed, source in records if deed in (Deed.OPENED, Deed.MODE, Deed.CLOSED)] == ["api"] * 4


async def test_a_row_follows_the_phone_and_its_person(centre: CallCentre, hilda: Client) -> None:
    """It signs in; they want no calls, by any name of that; it rings, they talk and hold; it signs out."""
    await hilda.until_row("ben", lambda row: row["why"] == "not-registered")
    agent = await centre.phone("202", answers=False)
    await hilda.until_row("ben", lambda row: row["group"] == "available")
    for device in ("DND202", "DEVDND202"):
        await centre.asterisk.cli(f"devstate change Custom:{device} INUSE")
        await hilda.until_row("ben", lambda row: row["why"] == "do-not-disturb")
        await centre.asterisk.cli(f"devstate change Custom:{device} NOT_INUSE")
        await hilda.until_row("ben", lambda row: row["group"] == "available")
    await centre.asterisk.cli("queue pause member Local/202@members/n queue 500")
    assert "500" in (await hilda.until_row("ben", lambda row: row["why"] == "paused"))["says"]
    await centre.asterisk.cli("queue unpause member Local/202@members/n queue 500")
    await hilda.until_row("ben", lambda row: row["group"] == "available")
    customer = await centre.phone("101")
    await customer.dial("202")
    await hilda.until_row("ben", lambda row: row["why"] == "ringing")
    await agent.answer()
    await hilda.until_row("ben", lambda row: row["group"] == "on-call")
    await agent.hold()
    await hilda.until_row("ben", lambda row: row["call"]["held_since"] is not None)
    await agent.resume()
    await hilda.until_row("ben", lambda row: row["call"]["held_since"] is None)
    await agent.hangup()
    await hilda.until_row("ben", lambda row: row["group"] == "available")
    await centre.begin_anew()
    await hilda.until_row("ben", lambda row: row["why"] == "not-registered")


@pytest.mark.fresh
async def test_a_phone_that_nobody_picks_up_can_be_given_up(centre: CallCentre, hilda: Client) -> None:
    """Leaving while it rings stops the ringing, and nothing is left of it."""
    await centre.call()
    await centre.phone("301", answers=False)
    await hilda.until_row("anna", lambda row: row["group"] == "on-call")
    begun = await hilda.begin("anna", "monitor")
    assert begun["stage"] == "ringing"
    await hilda.leave()
    assert await hilda.sessions() == []


async def test_clicks_hold_the_agent_bring_them_back_and_take_the_call_over(centre: CallCentre, hilda: Client) -> None:
    """In barge; what was taken over is handed back by a click, and the panel says whose the call is."""
    customer, _ = await centre.call()
    await centre.phone("301")
    await hilda.until_row("anna", lambda row: row["group"] == "on-call")
    await hilda.begin("anna", "monitor", visibility="visible")
    await hilda.until_session(lambda panel: panel["stage"] == "live")
    await hilda.change(mode="barge")
    await hilda.change(muted=False)
    await centre.hearing.until(customer, hears={Voice.AGENT, Voice.SUPERVISOR})
    await hilda.act("hold")
    held = await hilda.until_session(lambda panel: any(each["held"] for each in panel["attendees"]))
    assert held["may"]["bring-back"]["allowed"]
    await centre.hearing.until(customer, hears={Voice.SUPERVISOR})
    await hilda.act("bring-back")
    await centre.hearing.until(customer, hears={Voice.AGENT, Voice.SUPERVISOR})
    await hilda.act("take-over")
    own = await hilda.until_session(lambda panel: panel["stage"] == "own")
    assert own["may"]["hand-back"]["allowed"]
    await centre.hearing.until(customer, hears={Voice.SUPERVISOR})
    await hilda.act("hand-back")
    await centre.hearing.until(customer, hears={Voice.AGENT})


async def test_a_phone_that_answers_when_it_is_asked_to_is_joined_untouched(centre: CallCentre, hilda: Client) -> None:
    """What the phone is sent asks for it in both ways that phones know; one that does as asked is in the session.

    Debian's baresip knows neither, so what it was sent is read, and it is answered for by whoever asks.
    """
    await centre.call()
    lead = await centre.phone("301", answers=False)
    await hilda.until_row("anna", lambda row: row["group"] == "on-call")
    await hilda.begin("anna", "monitor")
    await lead.until_ringing()
    invited = await lead.until_sip("INVITE")
    fields = invited.raw.decode().lower().split("\r\n")
    assert "call-info: <sip:supervise>;answer-after=0" in fields
    assert "alert-info: <http://supervise>;info=alert-autoanswer" in fields
    await lead.answer()
    await hilda.until_session(lambda panel: panel["stage"] == "live")
    await centre.hearing.until(lead, hears={Voice.AGENT, Voice.CUSTOMER})


async def test_the_next_call_is_waited_for_by_a_click_and_heard(centre: CallCentre, hilda: Client) -> None:
    """The supervisor's phone is picked up before there is a call; they hear it when it comes, and nobody hears them."""
    lead = await centre.phone("301")
    await centre.phone("201")
    await hilda.until_row("anna", lambda row: row["group"] == "available" and row["wait"]["allowed"])
    begun = await hilda.begin("anna", "monitor", wait=True, visibility="hidden")
    await hilda.until_session(lambda panel: panel["stage"] == "waiting")
    customer = await centre.phone("101")
    await customer.dial("201")
    live = await hilda.until_session(lambda panel: panel["stage"] == "live")
    assert (live["id"], live["agent"]["id"]) == (begun["id"], "anna")
    await centre.hearing.until(lead, hears={Voice.AGENT, Voice.CUSTOMER})
    await centre.hearing.until(customer, hears={Voice.AGENT}, not_hears={Voice.SUPERVISOR})
    followed = await hilda.change(follow="agent")
    assert followed["may"]["follow-agent"]["allowed"]
    await hilda.until_session(lambda panel: panel["follow"] == "agent")
