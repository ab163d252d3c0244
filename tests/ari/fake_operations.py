"""A fake Asterisk's REST operations: requests to the switch, and what Asterisk answers."""

import asyncio
import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.ari.fake_switch import FakeChannel, FakeSwitch, Json, SwitchError, now

ALL = {
    "channel": "__AST_CHANNEL_ALL_TOPIC",
    "bridge": "__AST_BRIDGE_ALL_TOPIC",
    "endpoint": "__AST_ENDPOINT_ALL_TOPIC",
    "deviceState": "__AST_DEVICE_STATE_ALL_TOPIC",
}
NO_CONTENT: tuple[int, Any] = (204, None)


@dataclass(slots=True)
class Asked:
    """A request as it arrived.

    Attributes:
        raw: the request line's target, still percent-encoded.
        peer: the client's port: the same for all requests of one kept-alive connection.
    """

    method: str
    raw: str
    segments: tuple[str, ...]
    query: Mapping[str, str]
    body: Json
    headers: Mapping[str, str]
    peer: int


@dataclass(slots=True)
class FakeApp:
    """A registered application."""

    name: str
    sources: list[str] = field(default_factory=list)
    disallowed: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def wants(self, kind: str) -> bool:
        """Whether its filter lets a type of event through."""
        return kind not in self.disallowed and (not self.allowed or kind in self.allowed)

    def json(self) -> Json:
        """As Asterisk writes it."""
        ids: dict[str, list[str]] = {kind: [] for kind in ALL}
        for source in self.sources:
            kind, _, name = source.partition(":")
            ids[kind].append(name or ALL[kind])
        return {
            "name": self.name,
            "channel_ids": ids["channel"],
            "bridge_ids": ids["bridge"],
            "endpoint_ids": ids["endpoint"],
            "device_names": ids["deviceState"],
            "events_allowed": [{"type": name} for name in self.allowed],
            "events_disallowed": [{"type": name} for name in self.disallowed],
        }


Operation = Callable[["Operations", Asked], tuple[int, Any]]


