import struct
from pathlib import Path

import pytest

from supervise.lab.wire import pcap
from supervise.lab.wire.rtp import TELEPHONE_EVENT, KeyPress, RtpPacket, SipPacket, announced, key_presses, rtp

pytestmark = pytest.mark.unit

HERE, THERE = ("127.0.0.1", 24000), ("127.0.0.1", 12000)

SDP = """v=0
o=- 1 1 IN IP4 192.0.2.9
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 24300 RTP/AVP 9 0 101
a=rtpmap:9 G722/8000
a=rtpmap:101 telephone-event/8000
a=sendonly
m=video 30000 RTP/AVP 101
a=rtpmap:101 H264/90000
"""


def packet(at_ns: int, payload: bytes, *, sequence: int = 1, timestamp: int = 0, first: int = 0x80) -> RtpPacket:
    """An RTP packet from there to here."""
    raw = struct.pack(">BBHII", first, 101, sequence, timestamp, 77) + payload
    found = rtp(at_ns, THERE, HERE, raw)
    assert found is not None
    return found


def event(at_ms: int, code: int, *, end: bool = False, timestamp: int = 0, duration: int = 160) -> RtpPacket:
    """One telephone-event packet."""
    return packet(at_ms * 1_000_000, struct.pack(">BBH", code, 0x80 if end else 0x0A, duration), timestamp=timestamp)


def test_a_header_is_read() -> None:
    """Every field of RFC 3550's header is in its place."""
    found = rtp(5, THERE, HERE, struct.pack(">BBHII", 0x80, 0x80 | 9, 65535, 4_000_000_000, 12) + b"sound")
    assert found is not None
    assert (found.at_ns, found.source, found.target) == (5, THERE, HERE)
    assert (found.sequence, found.timestamp, found.ssrc) == (65535, 4_000_000_000, 12)
    assert (found.payload_type, found.marker, found.payload) == (9, True, b"sound")


def test_sources_extension_and_padding_are_no_payload() -> None:
    """What stands around the payload is taken off."""
    raw = struct.pack(">BBHII", 0x80 | 0x20 | 0x10 | 1, 0, 1, 0, 1)
    raw += b"csrc" + struct.pack(">HH", 0xBEDE, 2) + b"8 bytes!" + b"sound" + b"\0\0\3"
    found = rtp(0, THERE, HERE, raw)
    assert found is not None
    assert found.payload == b"sound"


@pytest.mark.parametrize("raw", [b"", b"\x80", b"\x80\xc8" + bytes(30), b"\x40\0" + bytes(30), b"INVITE sip:"])
def test_what_is_not_rtp_is_left_out(raw: bytes) -> None:
    """RTCP, other versions, and stumps are no RTP packets."""
    assert rtp(0, THERE, HERE, raw) is None


def test_an_sdp_says_where_and_what() -> None:
    """Address and payload types are those of the audio line, and not those of the video below it."""
    assert announced(SDP) == (("127.0.0.1", 24300), {9: "G722", 0: "PCMU", 101: TELEPHONE_EVENT})


def test_an_address_of_the_media_line_goes_first() -> None:
    """A connection line below the audio line holds for it."""
    found = announced(SDP.replace("a=sendonly", "c=IN IP4 127.0.0.2"))
    assert found is not None
    assert found[0] == ("127.0.0.2", 24300)


@pytest.mark.parametrize("text", ["", "hello", "m=video 30000 RTP/AVP 101\n"])
def test_no_audio_is_announced_by_other_texts(text: str) -> None:
    """A text message, or an SDP without audio, announces nothing."""
    assert announced(text) is None


def test_keys_are_told_apart_by_their_timestamp() -> None:
    """One press lasts from its first packet to its first end packet, however often that comes again."""
    packets = [
        event(0, 5, timestamp=100),
        event(20, 5, timestamp=100),
        *(event(40, 5, timestamp=100, end=True, duration=480) for _ in range(3)),
        event(100, 11, timestamp=900),
    ]
    assert key_presses(packets) == [KeyPress("5", 0, 40_000_000, 480), KeyPress("#", 100_000_000, 0, 160)]


def test_a_request_and_its_answer_are_read() -> None:
    """Method, status, headers and body of SIP messages, whatever the case of a header's name."""
    request = SipPacket(0, HERE, THERE, b"MESSAGE sip:1@h SIP/2.0\r\nfrom: <sip:a@h>\r\nCSeq: 7 MESSAGE\r\n\r\nhello")
    assert (request.method, request.status, request.header("From"), request.body) == (
        "MESSAGE",
        0,
        "<sip:a@h>",
        "hello",
    )
    answer = SipPacket(0, HERE, THERE, b"SIP/2.0 486 Busy Here\r\nCSeq: 7 INVITE\r\n\r\n")
    assert (answer.method, answer.status, answer.header("From"), answer.body) == ("INVITE", 486, "", "")
    assert answer.first_line == "SIP/2.0 486 Busy Here"


def test_a_capture_is_written_in_order_of_time(tmp_path: Path) -> None:
    """The file has a pcap header with nanoseconds, and each datagram with an IP and a UDP header of its own."""
    late, early = packet(2_000_000_005, b"late"), packet(1_000_000_007, b"soon")
    pcap.write(tmp_path / "calls.pcap", [late, early])
    data = (tmp_path / "calls.pcap").read_bytes()
    assert struct.unpack("<I", data[:4]) == (0xA1B23C4D,)
    assert struct.unpack("<IIII", data[24:40]) == (1, 7, 44, 44)
    first = data[40:84]
    assert (first[0], first[9], first[12:16], first[16:20]) == (0x45, 17, bytes([127, 0, 0, 1]), bytes([127, 0, 0, 1]))
    assert struct.unpack(">HHH", first[20:26]) == (12000, 24000, 24)
    assert first[28:] == early.raw
    assert data.endswith(late.raw)
