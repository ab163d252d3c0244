"""What the customer is told: an announcement before the first sound, a tone for as long as somebody listens."""

import time
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from supervise.domain.records import Deed
from supervise.domain.sessions.session import Ending
from supervise.lab.asterisk.soundfiles import lab_sounds
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.checkout import cache_folder
from supervise.lab.hearing.ear import Window
from supervise.lab.phones.phone import Phone
from supervise.lab.progress import Progress
from supervise.lab.sound import Voice
from tests.support.ledger import records, until_closed, until_recorded
from tests.support.ruling import ALL, HOUSE, Desk, desk, policy
from tests.support.spoken import spoken
from tests.support.tone import READ_NS, tones, until_tones
from tests.support.words import Words, know

pytestmark = pytest.mark.telephony

ANNOUNCEMENT = "supervise/notice-entered"


def telling(notice: str) -> str:
    """Allow the leads everything, and tell the customer."""
    return policy(ALL, house=HOUSE.replace("start: hidden", f"start: hidden, tell_customer: {{{notice}}}"))


@pytest.fixture
def plan() -> Plan:
    """A short tone every two seconds, the first one longer."""
    return Plan(policy=telling("tone: {hertz: 1400, length: 300, every: 2, first: 600}"))


@asynccontextmanager
async def silent_agent(centre: CallCentre) -> AsyncIterator[tuple[Desk, Words]]:
    """A call in which only the customer speaks, so that whatever is said to the customer can be known by its sound."""
    words = await know(centre)
    async with spoken(centre) as said:
        agent, customer = await centre.phone("201", silent=True), await centre.phone("101")
        await customer.dial("201")
        await centre.hearing.until(agent, hears={Voice.CUSTOMER}, for_ms=100)
        yield Desk(centre, said, customer, agent), words


async def heard_announcement(words: Words, customer: Phone, window: Window) -> int:
    """Expect the whole announcement, and nothing else, to have been heard by the customer; when it ended, in ns."""
    heard = words.heard(customer, window)
    assert [each.word for each in heard] == ["notice-entered"]
    folder = await lab_sounds(cache_folder(), Progress()) / "prompts"
    with wave.open(str(folder / "notice-entered.wav")) as file:
        return heard[0].start_ns + int(file.getnframes() * 1_000_000_000 // file.getframerate())


async def test_tone(centre: CallCentre) -> None:
    """The customer hears it in time and length and loses nothing by it; the agent only of a visible supervisor."""
    async with desk(centre) as at:
        with centre.sniffer.keep():
            began = time.time_ns()
            phone = await centre.phone("301")
            await at.admitted(phone)
            first, second = await until_tones(centre, at.customer, began, 600, 300)
            assert (second.start_ns - first.start_ns) / 1e6 == pytest.approx(2000, abs=100)
            assert tones(centre, at.agent, Window(began, time.time_ns())) == []
            visible = time.time_ns()
            await at.said_so(phone, "8", "visible")
            await until_tones(centre, at.agent, visible, 300)
            window = Window(began, time.time_ns() - READ_NS)
            for speaker, listener in ((at.agent, at.customer), (at.customer, at.agent)):
                fate = centre.hearing.continuity(speaker, listener, window)
                assert (fate.lost, fate.repeated, fate.silent) == (0, 0, 0)
            assert tones(centre, phone, window) == []
    assert [record.reason for record in records(centre, Deed.NOTICE)][:1] == ["tone"]


async def test_tone_in_its_modes(centre: CallCentre) -> None:
    """Only while somebody may speak: it begins with coach, and ends with it."""
    async with desk(centre) as at:
        await at.rules(telling("tone: {hertz: 1400, length: 300, every: 2}, in: [coach, barge]"))
        phone = await centre.phone("301")
        with centre.sniffer.keep():
            began = time.time_ns()
            await at.admitted(phone)
            coached = time.time_ns()
            await phone.press("5")
            first = (await until_tones(centre, at.customer, began, 300))[0]
            assert first.start_ns > coached
            await at.said_so(phone, "4", "monitor")
            ended = time.time_ns()
            await centre.hearing.listen([at.customer], 2200)
            assert tones(centre, at.customer, Window(ended, time.time_ns())) == []


async def test_announcement(centre: CallCentre) -> None:
    """The customer hears it to its end before the supervisor hears anything of the call; the agent hears none of it."""
    async with silent_agent(centre) as (at, words):
        await at.rules(telling(f"announcement: {ANNOUNCEMENT}"))
        phone = await centre.phone("301")
        with centre.sniffer.keep():
            began = time.time_ns()
            await phone.dial("*55201")
            await centre.hearing.until(phone, hears={Voice.CUSTOMER})
            window = Window(began, time.time_ns())
            ended = await heard_announcement(words, at.customer, window)
            assert (centre.hearing.first_heard(phone, Voice.CUSTOMER, window) or 0) > ended
            assert centre.hearing.altered(at.customer, at.agent, window) == 0
    assert [record.reason for record in records(centre, Deed.NOTICE)] == ["announcement"]


async def test_announcement_that_cannot_be_heard(centre: CallCentre) -> None:
    """No announcement, no session: one that is not there, and one that nothing carries to the customer's phone."""
    async with desk(centre) as at:
        await at.rules(telling("announcement: supervise/there-is-none"))
        phone = await centre.phone("301")
        await at.refused(phone, "*55201", "untold")
        await at.rules(telling(f"announcement: {ANNOUNCEMENT}"))
        at.agent.freeze()
        await at.refused(phone, "*55201", "untold")
        at.agent.thaw()
        assert records(centre, Deed.OPENED) == []


async def test_announcement_before_a_mode(centre: CallCentre) -> None:
    """For barge only: monitor begins without it, and 6 waits for its end."""
    async with silent_agent(centre) as (at, words):
        await at.rules(telling(f"announcement: {ANNOUNCEMENT}, in: barge"))
        phone = await centre.phone("301")
        with centre.sniffer.keep():
            began = time.time_ns()
            await phone.dial("*55201")
            await centre.hearing.until(phone, hears={Voice.CUSTOMER})
            assert records(centre, Deed.NOTICE) == []
            await phone.press("6")
            await centre.hearing.until(at.customer, hears={Voice.SUPERVISOR})
            window = Window(began, time.time_ns())
            first = centre.hearing.first_heard(at.customer, Voice.SUPERVISOR, window) or 0
            assert first > await heard_announcement(words, at.customer, Window(began, first))


async def test_announcement_asked_for_in_the_middle(centre: CallCentre) -> None:
    """A policy that wants one now gets it at once; where it cannot be played the session ends, and 6 is refused."""
    async with desk(centre) as at:
        phone = await centre.phone("301")
        await at.rules(telling("announcement: supervise/there-is-none, in: barge"))
        await at.admitted(phone)
        await at.said_so(phone, "6", "untold")
        await at.hears_call(phone)
        await at.rules(telling(f"announcement: {ANNOUNCEMENT}"))
        assert (await until_recorded(centre, Deed.NOTICE))[0].reason == "announcement"
        await at.hears_call(phone)
        await phone.press("*")
        await until_closed(centre)
        await at.rules(policy(ALL))
        await at.admitted(phone)
        await at.rules(telling("announcement: supervise/there-is-none"))
        assert (await until_closed(centre, count=2))[-1].reason == Ending.UNTOLD