class Operations:
    """What each method and path does.

    Attributes:
        start_delay: seconds from a snoop's or originate's answer to its StasisStart; negative is before the answer,
            None is never.
        play_delay: seconds that a playback lasts.
        on_originate: called with each originated channel, to play the dialplan's part; answers at once by default.
        on_continue: called with each channel that leaves for the dialplan.
    """

    def __init__(self, switch: FakeSwitch, apps: dict[str, FakeApp]) -> None:
        self.switch = switch
        self.apps = apps
        self._serial = itertools.count(1)
        self.start_delay: float | None = 0.001
        self.play_delay = 0.005
        self.on_originate: Callable[[FakeChannel, Asked], None] = lambda channel, _: switch.answer(channel.id)
        self.on_continue: Callable[[FakeChannel, Asked], None] = lambda _channel, _asked: None
        self.version = "22.10.1"
        self.started = now()
        self._later: set[asyncio.TimerHandle] = set()

    def perform(self, asked: Asked) -> tuple[int, Any]:
        """The status and JSON that Asterisk answers with."""
        line = f"{asked.method} /" + "/".join("*" if "/" in segment else segment for segment in asked.segments)
        for pattern, operation in TABLE:
            if pattern.fullmatch(line):
                try:
                    return operation(self, asked)
                except SwitchError as error:
                    return error.status, {"message": error.message}
        return 404, {"message": "Resource not found"}

    def close(self) -> None:
        """Let nothing more happen later."""
        for handle in self._later:
            handle.cancel()

    def _soon(self, delay: float, deed: Callable[[], None]) -> None:
        def do() -> None:
            self._later.discard(handle)
            deed()

        handle = asyncio.get_running_loop().call_later(delay, do)
        self._later.add(handle)

    def _start(self, channel: FakeChannel, asked: Asked) -> None:
        args = [arg for arg in asked.query.get("appArgs", "").split(",") if arg]

        def start() -> None:
            if channel.id in self.switch.channels and "app" in asked.query:
                self.switch.enter_stasis(channel.id, asked.query["app"], *args)

        if self.start_delay is None:
            return
        if self.start_delay < 0:
            start()
        else:
            self._soon(self.start_delay, start)

    def _list_channels(self, _asked: Asked) -> tuple[int, Any]:
        return 200, [channel.json() for channel in self.switch.channels.values()]

    def _get_channel(self, asked: Asked) -> tuple[int, Any]:
        return 200, self.switch.channel(asked.segments[1]).json()

    def _originate(self, asked: Asked) -> tuple[int, Any]:
        endpoint = asked.query["endpoint"]
        if "/" not in endpoint:
            raise SwitchError(400, "Invalid endpoint specified")
        suffix = f"-{next(self._serial):08x};1" if endpoint.startswith("Local/") else ""
        name = endpoint.removesuffix("/n") + suffix
        channel = self.switch.new_channel(asked.segments[1], name, state="Down")
        channel.variables |= asked.body.get("variables", {})
        self.on_originate(channel, asked)
        self._start(channel, asked)
        return 200, channel.json()

    def _snoop(self, asked: Asked) -> tuple[int, Any]:
        query = asked.query
        spy, whisper = query.get("spy", "none"), query.get("whisper", "none")
        channel = self.switch.new_snoop(asked.segments[1], asked.segments[3], spy, whisper)
        self._start(channel, asked)
        return 200, channel.json()

    def _hangup(self, asked: Asked) -> tuple[int, Any]:
        self.switch.hang_up(asked.segments[1])
        return NO_CONTENT

    def _answer(self, asked: Asked) -> tuple[int, Any]:
        self.switch.answer(self.switch.ours(asked.segments[1]).id)
        return NO_CONTENT

    def _nothing(self, asked: Asked) -> tuple[int, Any]:
        self.switch.ours(asked.segments[1])
        return NO_CONTENT

    def _mute(self, asked: Asked) -> tuple[int, Any]:
        channel, directions = self.switch.ours(asked.segments[1]), self._directions(asked)
        channel.muted |= directions
        return NO_CONTENT

    def _unmute(self, asked: Asked) -> tuple[int, Any]:
        channel, directions = self.switch.ours(asked.segments[1]), self._directions(asked)
        channel.muted -= directions
        return NO_CONTENT

    def _directions(self, asked: Asked) -> set[str]:
        direction = asked.query.get("direction", "both")
        if direction not in {"in", "out", "both"}:
            raise SwitchError(400, "Invalid direction specified")
        return {"in", "out"} if direction == "both" else {direction}

    def _continue(self, asked: Asked) -> tuple[int, Any]:
        channel = self.switch.ours(asked.segments[1])
        self.switch.leave_stasis(channel.id)
        self.on_continue(channel, asked)
        return NO_CONTENT

    def _play(self, asked: Asked) -> tuple[int, Any]:
        channel = self.switch.ours(asked.segments[1])
        media = asked.query["media"].split(",")
        channel.playing += media
        target = f"channel:{channel.id}"
        playback = {"id": asked.segments[3], "media_uri": media[0], "target_uri": target, "language": "en"}
        self.switch.event("PlaybackStarted", playback={**playback, "state": "playing"})
        ended = {**playback, "media_uri": media[-1], "state": "done"}
        self._soon(self.play_delay, lambda: self.switch.event("PlaybackFinished", playback=ended))
        return 201, {**playback, "state": "queued"}

    def _stop_playback(self, _asked: Asked) -> tuple[int, Any]:
        return NO_CONTENT

    def _get_variable(self, asked: Asked) -> tuple[int, Any]:
        channel, name = self.switch.channel(asked.segments[1]), asked.query["variable"]
        if name == "CHANNEL(name)":
            return 200, {"value": channel.name}
        if name not in channel.variables:
            raise SwitchError(404, "Provided variable was not found")
        return 200, {"value": channel.variables[name]}

    def _set_variable(self, asked: Asked) -> tuple[int, Any]:
        channel = self.switch.ours(asked.segments[1])
        channel.variables[asked.query["variable"]] = asked.query.get("value", "")
        return NO_CONTENT

    def _rtp_statistics(self, asked: Asked) -> tuple[int, Any]:
        if not self.switch.channel(asked.segments[1]).name.startswith("PJSIP/"):
            raise SwitchError(403, "Unsupported channel type")
        return 200, {"txcount": 100, "rxcount": 100, "txploss": 0, "rxploss": 0, "channel_uniqueid": asked.segments[1]}

    def _list_bridges(self, _asked: Asked) -> tuple[int, Any]:
        return 200, [bridge.json() for bridge in self.switch.bridges.values()]

    def _get_bridge(self, asked: Asked) -> tuple[int, Any]:
        return 200, self.switch.bridge(asked.segments[1]).json()

    def _create_bridge(self, asked: Asked) -> tuple[int, Any]:
        return 200, self.switch.new_bridge(asked.segments[1], name=asked.query.get("name", "")).json()

    def _destroy_bridge(self, asked: Asked) -> tuple[int, Any]:
        self.switch.destroy(self.switch.bridge(asked.segments[1], ours=True).id)
        return NO_CONTENT

    def _add_channel(self, asked: Asked) -> tuple[int, Any]:
        bridge = self.switch.bridge(asked.segments[1], ours=True)
        channel = self.switch.channels.get(asked.query["channel"])
        if channel is None:
            raise SwitchError(400, "Channel not found")
        if not channel.stasis:
            raise SwitchError(422, "Channel not in Stasis application")

        def enter() -> None:
            if {channel.id, bridge.id} <= {*self.switch.channels, *self.switch.bridges}:
                self.switch.enter(bridge.id, channel.id)

        self._soon(0, enter)
        return NO_CONTENT

    def _remove_channel(self, asked: Asked) -> tuple[int, Any]:
        bridge = self.switch.bridge(asked.segments[1], ours=True)
        channel = self.switch.channels.get(asked.query["channel"])
        if channel is None:
            raise SwitchError(400, "Channel not found")
        if channel.id not in bridge.members:
            raise SwitchError(422, "Channel not in this bridge")
        self.switch.leave(channel.id)
        return NO_CONTENT

    def _app(self, asked: Asked) -> FakeApp:
        if asked.segments[1] not in self.apps:
            raise SwitchError(404, "Application not found")
        return self.apps[asked.segments[1]]

    def _get_app(self, asked: Asked) -> tuple[int, Any]:
        return 200, self._app(asked).json()

    def _subscribe(self, asked: Asked) -> tuple[int, Any]:
        app = self._app(asked)
        for source in asked.query["eventSource"].split(","):
            if source.partition(":")[0] not in ALL:
                raise SwitchError(400, "Invalid event source specified")
            if source not in app.sources:
                app.sources.append(source)
        return 200, app.json()

    def _filter(self, asked: Asked) -> tuple[int, Any]:
        app = self._app(asked)
        app.disallowed = [rule["type"] for rule in asked.body.get("disallowed", ())]
        app.allowed = [rule["type"] for rule in asked.body.get("allowed", ())]
        return 200, app.json()

    def _endpoint(self, name: str) -> Json:
        if name not in self.switch.endpoints:
            raise SwitchError(404, "Endpoint not found")
        tech, _, resource = name.partition("/")
        state = self.switch.endpoints[name]
        return {"technology": tech, "resource": resource, "state": state, "channel_ids": []}

    def _list_endpoints(self, _asked: Asked) -> tuple[int, Any]:
        return 200, [self._endpoint(name) for name in self.switch.endpoints]

    def _get_endpoint(self, asked: Asked) -> tuple[int, Any]:
        return 200, self._endpoint("/".join(asked.segments[1:3]))

    def _send_message(self, asked: Asked) -> tuple[int, Any]:
        to = "/".join(asked.segments[1:3])
        self.switch.send_message(to, asked.query["from"], asked.query.get("body", ""))
        return 202, None

    def _list_device_states(self, _asked: Asked) -> tuple[int, Any]:
        return 200, [{"name": name, "state": state} for name, state in self.switch.device_states.items()]

    def _get_device_state(self, asked: Asked) -> tuple[int, Any]:
        name = "/".join(asked.segments[1:])
        reached = {"online": "NOT_INUSE", "offline": "UNAVAILABLE"}.get(self.switch.endpoints.get(name, ""), "UNKNOWN")
        return 200, {"name": name, "state": self.switch.device_states.get(name, reached)}

    def _update_device_state(self, asked: Asked) -> tuple[int, Any]:
        name = asked.segments[1]
        if not name.startswith("Stasis:"):
            raise SwitchError(409, "Uncontrolled device specified")
        self.switch.device_states[name] = asked.query["deviceState"]
        return NO_CONTENT

    def _delete_device_state(self, asked: Asked) -> tuple[int, Any]:
        self.switch.device_states.pop(asked.segments[1], None)
        return NO_CONTENT

    def _info(self, _asked: Asked) -> tuple[int, Any]:
        system = {"version": self.version, "entity_id": "02:00:00:00:00:01"}
        return 200, {"system": system, "status": {"startup_time": self.started, "last_reload_time": self.started}}

    def _ping(self, _asked: Asked) -> tuple[int, Any]:
        return 200, {"ping": "pong", "timestamp": now(), "asterisk_id": "02:00:00:00:00:01"}


