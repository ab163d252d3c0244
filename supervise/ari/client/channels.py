"""Operations on channels, in the words of Asterisk's ``rest-api/api-docs/channels.json``.

What is not in Stasis can be listed, read, snooped upon and hung up; everything else then raises `NotInStasisError`.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict, Unpack

from supervise.ari.client.models import (
    CHANNEL,
    CHANNELS,
    PLAYBACK,
    RTP_STATISTICS,
    VARIABLE,
    Channel,
    Playback,
    RTPstat,
)
from supervise.ari.client.transport import Request, Sender, Value, read

MuteDirection = Literal["in", "out", "both"]
"""From the channel's point of view: ``in`` is what its phone says, ``out`` what its phone hears."""
SnoopDirection = Literal["none", "in", "out", "both"]
"""The same, for what is copied out of a channel (spy) or put into it (whisper)."""
HangupReason = Literal[
    "normal", "busy", "congestion", "no_answer", "timeout", "rejected", "unallocated", "normal_unspecified"
]


class OriginateOptions(TypedDict, total=False):
    """What an originated channel may be given besides its endpoint.

    `variables` may hold functions; its keys and `caller_id` must be constants of ours. `timeout` is in seconds.
    """

    app: str
    app_args: str
    formats: str
    other_channel_id: str
    originator: str
    variables: Mapping[str, str]
    timeout: int
    caller_id: str
    context: str
    extension: str


