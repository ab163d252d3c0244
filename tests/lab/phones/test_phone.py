"""Real phones that call each other, without an Asterisk between them."""

import asyncio
import os
import select
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from supervise.lab.hearing import Hearing
from supervise.lab.hearing.ear import Window
from supervise.lab.phone_errors import PhoneGoneError, PhoneStartError, RefusedError, WaitError
from supervise.lab.phones.call import CallState
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from supervise.lab.wire.rtp import SipPacket
from supervise.lab.wire.sniffer import Sniffer

pytestmark = pytest.mark.telephony

MS = 1_000_000


@pytest.fixture
def sniffer() -> Iterator[Sniffer]:
    """A capture of the loopback interface."""
    with Sniffer() as capture:
        yield capture


@dataclass
class Talk:
    """Two phones in a call."""

    agent: Phone
    customer: Phone
    sniffer: Sniffer
    hearing: Hearing


@asynccontextmanager
async def talking(sniffer: Sniffer, sounds: Path, codec: str = "PCMU") -> AsyncIterator[Talk]:
    """The customer has called the agent, and both hear each other."""
    hearing = Hearing(sniffer)
    async with (
        Phone(user="201", name="agent", voice=Voice.AGENT, codecs=(codec,), sounds=sounds) as agent,
        Phone(user="101", name="customer", voice=Voice.CUSTOMER, codecs=(codec,), sounds=sounds) as customer,
    ):
        await customer.dial(agent.sip_uri)
        await customer.until_established()
        await agent.until_established()
        await hearing.until(agent, hears={Voice.CUSTOMER})
        await hearing.until(customer, hears={Voice.AGENT})
        yield Talk(agent, customer, sniffer, hearing)


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the recordings of these tests are kept."""
    return tmp_path_factory.mktemp("sounds")


@pytest.fixture
async def talk(sniffer: Sniffer, sounds: Path) -> AsyncIterator[Talk]:
    """Agent and customer talk in G.711 mu-law."""
    async with talking(sniffer, sounds) as both:
        yield both


@pytest.mark.parametrize("codec", ["PCMU", "PCMA", "G722", "OPUS"])
async def test_marks_arrive_without_loss(codec: str, sniffer: Sniffer, sounds: Path) -> None:
    """In each codec, each hears the other and not himself, and every frame of a second is accounted for."""
    async with talking(sniffer, sounds, codec) as talk:
        matrix = await talk.hearing.listen([talk.agent, talk.customer], 1000)
        assert matrix.pairs == {("agent", Voice.CUSTOMER), ("customer", Voice.AGENT)}
        window = Window.last(1000)
        for one, two in ((talk.agent, talk.customer), (talk.customer, talk.agent)):
            assert talk.hearing.continuity(one, two, window).perfect
            assert talk.hearing.heard(two, window).arrivals.missing == 0


async def test_g711_arrives_bit_for_bit(talk: Talk) -> None:
    """What arrives is, byte for byte, what was sent."""
    await talk.hearing.listen([], 500)
    assert talk.hearing.altered(talk.customer, talk.agent, Window.last(500)) == 0


async def test_keys_travel_as_telephone_events_only(talk: Talk) -> None:
    """Keys are RFC 4733 events in their order, and leave the voice as it is."""
    start = time.time_ns()
    await talk.customer.press("5*#")
    keys = await talk.hearing.until_keys(talk.customer, 3, start)
    window = Window(start, time.time_ns())
    assert talk.hearing.keys_heard(talk.agent, window) == keys
    assert [press.key for press in keys] == ["5", "*", "#"]
    assert all(40 * MS < press.up_ns - press.down_ns < 500 * MS for press in keys)
    assert talk.hearing.keys_heard(talk.customer, window) == []
    assert talk.hearing.continuity(talk.customer, talk.agent, window).perfect


async def test_mute_is_digital_silence_and_can_be_undone(talk: Talk) -> None:
    """A muted phone sends packets of nothing, bit for bit; muting twice is muting once."""
    await talk.customer.mute()
    await talk.customer.mute()
    await talk.hearing.until(talk.agent, not_hears={Voice.CUSTOMER})
    matrix = await talk.hearing.listen([talk.agent], 300)
    assert matrix.rows[0].silent
    assert matrix.rows[0].arrivals.packets >= 14
    await talk.customer.unmute()
    await talk.hearing.until(talk.agent, hears={Voice.CUSTOMER})


def between(talk: Talk, since_ns: int) -> list[SipPacket]:
    """What the two phones have said to each other since then; other tests' phones are on the same interface."""
    phones = {talk.agent.sip_address, talk.customer.sip_address}
    return [sip for sip in talk.sniffer.sip(since_ns) if {sip.source, sip.target} <= phones]


