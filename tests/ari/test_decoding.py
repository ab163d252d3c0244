import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervise.ari.client.decoding import TYPES, MalformedEventError, UnknownEventError, decode
from supervise.ari.client.events import NOISE, ChannelDestroyed, StasisStart
from supervise.ari.client.models import ChannelState
from supervise.ari.marks import EVENTS
from tests.ari.fake_switch import FakeChannel, now

pytestmark = pytest.mark.unit


def stasis_start(**channel: Any) -> dict[str, Any]:
    """A StasisStart as Asterisk writes it, with some of the channel's fields replaced."""
    whole = FakeChannel("c1", "PJSIP/200-00000001").json() | channel
    return {"type": "StasisStart", "timestamp": now(), "application": "a", "args": ["x"], "channel": whole}


def read(event: dict[str, Any]) -> StasisStart:
    """The StasisStart in a message."""
    decoded = decode(json.dumps(event).encode())
    assert isinstance(decoded, StasisStart)
    return decoded


def test_event_becomes_a_typed_value() -> None:
    """What Asterisk writes about a channel is what its event says, with real times and states."""
    event = read(stasis_start(state="Ringing", caller={"name": "Zoë", "number": "12"}))

    assert event.args == ("x",)
    assert event.channel.name == "PJSIP/200-00000001"
    assert event.channel.state is ChannelState.RINGING
    assert (event.channel.caller.name, event.channel.caller.number) == ("Zoë", "12")
    assert event.timestamp.utcoffset() is not None


def test_unknown_type_is_told_from_a_malformed_event() -> None:
    """A type that we do not read is no mistake of anybody, and its name is known."""
    with pytest.raises(UnknownEventError) as caught:
        decode(b'{"type": "ChannelUserevent", "value": 1}')

    assert caught.value.name == "ChannelUserevent"


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"{",
        b'{"type": null}',
        b'{"type": "StasisStart"}',
        b'{"type": "StasisEnd", "timestamp": "yesterday", "channel": {}}',
        b'{"type": "ChannelDtmfReceived", "timestamp": "2026-01-01T00:00:00.000+0000", "channel": [], "digit": 4}',
        b"\xff\xfe\x00",
        b'{"type": "StasisStart", "x": "\xc3\x28"}',
        b'{"type": "StasisStart", "x": "\\ud800"}',
        b"[" * 10_000,
        b'{"type": "StasisEnd", "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"type": "StasisEnd", "x": ' + b"9" * 10_000 + b"e99999}",
    ],
    ids=lambda message: message[:20].decode(errors="replace"),
)
def test_malformed_message_is_named_so(message: bytes) -> None:
    """Whatever is wrong with a message, it is one kind of error, quickly, and never a crash."""
    with pytest.raises(MalformedEventError):
        decode(message)


def test_malformed_event_says_where_but_never_what() -> None:
    """The log learns which field was wrong, not what a caller wrote into it."""
    event = stasis_start(caller="SECRET NAME")

    with pytest.raises(MalformedEventError) as caught:
        read(event)

    assert "StasisStart.channel.caller" in str(caught.value)
    assert "SECRET" not in str(caught.value)


@given(st.binary(max_size=300))
def test_any_bytes_are_an_event_or_a_named_error(message: bytes) -> None:
    """No message, however odd, raises anything but the two named errors."""
    try:
        decode(message)
    except (UnknownEventError, MalformedEventError):
        return


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["timestamp", "args", "channel", "replace_channel"]), json_values)
def test_any_value_in_any_field_is_an_event_or_a_named_error(name: str, value: Any) -> None:
    """A field of a known event may hold anything: the result is an event or a malformed one."""
    try:
        decode(json.dumps(stasis_start() | {name: value}).encode())
    except MalformedEventError:
        return


@given(st.sampled_from(["id", "name", "state", "caller", "connected", "dialplan", "creationtime"]), json_values)
def test_any_value_in_a_channel_is_an_event_or_a_named_error(name: str, value: Any) -> None:
    """The same, one level deeper."""
    try:
        read(stasis_start(**{name: value}))
    except MalformedEventError:
        return


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("two\r\nlines", "twolines"),
        ("nul\x00l", "null"),
        ("\u202egnp.exe", "gnp.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("n" * 10_000, "n" * 64),
        ("\x07" * 10_000 + "late", ""),
        ("José 北京 🎉", "José 北京 🎉"),
    ],
)
def test_text_of_callers_is_bounded_and_printable(given_name: str, kept: str) -> None:
    """A caller's name is text of at most 64 printable characters; escaping it for a page is the page's affair."""
    caller = {"name": given_name, "number": given_name}

    event = read(stasis_start(caller=caller, connected=caller))

    assert event.channel.caller.name == event.channel.connected.number == kept


@given(st.text())
def test_no_text_leaves_with_anything_unprintable(text: str) -> None:
    """What leaves the decoder can be written on one line of a log."""
    dialplan = {"context": text, "exten": text, "priority": 1, "app_name": text, "app_data": text}
    try:
        channel = read(stasis_start(name=text, accountcode=text, dialplan=dialplan)).channel
    except MalformedEventError:
        # Lone surrogates are no text.
        assert any("\ud800" <= character <= "\udfff" for character in text)
        return

    plan = channel.dialplan
    assert all(each.isprintable() for each in (channel.name, channel.accountcode, plan.exten, plan.app_data))


def test_id_is_never_altered() -> None:
    """An id goes back to Asterisk as it came: odd characters stay, one that Asterisk cannot have made is refused."""
    odd = "a b/c;2,\u202e"

    assert read(stasis_start(id=odd)).channel.id == odd
    with pytest.raises(MalformedEventError):
        read(stasis_start(id="x" * 152))


def test_texts_that_asterisk_leaves_null_are_empty() -> None:
    """A channel outside the dialplan has null for its place in it."""
    nothing = {"context": None, "exten": None, "priority": None, "app_name": None, "app_data": None}

    dialplan = read(stasis_start(dialplan=nothing)).channel.dialplan

    assert (dialplan.exten, dialplan.app_data, dialplan.priority) == ("", "", None)


def test_dialled_commas_do_not_lose_the_event() -> None:
    """Each comma that a caller dials makes one more argument; too many are cut off, the event stays."""
    event = read(stasis_start() | {"args": ["x"] * 500})

    assert event.args == ("x",) * 32


def test_state_of_a_later_asterisk_is_unknown() -> None:
    """A state that we have no word for does not make us deaf to the channel."""
    assert read(stasis_start(state="Teleporting")).channel.state is ChannelState.UNKNOWN


def test_fields_of_a_later_asterisk_are_ignored() -> None:
    """Fields that we do not know change nothing."""
    assert read(stasis_start(tenantid="t") | {"asterisk_id": "x", "new": [1]}).channel.id == "c1"


def test_cause_of_a_hangup_is_read() -> None:
    """The Q.850 cause arrives as a number."""
    event = decode(json.dumps(stasis_start() | {"type": "ChannelDestroyed", "cause": 17, "cause_txt": "Busy"}).encode())

    assert isinstance(event, ChannelDestroyed)
    assert event.cause == 17


def test_nothing_that_is_read_is_filtered() -> None:
    """What we ask Asterisk not to send over the main application is read over the one for marks, or not at all."""
    assert set(NOISE) & set(TYPES) == set(EVENTS)