class Channels:
    """The channels of one Asterisk."""

    def __init__(self, sender: Sender, app: str) -> None:
        self._sender = sender
        self._app = app

    async def list(self) -> tuple[Channel, ...]:
        """All channels, in Stasis or not.

        Raises:
            ServerFaultError: among others when one channel has text that is no UTF-8; see `supervise.ari.snapshot`.
        """
        request = Request("GET", ("channels",), many=True)
        return read(CHANNELS, await self._sender.send(request), request)

    async def get(self, channel_id: str) -> Channel:
        """One channel as it is now."""
        request = Request("GET", ("channels", channel_id))
        return read(CHANNEL, await self._sender.send(request), request)

    async def originate_with_id(self, channel_id: str, endpoint: str, **options: Unpack[OriginateOptions]) -> Channel:
        """Call `endpoint`, and put the channel into our application (or `app`) when it answers.

        With `context` and `extension` it goes there instead.

        After a lost answer look with `get` instead of asking again: an id that is taken is refused, but 22.10.1 then
        keeps a part of the second attempt for ever, and no longer ends by itself on SIGTERM (measured; snoops too).

        Raises:
            ExistsError: the id is taken.
            BadAnswerError: Asterisk answered nothing: the channel is gone already.
        """
        query: dict[str, Value] = {
            "endpoint": endpoint,
            "app": None if "extension" in options else options.get("app", self._app),
            "context": options.get("context"),
            "extension": options.get("extension"),
            "appArgs": options.get("app_args"),
            "callerId": options.get("caller_id"),
            "formats": options.get("formats"),
            "originator": options.get("originator"),
            "otherChannelId": options.get("other_channel_id"),
            "timeout": options.get("timeout"),
        }
        variables = options.get("variables")
        body = {"variables": dict(variables)} if variables else None
        request = Request("POST", ("channels", channel_id), query, body)
        return read(CHANNEL, await self._sender.send(request), request)

    async def snoop_channel_with_id(
        self,
        channel_id: str,
        snoop_id: str,
        *,
        spy: SnoopDirection = "both",
        whisper: SnoopDirection = "none",
        app_args: str | None = None,
    ) -> Channel:
        """Make a channel that hears (`spy`) and is heard (`whisper`) on another; it comes into our application.

        Its StasisStart may come before this returns. Both directions are fixed for its life.

        Raises:
            NotFoundError: there is no such channel.
            ServerFaultError: the snoop's id is taken, or the channel is being hung up.
        """
        query: dict[str, Value] = {"app": self._app, "appArgs": app_args, "spy": spy, "whisper": whisper}
        request = Request("POST", ("channels", channel_id, "snoop", snoop_id), query)
        return read(CHANNEL, await self._sender.send(request), request)

    async def hangup(self, channel_id: str, reason: HangupReason = "normal") -> None:
        """Hang a channel up, whosever it is."""
        await self._do("DELETE", channel_id, query={"reason": reason})

    async def answer(self, channel_id: str) -> None:
        """Answer a channel."""
        await self._do("POST", channel_id, "answer")

    async def ring(self, channel_id: str) -> None:
        """Let a channel's phone hear ringing."""
        await self._do("POST", channel_id, "ring")

    async def mute(self, channel_id: str, direction: MuteDirection = "both") -> None:
        """Drop the frames of a direction."""
        await self._do("POST", channel_id, "mute", query={"direction": direction})

    async def unmute(self, channel_id: str, direction: MuteDirection = "both") -> None:
        """Let the frames of a direction through again."""
        await self._do("DELETE", channel_id, "mute", query={"direction": direction})

    async def start_silence(self, channel_id: str) -> None:
        """Send silence to a channel's phone, instead of whatever else would be sent."""
        await self._do("POST", channel_id, "silence")

    async def stop_silence(self, channel_id: str) -> None:
        """Send what there is again."""
        await self._do("DELETE", channel_id, "silence")

    async def start_moh(self, channel_id: str, moh_class: str | None = None) -> None:
        """Send music to a channel."""
        await self._do("POST", channel_id, "moh", query={"mohClass": moh_class})

    async def hold(self, channel_id: str) -> None:
        """Tell a channel that it is on hold."""
        await self._do("POST", channel_id, "hold")

    async def unhold(self, channel_id: str) -> None:
        """Tell a channel that it is on hold no more."""
        await self._do("DELETE", channel_id, "hold")

    async def continue_in_dialplan(
        self, channel_id: str, context: str | None = None, extension: str | None = None, priority: int | None = None
    ) -> None:
        """Let a channel leave our application and go on in the dialplan, where it was or where this says."""
        query: dict[str, Value] = {"context": context, "extension": extension, "priority": priority}
        await self._do("POST", channel_id, "continue", query=query)

    async def play_with_id(
        self, channel_id: str, playback_id: str, media: Sequence[str], lang: str | None = None
    ) -> Playback:
        """Play sounds one after another; PlaybackFinished tells the end.

        Raises:
            UnsendableError: one of the media has a comma.
        """
        query: dict[str, Value] = {"media": list(media), "lang": lang}
        request = Request("POST", ("channels", channel_id, "play", playback_id), query)
        return read(PLAYBACK, await self._sender.send(request), request)

    async def get_channel_var(self, channel_id: str, variable: str) -> str:
        """A channel variable's or function's value.

        Raises:
            NotFoundError: there is no such channel, or it has no such variable; `message` tells which.
        """
        request = Request("GET", ("channels", channel_id, "variable"), {"variable": variable})
        return read(VARIABLE, await self._sender.send(request), request).value

    async def set_channel_var(self, channel_id: str, variable: str, value: str) -> None:
        """Set a variable, or write a function; `variable` must be a constant of ours, never a user's text."""
        await self._do("POST", channel_id, "variable", query={"variable": variable, "value": value})

    async def rtpstatistics(self, channel_id: str) -> RTPstat:
        """Packets counted so far.

        Raises:
            RefusedError: the channel has no RTP, as a Local or Snoop one.
        """
        request = Request("GET", ("channels", channel_id, "rtp_statistics"))
        return read(RTP_STATISTICS, await self._sender.send(request), request)

    async def _do(self, method: str, *segments: str, query: Mapping[str, Value] | None = None) -> None:
        await self._sender.send(Request(method, ("channels", *segments), query or {}))
