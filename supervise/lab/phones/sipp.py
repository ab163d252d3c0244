"""The scenarios that SIPp plays, in its own language (https://sipp.readthedocs.io/en/latest/scenarios/ownscenarios.html).

Field 0 of a line of its table is the user, field 1 whom they call, field 2 their password as SIPp wants it.
"""

from typing import Final

_HEAD: Final = '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="{name}">\n'

_CALLER: Final = """\
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[remote_ip]>;tag=[pid]x[call_number]
Call-ID: [call_id]
Contact: <sip:[field0]@[local_ip]:[local_port]>
Max-Forwards: 70"""

_ANSWER: Final = """\
[last_Via:]
[last_From:]
[last_To:];tag=[pid]x[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>"""

_SDP: Final = """\
Content-Type: application/sdp
Content-Length: [len]

v=0
o=load 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [{port}] RTP/AVP 0
a=rtpmap:0 PCMU/8000
a=ptime:20"""

_EMPTY: Final = "Content-Length: 0\n"


def _send(first_line: str, headers: str, rest: str, *, retrans: bool = False) -> str:
    again = ' retrans="500"' if retrans else ""
    return f"<send{again}><![CDATA[\n{first_line}\n{headers}\n{rest}\n]]></send>\n"


def _invite(number: int, port: str, more: str = "") -> str:
    headers = f"{_CALLER}\nTo: <sip:[field1]@[remote_ip]>\nCSeq: {number} INVITE{more}"
    target = "INVITE sip:[field1]@[remote_ip]:[remote_port] SIP/2.0"
    return _send(target, headers, _SDP.format(port=port), retrans=True)


def _within(method: str, number: int, *, retrans: bool = False) -> str:
    """A request of a call that is there: its To has the other side's tag."""
    headers = f"{_CALLER}\n[last_To:]\nCSeq: {number} {method}"
    return _send(f"{method} sip:[field1]@[remote_ip]:[remote_port] SIP/2.0", headers, _EMPTY, retrans=retrans)


def _recv(answer: int, *, optional: bool = False, auth: bool = False) -> str:
    more = (' optional="true"' if optional else "") + (' auth="true"' if auth else "")
    return f'<recv response="{answer}"{more} />\n'


REGISTER: Final = (
    _HEAD.format(name="register")
    + _send(
        "REGISTER sip:[remote_ip]:[remote_port] SIP/2.0",
        f"{_CALLER}\nTo: <sip:[field0]@[remote_ip]>\nCSeq: 1 REGISTER\nExpires: 3600",
        _EMPTY,
        retrans=True,
    )
    + _recv(100, optional=True)
    + _recv(401, auth=True)
    + _send(
        "REGISTER sip:[remote_ip]:[remote_port] SIP/2.0",
        f"{_CALLER}\nTo: <sip:[field0]@[remote_ip]>\nCSeq: 2 REGISTER\nExpires: 3600\n[field2]",
        _EMPTY,
        retrans=True,
    )
    + _recv(100, optional=True)
    + _recv(200)
    + "</scenario>\n"
)
"""Sign in from the port that `ANSWER` is going to listen on."""

ANSWER: Final = (
    _HEAD.format(name="answer")
    + '<recv request="INVITE" />\n'
    + _send("SIP/2.0 200 OK", _ANSWER, _SDP.format(port="media_port"), retrans=True)
    + '<recv request="ACK" />\n'
    + '<recv request="BYE" />\n'
    + _send("SIP/2.0 200 OK", _ANSWER, _EMPTY)
    + "</scenario>\n"
)
"""Take every call, and send back what is heard until the other side hangs up."""


def call(sound: str = "") -> str:
    """Call, stay for as long as the option -d says, and hang up.

    Args:
        sound: a file of bare PCMU to play over and over; without one, what is heard is sent back.
    """
    port = "rtpstream_audio_port" if sound else "media_port"
    play = f'<nop><action><exec rtp_stream="{sound},-1,0" /></action></nop>\n' if sound else ""
    answers = "".join(_recv(each, optional=True) for each in (100, 180, 183))
    return (
        _HEAD.format(name="call")
        + _invite(1, port)
        + _recv(100, optional=True)
        + _recv(401, auth=True)
        + _within("ACK", 1)
        + _invite(2, port, "\n[field2]")
        + answers
        + _recv(200)
        + _within("ACK", 2)
        + play
        + "<pause />\n"
        + _within("BYE", 3, retrans=True)
        + _recv(200)
        + "</scenario>\n"
    )
