"""Three supervisors on one call, each in another mode: every promise holds for each, and they know each other."""

import asyncio
import time
from collections.abc import Mapping
from itertools import permutations

import pytest

from supervise.domain.words import Mode
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing.ear import Window
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.crew import crew_plan
from tests.support.spoken import spoken
from tests.support.unbroken import Around, around

pytestmark = pytest.mark.telephony

KEYS = {Mode.MONITOR: "4", Mode.COACH: "5", Mode.BARGE: "6"}
VOICES = {"301": Voice.SUPERVISOR, "302": Voice.SECOND, "303": Voice.OTHER}


@pytest.fixture
def plan() -> Plan:
    """Supervisors who may everything at once."""
    return crew_plan()


async def test_every_order_of_modes(centre: CallCentre) -> None:
    """One monitors, one coaches, one barges, in every order; all switch at once."""
    customer, agent = await centre.call()
    phones = {user: await centre.phone(user, voice) for user, voice in VOICES.items()}
    await asyncio.gather(*(phone.dial("*55201") for phone in phones.values()))
    await _expect(centre, (customer, agent), phones, dict.fromkeys(phones, Mode.MONITOR))
    earlier = dict.fromkeys(phones, Mode.MONITOR)
    for order in permutations(Mode):
        modes = dict(zip(phones, order, strict=True))
        began, heard = time.time_ns(), (around(centre, customer), around(centre, agent))
        await asyncio.gather(*(phone.press(KEYS[modes[user]]) for user, phone in phones.items()))
        await _expect(centre, (customer, agent), phones, modes)
        _nobody_heard_themselves(centre, (customer, agent, *phones.values()), began)
        _expect_steady(heard, earlier, modes)
        earlier = modes


async def _expect(
    centre: CallCentre, call: tuple[Phone, Phone], phones: Mapping[str, Phone], modes: Mapping[str, Mode]
) -> None:
    """The customer hears who barges, the agent who talks, and each supervisor the call with who barges in it."""
    customer, agent = call
    barging = {VOICES[user] for user, mode in modes.items() if mode is Mode.BARGE}
    talking = {VOICES[user] for user, mode in modes.items() if mode is not Mode.MONITOR}
    both = {Voice.AGENT, Voice.CUSTOMER}
    for _ in range(2):  # what is not heard once one has switched may be heard when another has
        await asyncio.gather(
            _hears(centre, customer, {Voice.AGENT} | barging),
            _hears(centre, agent, {Voice.CUSTOMER} | talking),
            *(_hears(centre, phone, both | barging - {VOICES[user]}) for user, phone in phones.items()),
        )


def _expect_steady(heard: tuple[Around, Around], *modes: Mapping[str, Mode]) -> None:
    """Customer and agent heard each other all the time, and only supervisors whom either modes let them."""
    customer, agent = heard
    pairs = [(VOICES[user], mode) for each in modes for user, mode in each.items()]
    customer.only(Voice.AGENT, *(voice for voice, mode in pairs if mode is Mode.BARGE))
    customer.never_without(Voice.AGENT)
    agent.only(Voice.CUSTOMER, *(voice for voice, mode in pairs if mode is not Mode.MONITOR))
    agent.never_without(Voice.CUSTOMER)


async def _hears(centre: CallCentre, phone: Phone, voices: set[Voice]) -> None:
    await centre.hearing.until(phone, hears=voices, not_hears=set(Voice) - voices, for_ms=200, within=8)


def _nobody_heard_themselves(centre: CallCentre, phones: tuple[Phone, ...], began: int) -> None:
    window = Window(began, time.time_ns())
    for phone in phones:
        assert isinstance(phone.voice, Voice)
        assert centre.hearing.heard(phone, window).voices[phone.voice].unheard, f"{phone.name} heard themselves"


async def test_they_are_told_of_each_other(centre: CallCentre) -> None:
    """Who becomes visible, changes mode or leaves is told to the others, on their phones alone; the hidden never."""
    customer, agent = await centre.call()
    one, two = await centre.phone("301"), await centre.phone("302", Voice.SECOND)
    async with spoken(centre) as said:
        await one.dial("*55201")
        await said.until("monitor")
        await two.dial("*56201")
        await said.until("coach")
        await two.press("8")
        await said.until("supervisor", "digits:302", "has-joined", "coach")
        with centre.sniffer.keep():
            began = time.time_ns()
            said.forget()
            await two.press("4")
            await said.until("supervisor", "digits:302", "monitor")
            said.forget()
            await one.press("2")
            await said.until("supervisor", "digits:302", "monitor", within=15)
            said.forget()
            await two.press("2")
            await said.until("customer", "digits:101", within=15)
            await said.until("agent", "digits:201", within=15)
            assert said.count("supervisor") == 0
            await two.press("*")
            await said.until("supervisor", "digits:302", "has-left")
            window = Window(began, time.time_ns())
        assert {channel.split("-")[1] for _, channel in said.said} <= {"prompter", "notifier"}
        for speaker, listener in ((agent, customer), (customer, agent)):
            assert centre.hearing.continuity(speaker, listener, window).perfect
