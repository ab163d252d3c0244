"""Who hears whom in every stance, on real phones, by the sound that arrived at them."""

import time
from collections.abc import Sequence

import pytest

from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing.ear import Window
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.quiet import expect_digital_silence, free_plan, quiet_scene, since
from tests.support.spoken import spoken
from tests.support.supervising import STANCES, Scene, Stance, scene

pytestmark = pytest.mark.telephony

_LATEST_NS = 200_000_000
"""How long after a key is up the old stance may still be heard."""


@pytest.mark.parametrize("plan", [Plan(), Plan(codec="g722")], ids=lambda plan: plan.codec)
async def test_every_stance(centre: CallCentre) -> None:
    """In each stance exactly the right people hear the supervisor, who hears both; nobody hears themselves."""
    async with spoken(centre) as said:
        at = await scene(centre)
        await said.until("monitor")
        for stance in STANCES:
            await at.take(stance)
            await said.until(*_confirmation(stance))
            await at.expect(stance)
            await _expect_exactly(at, stance)
            said.forget()
            await at.supervisor.press("47")
            await said.until("hidden")


def _confirmation(stance: Stance) -> Sequence[str]:
    """What is said when a stance has been reached by its keys."""
    mode = stance.name.split()[0]
    if mode == "monitor":
        return (stance.name.split()[1],) if stance.keys else (mode,)
    return mode, "muted" if stance.name.endswith("muted") else "unmuted"


async def _expect_exactly(at: Scene, stance: Stance) -> None:
    agent, customer = (await at.centre.hearing.listen([at.agent, at.customer], 400)).rows
    for heard, own in ((agent, Voice.AGENT), (customer, Voice.CUSTOMER)):
        audible = {voice for voice in Voice if heard.hears(voice)}
        supervisor = {Voice.SUPERVISOR} if heard.listener in stance.heard_by else set()
        assert audible == ({Voice.AGENT, Voice.CUSTOMER} - {own}) | supervisor, heard.listener
        assert heard.voices[own].unheard
    # Nothing is ever said to the customer, so not a frame of theirs may hold a sound that is not meant for them.
    foreign = set(Voice) - {voice for voice in Voice if customer.hears(voice)}
    assert all(customer.voices[voice].never_audible for voice in foreign), customer


@pytest.mark.parametrize("plan", [free_plan(), free_plan(codec="alaw")], ids=lambda plan: plan.codec)
async def test_absence_is_digital_silence(centre: CallCentre) -> None:
    """Whom a speaking, hidden supervisor must not reach gets digital silence, bit for bit: no voice, no key, no tone.

    The agent in monitor and whenever the supervisor is muted; the customer in coach as well. Before the first barge,
    and after it, when there is a silent seat in the call.
    """
    async with spoken(centre) as said:
        start_ns = time.time_ns()
        at = await quiet_scene(centre)
        await said.until("monitor")
        await at.supervisor.press("5")
        await said.until("coach", "muted")
        spoke_ns = await _until_heard(at, "1", at.agent)
        expect_digital_silence(centre, at.agent, Window(start_ns, spoke_ns))
        muted_ns = await _mute(at)
        await said.until("coach", "muted")
        await at.supervisor.press("6")
        await said.until("barge", "muted")
        spoke_ns = await _until_heard(at, "1", at.agent, at.customer)
        expect_digital_silence(centre, at.agent, Window(muted_ns, spoke_ns))
        expect_digital_silence(centre, at.customer, Window(start_ns, spoke_ns))
        said.forget()
        muted_ns = await _mute(at)
        await said.until("barge", "muted")
        await at.supervisor.press("4")
        await said.until("monitor")
        await at.supervisor.press("*")
        await at.supervisor.until_closed()
        for phone in (at.agent, at.customer):
            expect_digital_silence(centre, phone, since(muted_ns))


async def _until_heard(at: Scene, key: str, *phones: Phone) -> int:
    """Press a key that opens the microphone, and wait until it has; when the key went down."""
    pressed_ns = time.time_ns()
    await at.supervisor.press(key)
    for phone in phones:
        await at.centre.hearing.until(phone, hears={Voice.SUPERVISOR}, for_ms=300)
    return pressed_ns


async def _mute(at: Scene) -> int:
    """Press the mute key; from when on nobody may hear anything."""
    pressed_ns = time.time_ns()
    await at.supervisor.press("0")
    (key,) = await at.centre.hearing.until_keys(at.supervisor, 1, pressed_ns)
    return key.up_ns + _LATEST_NS


@pytest.mark.parametrize("plan", [free_plan(muted=False), free_plan(muted=False, codec="alaw")], ids=lambda p: p.codec)
async def test_what_becomes_of_the_bits(centre: CallCentre) -> None:
    """A monitored call is not re-encoded: every frame arrives as it was sent; in coach the customer's frames still do.

    What is whispered to the agent is mixed into what they hear, so those frames, and no others, are made anew.
    """
    hearing = centre.hearing
    customer, agent = await centre.call()
    supervisor = await centre.phone("301")
    start_ns = time.time_ns()
    await supervisor.dial("*55201")
    await hearing.until(supervisor, hears={Voice.AGENT, Voice.CUSTOMER}, for_ms=1000)
    coached_ns = time.time_ns()
    assert hearing.altered(customer, agent, since(start_ns)) == 0
    await supervisor.press("5")
    await hearing.until(agent, hears={Voice.CUSTOMER, Voice.SUPERVISOR}, for_ms=500)
    assert hearing.altered(customer, agent, since(coached_ns)) >= 10
    lowered_ns = time.time_ns()
    await supervisor.press("4")
    (key,) = await hearing.until_keys(supervisor, 1, lowered_ns)
    await hearing.until(agent, hears={Voice.CUSTOMER}, not_hears={Voice.SUPERVISOR}, for_ms=500)
    await supervisor.press("*")
    await supervisor.until_closed()
    assert hearing.altered(customer, agent, since(key.up_ns + _LATEST_NS)) == 0
    assert hearing.altered(agent, customer, since(start_ns)) == 0
    for speaker, listener in ((agent, customer), (customer, agent)):
        fate = hearing.continuity(speaker, listener, since(start_ns))
        assert fate.perfect, fate
