"""Asterisk's own description of ARI, against every request that we can send and every field that we read."""

import inspect
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import Any, Protocol, get_args, get_type_hints

import aiohttp
import pytest
import pytest_asyncio

from supervise.ari.client import models
from supervise.ari.client.channels import Channels, HangupReason, MuteDirection, SnoopDirection
from supervise.ari.client.decoding import TYPES
from supervise.ari.client.events import NOISE
from supervise.ari.client.resources import (
    Applications,
    Asterisk,
    Bridges,
    DeviceStates,
    DeviceStateValue,
    Endpoints,
    Playbacks,
)
from supervise.ari.client.transport import Request
from supervise.ari.marks import EVENTS

pytestmark = pytest.mark.telephony

Json = dict[str, Any]
Call = Callable[[Any], Awaitable[object]]
PAGES = ("channels", "bridges", "applications", "endpoints", "playbacks", "asterisk", "deviceStates", "events")
UNHEARD = {"ApplicationRegistered", "ApplicationUnregistered", "RESTResponse"}
"""Events that we neither read nor filter; they tell of applications, or answer requests made over the websocket."""
LOOSER_THERE = {
    ("ChannelEnteredBridge", "channel"),
    ("ChannelVarset", "channel"),
    ("AsteriskInfo", "system"),
    ("AsteriskInfo", "status"),
}
"""Fields that we insist on although Asterisk lets them be missing: without them there is nothing to tell."""
ANSWERS = (models.Application, models.AsteriskInfo, models.AsteriskPing, models.RTPstat, models.Variable)
WORDS = (
    (Request("POST", ("channels", "c", "snoop", "s")), "spy", SnoopDirection),
    (Request("POST", ("channels", "c", "snoop", "s")), "whisper", SnoopDirection),
    (Request("POST", ("channels", "c", "mute")), "direction", MuteDirection),
    (Request("DELETE", ("channels", "c", "mute")), "direction", MuteDirection),
    (Request("DELETE", ("channels", "c")), "reason", HangupReason),
    (Request("PUT", ("deviceStates", "d")), "deviceState", DeviceStateValue),
)
"""Parameters whose words are spelt out in our types."""


class Telephony(Protocol):
    """The part of the `asterisk` fixture that this module needs."""

    ari_url: str
    ari_user: str
    ari_password: str


class Sent(Exception):  # noqa: N818 - no error: it stands for the answer that this test does not need
    """Raised in place of an answer."""


class Recorder:
    """Remembers what would be sent."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    async def send(self, request: Request) -> bytes:
        """Remember, and go no further."""
        self.requests.append(request)
        raise Sent


CALLS: dict[type, dict[str, Call]] = {
    Channels: {
        "list": lambda channels: channels.list(),
        "get": lambda channels: channels.get("c"),
        "originate_with_id": lambda channels: channels.originate_with_id(
            "c",
            "Local/a@b",
            app_args="x",
            formats="ulaw",
            other_channel_id="d",
            originator="e",
            variables={"A": "b"},
            timeout=1,
            caller_id="1",
        ),
        "snoop_channel_with_id": lambda channels: channels.snoop_channel_with_id("c", "s", app_args="x"),
        "hangup": lambda channels: channels.hangup("c"),
        "answer": lambda channels: channels.answer("c"),
        "ring": lambda channels: channels.ring("c"),
        "mute": lambda channels: channels.mute("c"),
        "unmute": lambda channels: channels.unmute("c"),
        "start_silence": lambda channels: channels.start_silence("c"),
        "start_moh": lambda channels: channels.start_moh("c", "jazz"),
        "hold": lambda channels: channels.hold("c"),
        "unhold": lambda channels: channels.unhold("c"),
        "stop_silence": lambda channels: channels.stop_silence("c"),
        "continue_in_dialplan": lambda channels: channels.continue_in_dialplan("c", "a", "b", 1),
        "play_with_id": lambda channels: channels.play_with_id("c", "p", ["sound:a"], "en"),
        "get_channel_var": lambda channels: channels.get_channel_var("c", "X"),
        "set_channel_var": lambda channels: channels.set_channel_var("c", "X", "y"),
        "rtpstatistics": lambda channels: channels.rtpstatistics("c"),
    },
    Bridges: {
        "list": lambda bridges: bridges.list(),
        "get": lambda bridges: bridges.get("b"),
        "create_with_id": lambda bridges: bridges.create_with_id("b", "mixing", "n"),
        "destroy": lambda bridges: bridges.destroy("b"),
        "add_channel": lambda bridges: bridges.add_channel(
            "b", "c", absorb_dtmf=True, inhibit_connected_line_updates=True, mute=True, role="participant"
        ),
        "remove_channel": lambda bridges: bridges.remove_channel("b", "c"),
    },
    Applications: {
        "get": lambda applications: applications.get(),
        "subscribe": lambda applications: applications.subscribe(["channel:"]),
        "filter": lambda applications: applications.filter(NOISE, allowed=EVENTS),
    },
    Endpoints: {
        "list": lambda endpoints: endpoints.list(),
        "get": lambda endpoints: endpoints.get("PJSIP", "200"),
        "send_message_to_endpoint": lambda endpoints: endpoints.send_message_to_endpoint("PJSIP", "200", "a", "b"),
    },
    Playbacks: {"stop": lambda playbacks: playbacks.stop("p")},
    Asterisk: {"get_info": lambda asterisk: asterisk.get_info(), "ping": lambda asterisk: asterisk.ping()},
    DeviceStates: {
        "list": lambda states: states.list(),
        "get": lambda states: states.get("Stasis:x"),
        "update": lambda states: states.update("Stasis:x", "INUSE"),
        "delete": lambda states: states.delete("Stasis:x"),
    },
}
"""Every operation of ours, called with all the options it has."""


@dataclass(frozen=True, slots=True)
class Docs:
    """Asterisk's description of itself: one page for each resource."""

    pages: dict[str, Json]

    def operation(self, request: Request) -> Json:
        """The operation that a request asks for."""
        path = "/" + "/".join(request.segments)
        for page in self.pages.values():
            for api in page["apis"]:
                pattern = re.sub(r"\{\w+\}", "[^/]+", api["path"])
                for operation in api["operations"]:
                    if operation["httpMethod"] == request.method and re.fullmatch(pattern, path):
                        found: Json = operation
                        return found
        raise AssertionError(f"Asterisk has no {request.method} {path}")

    def parameter(self, request: Request, name: str) -> Json:
        """A parameter of the operation that a request asks for."""
        parameters = {each["name"]: each for each in self.operation(request).get("parameters", ())}
        found: Json = parameters[name]
        return found

    def model(self, name: str) -> Json:
        """The properties of a model, with those of the models that it is a subtype of."""
        properties: Json = {}
        for page in self.pages.values():
            for candidate, model in page.get("models", {}).items():
                if candidate == name or name in model.get("subTypes", ()):
                    properties |= model["properties"]
        assert properties, f"Asterisk has no model {name}"
        return properties


