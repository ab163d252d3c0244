import asyncio
import base64
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from supervise.ari import (
    Access,
    Ari,
    AriError,
    BadAnswerError,
    ConnectionLostError,
    ExistsError,
    NotFoundError,
    NotInStasisError,
    RefusedError,
    ServerFaultError,
    TimedOutError,
    Tuning,
    UnauthorizedError,
    UnsendableError,
)
from supervise.ari.client.transport import Request
from tests.ari.consumer import QUICK, eventually
from tests.ari.fake_ari import PASSWORD, Body, Delay, DropReply, FakeAri, Never, Status

pytestmark = pytest.mark.unit

ODD = "a/b?c=d&e#f%2e;2 é+\n,"
"""An id with everything in it that means something in a URL."""


async def test_odd_ids_and_texts_arrive_unharmed(fake: FakeAri) -> None:
    """Ids travel percent-encoded in the path, texts in the query, and Asterisk sees what we meant."""
    fake.switch.new_channel(ODD, "PJSIP/odd")
    async with Ari(fake.access) as ari:
        channel = await ari.channels.get(ODD)
        await ari.endpoints.send_message_to_endpoint("PJSIP", "200", from_="pbx+1 <x>", body="50 % & more = fun, Ünal")

    assert channel.id == ODD
    assert fake.asked[0].raw == "/ari/channels/a%2Fb%3Fc%3Dd%26e%23f%252e%3B2%20%C3%A9%2B%0A%2C"
    assert fake.switch.messages == [("PJSIP/200", "pbx+1 <x>", "50 % & more = fun, Ünal")]


@given(st.text(min_size=1, max_size=40).filter(lambda name: name not in {".", ".."} and name.isprintable()))
def test_no_id_can_leave_its_place_in_the_path(name: str) -> None:
    """Whatever an id is, it stays one segment of the path and brings no query with it."""
    target = Request("GET", ("channels", name)).target

    assert target.count("/") == 2
    assert not set("?#& ") & set(target)


@pytest.mark.parametrize(
    "call",
    [
        lambda ari: ari.channels.hangup(""),
        lambda ari: ari.channels.get("."),
        lambda ari: ari.bridges.destroy(".."),
        lambda ari: ari.channels.play_with_id("agent", "p", ["sound:a,sound:b"]),
        lambda ari: ari.channels.set_channel_var("agent", "X", "v" * 5000),
        lambda ari: ari.channels.originate_with_id("new", "PJSIP/200", variables={"X": "v" * 50_000}),
    ],
)
async def test_what_asterisk_would_misread_is_not_sent(fake: FakeAri, call: Callable[[Ari], Awaitable[object]]) -> None:
    """An id that would mean the whole list, a comma that would make two, a line too long: refused before sending."""
    async with Ari(fake.access) as ari:
        with pytest.raises(UnsendableError):
            await call(ari)

    assert fake.asked == []


async def test_password_is_in_the_header_and_nowhere_else(fake: FakeAri) -> None:
    """No URL, no log line, no error and no repr has the password, plain or encoded."""
    fake.refuse = 503
    encoded = base64.b64encode(f"supervise:{PASSWORD}".encode()).decode()
    errors: list[BaseException | None] = []
    with capture_logs() as logs:
        async with Ari(fake.access, tuning=QUICK) as ari:
            await anext(ari.events())
            for fault in (Status(401), Status(500), Never(), DropReply()):
                fake.heal()
                fake.on("GET", "/channels", fault)
                with pytest.raises(AriError) as caught:
                    await ari.channels.list()
                errors += [caught.value, caught.value.__cause__, caught.value.__context__]

    assert {asked.headers["Authorization"] for asked in fake.asked} == {f"Basic {encoded}"}
    shown = [repr(fake.access), *(asked.raw for asked in fake.asked), *map(str, logs), *map(repr, errors)]
    assert not [text for text in shown if PASSWORD in text or encoded in text]


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (400, "Invalid direction specified", RefusedError),
        (401, "Authentication required", UnauthorizedError),
        (403, "Write access denied", UnauthorizedError),
        (403, "Unsupported channel type", RefusedError),
        (404, "Channel not found", NotFoundError),
        (405, "Unsupported method", RefusedError),
        (409, "Channel not in Stasis application", NotInStasisError),
        (409, "Bridge with id 'x' already exists", ExistsError),
        (412, "Channel in invalid state", RefusedError),
        (422, "Channel not in Stasis application", NotInStasisError),
        (500, "Snoop channel could not be created", ServerFaultError),
        (503, "Asterisk not booted", ServerFaultError),
        (302, "elsewhere", BadAnswerError),
    ],
)
async def test_each_status_is_its_own_error(fake: FakeAri, status: int, message: str, kind: type[AriError]) -> None:
    """An error says what was tried, which status came, and what Asterisk said; its kind is what to do about it."""
    fake.on("POST", "/channels/agent/mute", Status(status, message))
    async with Ari(fake.access) as ari:
        with pytest.raises(AriError) as caught:
            await ari.channels.mute("agent", "in")

    error = caught.value
    assert type(error) is kind
    assert (error.method, error.path, error.status) == ("POST", "/channels/agent/mute", status)
    assert str(error) == f"POST /channels/agent/mute answered {status}: {message}"


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[1]", b"<html>", b'[{"id": 5}]', b"\xff", b"[" * 5000, b"x" * (2 * 1024 * 1024)]
)
async def test_answer_that_makes_no_sense_is_named_so(fake: FakeAri, body: bytes) -> None:
    """A list of channels that is none, or is larger than we read, is a bad answer, of which nothing is used."""
    fake.on("GET", "/channels", Body(body))
    async with Ari(fake.access, tuning=replace(QUICK, list_bytes=1024 * 1024)) as ari:
        with pytest.raises(BadAnswerError) as caught:
            await ari.channels.list()

    assert caught.value.may_be_done


