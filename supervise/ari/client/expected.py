"""Waiting for an event that names something we chose: registered before the request, since it may come first."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Expected:
    """Who waits for which id."""

    def __init__(self) -> None:
        """Nobody waits."""
        self._waiting: dict[str, asyncio.Future[bool]] = {}

    @contextmanager
    def expecting(self, id_: str) -> Iterator[asyncio.Future[bool]]:
        """Give a future that `come` completes with whether it was well; forgotten at the end of the block."""
        future = asyncio.get_running_loop().create_future()
        self._waiting[id_] = future
        try:
            yield future
        finally:
            future.cancel()
            if self._waiting.get(id_) is future:
                del self._waiting[id_]

    def come(self, id_: str, *, well: bool = True) -> None:
        """What was named has come."""
        future = self._waiting.get(id_)
        if future is not None and not future.done():
            future.set_result(well)

    def __contains__(self, id_: str) -> bool:
        """Whether anybody waits for it."""
        return id_ in self._waiting
