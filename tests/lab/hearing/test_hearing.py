import io
import struct
import time
from dataclasses import dataclass, field

import av
import numpy as np
import pytest
from rich.console import Console

from supervise.lab.hearing import Hearing, codecs
from supervise.lab.hearing.ear import Window
from supervise.lab.phone_errors import CodecError, PhoneError, WaitError
from supervise.lab.sound import Samples, Voice, speak
from supervise.lab.wire.rtp import STATIC_CODECS, TELEPHONE_EVENT, Address, RtpPacket, rtp

pytestmark = pytest.mark.unit

MS = 1_000_000
START = 1_000_000_000_000
HUB = ("127.0.0.1", 12000)


@dataclass(frozen=True)
class Station:
    """A phone, as far as hearing goes."""

    name: str
    voice: Voice | None
    rtp_address: Address


@dataclass(frozen=True)
class Idle:
    """A phone that has no call."""

    name: str
    voice: Voice

    @property
    def rtp_address(self) -> Address:
        """None."""
        raise PhoneError("none yet")


AGENT = Station("agent", Voice.AGENT, ("127.0.0.1", 24000))
CUSTOMER = Station("customer", Voice.CUSTOMER, ("127.0.0.1", 24002))
SUPERVISOR = Station("supervisor", Voice.SUPERVISOR, ("127.0.0.1", 24004))


@dataclass
class Tape:
    """A capture made of synthetic packets."""

    packets: list[RtpPacket] = field(default_factory=list)

    def arrived(self, at: Address, since_ns: int, until_ns: int) -> list[RtpPacket]:
        """What came to a port."""
        return [packet for packet in self.packets if packet.target == at and since_ns <= packet.at_ns < until_ns]

    def left(self, source: Address, since_ns: int, until_ns: int) -> list[RtpPacket]:
        """What went from a port."""
        return [packet for packet in self.packets if packet.source == source and since_ns <= packet.at_ns < until_ns]

    def codec(self, packet: RtpPacket) -> str:
        """The static types, and 101 for keys."""
        return {**STATIC_CODECS, 101: TELEPHONE_EVENT}[packet.payload_type]


def encoded(codec: str, sound: Samples) -> list[bytes]:
    """Payloads of 20 ms, by FFmpeg's encoders."""
    name = {"PCMU": "pcm_mulaw", "PCMA": "pcm_alaw", "G722": "g722"}[codec]
    context = av.CodecContext.create(name, "w")
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate, context.layout, context.format = codecs.rate(codec), "mono", "s16"
    frame = av.AudioFrame.from_ndarray(np.round(sound * 32767).astype(np.int16).reshape(1, -1), "s16", "mono")
    frame.sample_rate = codecs.rate(codec)
    stream = b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])
    return [stream[start : start + 160] for start in range(0, len(stream), 160)]


def packets(
    payloads: list[bytes], source: Address, target: Address, *, start: int = START, kind: int = 0
) -> list[RtpPacket]:
    """The payloads as a stream, one each 20 ms."""
    headers = [struct.pack(">BBHII", 0x80, kind, (65500 + n) % 65536, 160 * n, 1) for n in range(len(payloads))]
    made = [
        rtp(start + 20 * MS * n, source, target, header + payload)
        for n, (header, payload) in enumerate(zip(headers, payloads, strict=True))
    ]
    return [packet for packet in made if packet]


def conversation(codec: str = "PCMU", frames: int = 100) -> Tape:
    """Agent and customer talk through a hub that adds 10 ms; the supervisor hears both 30 ms late and says nothing."""
    kind = {name: number for number, name in STATIC_CODECS.items()}[codec]
    rate = codecs.rate(codec)
    agent, customer = speak(Voice.AGENT, rate, frames), speak(Voice.CUSTOMER, rate, frames, first=9)
    tape = Tape()
    for speaker, listener, sound in ((AGENT, CUSTOMER, agent), (CUSTOMER, AGENT, customer)):
        payloads = encoded(codec, sound)
        tape.packets += packets(payloads, speaker.rtp_address, HUB, kind=kind)
        tape.packets += packets(payloads, HUB, listener.rtp_address, kind=kind, start=START + 10 * MS)
    both = encoded(codec, agent + customer)
    tape.packets += packets(both, HUB, SUPERVISOR.rtp_address, kind=kind, start=START + 30 * MS)
    return tape


WHOLE = Window(START + 500 * MS, START + 1500 * MS)
PHONES = (AGENT, CUSTOMER, SUPERVISOR)


@pytest.mark.parametrize("codec", ["PCMU", "PCMA", "G722"])
def test_the_matrix_of_a_monitored_call(codec: str) -> None:
    """Agent and customer hear each other, the supervisor both, nobody himself, and nobody the supervisor."""
    matrix = Hearing(conversation(codec)).who_heard_whom(PHONES, WHOLE)
    assert matrix.pairs == {
        ("agent", Voice.CUSTOMER),
        ("customer", Voice.AGENT),
        ("supervisor", Voice.AGENT),
        ("supervisor", Voice.CUSTOMER),
    }
    assert all(row.voices[Voice.SUPERVISOR].never_audible for row in matrix.rows)


