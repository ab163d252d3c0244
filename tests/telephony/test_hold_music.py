"""Who is on hold keeps their music, whatever a supervisor does meanwhile: frame by frame."""

import time

import pytest

from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.moving import moving_plan
from tests.support.spoken import Spoken, spoken
from tests.support.unbroken import around
from tests.support.witness import technologies

pytestmark = pytest.mark.telephony

LONGEST_WITHOUT_MUSIC_MS = 60
"""Not one frame is missing: at rest they are 20 to 25 ms apart, on a busy machine 40."""


@pytest.fixture
def plan() -> Plan:
    """Leads who may do everything, and begin with an open microphone."""
    return moving_plan()


@pytest.mark.parametrize("who", ["agent", "customer"])
async def test_a_supervisor_who_comes_leaves_the_music(centre: CallCentre, who: str) -> None:
    """Monitor, coach, leave, come again, all in one hold: not one frame is missing, and the hold ends as ever."""
    async with spoken(centre) as said:
        customer, agent = await centre.call()
        holder, held, voice = (agent, customer, Voice.AGENT) if who == "agent" else (customer, agent, Voice.CUSTOMER)
        await _hold(centre, holder, held)
        assert await technologies(centre) == ["native_rtp"], "no tap would end the music of this call without us either"
        music = around(centre, held)
        supervisor = await centre.phone("301")
        await _join(said, supervisor, "*55201", "monitor")
        await supervisor.press("5")
        await said.until("coach", "unmuted")
        await supervisor.hangup()
        await _join(said, supervisor, "*55201", "monitor")
        music.never_silent(longest=LONGEST_WITHOUT_MUSIC_MS)
        resumed = around(centre, held)
        await holder.resume()
        await centre.hearing.until(held, hears={voice}, for_ms=200)
        await centre.hearing.until(supervisor, hears={Voice.AGENT, Voice.CUSTOMER}, for_ms=200)
        resumed.never_silent()
        music.only(voice, *({Voice.SUPERVISOR} if held is agent else ()))


@pytest.mark.parametrize("after_ms", [0, 20])
async def test_a_hold_that_ends_when_a_supervisor_comes(centre: CallCentre, after_ms: int) -> None:
    """Nobody is left with music: also where the end of the hold was kept from them, they are told of it at once."""
    customer, agent = await centre.call()
    await _hold(centre, agent, customer)
    heard, supervisor = around(centre, customer), await centre.phone("301")
    await supervisor.dial("*55201")
    await supervisor.until_established()
    await centre.hearing.listen([customer], after_ms)
    await agent.resume()
    await centre.hearing.until(customer, hears={Voice.AGENT}, for_ms=200, within=2)
    await centre.hearing.until(supervisor, hears={Voice.AGENT, Voice.CUSTOMER}, for_ms=200)
    heard.never_silent()


async def _hold(centre: CallCentre, holder: Phone, held: Phone) -> None:
    """Let somebody put the other on hold, and wait until they hear music."""
    await holder.hold()
    held_ns = time.time_ns()
    await centre.hearing.until(held, not_hears=set(Voice), for_ms=300)
    around(centre, held, before_ns=time.time_ns() - held_ns - 300_000_000).never_silent()


async def _join(said: Spoken, supervisor: Phone, number: str, *words: str) -> None:
    said.forget()
    await supervisor.dial(number)
    await said.until(*words)
