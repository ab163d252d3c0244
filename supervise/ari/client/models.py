"""The parts of Asterisk's models that we read, as frozen values.

Asterisk's own names are kept. What callers and dialled numbers can put into a text is cut to a stated length and
freed of everything unprintable (control characters, line ends, escape sequences, marks that turn the writing
direction), here and nowhere else: whatever leaves this module may be logged and shown. An id is never altered; it
is refused when it is longer than Asterisk makes them (``AST_MAX_UNIQUEID`` in ``include/asterisk/channel.h``).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, PlainValidator, StringConstraints, TypeAdapter
from pydantic_core import PydanticCustomError

LONGEST_ID = 151
MOST_ARGS = 32


def printable(text: str, longest: int) -> str:
    """`text` without what cannot be printed, cut to `longest` characters."""
    if len(text) <= longest and text.isprintable():
        return text
    return "".join(filter(str.isprintable, text[: 4 * longest]))[:longest]


def _text(longest: int) -> Any:
    def read(raw: object) -> str:
        # Asterisk writes null for some texts that a channel does not have (ast_json_dialplan_cep_app).
        if raw is None:
            return ""
        if not isinstance(raw, str):
            raise PydanticCustomError("text", "should be a text")
        return printable(raw, longest)

    return PlainValidator(read)


Id = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ID)]
Label = Annotated[str, _text(64)]
"""Names and numbers of people, languages, codes."""
Name = Annotated[str, _text(256)]
"""Names of channels, endpoints, contexts and extensions."""
Data = Annotated[str, _text(1024)]
"""What a dialplan application was called with."""
Args = Annotated[tuple[Name, ...], AfterValidator(lambda args: args[:MOST_ARGS])]
"""What Stasis was called with; cut, not refused, since a dialled comma makes one more."""


class ChannelState(StrEnum):
    """What a channel is doing (``ast_state2str`` in Asterisk's ``main/channel.c``)."""

    DOWN = "Down"
    RESERVED = "Rsrvd"
    OFF_HOOK = "OffHook"
    DIALING = "Dialing"
    RING = "Ring"
    RINGING = "Ringing"
    UP = "Up"
    BUSY = "Busy"
    DIALING_OFF_HOOK = "Dialing Offhook"
    PRE_RING = "Pre-ring"
    MUTE = "Mute"
    UNKNOWN = "Unknown"

    @classmethod
    def _missing_(cls, _value: object) -> "ChannelState":
        """A state of a later Asterisk must not make us deaf to the channel that is in it."""
        return cls.UNKNOWN


@dataclass(frozen=True, slots=True)
class CallerID:
    """A name and a number, both as the other side gave them: never an identity."""

    name: Label = ""
    number: Label = ""


@dataclass(frozen=True, slots=True)
class DialplanCEP:
    """Where in the dialplan a channel is; `app_data` keeps the arguments of Stasis for as long as it is there."""

    context: Name = ""
    exten: Name = ""
    priority: int | None = None
    app_name: Name = ""
    app_data: Data = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """One leg of a call."""

    id: Id
    name: Name
    state: ChannelState
    caller: CallerID
    connected: CallerID
    dialplan: DialplanCEP
    creationtime: datetime
    language: Label = ""
    accountcode: Name = ""
    protocol_id: Name = ""
    """The SIP Call-ID, or empty."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """A place where channels hear each other; `bridge_class` is ``stasis`` for those made over ARI."""

    id: Id
    technology: Label
    bridge_type: Label
    bridge_class: Label
    creator: Label
    name: Name
    channels: tuple[Id, ...]
    creationtime: datetime


@dataclass(frozen=True, slots=True)
class Playback:
    """Sounds being played; `state` ends as ``done`` or ``failed``."""

    id: Id
    media_uri: Data
    target_uri: Name
    state: Label


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A phone or trunk; `state` is ``online``, ``offline``, ``unknown`` or empty."""

    technology: Label
    resource: Name
    state: Label = ""
    channel_ids: tuple[Id, ...] = ()


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What a lamp shows of a device."""

    name: Name
    state: Label


@dataclass(frozen=True, slots=True)
class Application:
    """What our Stasis application is subscribed to, and what it asked not to be told."""

    name: Name
    channel_ids: tuple[Name, ...]
    bridge_ids: tuple[Name, ...]
    endpoint_ids: tuple[Name, ...]
    device_names: tuple[Name, ...]
    events_disallowed: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class RTPstat:
    """Packets counted on a channel's RTP session since it began."""

    txcount: int
    rxcount: int
    txploss: int
    rxploss: int


@dataclass(frozen=True, slots=True)
class SystemInfo:
    """Which Asterisk it is."""

    version: Label
    entity_id: Label


@dataclass(frozen=True, slots=True)
class StatusInfo:
    """Since when it runs."""

    startup_time: datetime


@dataclass(frozen=True, slots=True)
class AsteriskInfo:
    """The two parts of Asterisk's information that we ask for."""

    system: SystemInfo
    status: StatusInfo


@dataclass(frozen=True, slots=True)
class AsteriskPing:
    """An answered ping."""

    asterisk_id: Label
    ping: Label


@dataclass(frozen=True, slots=True)
class Variable:
    """A channel variable's or function's value."""

    value: Annotated[str, _text(8192)]


CHANNEL = TypeAdapter(Channel)
CHANNELS = TypeAdapter(tuple[Channel, ...])
BRIDGE = TypeAdapter(Bridge)
BRIDGES = TypeAdapter(tuple[Bridge, ...])
PLAYBACK = TypeAdapter(Playback)
ENDPOINT = TypeAdapter(Endpoint)
ENDPOINTS = TypeAdapter(tuple[Endpoint, ...])
DEVICE_STATE = TypeAdapter(DeviceState)
DEVICE_STATES = TypeAdapter(tuple[DeviceState, ...])
APPLICATION = TypeAdapter(Application)
RTP_STATISTICS = TypeAdapter(RTPstat)
ASTERISK_INFO = TypeAdapter(AsteriskInfo)
ASTERISK_PING = TypeAdapter(AsteriskPing)
VARIABLE = TypeAdapter(Variable)
