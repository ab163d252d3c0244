"""What the floor has begun and nobody waits for."""

import asyncio
from collections.abc import Awaitable

import structlog

from supervise.domain.ports import OrderFailedError
from supervise.floor.line import Line

log = structlog.get_logger(__name__)


class Errands:
    """All such things; some are done for one line, and end with it."""

    def __init__(self) -> None:
        """Nothing has been begun."""
        self._tasks: dict[asyncio.Task[None], Line | None] = {}

    def __len__(self) -> int:
        """How many are going on."""
        return len(self._tasks)

    def begin(self, work: Awaitable[None], line: Line | None = None) -> None:
        """Do something, for a line if it is named."""
        task = asyncio.ensure_future(logged(work))
        self._tasks[task] = line
        task.add_done_callback(lambda done: self._tasks.pop(done, None))

    def cancel(self, line: Line) -> None:
        """Call off what is done for a line."""
        for task, of in self._tasks.items():
            if of is line:
                task.cancel()

    async def close(self) -> None:
        """Call off everything, and wait until it has ended."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def logged(work: Awaitable[None]) -> None:
    """Do something for one line; its failure must not take the others down, and must not be lost."""
    try:
        await work
    except OrderFailedError as error:
        log.warning("floor.failed", error=str(error))
    except Exception:  # whatever it is, it is told here, and the lines of other supervisors go on
        log.exception("floor.broken")
