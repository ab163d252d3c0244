"""What the agent is told of a supervisor: of a visible one everything, of a hidden one nothing at all."""

import asyncio
import time

import pytest

from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.phones.phone import Phone
from tests.support.quiet import expect_digital_silence, free_plan, quiet_scene, since
from tests.support.spoken import spoken
from tests.support.supervising import Scene
from tests.support.words import Words, know

pytestmark = pytest.mark.telephony

TONE = "beep"


class TestVisible:
    """A visible supervisor, who stays muted so that nothing hides the tone."""

    @pytest.fixture
    def plan(self) -> Plan:
        """Sessions begin visible."""
        return free_plan(start="visible")

    async def test_tone_and_message_each_time(self, centre: CallCentre) -> None:
        """Entering, each change of mode and of visibility, and leaving: a tone for the agent alone, and a message."""
        words = await know(centre, TONE)
        start_ns = time.time_ns()
        at = await quiet_scene(centre)
        await _expect_notice(at, words, "Hilda Lead: monitor on your call", start_ns)
        for key, text in (
            ("5", "Hilda Lead: coach on your call"),
            ("6", "Hilda Lead: barge on your call"),
            ("4", "Hilda Lead: monitor on your call"),
            ("7", "Hilda Lead: no longer shown on your call"),
            ("8", "Hilda Lead: monitor on your call"),
        ):
            pressed_ns = time.time_ns()
            await at.supervisor.press(key)
            await _expect_notice(at, words, text, pressed_ns)
        left_ns = time.time_ns()
        await at.supervisor.press("*")
        await at.supervisor.until_closed()
        await _expect_notice(at, words, "Hilda Lead: has left your call", left_ns)
        assert len(at.agent.messages) == 7
        assert at.customer.messages == []
        expect_digital_silence(centre, at.customer, since(start_ns))


async def _expect_notice(at: Scene, words: Words, text: str, start_ns: int) -> None:
    """One message since then and one tone, which the supervisor, who hears all that the agent says, does not hear."""
    await words.until(at.agent, TONE, start_ns=start_ns)
    await _until_message(at.agent, text, start_ns)
    assert [said.word for said in words.heard(at.agent, since(start_ns))] == [TONE]
    assert TONE not in [said.word for said in words.heard(at.supervisor, since(start_ns))]


async def _until_message(phone: Phone, text: str, start_ns: int) -> None:
    end = time.monotonic() + 5
    while (texts := [each.text for each in phone.messages if each.at_ns >= start_ns]) != [text]:
        assert time.monotonic() < end, f"{texts} instead of {text!r}"
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("plan", [free_plan(muted=False)], ids=["hidden"])
async def test_hidden_supervisor_is_told_nowhere(centre: CallCentre) -> None:
    """In every mode and at leaving: no message, no tone; what the agent hears is silence, or the coach and no more."""
    async with spoken(centre) as said:
        start_ns = time.time_ns()
        at = await quiet_scene(centre, speaks=False)
        await said.until("monitor")
        for key, mode in (("5", "coach"), ("6", "barge"), ("4", "monitor")):
            said.forget()
            await at.supervisor.press(key)
            await said.until(mode)
        await at.supervisor.press("*")
        await at.supervisor.until_closed()
        await centre.controller.until("closed")
        await centre.hearing.listen([at.agent], 300)
        for phone in (at.agent, at.customer):
            expect_digital_silence(centre, phone, since(start_ns))
            assert phone.messages == []
        sent = [packet for packet in centre.sniffer.sip(start_ns) if packet.source == centre.asterisk.sip]
        assert not [packet for packet in sent if packet.method == "MESSAGE"]
