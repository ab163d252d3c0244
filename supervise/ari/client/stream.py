"""What a client tells its consumer, and the bounded queue it waits in."""

import asyncio
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Self, TypeVar

from supervise.ari.client.events import Event
from supervise.ari.snapshot import Snapshot

T = TypeVar("T")
TURN = 64
"""Items taken without letting anything else run; 64 take well under a millisecond to make."""


class Loss(StrEnum):
    """Why there is no connection."""

    UNREACHABLE = "unreachable"
    """Nobody answers, or not in time."""
    REFUSED = "refused"
    """Asterisk does not accept our user or password."""
    UNPREPARED = "unprepared"
    """Connected, but subscribing or reading everything failed."""
    CLOSED = "closed"
    """Asterisk closed it, as it does when it stops or when it could not write to us in time."""
    BROKEN = "broken"
    """It broke without a word."""
    SILENT = "silent"
    """No sign of life within the heartbeat's time."""
    OVERFLOW = "overflow"
    """The consumer was too slow. What waited for it was thrown away: everything is read again."""
    OVERSIZE = "oversize"
    """A message larger than we read, or one that breaks the websocket protocol."""


@dataclass(frozen=True, slots=True)
class Connected:
    """Events flow, and this is all there is.

    The snapshot was read after subscribing, and events that came meanwhile follow it, so some of them are older than
    it. Who takes the snapshot as the whole truth and then applies every event in order, where applying one twice or to
    something unknown changes nothing, ends up right.
    """

    node: str
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Disconnected:
    """There is no connection; told for each loss, and again for each failed attempt to make one.

    Nothing told since the last `Connected` can be relied on. `retry_in` is in seconds.
    """

    node: str
    loss: Loss
    detail: str
    retry_in: float


@dataclass(frozen=True, slots=True)
class Replaced:
    """Another websocket took our application's name: the last item, and no further attempt is made."""

    node: str


Item = Connected | Disconnected | Replaced | Event


class Mailbox(Generic[T]):
    """A bounded queue with one producer, who never waits, and one consumer, who iterates.

    While held, what is put in stays aside until `release` puts it behind a first item.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._items: deque[T] = deque()
        self._aside: deque[T] | None = None
        self._filled = asyncio.Event()
        self._closed = False
        self._error: BaseException | None = None
        self._turn = 0

    def __len__(self) -> int:
        """How many items wait."""
        return len(self._items) + len(self._aside or ())

    def put(self, item: T) -> bool:
        """Add an item; False when it is full, and then the item is not in it."""
        target = self._items if self._aside is None else self._aside
        if len(self) >= self._limit:
            return False
        target.append(item)
        self._filled.set()
        return True

    def tell(self, item: T) -> None:
        """Add an item even when it is full, and not aside."""
        self._items.append(item)
        self._filled.set()

    def tell_last(self, item: T) -> None:
        """The same; but when one of its kind still waits, the consumer is far behind, and what waits is forgotten."""
        if any(type(waiting) is type(item) for waiting in self._items):
            self._items.clear()
        self.tell(item)

    def hold(self) -> None:
        """Put what comes aside."""
        self._aside = deque()

    def drop_held(self) -> None:
        """Forget what is aside, and hold no longer."""
        self._aside = None

    def release(self, first: T) -> None:
        """Put `first` in, then what is aside, and hold no longer."""
        self.tell(first)
        self._items.extend(self._aside or ())
        self._aside = None

    def clear(self) -> None:
        """Forget everything."""
        self._items.clear()
        self._aside = None

    def close(self, error: BaseException | None = None) -> None:
        """Let the consumer take what is there, and then end, with an error if there is one."""
        self._closed = True
        self._error = self._error or error
        self._filled.set()

    def __aiter__(self) -> Self:
        """The consumer's iteration."""
        return self

    async def __anext__(self) -> T:
        """The next item; now and then something else is let run first, so that a full queue starves nobody."""
        self._turn += 1
        if self._turn % TURN == 0:
            await asyncio.sleep(0)
        while not self._items:
            if self._closed:
                raise self._error or StopAsyncIteration
            self._filled.clear()
            await self._filled.wait()
        return self._items.popleft()