@pytest_asyncio.fixture(loop_scope="session")
async def docs(asterisk: Telephony) -> Docs:
    """The description of the Asterisk that runs."""
    headers = {"Authorization": aiohttp.encode_basic_auth(asterisk.ari_user, asterisk.ari_password)}
    pages = {}
    async with aiohttp.ClientSession(headers=headers) as session:
        for page in PAGES:
            async with session.get(f"{asterisk.ari_url}/ari/api-docs/{page}.json") as response:
                pages[page] = await response.json()
    return Docs(pages)


async def requests() -> list[tuple[str, Request]]:
    """What each operation of ours sends, with its name."""
    sent = []
    for kind, calls in CALLS.items():
        for name, call in calls.items():
            recorder = Recorder()
            with suppress(Sent):
                await call(kind(recorder, "app") if kind in (Channels, Applications) else kind(recorder))
            sent += [(name, request) for request in recorder.requests]
    return sent


async def test_every_operation_of_ours_is_called_here() -> None:
    """No operation can be added to the client without being compared with Asterisk."""
    for kind, calls in CALLS.items():
        public = {name for name, _ in inspect.getmembers(kind, inspect.iscoroutinefunction) if name[0] != "_"}
        assert set(calls) == public

    assert len(await requests()) == sum(map(len, CALLS.values()))


async def test_operations_and_parameters_exist(docs: Docs) -> None:
    """Each operation has the method, path, name and parameters that Asterisk describes, and all that are required."""
    for name, request in await requests():
        operation = docs.operation(request)
        assert _snake(operation["nickname"]) == name
        described = {each["name"]: each for each in operation.get("parameters", ())}
        query = {each for each, it in described.items() if it["paramType"] == "query"}
        body = {each for each, it in described.items() if it["paramType"] == "body"}
        required = {each for each, it in described.items() if it.get("required") and it["paramType"] == "query"}
        assert required <= set(request.query) <= query, name
        assert request.body is None or (body and (set(request.body) <= body or body == {"filter"})), name


def test_words_are_allowed(docs: Docs) -> None:
    """Each word that our types allow for a parameter is one that Asterisk allows."""
    for request, parameter, words in WORDS:
        allowed = set(docs.parameter(request, parameter)["allowableValues"]["values"])
        assert set(get_args(words)) - allowed == set(), request


def test_event_types_are_read_filtered_or_left_alone_knowingly(docs: Docs) -> None:
    """Each type that Asterisk can send is one that we read, filter, or have decided about; and ours all exist."""
    described = set(docs.pages["events"]["models"]["Event"]["subTypes"])

    assert set(TYPES) | set(NOISE) <= described
    assert described <= set(TYPES) | set(NOISE) | UNHEARD


def test_fields_exist(docs: Docs) -> None:
    """Each field that we read exists, down to the last; what we insist on is what Asterisk promises."""
    assert [mistake for kind in (*TYPES.values(), *ANSWERS) for mistake in _mistakes(docs, kind)] == []


def _snake(nickname: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", nickname).lower()


def _mistakes(docs: Docs, kind: type) -> Iterator[str]:
    """What a dataclass of ours says otherwise than Asterisk's model of the same name."""
    described = docs.model(kind.__name__)
    hints = get_type_hints(kind)
    for field in fields(kind):
        if field.name == "type":
            continue
        if field.name not in described:
            yield f"{kind.__name__}.{field.name} does not exist"
            continue
        insisted = field.default is MISSING and field.default_factory is MISSING
        if insisted and not described[field.name].get("required") and (kind.__name__, field.name) not in LOOSER_THERE:
            yield f"{kind.__name__}.{field.name} may be missing"
        for part in (hints[field.name], *get_args(hints[field.name])):
            if is_dataclass(part) and isinstance(part, type):
                if part.__name__ not in described[field.name]["type"]:
                    yield f"{kind.__name__}.{field.name} is a {described[field.name]['type']}"
                yield from _mistakes(docs, part)
