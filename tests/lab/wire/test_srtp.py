import base64

import pytest
from pylibsrtp import Policy, Session

from supervise.lab.wire.rtp import RtpPacket, rtp
from supervise.lab.wire.srtp import Keyring

pytestmark = pytest.mark.unit

PHONE, ASTERISK = ("127.0.0.1", 24000), ("127.0.0.1", 12000)
KEY = bytes(range(30))
PLAIN = bytes.fromhex("8000000100000000000000074142434445464748")


def sdp(key: bytes = KEY, suite: str = "AES_CM_128_HMAC_SHA1_80", port: int = 24000) -> str:
    """What a phone says of itself."""
    text = base64.b64encode(key).decode()
    return f"v=0\nc=IN IP4 127.0.0.1\nm=audio {port} RTP/SAVP 0\na=crypto:1 {suite} inline:{text}\n"


def sealed(key: bytes = KEY) -> RtpPacket:
    """A packet that the phone sends."""
    raw = Session(Policy(key=key, ssrc_type=Policy.SSRC_ANY_OUTBOUND)).protect(PLAIN)
    packet = rtp(1, PHONE, ASTERISK, raw)
    assert packet is not None
    return packet


def test_a_packet_is_opened_with_its_senders_key() -> None:
    """What a phone sends is opened with the key of its own SDP, and comes out as it went in."""
    ring = Keyring()
    assert ring.learn(sdp()) == PHONE
    assert ring.open(sealed()).raw == PLAIN
    assert (ring.opened, ring.suites) == (1, {"AES_CM_128_HMAC_SHA1_80"})


def test_a_packet_under_another_key_stays_shut() -> None:
    """A packet that was sealed with another key, or whose sender has named none, is given back as it came."""
    ring = Keyring()
    packet = sealed(bytes(30))
    assert ring.open(packet) is packet
    ring.learn(sdp())
    assert ring.open(packet) is packet
    assert ring.opened == 0


def test_a_new_key_counts_beside_the_old_one() -> None:
    """After a new SDP of a phone its packets are opened with either key; the same SDP again is no news."""
    ring = Keyring()
    ring.learn(sdp())
    assert ring.learn(sdp(bytes(30))) == PHONE
    assert ring.learn(sdp()) is None
    assert ring.open(sealed(bytes(30))).raw == PLAIN
    assert ring.open(sealed()).raw == PLAIN


@pytest.mark.parametrize("text", ["", "v=0\nm=audio 24000 RTP/AVP 0\n", sdp(suite="NONE")])
def test_an_sdp_without_a_key(text: str) -> None:
    """An SDP without a key, or with one of a suite that we do not know, teaches nothing."""
    assert Keyring().learn(text) is None
