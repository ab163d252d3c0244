"""Opens SRTP (RFC 3711) with the keys that both sides' SDP names (RFC 4568): the lab may read its own phones' SDP."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from typing import Final

from pylibsrtp import Error, Policy, Session

from supervise.lab.wire.rtp import Address, RtpPacket, announced, rtp

SUITES: Final = {
    "AES_CM_128_HMAC_SHA1_80": Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    "AES_CM_128_HMAC_SHA1_32": Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
    "AEAD_AES_128_GCM": Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    "AEAD_AES_256_GCM": Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
}
"""What can be opened, by the names that SDP has for it."""

_CRYPTO: Final = re.compile(r"^a=crypto:\d+ (\S+) inline:([A-Za-z0-9+/=]+)", re.MULTILINE)


class Keyring:
    """The keys of the phones' calls.

    Attributes:
        opened: how many packets were sealed, and whole.
        suites: by which suites.
    """

    def __init__(self) -> None:
        """No key yet."""
        self.opened = 0
        self.suites: set[str] = set()
        self._known: set[tuple[Address, str, str]] = set()
        self._sessions: dict[Address, list[tuple[str, Session]]] = {}

    def learn(self, sdp: str) -> Address | None:
        """Take the keys of an SDP; back comes the address from which its writer sends with them, if they are new."""
        promise = announced(sdp)
        if promise is None:
            return None
        sender = promise[0]
        fresh = False
        for suite, key in _CRYPTO.findall(sdp):
            if suite in SUITES and (sender, suite, key) not in self._known:
                self._known.add((sender, suite, key))
                self._sessions.setdefault(sender, []).insert(0, (suite, _session(suite, key)))
                fresh = True
        return sender if fresh else None

    def open(self, packet: RtpPacket) -> RtpPacket:
        """The packet as it was before it was sealed; itself, where no key of its sender fits."""
        for suite, session in self._sessions.get(packet.source, ()):
            try:
                plain = session.unprotect(packet.raw)
            except Error:
                continue
            found = rtp(packet.at_ns, packet.source, packet.target, plain)
            if found is not None:
                self.opened += 1
                self.suites.add(suite)
                return found
        return packet


def _session(suite: str, key: str) -> Session:
    try:
        secret = b64decode(key, validate=True)
        return Session(Policy(key=secret, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=SUITES[suite]))
    except (Error, NotBase64, ValueError) as error:
        raise ValueError(f"the SDP's key for {suite} is none: {error}") from error