@pytest.mark.parametrize("codec", ["PCMU", "PCMA", "G722"])
def test_an_undisturbed_call_is_perfect_and_its_delay_exact(codec: str) -> None:
    """Every frame is matched, and the delay is the one of the wire, in each codec."""
    found = Hearing(conversation(codec)).continuity(CUSTOMER, AGENT, WHOLE)
    assert found.perfect
    assert found.matched >= 48
    assert found.delay_ms(50) == pytest.approx(10)


def test_a_lost_packet_is_found_in_sound_and_sequence() -> None:
    """A packet that did not come is one frame lost, one number missing, and a gap of 40 ms."""
    tape = conversation()
    gone = tape.arrived(AGENT.rtp_address, WHOLE.start_ns, WHOLE.end_ns)[20]
    tape.packets.remove(gone)
    hearing = Hearing(tape)
    found = hearing.continuity(CUSTOMER, AGENT, WHOLE)
    assert (found.lost, found.repeated, found.silent, found.damaged) == (1, 0, 0, 0)
    arrivals = hearing.heard(AGENT, WHOLE).arrivals
    assert (arrivals.missing, arrivals.longest_gap_ms, arrivals.streams) == (1, 40, 1)


def test_packets_out_of_order_are_put_in_order() -> None:
    """Two packets that overtake each other on the wire are no damage to the sound."""
    tape = conversation()
    at = next(
        n
        for n, packet in enumerate(tape.packets)
        if packet.target == AGENT.rtp_address and packet.at_ns > WHOLE.start_ns
    )
    one, two = tape.packets[at], tape.packets[at + 1]
    tape.packets[at], tape.packets[at + 1] = two._replace(at_ns=one.at_ns), one._replace(at_ns=two.at_ns)
    found = Hearing(tape).continuity(CUSTOMER, AGENT, WHOLE)
    assert (found.lost, found.repeated, found.reordered, found.damaged) == (0, 0, 0, 0)


def test_a_new_stream_is_counted_and_heard_on() -> None:
    """When the SSRC changes, the change is told and the sound goes on."""
    tape = conversation()
    middle = START + 1000 * MS
    tape.packets = [
        packet._replace(ssrc=2) if packet.target == AGENT.rtp_address and packet.at_ns > middle else packet
        for packet in tape.packets
    ]
    hearing = Hearing(tape)
    assert hearing.heard(AGENT, WHOLE).arrivals.streams == 2
    assert hearing.continuity(CUSTOMER, AGENT, WHOLE).perfect


def test_first_and_last_frame_are_found_to_the_packet() -> None:
    """A voice that begins and ends within a window is found at the packets that carried its first and last frame."""
    quiet = [b"\xff" * 160]
    payloads = quiet * 20 + encoded("PCMU", speak(Voice.SUPERVISOR, 8000, 30)) + quiet * 20
    tape = Tape(packets(payloads, HUB, AGENT.rtp_address))
    hearing = Hearing(tape)
    window = Window(START, START + 2000 * MS)
    assert hearing.first_heard(AGENT, Voice.SUPERVISOR, window) == START + 400 * MS
    assert hearing.last_heard(AGENT, Voice.SUPERVISOR, window) == START + 980 * MS
    assert hearing.first_heard(AGENT, Voice.CUSTOMER, window) is None


@pytest.mark.parametrize(("kind", "payload"), [(0, b"\xff\x7f" * 80), (8, b"\xd5\x55" * 80)])
def test_digital_silence_is_known_bit_for_bit(kind: int, payload: bytes) -> None:
    """Both codes of nothing are silence; one other byte in a second is not."""
    window = Window(START, START + 1000 * MS)
    silent = packets([payload] * 50, HUB, AGENT.rtp_address, kind=kind)
    heard = Hearing(Tape(silent)).heard(AGENT, window)
    assert heard.silent
    assert heard.nothing
    assert heard.cell(Voice.CUSTOMER) == "silence"
    almost = packets([payload] * 49 + [payload[:-1] + b"\xfe"], HUB, AGENT.rtp_address, kind=kind)
    assert not Hearing(Tape(almost)).heard(AGENT, window).silent


def test_no_packets_are_nothing_heard_but_no_silence() -> None:
    """A phone that got no RTP heard nothing, and the table says why."""
    heard = Hearing(Tape()).heard(AGENT, WHOLE)
    assert heard.nothing
    assert not heard.silent
    assert heard.cell(Voice.CUSTOMER) == "no RTP"


