"""Words for the supervisor: they arrive at the supervisor's ear, and nowhere else."""

import time

import pytest

from supervise.lab.callcentre import CallCentre
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.quiet import since
from tests.support.spoken import spoken
from tests.support.supervising import scene
from tests.support.words import Words, know

pytestmark = pytest.mark.telephony

REFUSALS = (
    ("301", "*55299", "no-such-agent"),
    ("301", "*55203", "not-on-a-call"),
    ("303", "*55201", "not-allowed"),
    ("401", "*55201", "unknown-supervisor"),
)
"""Who dials what, and why not."""


async def test_words_change_no_bit_of_the_call(centre: CallCentre) -> None:
    """What is said to a listening supervisor is not in a single frame of the agent's or the customer's."""
    async with spoken(centre) as said:
        at = await scene(centre)
        await said.until("monitor")
        start_ns = time.time_ns()
        await at.supervisor.press("5")
        await said.until("visible-first")
        await at.supervisor.press("23#")
        await said.until("help")
        await centre.hearing.listen([at.supervisor], 1000)
        # Nobody here speaks in these two voices' tones, so what is in them is words.
        heard = centre.hearing.heard(at.supervisor, since(start_ns))
        assert not heard.voices[Voice.SECOND].never_audible
        assert not heard.voices[Voice.OTHER].never_audible
        assert {channel for _, channel in said.said if "prompter" not in channel} == set()
        for speaker, listener in ((at.agent, at.customer), (at.customer, at.agent)):
            assert centre.hearing.altered(speaker, listener, since(start_ns)) == 0
            assert centre.hearing.continuity(speaker, listener, since(start_ns)).perfect


async def test_refusals_are_spoken(centre: CallCentre) -> None:
    """Whoever may not begin hears why, and their call is ended; the call that they asked for is not touched."""
    words = await know(centre)
    customer, agent = await centre.call()
    await centre.phone("203")
    start_ns = time.time_ns()
    phones: dict[str, Phone] = {}
    for user, dialled, reason in REFUSALS:
        phones[user] = phones.get(user) or await centre.phone(user)
        await _expect_refusal(words, phones[user], dialled, reason)
    assert [line["reason"] for line in centre.controller.all("refused")] == [reason for _, _, reason in REFUSALS]
    for speaker, listener in ((agent, customer), (customer, agent)):
        assert centre.hearing.altered(speaker, listener, since(start_ns)) == 0
        assert centre.hearing.continuity(speaker, listener, since(start_ns)).perfect
    assert agent.messages == []


async def _expect_refusal(words: Words, phone: Phone, dialled: str, reason: str) -> None:
    """The words, nothing but the words, and the end."""
    start_ns = time.time_ns()
    call = await phone.dial(dialled)
    await words.until(phone, reason, start_ns=start_ns)
    await phone.until_closed(call)
    assert [said.word for said in words.heard(phone, since(start_ns))] == [reason]