_LINES: dict[str, Operation] = {
    "GET /channels": Operations._list_channels,
    "GET /channels/{}": Operations._get_channel,
    "POST /channels/{}": Operations._originate,
    "DELETE /channels/{}": Operations._hangup,
    "POST /channels/{}/snoop/{}": Operations._snoop,
    "POST /channels/{}/answer": Operations._answer,
    "POST /channels/{}/ring": Operations._nothing,
    "POST /channels/{}/mute": Operations._mute,
    "DELETE /channels/{}/mute": Operations._unmute,
    "POST /channels/{}/moh": Operations._nothing,
    "POST /channels/{}/hold": Operations._nothing,
    "POST /channels/{}/silence": Operations._nothing,
    "DELETE /channels/{}/silence": Operations._nothing,
    "POST /channels/{}/continue": Operations._continue,
    "POST /channels/{}/play/{}": Operations._play,
    "GET /channels/{}/variable": Operations._get_variable,
    "POST /channels/{}/variable": Operations._set_variable,
    "GET /channels/{}/rtp_statistics": Operations._rtp_statistics,
    "GET /bridges": Operations._list_bridges,
    "GET /bridges/{}": Operations._get_bridge,
    "POST /bridges/{}": Operations._create_bridge,
    "DELETE /bridges/{}": Operations._destroy_bridge,
    "POST /bridges/{}/addChannel": Operations._add_channel,
    "POST /bridges/{}/removeChannel": Operations._remove_channel,
    "DELETE /playbacks/{}": Operations._stop_playback,
    "GET /applications/{}": Operations._get_app,
    "POST /applications/{}/subscription": Operations._subscribe,
    "PUT /applications/{}/eventFilter": Operations._filter,
    "GET /endpoints": Operations._list_endpoints,
    "GET /endpoints/{}/{}": Operations._get_endpoint,
    "PUT /endpoints/{}/{}/sendMessage": Operations._send_message,
    "GET /deviceStates": Operations._list_device_states,
    "GET /deviceStates/{}": Operations._get_device_state,
    "PUT /deviceStates/{}": Operations._update_device_state,
    "DELETE /deviceStates/{}": Operations._delete_device_state,
    "GET /asterisk/info": Operations._info,
    "GET /asterisk/ping": Operations._ping,
}
TABLE = [(re.compile(line.replace("{}", "[^/]+")), operation) for line, operation in _LINES.items()]
