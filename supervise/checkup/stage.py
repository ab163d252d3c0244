"""The self-test's channels and bridges: all of them ours, each with an end that Asterisk itself would make."""

import asyncio
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

import aiohttp

from supervise.ari import Ari, AriError, NotFoundError
from supervise.ari.client.transport import Request
from supervise.checkup.ends import End
from supervise.checkup.tones import Voice

LEASE_SECONDS: Final = 60
"""Asterisk hangs every channel of ours up after so long, should we die."""

_WITHIN: Final = 5.0
_SEAT: Final = "Local/seat@supervise-seat/n"
_CONTEXT: Final = "supervise-selftest"
_TAME: Final = {"TIMEOUT(absolute)": str(LEASE_SECONDS), "CDR_PROP(disable)": "1"}
"""A channel of ours ends by itself, and leaves no row in the call records."""

_ADVICE: Final = (
    "modules.conf: load = chan_rtp.so and func_cdr.so; extensions.conf, at its end: #include extensions_supervise.conf"
)


class StageError(Exception):
    """The test could not be made; the message says what to do."""


class Events:
    """What Asterisk tells of our channels; of nobody else's, for nothing else is subscribed to."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._seen: list[dict[str, Any]] = []
        self._news = asyncio.Condition()

    async def read(self) -> None:
        """Take events until the websocket ends."""
        async for message in self._socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                async with self._news:
                    self._seen.append(json.loads(message.data))
                    self._news.notify_all()

    async def until(self, kind: str, fits: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """Wait for an event, also one that came before.

        Raises:
            StageError: it does not come.
        """

        def found() -> Iterator[dict[str, Any]]:
            return (each for each in self._seen if each.get("type") == kind and fits(each))

        try:
            async with asyncio.timeout(_WITHIN), self._news:
                await self._news.wait_for(lambda: any(True for _ in found()))
                return next(found())
        except TimeoutError:
            raise StageError(f"{what} within {_WITHIN:.0f} s") from None


class Stage:
    """Makes the call and supervises it, by the very requests that the controller makes."""

    def __init__(self, ari: Ari, events: Events) -> None:
        """Nothing is made yet."""
        self._ari = ari
        self._events = events
        self._run = secrets.token_hex(6)
        self._channels: list[str] = []
        self._bridges: list[str] = []
        self._tap: str | None = None

    async def call(self, agent: End, customer: End) -> None:
        """A call such as Dial() makes: in an ordinary bridge, in the hands of the dialplan.

        Raises:
            StageError: Asterisk has no channels for sockets, or the dialplan has no part for the test.
        """
        await self._bring(agent, {"context": _CONTEXT, "extension": "agent", "priority": "1"})
        name = (await self._ari.channels.get(self._id(Voice.AGENT))).name
        customers = {"context": _CONTEXT, "extension": "customer", "priority": "1"}
        await self._bring(customer, customers, {"SUPERVISE_TARGET": name})

    async def let_in(self, supervisor: End) -> None:
        """The supervisor, in our hands, as the dialplan of *55 gives them to the controller."""
        await self._bring(supervisor, {"app": self._ari.access.app})
        await self._started(self._id(Voice.SUPERVISOR))

    async def make_room(self) -> None:
        """The supervisor's room, with the supervisor in it."""
        room = self._id("room")
        self._bridges.append(room)
        await self._ari.bridges.create_with_id(room, "mixing", room)
        await self._ari.bridges.add_channel(room, self._id(Voice.SUPERVISOR), absorb_dtmf=True)

    async def _bring(self, end: End, place: Mapping[str, str], variables: Mapping[str, str] | None = None) -> None:
        """A channel for one of our phones."""
        host, port = end.address
        channel = self._id(end.voice)
        query = {"endpoint": f"UnicastRTP/{host}:{port}/c(ulaw)", **place}
        body = {"variables": {**_TAME, **(variables or {})}}
        self._channels.append(channel)
        try:
            await self._ari.send(Request("POST", ("channels", channel), query, body))
            where = [
                await self._ari.channels.get_channel_var(channel, f"UNICASTRTP_LOCAL_{part}")
                for part in ("ADDRESS", "PORT")
            ]
        except AriError as error:
            raise StageError(f"no channel for a socket of ours: {error}; {_ADVICE}") from error
        end.target = where[0], int(where[1])

    async def speak_words(self) -> bool:
        """Play one of our spoken words to the supervisor; whether it is there."""
        playback = self._id("words")
        await self._ari.channels.play_with_id(self._id(Voice.SUPERVISOR), playback, ["sound:supervise/monitor"])
        ended = await self._events.until(
            "PlaybackFinished", lambda event: event["playback"]["id"] == playback, "a sound did not end"
        )
        return bool(ended["playback"]["state"] == "done")

    async def listen(self, name: str, *, whisper: bool) -> None:
        """Monitor, or coach: an ear on the agent's channel."""
        tap = self._id(name)
        self._channels.append(tap)
        await self._ari.channels.snoop_channel_with_id(
            self._id(Voice.AGENT), tap, spy="both", whisper="out" if whisper else "none"
        )
        await self._started(tap)
        for variable, value in _TAME.items():
            await self._ari.channels.set_channel_var(tap, variable, value)
        await self._replace(tap)

    async def join(self, name: str) -> None:
        """Barge: a seat in the call's own bridge.

        Raises:
            StageError: the dialplan has no seats.
        """
        tap = self._id(name)
        far = self._id(f"{name}-far")
        self._channels += [tap, far]
        agent = await self._ari.channels.get(self._id(Voice.AGENT))
        variables = {"SUPERVISE_TARGET": agent.name, **_TAME}
        await self._ari.channels.originate_with_id(
            tap, _SEAT, formats="ulaw", other_channel_id=far, variables=variables
        )
        await self._started(tap, "; extensions.conf, at its end: #include extensions_supervise.conf")
        await self._replace(tap)

    async def clear(self) -> None:
        """Take everything down that was made; what is not there needs nothing."""
        for channel in self._channels:
            with suppress(NotFoundError):
                await self._ari.channels.hangup(channel)
        for bridge in self._bridges:
            with suppress(NotFoundError):
                await self._ari.bridges.destroy(bridge)

    async def _replace(self, tap: str) -> None:
        """The old one goes out of the room before the new one comes in: together they would be an echo."""
        room, old, self._tap = self._id("room"), self._tap, tap
        if old is not None:
            await self._ari.bridges.remove_channel(room, old)
        await self._ari.bridges.add_channel(room, tap, absorb_dtmf=True)
        if old is not None:
            await self._ari.channels.hangup(old)

    async def _started(self, channel: str, advice: str = "") -> None:
        await self._events.until(
            "StasisStart",
            lambda event: event["channel"]["id"] == channel,
            f"the channel {channel} did not come to us{advice}",
        )

    def _id(self, name: str) -> str:
        """Of one length within a run, as Asterisk refuses an id that is the beginning of another."""
        return f"supervise-selftest-{self._run}-{name:-<12}"