async def test_a_frozen_phone_sends_nothing_and_thaws(talk: Talk) -> None:
    """Nothing at all comes from a frozen phone, the call stays up, and its voice comes back."""
    talk.customer.freeze()
    start = time.time_ns()
    matrix = await talk.hearing.listen([talk.agent, talk.customer], 300)
    assert matrix.rows[0].arrivals.packets <= 1
    assert matrix.rows[1].hears(Voice.AGENT), "what is sent to a frozen phone still reaches its port"
    talk.customer.thaw()
    await talk.hearing.until(talk.agent, hears={Voice.CUSTOMER})
    assert talk.customer.call.state is CallState.ESTABLISHED
    assert not [sip for sip in between(talk, start) if sip.method == "BYE"]


async def test_a_vanished_phone_says_no_word(sniffer: Sniffer, sounds: Path) -> None:
    """No BYE and no RTP come from a phone whose plug is pulled, and leaving its block is quiet too."""
    async with talking(sniffer, sounds) as talk:
        start = time.time_ns()
        gone = talk.customer.sip_address
        await talk.customer.vanish()
        await talk.hearing.listen([], 200)
        with pytest.raises(PhoneGoneError):
            await talk.customer.press("1")
        assert talk.hearing.heard(talk.agent, Window.last(200)).arrivals.packets == 0
    assert not [sip for sip in sniffer.sip(start) if sip.source == gone]


async def test_hold_and_resume_are_offered_anew(talk: Talk) -> None:
    """Hold is a re-INVITE to sendonly that silences the phone; resume is one to sendrecv that brings it back."""
    start = time.time_ns()
    await talk.customer.hold()
    await talk.hearing.until(talk.agent, not_hears={Voice.CUSTOMER})
    assert talk.customer.call.held
    await talk.customer.resume()
    await talk.hearing.until(talk.agent, hears={Voice.CUSTOMER})
    offers = [sip for sip in between(talk, start) if sip.method == "INVITE" and not sip.status]
    assert [("a=sendonly" in sip.body, "a=sendrecv" in sip.body) for sip in offers] == [(True, False), (False, True)]
    assert all(sip.source == talk.customer.sip_address for sip in offers)


async def test_hanging_up_closes_both_sides(talk: Talk) -> None:
    """A hang-up is a BYE, both calls are closed, and a phone can be called again."""
    await talk.customer.hangup()
    assert "reset by peer" in await talk.agent.until_closed()
    assert talk.agent.open_calls == []
    second = await talk.customer.dial(talk.agent.sip_uri)
    await talk.customer.until_established(second)
    await talk.agent.until_established()
    await talk.hearing.until(talk.agent, hears={Voice.CUSTOMER})


async def test_a_second_call_is_answered_beside_the_first(talk: Talk, sounds: Path) -> None:
    """Call waiting: the agent has two calls at once, hears each on its own port, and can end the first alone."""
    first = talk.agent.call
    async with Phone(user="102", voice=Voice.OTHER, sounds=sounds) as other:
        await other.dial(talk.agent.sip_uri)
        await other.until_established()
        await talk.hearing.until(talk.agent, hears={Voice.OTHER}, not_hears={Voice.CUSTOMER})
        await talk.hearing.until(talk.agent.line(first), hears={Voice.CUSTOMER}, not_hears={Voice.OTHER})
        assert len(talk.agent.open_calls) == 2
        await talk.agent.hangup(first)
        assert [call.peer for call in talk.agent.open_calls] == [other.sip_uri]
        await talk.customer.until_closed()
        assert other.call.state is CallState.ESTABLISHED


async def test_a_phone_rings_until_it_is_answered(sounds: Path) -> None:
    """Without automatic answering the call rings, and is established when it is taken."""
    async with Phone(user="201", answers=False, sounds=sounds) as agent, Phone(user="101", sounds=sounds) as customer:
        call = await customer.dial(agent.sip_uri)
        await agent.until_ringing()
        assert call.state is not CallState.ESTABLISHED
        await agent.answer()
        await customer.until_established(call)