async def test_answer_is_bounded_in_size(fake: FakeAri) -> None:
    """An answer that would be good but for its size is not read to its end."""
    fake.on("GET", "/channels", Body(b"[]" + b" " * (2 * 1024 * 1024)))
    async with Ari(fake.access, tuning=replace(QUICK, list_bytes=1024 * 1024)) as ari:
        with pytest.raises(BadAnswerError, match="over 1048576 bytes"):
            await ari.channels.list()


async def test_password_is_not_carried_elsewhere(fake: FakeAri) -> None:
    """An answer that sends us to another address is no answer, and the other address hears nothing of us."""
    async with FakeAri() as other, Ari(fake.access) as ari:
        fake.on("GET", "/ping", Status(302, headers={"Location": f"{other.access.base}/asterisk/ping"}))
        with pytest.raises(BadAnswerError):
            await ari.asterisk.ping()

        assert other.asked == []


async def test_error_page_without_json_is_still_told(fake: FakeAri) -> None:
    """Asterisk's web server answers in HTML; the status tells enough."""
    async with Ari(replace(fake.access, url=fake.access.url + "/nowhere")) as ari:
        with pytest.raises(NotFoundError) as caught:
            await ari.asterisk.ping()

    assert caught.value.message == "no message"


@pytest.mark.parametrize("fault", [Never(), Delay(5.0)])
async def test_answer_that_does_not_come_times_out(fake: FakeAri, fault: Never | Delay) -> None:
    """After the time allowed the caller has an error that says it may be done; the connection is not used again."""
    fake.on("POST", "/channels/agent/mute", fault, times=1)
    fake.switch.enter_stasis("agent", "supervise")
    async with Ari(fake.access, tuning=replace(QUICK, request_seconds=0.1)) as ari:
        with pytest.raises(TimedOutError) as caught:
            await ari.channels.mute("agent", "in")
        await ari.channels.mute("agent", "in")

    assert caught.value.may_be_done
    assert fake.asked[0].peer != fake.asked[1].peer


async def test_slow_answer_within_the_time_is_good(fake: FakeAri) -> None:
    """An answer that takes a while is waited for."""
    fake.on("GET", "/channels/agent", Delay(0.05))
    async with Ari(fake.access, tuning=QUICK) as ari:
        assert (await ari.channels.get("agent")).id == "agent"


async def test_lost_answer_is_told_and_the_deed_not_repeated(fake: FakeAri) -> None:
    """Asterisk made the snoop, its answer was lost: the caller must look, and asking again finds the id taken."""
    async with Ari(fake.access) as ari:
        await ari.asterisk.ping()
        fake.on("POST", "/snoop/", DropReply(), times=1)
        with pytest.raises(ConnectionLostError) as caught:
            await ari.channels.snoop_channel_with_id("agent", "ear-1")
        with pytest.raises(ServerFaultError):
            await ari.channels.snoop_channel_with_id("agent", "ear-1")

    assert caught.value.may_be_done
    assert len(fake.paths("POST")) == 2
    assert fake.switch.channels["ear-1"].snooped == "agent"


async def test_nobody_there_is_a_lost_connection(fake: FakeAri) -> None:
    """With Asterisk down every operation says so at once."""
    async with Ari(fake.access) as ari:
        await fake.stop()
        with pytest.raises(ConnectionLostError):
            await ari.asterisk.ping()


async def test_closed_client_sends_nothing(fake: FakeAri) -> None:
    """After the `async with` an operation is a lost connection, and before it a mistake."""
    ari = Ari(fake.access)
    with pytest.raises(RuntimeError):
        await ari.asterisk.ping()
    async with ari:
        pass
    with pytest.raises(ConnectionLostError):
        await ari.asterisk.ping()

    assert fake.asked == []


async def test_connections_are_kept_alive(fake: FakeAri) -> None:
    """Requests one after another share one connection."""
    async with Ari(fake.access) as ari:
        for _ in range(20):
            await ari.asterisk.ping()

    assert len({asked.peer for asked in fake.asked}) == 1


