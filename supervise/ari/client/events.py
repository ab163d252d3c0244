"""Asterisk's events that we read.

Names and fields are those of Asterisk's ``rest-api/api-docs/events.json``; fields that we do not use are left out.
`NOISE` names the types that we ask Asterisk not to send at all.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from supervise.ari.client.models import (
    Args,
    Bridge,
    Channel,
    Data,
    DeviceState,
    Id,
    Label,
    Name,
    Playback,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    """What every event has: when it happened, in Asterisk's clock."""

    timestamp: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfChannel(_Message):
    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfBridge(_Message):
    bridge: Bridge


@dataclass(frozen=True, slots=True, kw_only=True)
class StasisStart(_OfChannel):
    """A channel is ours now; `replace_channel` is the one whose place it took."""

    type: Literal["StasisStart"] = "StasisStart"
    args: Args
    replace_channel: Channel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StasisEnd(_OfChannel):
    """A channel is no longer ours."""

    type: Literal["StasisEnd"] = "StasisEnd"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCreated(_OfChannel):
    """A channel exists."""

    type: Literal["ChannelCreated"] = "ChannelCreated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStateChange(_OfChannel):
    """A channel rings, is answered, and so on."""

    type: Literal["ChannelStateChange"] = "ChannelStateChange"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDestroyed(_OfChannel):
    """A channel exists no more; `cause` is a Q.850 code."""

    type: Literal["ChannelDestroyed"] = "ChannelDestroyed"
    cause: int
    cause_txt: Label = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHangupRequest(_OfChannel):
    """Somebody hangs the channel up."""

    type: Literal["ChannelHangupRequest"] = "ChannelHangupRequest"
    cause: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEnteredBridge(_OfBridge):
    """A channel is in a bridge. Asterisk's model lets the channel be missing; then there is nothing to tell."""

    type: Literal["ChannelEnteredBridge"] = "ChannelEnteredBridge"
    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLeftBridge(_OfBridge):
    """A channel is out of a bridge."""

    type: Literal["ChannelLeftBridge"] = "ChannelLeftBridge"
    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDtmfReceived(_OfChannel):
    """A key was released after `duration_ms`; one press may be told twice."""

    type: Literal["ChannelDtmfReceived"] = "ChannelDtmfReceived"
    digit: Label
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHold(_OfChannel):
    """A phone put the other side on hold; `musicclass` is the music that it asks for, if it does."""

    type: Literal["ChannelHold"] = "ChannelHold"
    musicclass: Label = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelUnhold(_OfChannel):
    """A phone took the other side back."""

    type: Literal["ChannelUnhold"] = "ChannelUnhold"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelConnectedLine(_OfChannel):
    """Whom the channel is connected to, as its phone shows it, has changed."""

    type: Literal["ChannelConnectedLine"] = "ChannelConnectedLine"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCallerId(_OfChannel):
    """A channel's caller id has changed."""

    type: Literal["ChannelCallerId"] = "ChannelCallerId"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelVarset(_OfChannel):
    """A variable was set; only the application for marks is told (`supervise.ari.marks`)."""

    type: Literal["ChannelVarset"] = "ChannelVarset"
    variable: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeCreated(_OfBridge):
    """A bridge exists."""

    type: Literal["BridgeCreated"] = "BridgeCreated"


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeDestroyed(_OfBridge):
    """A bridge exists no more."""

    type: Literal["BridgeDestroyed"] = "BridgeDestroyed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeMerged(_OfBridge):
    """All channels of `bridge_from` are now in `bridge`."""

    type: Literal["BridgeMerged"] = "BridgeMerged"
    bridge_from: Bridge


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeBlindTransfer(_OfChannel):
    """`channel` sent the others of its bridge to an extension."""

    type: Literal["BridgeBlindTransfer"] = "BridgeBlindTransfer"
    exten: Name
    context: Name
    result: Label
    is_external: bool
    bridge: Bridge | None = None
    replace_channel: Channel | None = None
    transferee: Channel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeAttendedTransfer(_Message):
    """Somebody joined two of their calls and left; which fields are set depends on `destination_type`."""

    type: Literal["BridgeAttendedTransfer"] = "BridgeAttendedTransfer"
    transferer_first_leg: Channel
    transferer_second_leg: Channel
    result: Label
    is_external: bool
    destination_type: Label
    transferer_first_leg_bridge: Bridge | None = None
    transferer_second_leg_bridge: Bridge | None = None
    destination_bridge: Id | None = None
    destination_application: Name = ""
    replace_channel: Channel | None = None
    transferee: Channel | None = None
    transfer_target: Channel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial(_Message):
    """One channel calls another; `dialstatus` is empty at the start, later ``RINGING``, ``ANSWER`` and the like."""

    type: Literal["Dial"] = "Dial"
    peer: Channel
    dialstatus: Label
    dialstring: Data = ""
    caller: Channel | None = None
    forwarded: Channel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackStarted(_Message):
    """A playback began."""

    type: Literal["PlaybackStarted"] = "PlaybackStarted"
    playback: Playback


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackFinished(_Message):
    """A playback ended; its state says whether it could be played."""

    type: Literal["PlaybackFinished"] = "PlaybackFinished"
    playback: Playback


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationReplaced(_Message):
    """Another websocket took our application's name; the client tells it as `Replaced`."""

    type: Literal["ApplicationReplaced"] = "ApplicationReplaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStateChanged(_Message):
    """A device is in use, free, and so on."""

    type: Literal["DeviceStateChanged"] = "DeviceStateChanged"
    device_state: DeviceState


Event = (
    StasisStart
    | StasisEnd
    | ChannelCreated
    | ChannelStateChange
    | ChannelDestroyed
    | ChannelHangupRequest
    | ChannelEnteredBridge
    | ChannelLeftBridge
    | ChannelDtmfReceived
    | ChannelHold
    | ChannelUnhold
    | ChannelConnectedLine
    | ChannelCallerId
    | ChannelVarset
    | BridgeCreated
    | BridgeDestroyed
    | BridgeMerged
    | BridgeBlindTransfer
    | BridgeAttendedTransfer
    | Dial
    | PlaybackStarted
    | PlaybackFinished
    | ApplicationReplaced
    | DeviceStateChanged
)

NOISE = (
    "ApplicationMoveFailed",
    "BridgeVideoSourceChanged",
    "CallBroadcast",
    "CallClaimed",
    "ChannelDialplan",
    "ChannelTalkingFinished",
    "ChannelTalkingStarted",
    "ChannelToneDetected",
    "ChannelTransfer",
    "ChannelUserevent",
    "ChannelVarset",
    "ContactStatusChange",
    "EndpointStateChange",
    "PeerStatusChange",
    "PlaybackContinuing",
    "RecordingFailed",
    "RecordingFinished",
    "RecordingStarted",
    "TextMessageReceived",
)
"""Types that the main application does not read. ChannelVarset alone is more than half of what a plain call makes."""