async def test_a_refused_call_says_why(sounds: Path) -> None:
    """Waiting for a call that is refused ends at once, with the reason."""
    async with Phone(user="201", answers=False, sounds=sounds) as agent, Phone(user="101", sounds=sounds) as customer:
        call = await customer.dial(agent.sip_uri)
        await agent.until_ringing()
        await agent.hangup()
        with pytest.raises(WaitError, match=r"closed: 4\d\d "):
            await customer.until_established(call)


async def test_a_text_message_is_shown(sounds: Path) -> None:
    """A SIP MESSAGE is kept with its sender and its text."""
    async with Phone(user="201", sounds=sounds) as agent:
        host, port = agent.sip_address
        with socket.socket(type=socket.SOCK_DGRAM) as sender:
            sender.bind((host, 0))
            sender.sendto(message(agent.sip_uri, sender.getsockname()[1], "Kim listens"), (host, port))
            shown = await agent.until_message("listens")
        assert (shown.sender, shown.text) == ("sip:supervise@127.0.0.1", "Kim listens")
        assert agent.messages == [shown]


def message(uri: str, port: int, text: str) -> bytes:
    """A SIP MESSAGE as it goes over the wire."""
    lines = [
        f"MESSAGE {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK1",
        "Max-Forwards: 5",
        f"To: <{uri}>",
        'From: "Supervise" <sip:supervise@127.0.0.1>;tag=1',
        "Call-ID: one@127.0.0.1",
        "CSeq: 1 MESSAGE",
        "Content-Type: text/plain",
        f"Content-Length: {len(text)}",
        "",
        text,
    ]
    return "\r\n".join(lines).encode()


async def test_a_long_call_begins_its_recording_anew(sniffer: Sniffer, sounds: Path) -> None:
    """A call goes on, without a seam, when its recording would have ended and baresip would have hung up."""
    hearing = Hearing(sniffer)
    async with (
        Phone(user="201", voice=Voice.AGENT, sounds=sounds, recording_s=1) as agent,
        Phone(user="101", voice=Voice.CUSTOMER, sounds=sounds) as customer,
    ):
        await customer.dial(agent.sip_uri)
        await customer.until_established()
        await hearing.listen([], 2500)
        await hearing.until(customer, hears={Voice.AGENT}, within=1)
        assert hearing.continuity(agent, customer, Window.last(2000)).perfect
        assert agent.call.state is CallState.ESTABLISHED


async def test_registering_in_vain_is_told(sounds: Path) -> None:
    """Without a registrar at the address, the phone does not start, and says so."""
    with socket.socket(type=socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises((PhoneStartError, WaitError), match="regist"):
            async with Phone(user="201", registrar=nobody.getsockname(), sounds=sounds):
                pytest.fail("a phone without a registrar has started")


async def test_commands_that_baresip_refuses_are_errors(sounds: Path) -> None:
    """A key without a call is refused, not swallowed."""
    async with Phone(user="201", sounds=sounds) as phone:
        with pytest.raises(RefusedError, match="sndcode"):
            await phone._phone.command("sndcode", "5")


async def test_phones_end_with_their_block(sounds: Path) -> None:
    """No process is left when the block is over, whether or not the phone was in a call, frozen or not."""
    async with Phone(user="201", sounds=sounds) as agent, Phone(user="101", sounds=sounds) as customer:
        await customer.dial(agent.sip_uri)
        await customer.until_established()
        agent.freeze()
        processes = [agent.pid, customer.pid]
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


OWNER = """
import asyncio, sys
from pathlib import Path
from supervise.lab.phones.phone import Phone
async def main():
    async with Phone(user="201", sounds=Path(sys.argv[1])) as phone:
        print(phone.pid, flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


async def test_phones_die_with_their_owner(sounds: Path) -> None:
    """When the process that started a phone is killed, the phone is gone too."""
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OWNER, str(sounds), stdout=asyncio.subprocess.PIPE, env={**os.environ}
    )
    assert owner.stdout is not None
    phone = os.pidfd_open(int(await owner.stdout.readline()))
    owner.send_signal(signal.SIGKILL)
    await owner.wait()
    ended, _, _ = await asyncio.to_thread(select.select, [phone], [], [], 2)
    os.close(phone)
    assert ended
