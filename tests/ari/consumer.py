"""A consumer of a client's events that remembers what it was told, and can be waited for."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from supervise.ari import Access, Ari, Item, Tuning, World
from supervise.ari.client.events import ChannelDtmfReceived

T = TypeVar("T")
BOUND = 10.0
STEP = 0.005
QUICK = Tuning(
    request_seconds=0.5,
    list_seconds=0.5,
    connect_seconds=0.5,
    heartbeat_seconds=0.5,
    first_delay=0.01,
    longest_delay=0.05,
)
"""The client's bounds in the same proportions, but a tenth."""


class Consumer:
    """Takes items as they come.

    Attributes:
        items: what was told, in order.
        ended: the iteration is over.
    """

    def __init__(self, ari: Ari) -> None:
        self.ari = ari
        self.items: list[Item] = []
        self.ended = False
        self._changed = asyncio.Condition()

    async def consume(self) -> None:
        """Take everything until the iteration ends."""
        async for item in self.ari.events():
            self.items.append(item)
            await self._change()
        self.ended = True
        await self._change()

    async def _change(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def of(self, kind: type[T]) -> list[T]:
        """The items of a kind."""
        return [item for item in self.items if isinstance(item, kind)]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something told makes a condition true."""
        async with asyncio.timeout(BOUND), self._changed:
            await self._changed.wait_for(condition)

    async def told(self, kind: type[T], count: int = 1) -> T:
        """The `count`-th item of a kind, when it is there."""
        await self.until(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[count - 1]


@asynccontextmanager
async def consuming(access: Access, tuning: Tuning = QUICK, world: World | None = None) -> AsyncIterator[Consumer]:
    """A client with somebody who takes its events."""
    async with Ari(access, tuning=tuning, world=world) as ari:
        consumer = Consumer(ari)
        task = asyncio.create_task(consumer.consume())
        try:
            yield consumer
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait, within bounds, until something is so that nobody tells of."""
    for _ in range(round(BOUND / STEP)):
        if condition():
            return
        await asyncio.sleep(STEP)
    raise AssertionError("it did not come about")


def digits(items: Iterable[Item]) -> str:
    """The keys among what was told."""
    return "".join(item.digit for item in items if isinstance(item, ChannelDtmfReceived))
