"""One websocket connection: made, prepared, read until it ends."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp
import structlog

from supervise.ari import snapshot
from supervise.ari.client.counters import Counters
from supervise.ari.client.decoding import MalformedEventError, UnknownEventError, decode
from supervise.ari.client.errors import AriError, BadAnswerError, UnauthorizedError
from supervise.ari.client.events import NOISE, ApplicationReplaced, Event
from supervise.ari.client.models import Application
from supervise.ari.client.stream import Connected, Item, Loss, Mailbox
from supervise.ari.client.transport import Access, describe
from supervise.ari.client.tuning import Tuning
from supervise.ari.snapshot import Reader, Snapshot

CLOSING_SECONDS = 1.0
_IF_IT_STAYS_SO = (
    "where it stays so and ARI answers otherwise, a program that Asterisk told of all devices has gone"
    " (its issue 2170), and only a restart of Asterisk helps"
)

_EVERYTHING = {
    "channel:": "__AST_CHANNEL_ALL_TOPIC",
    "bridge:": "__AST_BRIDGE_ALL_TOPIC",
}
"""How Asterisk names its *all of a kind* in an application's subscriptions (``res/stasis/app.c``)."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a connection ended; without a loss when another websocket took our application's name.

    Attributes:
        given_up: it was asked for and not waited for; Asterisk may still make it, whenever it reads what we sent.
    """

    loss: Loss | None
    detail: str = ""
    given_up: bool = False


@dataclass(frozen=True, slots=True)
class Preparing:
    """What happens between the websocket's opening and the first event told.

    Attributes:
        ari: the operations for it.
        sources: what to subscribe to.
        ready: called with Asterisk's version when `Connected` has been told.
        only: the types of event to be told alone; empty for all but `NOISE`.
    """

    ari: Reader
    sources: tuple[str, ...]
    ready: Callable[[str], None]
    only: tuple[str, ...] = ()


class Link:
    """A connection that is about to be made."""

    def __init__(self, access: Access, tuning: Tuning, mailbox: Mailbox[Item], counters: Counters) -> None:
        self._access = access
        self._tuning = tuning
        self._mailbox = mailbox
        self._counters = counters

    async def run(self, session: aiohttp.ClientSession, preparing: Preparing) -> Ended:
        """Connect, subscribe, tell Connected, pass events on; return when it is over."""
        try:
            websocket = await self._open(session)
        except TimeoutError:
            late = f"no websocket within {self._tuning.connect_seconds:g} s; {_IF_IT_STAYS_SO}"
            return Ended(Loss.UNREACHABLE, late, given_up=True)
        except aiohttp.WSServerHandshakeError as error:
            refused = error.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
            return Ended(Loss.REFUSED if refused else Loss.UNREACHABLE, f"the websocket was answered {error.status}")
        except (aiohttp.ClientError, OSError) as error:
            return Ended(Loss.UNREACHABLE, describe(error))
        self._mailbox.hold()
        try:
            return await self._serve(websocket, preparing)
        finally:
            self._mailbox.drop_held()
            await _close(websocket)

    async def _serve(self, websocket: aiohttp.ClientWebSocketResponse[bool], preparing: Preparing) -> Ended:
        """Read while still preparing: Asterisk must never wait for us to take an event."""
        reading = asyncio.create_task(self._read(websocket))
        prepared = asyncio.create_task(self._prepare(preparing))
        try:
            await asyncio.wait([reading, prepared], return_when=asyncio.FIRST_COMPLETED)
            failure = await prepared if prepared.done() else None
            return failure or await reading
        finally:
            reading.cancel()
            prepared.cancel()
            await asyncio.wait([reading, prepared])

    async def _open(self, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse[bool]:
        async with asyncio.timeout(self._tuning.connect_seconds):
            return await session.ws_connect(
                self._access.events_url,
                heartbeat=self._tuning.heartbeat_seconds,
                max_msg_size=self._tuning.message_bytes,
                timeout=aiohttp.ClientWSTimeout(ws_close=CLOSING_SECONDS),
                decode_text=False,
            )

    async def _prepare(self, preparing: Preparing) -> Ended | None:
        try:
            taken = await prepare(preparing)
        except AriError as error:
            refused = isinstance(error, UnauthorizedError)
            return Ended(Loss.REFUSED if refused else Loss.UNPREPARED, str(error))
        self._mailbox.release(Connected(self._access.node, taken))
        preparing.ready(taken.info.system.version)
        return None

    async def _read(self, websocket: aiohttp.ClientWebSocketResponse[bool]) -> Ended:
        while True:
            message = await websocket.receive()
            if message.type is aiohttp.WSMsgType.TEXT:
                ended = self._take(message.data)
                if ended is not None:
                    return ended
            elif message.type is aiohttp.WSMsgType.BINARY:
                self._malformed("a binary message")
            else:
                return _why(websocket, message.type, message.data)

    def _take(self, message: bytes) -> Ended | None:
        """Decode one message and pass it on: all that the reader ever does."""
        try:
            event = decode(message)
        except UnknownEventError as error:
            self._counters.count_unknown(error.name)
        except MalformedEventError as error:
            self._malformed(str(error))
        else:
            return self._pass_on(event)
        return None

    def _pass_on(self, event: Event) -> Ended | None:
        self._counters.events += 1
        if isinstance(event, ApplicationReplaced):
            return Ended(None)
        if self._mailbox.put(event):
            return None
        self._mailbox.clear()
        self._counters.overflows += 1
        return Ended(Loss.OVERFLOW, f"{self._tuning.queue} events waited to be taken")

    def _malformed(self, what: str) -> None:
        self._counters.malformed += 1
        count = self._counters.malformed
        if count.bit_count() == 1:  # the 1st, 2nd, 4th ...: loud, but no flood can fill the log
            log.error("ari.malformed-event", node=self._access.node, what=what, count=count)


async def prepare(preparing: Preparing) -> Snapshot:
    """Ask for what we want to be told, check that Asterisk took it, and read everything.

    Filter and subscriptions live in Asterisk's application, which a lost connection can take with it, and which
    another one may have left behind: they are set after every connect.

    Raises:
        AriError: something was refused, or came out differently.
    """
    ari, sources = preparing.ari, preparing.sources
    if preparing.only:
        await ari.applications.filter(allowed=preparing.only)
        return await snapshot.take(ari)
    await ari.applications.filter(NOISE)
    await ari.applications.subscribe(sources)
    lacking = missing(await ari.applications.get(), sources)
    if lacking:
        raise BadAnswerError("GET", "/applications", f"Asterisk does not tell us of {', '.join(lacking)}")
    return await snapshot.take(ari)


def missing(application: Application, sources: tuple[str, ...]) -> list[str]:
    """Those sources and filtered types that an application does not have, though it should."""
    subscribed = {
        "channel": application.channel_ids,
        "bridge": application.bridge_ids,
    }
    filtered = {rule.get("type") for rule in application.events_disallowed}
    lacking = [
        source
        for source in sources
        if _EVERYTHING.get(source, source.partition(":")[2]) not in subscribed.get(source.partition(":")[0], ())
    ]
    return lacking + [f"no filter of {name}" for name in NOISE if name not in filtered]


async def _close(websocket: aiohttp.ClientWebSocketResponse[bool]) -> None:
    """Close, within bounds even when the peer goes on sending instead of answering."""
    try:
        async with asyncio.timeout(CLOSING_SECONDS):
            await websocket.close()
    except TimeoutError:
        log.debug("ari.close-unanswered")


def _why(websocket: aiohttp.ClientWebSocketResponse[bool], kind: aiohttp.WSMsgType, data: object) -> Ended:
    """What a message that is no message says about the connection."""
    if isinstance(data, aiohttp.WebSocketError):
        return Ended(Loss.OVERSIZE, describe(data))
    if isinstance(data, TimeoutError):
        return Ended(Loss.SILENT, "the heartbeat was not answered")
    if kind is aiohttp.WSMsgType.CLOSE:
        return Ended(Loss.CLOSED, f"Asterisk closed the websocket with {websocket.close_code}")
    return Ended(Loss.BROKEN, describe(data) if isinstance(data, BaseException) else "the connection broke")
