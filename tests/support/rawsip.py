"""A phone that lies: INVITEs written by hand, with whatever number and identity, over UDP (RFC 3261, RFC 2617)."""

import asyncio
import hashlib
import random
import re
import secrets
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from supervise.lab.callcentre import CallCentre
from supervise.lab.wire.rtp import Address

_FINAL = 200
_CHALLENGE = 401
_COPIED = ("Via", "From", "To", "Call-ID", "CSeq")
_SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """Who the INVITE says it comes from.

    Attributes:
        user: the user in From, by which Asterisk finds the endpoint.
        login, secret: the digest credentials; the user in From when empty.
        headers: whatever else is claimed.
        name: the display name in From.
    """

    user: str
    login: str = ""
    secret: str = "lab"
    headers: Mapping[str, str] = field(default_factory=dict)
    name: str = ""


@dataclass(slots=True)
class LyingPhone(asyncio.DatagramProtocol):
    """One UDP port for SIP and one for sound; it can be listened to by `Hearing`.

    Attributes:
        rtp_address: where it receives sound.
    """

    registrar: Address
    rtp_address: Address
    name: str = "liar"
    voice: object = None
    _transport: asyncio.DatagramTransport | None = None
    _answers: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)
    _sent: int = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember how to send."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, _addr: Address) -> None:
        """Take an answer; answer what is asked."""
        text = data.decode(errors="replace")
        if text.startswith("SIP/2.0 "):
            self._answers.put_nowait(text)
            return
        copied = "".join(f"{line}\r\n" for line in text.split("\r\n") if line.partition(":")[0] in _COPIED)
        self._send(f"SIP/2.0 200 OK\r\n{copied}Content-Length: 0\r\n\r\n")
        if text.startswith("BYE "):
            self._ended.set()

    async def dial(self, number: str, claim: Claim, within: float = 3.0) -> int:
        """Send an INVITE with a user part taken as it is; the final status, or 0 when there is none."""
        call = _Call(number, claim, self.registrar, self.rtp_address[1])
        self._ended.clear()
        status, answer = await self._invite(call, "", within)
        if status == _CHALLENGE:
            status, _ = await self._invite(call, _digest(call, answer), within)
        return status

    async def until_ended(self, within: float = 8.0) -> None:
        """Wait until the other side has hung up."""
        async with asyncio.timeout(within):
            await self._ended.wait()

    async def _invite(self, call: "_Call", authorization: str, within: float) -> tuple[int, str]:
        self._sent += 1
        self._send(call.request("INVITE", self._sent, authorization, _SDP.format(port=self.rtp_address[1])))
        try:
            async with asyncio.timeout(within):
                while (status := _status(answer := await self._answers.get(), self._sent)) < _FINAL:
                    pass
        except TimeoutError:
            return 0, ""
        self._send(call.request("ACK", self._sent, "", "", to=_header(answer, "To")))
        return status, answer

    def _send(self, text: str) -> None:
        if self._transport is not None:
            self._transport.sendto(text.encode(), self.registrar)


@dataclass(slots=True)
class _Call:
    number: str
    claim: Claim
    registrar: Address
    port: int
    id: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def uri(self) -> str:
        return f"sip:{self.number}@{self.registrar[0]}:{self.registrar[1]}"

    def request(self, method: str, count: int, authorization: str, body: str, to: str = "") -> str:
        name = f'"{self.claim.name}" ' if self.claim.name else ""
        headers = {
            "Via": f"SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch=z9hG4bK{self.id}{count}",
            "Max-Forwards": "70",
            "From": f"{name}<sip:{self.claim.user}@127.0.0.1>;tag={self.id}",
            "To": to or f"<{self.uri}>",
            "Call-ID": self.id,
            "CSeq": f"{count} {method}",
            "Contact": f"<sip:{self.claim.user}@127.0.0.1:{self.port}>",
            **self.claim.headers,
            **({"Authorization": authorization} if authorization else {}),
            **({"Content-Type": "application/sdp"} if body else {}),
            "Content-Length": str(len(body)),
        }
        lines = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
        return f"{method} {self.uri} SIP/2.0\r\n{lines}\r\n{body}"


def _digest(call: _Call, challenge: str) -> str:
    asked = dict(re.findall(r'(\w+)="?([^",\r]+)"?', _header(challenge, "WWW-Authenticate")))
    login = call.claim.login or call.claim.user
    who = _md5(f"{login}:{asked['realm']}:{call.claim.secret}")
    once = secrets.token_hex(4)
    what = _md5(f"INVITE:{call.uri}")
    proof = _md5(f"{who}:{asked['nonce']}:00000001:{once}:auth:{what}")
    return (
        f'Digest username="{login}", realm="{asked["realm"]}", nonce="{asked["nonce"]}", uri="{call.uri}", '
        f'response="{proof}", algorithm=MD5, qop=auth, nc=00000001, cnonce="{once}", opaque="{asked.get("opaque", "")}"'
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _header(message: str, name: str) -> str:
    found = re.search(rf"^{name}:[ \t]*(.*?)\r?$", message, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def _status(answer: str, count: int) -> int:
    """Its status; 0 for a late answer to something earlier."""
    return int(answer.split(" ")[1]) if _header(answer, "CSeq").startswith(f"{count} ") else 0


@asynccontextmanager
async def lying_phone(centre: CallCentre) -> AsyncIterator[LyingPhone]:
    """Give a phone that is not registered anywhere."""
    sound = _sound_socket(centre.sniffer.ports)
    phone = LyingPhone(centre.asterisk.sip, sound.getsockname())
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: phone, local_addr=("127.0.0.1", 0))
    try:
        yield phone
    finally:
        transport.close()
        sound.close()


def _sound_socket(ports: range) -> socket.socket:
    """A port of the phones' range that nobody else has."""
    for port in random.sample(ports[::2], 50):
        sound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sound.bind(("127.0.0.1", port))
        except OSError:
            sound.close()
        else:
            return sound
    raise OSError("no free port for sound")
