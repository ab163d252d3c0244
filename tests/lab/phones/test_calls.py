import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from supervise.lab.phone_errors import PhoneGoneError, RefusedError
from supervise.lab.phones import siptrace
from supervise.lab.phones.call import CallBook, CallState, Message
from supervise.lab.phones.config import Account, Ports
from supervise.lab.phones.ctrl import Event, Link
from supervise.lab.wire.rtp import Address, SipPacket

pytestmark = pytest.mark.unit

OWN, PEER = ("127.0.0.1", 6000), ("127.0.0.1", 5060)
SDP = "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 24300 RTP/AVP 0\r\na=sendrecv\r\n"


def sip(first_line: str, *, sent: bool, method: str = "INVITE", body: str = "") -> SipPacket:
    """A message of the call between us (tag us) and them (tag them)."""
    head = [first_line, "From: <sip:us@h>;tag=us", "To: <sip:them@h>;tag=them", "Call-ID: one", f"CSeq: 1 {method}"]
    raw = "\r\n".join([*head, "", body]).encode()
    return SipPacket(7, OWN if sent else PEER, PEER if sent else OWN, raw)


def event(kind: str, detail: str = "", direction: str = "outgoing") -> Event:
    """An event of that call, as the control port tells it."""
    return {"event": True, "type": kind, "id": "one", "direction": direction, "peeruri": "sip:them@h", "param": detail}


def test_a_dialled_call_is_followed_to_its_end() -> None:
    """INVITE, ringing, established, closed; with its RTP port and both tags from the trace."""
    book = CallBook(OWN)
    book.take_sip(sip("INVITE sip:them@h SIP/2.0", sent=True, body=SDP))
    call = book.calls["one"]
    assert (call.incoming, call.peer, call.state, call.rtp_address) == (
        False,
        "sip:them@h",
        CallState.BEGUN,
        ("127.0.0.1", 24300),
    )
    book.take_event(event("CALL_RINGING"))
    assert call.state is CallState.RINGING
    book.take_sip(sip("SIP/2.0 200 OK", sent=False, body=SDP.replace("24300", "12000")))
    book.take_event(event("CALL_REMOTE_SDP", "answer"))
    book.take_event(event("CALL_ESTABLISHED"))
    assert (call.state, call.answers) == (CallState.ESTABLISHED, 1)
    assert (call.local_tag, call.remote_tag, call.rtp_address) == ("us", "them", ("127.0.0.1", 24300))
    book.take_event(event("CALL_CLOSED", "Connection reset by peer"))
    assert (call.state, call.reason, call.refused) == (CallState.CLOSED, "Connection reset by peer", False)


def test_an_incoming_call_is_seen_from_our_side() -> None:
    """The caller is the peer, and the tags are the other way round."""
    book = CallBook(OWN)
    book.take_sip(sip("INVITE sip:them@h SIP/2.0", sent=False, body=SDP.replace("24300", "12000")))
    book.take_sip(sip("SIP/2.0 200 OK", sent=True, body=SDP))
    call = book.calls["one"]
    assert (call.incoming, call.peer) == (True, "sip:us@h")
    assert (call.local_tag, call.remote_tag, call.rtp_address) == ("them", "us", ("127.0.0.1", 24300))


def test_a_call_closed_before_its_answer_was_refused() -> None:
    """What was dialled and never established is refused; what rang here and stopped is not."""
    book = CallBook(OWN)
    book.take_event(event("CALL_RINGING"))
    book.take_event(event("CALL_CLOSED", "486 Busy Here"))
    assert book.calls["one"].refused
    other = CallBook(OWN)
    other.take_event(event("CALL_INCOMING", direction="incoming"))
    other.take_event(event("CALL_CLOSED", direction="incoming"))
    assert not other.calls["one"].refused


@pytest.mark.parametrize(("direction", "held"), [("sendonly", True), ("inactive", True), ("sendrecv", False)])
def test_hold_is_what_our_own_sdp_says(direction: str, *, held: bool) -> None:
    """The other side is on hold when our SDP says so, not when theirs does."""
    book = CallBook(OWN)
    book.take_sip(sip("INVITE sip:them@h SIP/2.0", sent=True, body=SDP.replace("sendrecv", direction)))
    book.take_sip(sip("SIP/2.0 200 OK", sent=False, body=SDP.replace("sendrecv", "inactive")))
    assert book.calls["one"].held is held


def test_messages_received_are_kept_and_own_ones_are_not() -> None:
    """A MESSAGE to us is shown; the answer to it, and one that we send, are not."""
    book = CallBook(OWN)
    book.take_sip(sip("MESSAGE sip:us@h SIP/2.0", sent=False, method="MESSAGE", body="hello"))
    book.take_sip(sip("SIP/2.0 200 OK", sent=True, method="MESSAGE"))
    book.take_sip(sip("MESSAGE sip:them@h SIP/2.0", sent=True, method="MESSAGE", body="to them"))
    assert book.messages == [Message(7, "sip:us@h", "hello")]
    assert not book.calls


