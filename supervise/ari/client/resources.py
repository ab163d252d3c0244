"""Operations on bridges, applications and the rest, in the words of Asterisk's ``rest-api/api-docs``."""

from collections.abc import Collection, Sequence
from typing import Literal, TypedDict, Unpack

from supervise.ari.client.models import (
    APPLICATION,
    ASTERISK_INFO,
    ASTERISK_PING,
    BRIDGE,
    BRIDGES,
    DEVICE_STATE,
    DEVICE_STATES,
    ENDPOINT,
    ENDPOINTS,
    Application,
    AsteriskInfo,
    AsteriskPing,
    Bridge,
    DeviceState,
    Endpoint,
)
from supervise.ari.client.transport import Request, Sender, Value, read

BridgeType = Literal["mixing", "holding", "mixing,dtmf_events", "mixing,proxy_media"]
DeviceStateValue = Literal["NOT_INUSE", "INUSE", "BUSY", "INVALID", "UNAVAILABLE", "RINGING", "RINGINUSE", "ONHOLD"]


class AddChannelOptions(TypedDict, total=False):
    """How a channel takes part in a bridge.

    `absorb_dtmf` keeps its keys from the others, `inhibit_connected_line_updates` keeps the others' phones from
    showing it, `mute` keeps its sound out, `role` is ``participant`` or ``announcer`` of a holding bridge.
    """

    absorb_dtmf: bool
    inhibit_connected_line_updates: bool
    mute: bool
    role: str


class Bridges:
    """The bridges of one Asterisk."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def list(self) -> tuple[Bridge, ...]:
        """All bridges, also those that Dial() and Queue() made."""
        request = Request("GET", ("bridges",), many=True)
        return read(BRIDGES, await self._sender.send(request), request)

    async def get(self, bridge_id: str) -> Bridge:
        """One bridge as it is now."""
        request = Request("GET", ("bridges", bridge_id))
        return read(BRIDGE, await self._sender.send(request), request)

    async def create_with_id(
        self, bridge_id: str, bridge_type: BridgeType = "mixing", name: str | None = None
    ) -> Bridge:
        """Make a bridge; it lives, even empty, until it is destroyed.

        Raises:
            ExistsError: the id is taken.
        """
        request = Request("POST", ("bridges", bridge_id), {"type": bridge_type, "name": name})
        return read(BRIDGE, await self._sender.send(request), request)

    async def destroy(self, bridge_id: str) -> None:
        """Take a bridge of ours down; its channels stay in our application."""
        await self._sender.send(Request("DELETE", ("bridges", bridge_id)))

    async def add_channel(self, bridge_id: str, channel: str, **options: Unpack[AddChannelOptions]) -> None:
        """Put a channel of our application into a bridge of ours; ChannelEnteredBridge tells when it is in.

        Raises:
            NotInStasisError: the channel is not in our application, or not yet: wait for its StasisStart.
        """
        query: dict[str, Value] = {
            "channel": channel,
            "absorbDTMF": options.get("absorb_dtmf"),
            "inhibitConnectedLineUpdates": options.get("inhibit_connected_line_updates"),
            "mute": options.get("mute"),
            "role": options.get("role"),
        }
        await self._sender.send(Request("POST", ("bridges", bridge_id, "addChannel"), query))

    async def remove_channel(self, bridge_id: str, channel: str) -> None:
        """Take a channel out of a bridge of ours."""
        await self._sender.send(Request("POST", ("bridges", bridge_id, "removeChannel"), {"channel": channel}))


class Applications:
    """Our Stasis application, as Asterisk sees it.

    Every answer names all that it is subscribed to, so it is as large as that.
    There is no giving back: for a device it could end Asterisk's answers (`supervise.ari.attendance`).
    """

    def __init__(self, sender: Sender, app: str) -> None:
        self._sender = sender
        self._app = app

    async def get(self) -> Application:
        """What it is subscribed to."""
        return await self._ask(Request("GET", ("applications", self._app), large=True))

    async def subscribe(self, event_source: Sequence[str]) -> Application:
        """Subscribe to sources such as ``channel:`` (all channels) or ``endpoint:PJSIP/200``; twice is as once."""
        query: dict[str, Value] = {"eventSource": list(event_source)}
        return await self._ask(Request("POST", ("applications", self._app, "subscription"), query, large=True))

    async def filter(self, disallowed: Collection[str] = (), *, allowed: Collection[str] = ()) -> Application:
        """Ask not to be sent some types of event, or to be sent some alone; replaces what was asked before."""
        asked = {"disallowed": disallowed, "allowed": allowed}
        body = {name: [{"type": each} for each in types] for name, types in asked.items() if types}
        return await self._ask(Request("PUT", ("applications", self._app, "eventFilter"), body=body, large=True))

    async def _ask(self, request: Request) -> Application:
        return read(APPLICATION, await self._sender.send(request), request)


class Endpoints:
    """Phones and trunks."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def list(self) -> tuple[Endpoint, ...]:
        """All endpoints."""
        request = Request("GET", ("endpoints",), many=True)
        return read(ENDPOINTS, await self._sender.send(request), request)

    async def get(self, tech: str, resource: str) -> Endpoint:
        """One endpoint, as ``get("PJSIP", "200")``."""
        request = Request("GET", ("endpoints", tech, resource))
        return read(ENDPOINT, await self._sender.send(request), request)

    async def send_message_to_endpoint(self, tech: str, resource: str, from_: str, body: str) -> None:
        """Send a SIP MESSAGE; a return means only that it was queued."""
        query: dict[str, Value] = {"from": from_, "body": body}
        await self._sender.send(Request("PUT", ("endpoints", tech, resource, "sendMessage"), query))


class Playbacks:
    """Sounds being played."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def stop(self, playback_id: str) -> None:
        """Stop playing."""
        await self._sender.send(Request("DELETE", ("playbacks", playback_id)))


class Asterisk:
    """Asterisk itself."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def get_info(self) -> AsteriskInfo:
        """Which version it is, and since when it runs."""
        request = Request("GET", ("asterisk", "info"), {"only": ["system", "status"]})
        return read(ASTERISK_INFO, await self._sender.send(request), request)

    async def ping(self) -> AsteriskPing:
        """Whether it answers."""
        request = Request("GET", ("asterisk", "ping"))
        return read(ASTERISK_PING, await self._sender.send(request), request)


class DeviceStates:
    """Lamps that we light; only names that begin with ``Stasis:`` are ours to set."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def list(self) -> tuple[DeviceState, ...]:
        """The states that ARI applications have set; they outlive a restart of Asterisk."""
        request = Request("GET", ("deviceStates",), many=True)
        return read(DEVICE_STATES, await self._sender.send(request), request)

    async def get(self, device_name: str) -> DeviceState:
        """The state of any device, ours or not; ``INVALID`` or ``UNKNOWN`` for one that there is not."""
        request = Request("GET", ("deviceStates", device_name))
        return read(DEVICE_STATE, await self._sender.send(request), request)

    async def update(self, device_name: str, device_state: DeviceStateValue) -> None:
        """Set a state, as ``update("Stasis:coach-200", "INUSE")``.

        Raises:
            NotInStasisError: the name does not begin with ``Stasis:``.
        """
        await self._sender.send(Request("PUT", ("deviceStates", device_name), {"deviceState": device_state}))

    async def delete(self, device_name: str) -> None:
        """Forget a state that we set."""
        await self._sender.send(Request("DELETE", ("deviceStates", device_name)))
