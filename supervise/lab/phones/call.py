"""What a phone knows of its calls, folded from baresip's events and from its SIP messages."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from supervise.lab.phones.ctrl import Event
from supervise.lab.wire.rtp import Address, SipPacket, announced


class CallState(StrEnum):
    """How far a call has come."""

    BEGUN = "begun"
    """The INVITE went out, or came in and is answered by itself."""
    RINGING = "ringing"
    """It rings there, or here."""
    ESTABLISHED = "established"
    CLOSED = "closed"


@dataclass(eq=False, slots=True)
class Call:
    """One call of a phone; it changes as the call goes on."""

    id: str
    """The SIP Call-ID."""
    incoming: bool
    peer: str
    """The other party's SIP address."""
    state: CallState = CallState.BEGUN
    refused: bool = False
    """It was dialled here, and closed before it was established."""
    reason: str = ""
    """Why it closed: ``486 Busy Here``, ``Connection reset by peer`` (baresip's words for a BYE)."""
    rtp_address: Address | None = None
    """Where this phone receives, as its own SDP says."""
    held: bool = False
    """Whether this phone has put the other side on hold, as its last SDP says."""
    muted: bool = False
    local_tag: str = ""
    remote_tag: str = ""
    untransferred: bool = False
    """It was to be transferred, which was refused; baresip has ended it then (measured, 1.0 of Debian)."""
    answers: int = 0
    """How many answers to our SDP have come: one for the call, one more for each re-INVITE of ours."""


@dataclass(frozen=True, slots=True)
class Line:
    """One call of a phone that has several, for measuring what is heard in it."""

    name: str
    voice: object
    rtp_address: Address


@dataclass(frozen=True, slots=True)
class Message:
    """A SIP MESSAGE that the phone showed."""

    at_ns: int
    sender: str
    text: str


@dataclass(slots=True)
class CallBook:
    """The calls and messages of one phone."""

    own: Address
    """The phone's SIP address and port."""
    calls: dict[str, Call] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)

    def take_event(self, event: Event) -> None:
        """Fold in an event of the control port; those of no call are none of ours."""
        if "id" not in event:
            return
        call = self._call(event["id"], incoming=event.get("direction") == "incoming", peer=event.get("peeruri", ""))
        kind, detail = event["type"], event.get("param", "")
        if kind in ("CALL_CLOSED", "TRANSFER_FAILED"):
            call.reason = detail
            call.refused = not call.incoming and call.state is not CallState.ESTABLISHED
        call.state = _STATES.get(kind, call.state)
        call.untransferred |= kind == "TRANSFER_FAILED"
        if kind == "CALL_REMOTE_SDP" and detail == "answer":
            call.answers += 1

    def take_sip(self, message: SipPacket) -> None:
        """Fold in a SIP message that the phone sent or received."""
        sent = message.source == self.own
        if message.method == "MESSAGE" and not message.status and not sent:
            self.messages.append(Message(message.at_ns, _uri(message.header("From")), message.body))
        if message.method == "INVITE":
            self._take_invite(message, sent=sent)

    def _take_invite(self, message: SipPacket, *, sent: bool) -> None:
        asked_by_us = sent is not bool(message.status)
        peer = _uri(message.header("To" if asked_by_us else "From"))
        call = self._call(message.header("Call-ID"), incoming=not asked_by_us, peer=peer)
        if sent and (promise := announced(message.body)):
            call.rtp_address = promise[0]
            call.held = bool(_ON_HOLD.search(message.body))
        us, them = ("From", "To") if asked_by_us else ("To", "From")
        call.local_tag = _tag(message.header(us)) or call.local_tag
        call.remote_tag = _tag(message.header(them)) or call.remote_tag

    def _call(self, call_id: str, *, incoming: bool, peer: str) -> Call:
        return self.calls.setdefault(call_id, Call(call_id, incoming, peer))


_STATES: Final = {
    "CALL_INCOMING": CallState.RINGING,
    "CALL_RINGING": CallState.RINGING,
    "CALL_PROGRESS": CallState.RINGING,
    "CALL_ESTABLISHED": CallState.ESTABLISHED,
    "CALL_CLOSED": CallState.CLOSED,
    "TRANSFER_FAILED": CallState.CLOSED,
}


_ON_HOLD: Final = re.compile(r"^a=(sendonly|inactive)", re.MULTILINE)


def _uri(header: str) -> str:
    found = re.search(r"sips?:[^>;\s]+", header)
    return found[0] if found else header


def _tag(header: str) -> str:
    found = re.search(r";tag=([^;\s]+)", header)
    return found[1] if found else ""