async def test_burst_shares_the_pool(fake: FakeAri) -> None:
    """More requests at once than connections: all are answered, over no more connections than the pool has."""
    fake.on("GET", "/asterisk/ping", Delay(0.01))
    async with Ari(fake.access, tuning=Tuning(connections=8)) as ari:
        await asyncio.gather(*(ari.asterisk.ping() for _ in range(40)))

    assert len(fake.asked) == 40
    assert len({asked.peer for asked in fake.asked}) == 8


async def test_options_are_sent_under_asterisks_names(fake: FakeAri) -> None:
    """Options left out are not sent; those given arrive under the names of Asterisk's parameters."""
    async with Ari(fake.access) as ari:
        await ari.channels.originate_with_id(
            "seat",
            "Local/seat@supervise/n",
            app_args="seat,s1",
            formats="ulaw",
            other_channel_id="seat-other",
            variables={"SEAT": "agent"},
            timeout=5,
        )
        await ari.bridges.create_with_id("room", name="a room")
        await eventually(lambda: fake.switch.channels["seat"].stasis == "supervise")
        await ari.bridges.add_channel("room", "seat", absorb_dtmf=True, mute=False)

    assert fake.asked[0].query == {
        "endpoint": "Local/seat@supervise/n",
        "app": "supervise",
        "appArgs": "seat,s1",
        "formats": "ulaw",
        "otherChannelId": "seat-other",
        "timeout": "5",
    }
    assert fake.asked[0].body == {"variables": {"SEAT": "agent"}}
    assert fake.asked[1].query == {"type": "mixing", "name": "a room"}
    assert fake.asked[2].query == {"channel": "seat", "absorbDTMF": "true", "mute": "false"}


async def test_every_operation_is_understood(fake: FakeAri) -> None:
    """Each operation reaches the one it is named after, and its answer is read."""
    fake.switch.channels["agent"].variables["X"] = "y"
    fake.switch.enter_stasis("agent", "supervise")
    fake.operations.on_originate = lambda _channel, _asked: None
    async with Ari(fake.access) as ari:
        channels = ari.channels
        for deed in (channels.answer, channels.ring):
            await deed("agent")
        await channels.mute("agent", "in")
        assert fake.switch.channels["agent"].muted == {"in"}
        await channels.unmute("agent", "in")
        assert await channels.get_channel_var("agent", "X") == "y"
        await channels.set_channel_var("agent", "TIMEOUT(absolute)", "10")
        assert (await channels.rtpstatistics("agent")).rxcount == 100
        assert (await channels.play_with_id("agent", "p1", ["sound:a", "sound:b"])).id == "p1"
        await ari.playbacks.stop("p1")
        await ari.bridges.create_with_id("room")
        await ari.bridges.add_channel("room", "agent")
        await eventually(lambda: fake.switch.bridges["room"].members == ["agent"])
        await ari.bridges.remove_channel("room", "agent")
        assert (await ari.bridges.get("room")).channels == ()
        assert {bridge.id for bridge in await ari.bridges.list()} >= {"room", "call"}
        await ari.bridges.destroy("room")
        await channels.continue_in_dialplan("agent", "agents", "200", 1)
        assert await _listed(ari) == {"agent", "customer"}
        await channels.hangup("agent")
        assert (await ari.endpoints.get("PJSIP", "200")).state == "online"
        assert len(await ari.endpoints.list()) == 1
        await ari.device_states.update("Stasis:200", "INUSE")
        assert [state.state for state in await ari.device_states.list()] == ["INUSE"]
        await ari.device_states.delete("Stasis:200")
        assert (await ari.asterisk.get_info()).system.version == "22.10.1"

    assert fake.switch.device_states == {}
    assert ari.counters.failures == 0
    assert ari.counters.requests == len(fake.asked)


async def _listed(ari: Ari) -> set[str]:
    return {channel.id for channel in await ari.channels.list()}


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "127.0.0.1:8088"},
        {"url": "ftp://127.0.0.1"},
        {"url": "http://supervise:secret@127.0.0.1:8088"},
        {"url": "http://127.0.0.1:8088?api_key=a:b"},
        {"user": "a:b"},
    ],
)
def test_address_with_credentials_or_without_sense_is_refused(wrong: dict[str, Any]) -> None:
    """A password must not get into a URL by way of the settings, and the refusal does not repeat it."""
    right: dict[str, Any] = {"node": "pbx", "url": "http://h", "user": "u", "password": "p", "app": "a"}
    with pytest.raises(ValueError, match="of pbx") as caught:
        Access(**(right | wrong))

    assert "secret" not in str(caught.value)


def test_prefix_of_the_web_server_is_kept() -> None:
    """An Asterisk whose http.conf has a prefix is reached below it, with or without a slash at the end."""
    access = Access("pbx", "https://pbx.example/asterisk/", "u", "p", "my app&x")

    assert access.base == "https://pbx.example/asterisk/ari"
    assert str(access.events_url) == "wss://pbx.example/asterisk/ari/events?app=my%20app%26x&subscribeAll=false"