def test_events_of_no_call_are_left_alone() -> None:
    """A registration changes no call."""
    book = CallBook(OWN)
    book.take_event({"event": True, "type": "REGISTER_OK", "param": "200 OK"})
    assert not book.calls


def test_an_account_is_written_for_baresip() -> None:
    """With a registrar it registers there; without, it is where the phone itself listens."""
    ports = Ports("127.0.0.1", 6000, 6002)
    line = Account("201", "secret", PEER, ("PCMU", "G722"), answers=True).line(ports)
    assert line == (
        "<sip:201@127.0.0.1:5060>;regint=300;auth_user=201;auth_pass=secret;answermode=auto;audio_codecs=PCMU,G722"
    )
    alone = Account("201", "", None, ("PCMU",), answers=False).line(ports)
    assert alone == "<sip:201@127.0.0.1:6000>;regint=0;auth_user=201;answermode=manual;audio_codecs=PCMU"


TRACE = (
    b"baresip is ready.\n"
    b"\x1b[36;1m#\nUDP 127.0.0.1:6000 -> 127.0.0.1:5060\nMESSAGE sip:1@h SIP/2.0\r\nCSeq: 1 MESSAGE\r\n\r\n"
    b"two\nlines\x1b[;m\n"
    b"\x1b[36;1m#\nUDP 127.0.0.1:5060 -> 127.0.0.1:6000\nSIP/2.0 200 OK\r\nCSeq: 1 MESSAGE\r\n\r\n\x1b[;m\n"
    b"201@127.0.0.1: Call established\n"
)


async def test_the_trace_is_cut_into_messages_and_log_lines() -> None:
    """Messages keep their bodies whole, and what stands between them is the log."""
    output = asyncio.StreamReader()
    output.feed_data(TRACE)
    output.feed_eof()
    pieces = [piece async for piece in siptrace.read(output)]
    log = [piece.text for piece in pieces if isinstance(piece, siptrace.LogLine)]
    messages = [piece for piece in pieces if isinstance(piece, SipPacket)]
    assert log == ["baresip is ready.", "201@127.0.0.1: Call established"]
    assert [(each.source, each.method, each.status, each.body) for each in messages] == [
        (OWN, "MESSAGE", 0, "two\nlines"),
        (PEER, "MESSAGE", 200, ""),
    ]


def netstring(message: Event) -> bytes:
    """A message as baresip frames it."""
    text = json.dumps(message).encode()
    return b"%d:%s," % (len(text), text)


@asynccontextmanager
async def fake_baresip(answers: list[bytes], events: list[Event]) -> AsyncIterator[Link]:
    """A link to something that answers each command with the next of `answers`, in pieces, and then hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(asyncio.IncompleteReadError):
            for answer in answers:
                await reader.readuntil(b",")
                for start in range(0, len(answer), 7):
                    writer.write(answer[start : start + 7])
                    await writer.drain()
            await reader.readuntil(b",")

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        address: Address = server.sockets[0].getsockname()
        link = await Link.to(address, events.append)
        try:
            yield link
        finally:
            await link.close()


async def test_answers_are_told_from_events_by_their_token() -> None:
    """An event that comes before the answer goes to the events, the answer to whoever asked."""
    events: list[Event] = []
    answer = netstring(event("CALL_RINGING")) + netstring(
        {"response": True, "ok": True, "data": " yes\n", "token": "1"}
    )
    async with fake_baresip([answer], events) as link:
        assert await link.command("hold") == "yes"
    assert [each["type"] for each in events] == ["CALL_RINGING"]


async def test_a_refusal_is_an_error_with_its_words() -> None:
    """What baresip says against a command is in the error."""
    answer = netstring({"response": True, "ok": False, "data": "command not found (x)", "token": "1"})
    async with fake_baresip([answer], []) as link:
        with pytest.raises(RefusedError, match=r"not found \(x\)"):
            await link.command("x", "1")


async def test_a_phone_that_ends_leaves_nobody_waiting() -> None:
    """Whoever waits for an answer when baresip ends learns so at once."""
    async with fake_baresip([], []) as link:
        with pytest.raises(PhoneGoneError, match="closed"):
            await link.command("hold")


async def test_a_command_that_baresip_would_cut_is_not_sent() -> None:
    """Baresip would carry out a part of a long command: it is refused here."""
    async with fake_baresip([], []) as link:
        with pytest.raises(RefusedError, match="longer"):
            await link.command("dial", "9" * 1000)
