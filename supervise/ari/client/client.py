"""The client: one Asterisk's operations, and its events for as long as somebody takes them."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp
import structlog

from supervise.ari.client.backoff import Backoff
from supervise.ari.client.channels import Channels
from supervise.ari.client.counters import Counters
from supervise.ari.client.link import Ended, Link, Preparing
from supervise.ari.client.resources import Applications, Asterisk, Bridges, DeviceStates, Endpoints, Playbacks
from supervise.ari.client.stream import Disconnected, Item, Loss, Mailbox, Replaced
from supervise.ari.client.transport import Access, HttpSender, Request
from supervise.ari.client.tuning import Tuning

SOURCES = ("channel:", "bridge:")
"""What a client subscribes to: all channels and all bridges, whoever made them.

Never ``endpoint:`` or ``deviceState:``, whose end Asterisk may not survive: see `supervise.ari.attendance`.
"""

_GHOST = Ended(Loss.BROKEN, "an attempt of our own that was given up has taken the websocket's place")
"""An Asterisk that hung makes all websockets that were asked for meanwhile, in any order (measured, 22.10.1)."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class World:
    """Time and chance, for tests to hand in their own."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random


class Ari:
    """One Asterisk, used as ``async with Ari(access) as ari``.

    Operations work from then on, over HTTP, whether or not the events' websocket stands; they raise
    `supervise.ari.client.errors.AriError` and are never repeated by us. `events` may be asked for once.

    Attributes:
        access: which Asterisk.
        counters: what has been counted so far.
    """

    def __init__(
        self,
        access: Access,
        *,
        only: tuple[str, ...] = (),
        tuning: Tuning | None = None,
        world: World | None = None,
    ) -> None:
        """Nothing is connected yet.

        Args:
            access: which Asterisk.
            only: the types of event to be told, of what is subscribed to later and nothing else; empty for all.
            tuning: bounds.
            world: time and chance.
        """
        self.access = access
        self.counters = Counters()
        self._tuning = tuning or Tuning()
        self._world = world or World()
        self._sources = () if only else SOURCES
        self._only = only
        self._session: aiohttp.ClientSession | None = None
        self._ready_since: float | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._mailbox: Mailbox[Item] = Mailbox(self._tuning.queue)
        self.channels = Channels(self, access.app)
        self.bridges = Bridges(self)
        self.applications = Applications(self, access.app)
        self.endpoints = Endpoints(self)
        self.playbacks = Playbacks(self)
        self.asterisk = Asterisk(self)
        self.device_states = DeviceStates(self)

    async def __aenter__(self) -> Self:
        """Open the pool; no byte is sent before the first operation or the first event is asked for."""
        connector = aiohttp.TCPConnector(
            limit=self._tuning.connections, keepalive_timeout=self._tuning.idle_seconds, ttl_dns_cache=60
        )
        self._session = aiohttp.ClientSession(
            connector=connector, headers=self.access.headers, cookie_jar=aiohttp.DummyCookieJar()
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the websocket and the pool; iterations over the events end."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        self._mailbox.close()
        if self._session is not None:
            await self._session.close()

    @property
    def connected(self) -> bool:
        """Whether, as far as we know at this moment, every event reaches us."""
        return self._ready_since is not None

    async def send(self, request: Request) -> bytes:
        """Carry a request to Asterisk over the pool.

        Raises:
            AriError: it did not succeed.
        """
        return await HttpSender(self.access, self._opened(), self._tuning, self.counters).send(request)

    def events(self) -> AsyncIterator[Item]:
        """Connect, stay connected, and tell everything in order: `Connected`, events, `Disconnected`, `Replaced`.

        Raises:
            RuntimeError: it was called before; the events have one consumer.
        """
        session = self._opened()
        if self._keeper is not None:
            raise RuntimeError("the events of a client have one consumer")
        self._keeper = asyncio.create_task(self._keep(session), name=f"ari {self.access.node}")
        self._keeper.add_done_callback(self._finished)
        return self._mailbox

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the client is used with `async with`")
        return self._session

    def _finished(self, keeper: asyncio.Task[None]) -> None:
        self._mailbox.close(None if keeper.cancelled() else keeper.exception())

    async def _keep(self, session: aiohttp.ClientSession) -> None:
        backoff = Backoff(self._tuning.first_delay, self._tuning.longest_delay, self._world.chance)
        ghosts = 0
        while True:
            ended, good = await self._connect(session)
            ghosts = 0 if good else ghosts + ended.given_up
            if ended.loss is None and ghosts > 0:
                ghosts, ended = ghosts - 1, _GHOST
            if ended.loss is None:
                log.error("ari.replaced", node=self.access.node, app=self.access.app)
                self._mailbox.tell(Replaced(self.access.node))
                return
            delay = backoff.next(after_good=good)
            self.counters.losses += 1
            log.warning("ari.disconnected", node=self.access.node, loss=ended.loss, detail=ended.detail, retry_in=delay)
            self._mailbox.tell_last(Disconnected(self.access.node, ended.loss, ended.detail, delay))
            await self._world.sleep(delay)

    async def _connect(self, session: aiohttp.ClientSession) -> tuple[Ended, bool]:
        """One connection from beginning to end, and whether it was a good one."""
        link = Link(self.access, self._tuning, self._mailbox, self.counters)
        try:
            ended = await link.run(session, Preparing(self, self._sources, self._ready, self._only))
            since = self._ready_since
            return ended, since is not None and self._world.now() - since >= self._tuning.stable_seconds
        finally:
            self._ready_since = None

    def _ready(self, version: str) -> None:
        self._ready_since = self._world.now()
        self.counters.connects += 1
        log.info("ari.connected", node=self.access.node, asterisk=version)
