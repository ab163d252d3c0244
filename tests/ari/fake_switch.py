"""The inside of a fake Asterisk: channels, bridges and what becomes of them, told as events.

As close to 22.10.1 as supervision needs, and no closer: the answers and the order of events were compared with a
real one.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
Tell = Callable[[Json], None]
NORMAL_CLEARING = 16
TWO = 2


class SwitchError(Exception):
    """The switch refuses, with the status and message of Asterisk."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message


def now() -> str:
    """The time as Asterisk writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


@dataclass(slots=True)
class FakeChannel:
    """A channel."""

    id: str
    name: str
    state: str = "Up"
    caller: tuple[str, str] = ("", "")
    connected: tuple[str, str] = ("", "")
    dialplan: Json = field(default_factory=dict)
    stasis: str = ""
    """The application it is in, if any."""
    bridge: str = ""
    snooped: str = ""
    spy: str = "none"
    whisper: str = "none"
    muted: set[str] = field(default_factory=set)
    variables: dict[str, str] = field(default_factory=dict)
    playing: list[str] = field(default_factory=list)
    """Everything that was ever played to it, for tests to look at."""
    created: str = field(default_factory=now)

    def json(self) -> Json:
        """As Asterisk writes it."""
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "protocol_id": "",
            "caller": {"name": self.caller[0], "number": self.caller[1]},
            "connected": {"name": self.connected[0], "number": self.connected[1]},
            "accountcode": "",
            "dialplan": {"context": "", "exten": "s", "priority": 1, "app_name": "", "app_data": "", **self.dialplan},
            "creationtime": self.created,
            "language": "en",
        }


@dataclass(slots=True)
class FakeBridge:
    """A bridge."""

    id: str
    bridge_class: str = "stasis"
    name: str = ""
    members: list[str] = field(default_factory=list)
    technology: str = ""
    """As long as it is set, what it is whoever is in it."""
    created: str = field(default_factory=now)

    def json(self) -> Json:
        """As Asterisk writes it."""
        return {
            "id": self.id,
            "technology": self.technology or ("simple_bridge" if len(self.members) <= TWO else "softmix"),
            "bridge_type": "mixing",
            "bridge_class": self.bridge_class,
            "creator": "Stasis" if self.bridge_class == "stasis" else "",
            "name": self.name,
            "channels": list(self.members),
            "creationtime": self.created,
            "video_mode": "none",
        }


class FakeSwitch:
    """All channels and bridges; whatever happens to them goes to `tell`."""

    def __init__(self, tell: Tell) -> None:
        self.channels: dict[str, FakeChannel] = {}
        self.bridges: dict[str, FakeBridge] = {}
        self.device_states: dict[str, str] = {}
        self.endpoints: dict[str, str] = {}
        self.messages: list[tuple[str, str, str]] = []
        """SIP MESSAGEs sent: to, from, body."""
        self._tell = tell
        self._serial = itertools.count(1)

    def event(self, kind: str, **fields: Any) -> None:
        """Tell that something happened."""
        self._tell({"type": kind, "timestamp": now(), **fields})

    def _of(self, kind: str, channel: FakeChannel, **fields: Any) -> None:
        self.event(kind, channel=channel.json(), **fields)

    def channel(self, channel_id: str) -> FakeChannel:
        """A channel that must exist."""
        if channel_id not in self.channels:
            raise SwitchError(404, "Channel not found")
        return self.channels[channel_id]

    def ours(self, channel_id: str) -> FakeChannel:
        """A channel that must be in an application."""
        channel = self.channel(channel_id)
        if not channel.stasis:
            raise SwitchError(409, "Channel not in Stasis application")
        return channel

    def bridge(self, bridge_id: str, *, ours: bool = False) -> FakeBridge:
        """A bridge that must exist, and perhaps be one made over ARI."""
        if bridge_id not in self.bridges:
            raise SwitchError(404, "Bridge not found")
        bridge = self.bridges[bridge_id]
        if ours and bridge.bridge_class != "stasis":
            raise SwitchError(409, "Bridge not in Stasis application")
        return bridge

    # What phones do.

    def new_channel(self, channel_id: str, name: str, **fields: Any) -> FakeChannel:
        """A channel appears; a name without a ``-`` gets the suffix that Asterisk gives."""
        if channel_id in self.channels:
            raise SwitchError(409, "Channel with given unique ID already exists")
        full = name if "-" in name else f"{name}-{next(self._serial):08x}"
        channel = self.channels[channel_id] = FakeChannel(channel_id, full, **fields)
        self._of("ChannelCreated", channel)
        return channel

    def answer(self, channel_id: str) -> None:
        """A channel is up."""
        channel = self.channel(channel_id)
        if channel.state != "Up":
            channel.state = "Up"
            self._of("ChannelStateChange", channel)

    def call(self, bridge_id: str, *channel_ids: str) -> FakeBridge:
        """Channels talk in a bridge of Dial()."""
        bridge = self.new_bridge(bridge_id, bridge_class="basic")
        for channel_id in channel_ids:
            self.enter(bridge_id, channel_id)
        return bridge

    def press(self, channel_id: str, digits: str, milliseconds: int = 100) -> None:
        """A phone's keys are pressed."""
        for digit in digits:
            self._of("ChannelDtmfReceived", self.channel(channel_id), digit=digit, duration_ms=milliseconds)

    def hold(self, channel_id: str, *, held: bool = True) -> None:
        """A phone puts the other side on hold, or takes it back."""
        self._of("ChannelHold" if held else "ChannelUnhold", self.channel(channel_id))

    def enter_stasis(self, channel_id: str, app: str, *args: str) -> None:
        """A channel's dialplan runs Stasis()."""
        channel = self.channel(channel_id)
        channel.stasis = app
        channel.dialplan |= {"app_name": "Stasis", "app_data": ",".join((app, *args))}
        self._of("StasisStart", channel, args=list(args))

    def leave_stasis(self, channel_id: str) -> None:
        """A channel goes on in the dialplan."""
        channel = self.channel(channel_id)
        self.leave(channel_id)
        channel.dialplan |= {"app_name": "", "app_data": ""}
        self._of("StasisEnd", channel)
        channel.stasis = ""

    def hang_up(self, channel_id: str, cause: int = NORMAL_CLEARING) -> None:
        """A channel ends, and with it its snoops, its other half, and the call that it leaves alone."""
        channel = self.channel(channel_id)
        self._of("ChannelHangupRequest", channel, cause=cause)
        bridge = self.bridges.get(channel.bridge)
        self.leave(channel_id)
        if channel.stasis:
            self._of("StasisEnd", channel)
        del self.channels[channel_id]
        for snoop in [each.id for each in self.channels.values() if each.snooped == channel_id]:
            self.hang_up(snoop)
        for half in [each.id for each in self.channels.values() if _are_halves(each.name, channel.name)]:
            self.hang_up(half)
        self._of("ChannelDestroyed", channel, cause=cause, cause_txt="Normal Clearing")
        if bridge is not None and bridge.bridge_class == "basic" and len(bridge.members) < TWO:
            for alone in list(bridge.members):
                self.hang_up(alone)
            if bridge.id in self.bridges:
                self.destroy(bridge.id)

    # Bridges.

    def new_bridge(self, bridge_id: str, *, bridge_class: str = "stasis", name: str = "") -> FakeBridge:
        """A bridge appears."""
        if bridge_id in self.bridges:
            raise SwitchError(409, f"Bridge with id '{bridge_id}' already exists")
        bridge = self.bridges[bridge_id] = FakeBridge(bridge_id, bridge_class, name)
        self.event("BridgeCreated", bridge=bridge.json())
        return bridge

    def enter(self, bridge_id: str, channel_id: str) -> None:
        """A channel joins a bridge, out of the one it was in."""
        channel, bridge = self.channel(channel_id), self.bridge(bridge_id)
        if channel.bridge == bridge_id:
            return
        self.leave(channel_id)
        bridge.members.append(channel_id)
        channel.bridge = bridge_id
        self._of("ChannelEnteredBridge", channel, bridge=bridge.json())

    def leave(self, channel_id: str) -> None:
        """A channel leaves the bridge it is in, if any."""
        channel = self.channel(channel_id)
        bridge = self.bridges.get(channel.bridge)
        if bridge is not None:
            bridge.members.remove(channel_id)
            channel.bridge = ""
            self._of("ChannelLeftBridge", channel, bridge=bridge.json())

    def destroy(self, bridge_id: str) -> None:
        """A bridge goes; its channels stay."""
        bridge = self.bridge(bridge_id)
        for channel_id in list(bridge.members):
            self.leave(channel_id)
        del self.bridges[bridge_id]
        self.event("BridgeDestroyed", bridge=bridge.json())

    def new_snoop(self, snooped: str, snoop_id: str, spy: str, whisper: str) -> FakeChannel:
        """A snoop appears on a channel; it is in no application yet."""
        target = self.channel(snooped)
        if spy == whisper == "none":
            raise SwitchError(400, "Direction must be specified for at least spy or whisper")
        if snoop_id in self.channels:
            raise SwitchError(500, "Snoop channel could not be created")
        name = f"Snoop/{target.id}-{next(self._serial):08x}"
        return self.new_channel(snoop_id, name, snooped=snooped, spy=spy, whisper=whisper)

    def send_message(self, to: str, from_: str, body: str) -> None:
        """A SIP MESSAGE goes out."""
        if to not in self.endpoints:
            raise SwitchError(404, "Endpoint not found")
        self.messages.append((to, from_, body))


def _are_halves(one: str, other: str) -> bool:
    return one.startswith("Local/") and one != other and one[:-1] == other[:-1]
