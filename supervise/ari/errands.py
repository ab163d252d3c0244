"""What is done for an Asterisk while nobody waits for it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from supervise.ari.client.errors import AriError

Errand = Callable[[], Coroutine[Any, Any, None]]
"""Something to be done; it begins when it is called, so that one that is cancelled first leaves nothing behind."""

log = structlog.get_logger(__name__)


class Errands:
    """All that one switchboard has on its way."""

    def __init__(self, node: str) -> None:
        """Nothing is on its way; `node` stands in what is logged."""
        self._node = node
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, errand: Errand) -> asyncio.Task[None]:
        """Do something that nobody waits for; what fails is logged."""
        task = asyncio.create_task(self._do(errand))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def settle(self) -> None:
        """Wait until none is left, for an orderly end."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _do(self, errand: Errand) -> None:
        try:
            await errand()
        except (AriError, TimeoutError) as error:
            log.warning("errand.failed", node=self._node, error=str(error))


async def in_turn(before: asyncio.Task[None] | None, then: Errand) -> None:
    """Do something when what was before it has ended."""
    if before is not None:
        await asyncio.wait([before])
    await then()