def test_altered_packets_are_found_bit_for_bit() -> None:
    """A packet of the speaker's own is not altered, not even with the other code of nothing; any other one is."""
    tape = conversation()
    quiet = b"\xff" * 160
    tape.packets += packets([quiet], CUSTOMER.rtp_address, HUB, start=START + 900 * MS)
    tape.packets += packets([quiet.replace(b"\xff", b"\x7f")], HUB, AGENT.rtp_address, start=START + 910 * MS)
    hearing = Hearing(tape)
    assert hearing.altered(CUSTOMER, AGENT, WHOLE) == 0
    tape.packets += packets([b"\xfe" + quiet[1:]], HUB, AGENT.rtp_address, start=START + 930 * MS)
    assert hearing.altered(CUSTOMER, AGENT, WHOLE) == 1


def test_keys_are_found_where_they_went_and_are_no_sound() -> None:
    """A key is told for the phone that sent it and for the one that got it, and damages no sound."""
    tape = conversation()
    key = [struct.pack(">BBH", 5, 0, 160), struct.pack(">BBH", 5, 0x80, 320)]
    sent = packets(key, SUPERVISOR.rtp_address, HUB, start=START + 800 * MS, kind=101)
    tape.packets += [packet._replace(timestamp=7) for packet in sent]
    hearing = Hearing(tape)
    assert [press.key for press in hearing.keys_sent(SUPERVISOR, WHOLE)] == ["5"]
    assert hearing.keys_heard(AGENT, WHOLE) == []
    assert hearing.continuity(CUSTOMER, AGENT, WHOLE).perfect


async def test_waiting_ends_when_the_voice_is_there() -> None:
    """A wait for a voice that has been heard for a while returns what was heard."""
    payloads = encoded("PCMU", speak(Voice.CUSTOMER, 8000, 60))
    tape = Tape(packets(payloads, HUB, AGENT.rtp_address, start=time.time_ns() - 600 * MS))
    heard = await Hearing(tape).until(AGENT, hears={Voice.CUSTOMER}, not_hears={Voice.SUPERVISOR}, within=1)
    assert heard.hears(Voice.CUSTOMER)


async def test_waiting_in_vain_tells_what_was_heard() -> None:
    """A wait that ends shows who was awaited and the levels of all."""
    payloads = encoded("PCMU", speak(Voice.CUSTOMER, 8000, 100))
    tape = Tape(packets(payloads, HUB, AGENT.rtp_address, start=time.time_ns() - 500 * MS))
    with pytest.raises(WaitError, match=r"agent hears supervisor and not nobody(.|\n)*customer: YES"):
        await Hearing(tape).until(AGENT, hears={Voice.SUPERVISOR}, within=0.05)


async def test_waiting_in_vain_for_a_call_tells_that_there_is_none() -> None:
    """A phone that never had a call is waited for, and the error says what it lacks."""
    with pytest.raises(WaitError, match="none yet"):
        await Hearing(Tape()).until(Idle("supervisor", Voice.SUPERVISOR), hears={Voice.AGENT}, within=0.05)


async def test_a_voice_that_has_stopped_is_not_heard_for_good() -> None:
    """Too few packets in the window are not taken for a voice that is heard throughout it."""
    payloads = encoded("PCMU", speak(Voice.CUSTOMER, 8000, 10))
    tape = Tape(packets(payloads, HUB, AGENT.rtp_address, start=time.time_ns() - 400 * MS))
    with pytest.raises(WaitError):
        await Hearing(tape).until(AGENT, hears={Voice.CUSTOMER}, for_ms=300, within=0.05)


def test_the_table_is_for_people() -> None:
    """It names listeners and voices, says who was heard, and cries out when somebody hears himself."""
    tape = conversation()
    echo = encoded("PCMU", speak(Voice.SUPERVISOR, 8000, 100))
    tape.packets = [packet for packet in tape.packets if packet.target != SUPERVISOR.rtp_address]
    tape.packets += packets(echo, HUB, SUPERVISOR.rtp_address)
    console = Console(file=io.StringIO(), width=100)
    console.print(Hearing(tape).who_heard_whom(PHONES, WHOLE).table())
    text = console.file.getvalue() if isinstance(console.file, io.StringIO) else ""
    assert "hears:" in text
    assert "YES" in text
    assert text.count("HEARS SELF") == 1


def test_every_g711_code_is_decoded_as_ffmpeg_does() -> None:
    """The tables agree with another implementation in all 256 codes of both laws."""
    for codec, name in (("PCMU", "pcm_mulaw"), ("PCMA", "pcm_alaw")):
        context = av.CodecContext.create(name, "r")
        assert isinstance(context, av.AudioCodecContext)
        context.sample_rate, context.layout = 8000, "mono"
        expected = context.decode(av.Packet(bytes(range(256))))[0].to_ndarray().reshape(-1) / 32768
        assert np.array_equal(codecs.decode(codec, [bytes(range(256))])[0], expected.astype(np.float32))


def test_an_unknown_codec_is_refused() -> None:
    """What cannot be decoded is said so, and not taken for silence."""
    with pytest.raises(CodecError, match="GSM"):
        codecs.decode("GSM", [b"x"])
