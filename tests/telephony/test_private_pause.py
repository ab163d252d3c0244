"""A call that becomes private in mid-session and is open again: who hears what, and what the journal has of the gap."""

import asyncio
import time

import pytest

from supervise.domain.records import Deed
from supervise.domain.sessions.session import Ending
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing.ear import Window
from supervise.lab.sound import Voice
from tests.support.crew import Seen, crew, crew_plan, expect_untouched
from tests.support.ledger import records, until_closed, until_recorded
from tests.support.marking import mark
from tests.support.moving import barge, moving_plan
from tests.support.spoken import spoken
from tests.support.witness import eventually_channels
from tests.support.words import know

pytestmark = pytest.mark.telephony

SILENT_WITHIN_MS = 500


class TestInEveryMode:
    """Three calls, each supervised in another mode."""

    @pytest.fixture
    def plan(self) -> Plan:
        """Supervisors who may everything at once."""
        return crew_plan()

    async def test_silent_and_back(self, centre: CallCentre) -> None:
        """Within half a second nothing goes either way; when the mark is lifted everything is as it was."""
        words = await know(centre)
        async with spoken(centre) as said:
            seen = await crew(centre)
            said.forget()
            began = time.time_ns()
            await asyncio.gather(*(_goes_silent(each) for each in seen))
            assert said.count("private") == len(seen)
            await asyncio.gather(*(words.until(each.scene.supervisor, "private", start_ns=began) for each in seen))
            await eventually_channels(centre, count=9)  # nothing of ours in any call
            assert {record.supervisor for record in records(centre, Deed.PRIVATE)} == {"hilda", "sven", "lena"}
            await asyncio.gather(*(_stays_silent(each) for each in seen))
            for each in seen:
                expect_untouched(each, began)
            assert records(centre, Deed.PRIVATE_OVER, Deed.CLOSED) == []
            said.forget()
            await asyncio.gather(*(mark(centre, each.scene.customer, "no") for each in seen))
            await asyncio.gather(*(each.expect_mode() for each in seen))
            over = await until_recorded(centre, Deed.PRIVATE_OVER, count=len(seen))
            assert {record.mode for record in over} == {each.mode for each in seen}
            assert said.count("private-over") == len(seen)
            await asyncio.gather(*(each.scene.supervisor.press("*") for each in seen))
            assert {record.reason for record in await until_closed(centre, count=3)} == {Ending.LEFT}


async def _goes_silent(each: Seen) -> None:
    """Mark a call, and measure until when anybody heard anything over the session."""
    at, hearing = each.scene, each.scene.centre.hearing
    marked = await mark(at.centre, at.customer, "yes")
    last = [await _last_heard(each, marked)]
    await each.expect_alone(within=3)
    await hearing.until(at.supervisor, not_hears={Voice.AGENT, Voice.CUSTOMER}, for_ms=300, within=3)
    last.append(await _last_heard(each, marked))
    assert last[-1] < SILENT_WITHIN_MS, f"{each.mode}: something was heard {last[-1]:.0f} ms after the mark"


async def _last_heard(each: Seen, marked: int) -> float:
    """Milliseconds from the mark to the last frame that went between the supervisor and the call."""
    at, window = each.scene, Window(marked, time.time_ns())
    pairs = [(at.supervisor, Voice.AGENT), (at.supervisor, Voice.CUSTOMER)]
    pairs += [(at.agent, Voice.SUPERVISOR), (at.customer, Voice.SUPERVISOR)]
    moments = [each.scene.centre.hearing.last_heard(phone, voice, window) for phone, voice in pairs]
    return max([0.0, *((moment - marked) / 1e6 for moment in moments if moment is not None)])


async def _stays_silent(each: Seen) -> None:
    """Second after second, whatever keys the supervisor presses."""
    at, began = each.scene, time.time_ns()
    await at.supervisor.press("61")
    await at.centre.hearing.listen([at.supervisor, at.agent, at.customer], 800)
    window = Window(began, time.time_ns())
    heard = {phone.name: at.centre.hearing.heard(phone, window).voices for phone in (at.agent, at.customer)}
    assert all(voices[Voice.SUPERVISOR].unheard for voices in heard.values())
    told = at.centre.hearing.heard(at.supervisor, window).voices
    assert told[Voice.AGENT].unheard
    assert told[Voice.CUSTOMER].unheard


class TestWithTheAgentAway:
    """A barge in which the agent has been moved."""

    @pytest.fixture
    def plan(self) -> Plan:
        """Leads who may do everything."""
        return moving_plan()

    async def test_an_agent_on_hold_is_back_within_half_a_second(self, centre: CallCentre) -> None:
        """Agent and customer hear each other again, and the supervisor nobody; lifted, it is a barge of three."""
        async with barge(centre) as at:
            await at.press("91", "agent-on-hold")
            await at.without_agent()
            marked = await mark(centre, at.customer, "yes")
            await at.hear(at.customer, Voice.AGENT)
            await at.hear(at.agent, Voice.CUSTOMER)
            window = Window(marked, time.time_ns())
            moments = (
                centre.hearing.first_heard(at.customer, Voice.AGENT, window),
                centre.hearing.first_heard(at.agent, Voice.CUSTOMER, window),
            )
            assert all(moment is not None and (moment - marked) / 1e6 < SILENT_WITHIN_MS for moment in moments)
            await at.hears_nobody(at.supervisor)
            await mark(centre, at.customer, "no")
            await at.three()

    async def test_a_customer_whose_agent_was_removed_hears_nobody_for_a_while(self, centre: CallCentre) -> None:
        """The call is not ended for it, and goes on with the supervisor when the mark is lifted."""
        async with barge(centre) as at:
            await at.press("93", "agent-removed")
            await at.without_agent()
            at.said.forget()
            await mark(centre, at.customer, "yes")
            await at.said.until("private")
            await at.hear(at.customer)
            await at.hears_nobody(at.supervisor)
            await mark(centre, at.customer, "no")
            await at.without_agent()
