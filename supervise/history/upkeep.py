"""What goes on beside a journal while a controller runs: forgetting what is too old, and telling the webhooks.

None of it may cost anybody their session: a part that breaks is told, and begun again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import structlog
from aiohttp import ClientSession, DummyCookieJar

from supervise.history.housekeeping import Housekeeper
from supervise.history.journal import HistoryJournal
from supervise.history.telling.dispatch import Dispatcher
from supervise.history.telling.webhooks import Hook

AGAIN = 10.0
"""Seconds after which a part that broke is begun again."""

log = structlog.get_logger(__name__)


class Upkeep:
    """Used as ``async with``, inside that of the journal.

    Attributes:
        dispatchers: who serves each webhook, by its name.
    """

    def __init__(self, journal: HistoryJournal, hooks: Iterable[Hook], keep: Callable[[], timedelta | None]) -> None:
        """Nothing happens before the block is entered.

        Args:
            journal: the journal, which is open when the block is entered.
            hooks: the receivers.
            keep: how long records are kept; None while nobody has said.
        """
        self.dispatchers: dict[str, Dispatcher] = {}
        self._journal = journal
        self._hooks = tuple(hooks)
        self._keep = keep
        self._stack = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Begin."""
        client = await self._stack.enter_async_context(ClientSession(cookie_jar=DummyCookieJar()))
        self._begin("retention", Housekeeper(self._journal, self._keep, _now).run)
        for hook in self._hooks:
            self.dispatchers[hook.name] = dispatcher = Dispatcher(self._journal, hook, client, _now)
            self._begin(f"webhook {hook.name}", dispatcher.run)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End; what was not delivered is delivered by the next controller."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._stack.aclose()

    def _begin(self, part: str, work: Callable[[], Awaitable[None]]) -> None:
        self._tasks.append(asyncio.create_task(_for_ever(part, work), name=part))


async def _for_ever(part: str, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except Exception:  # whatever it is, it is told here, and supervision goes on
            log.exception("upkeep.broken", part=part, again_in=AGAIN)
        await asyncio.sleep(AGAIN)


def _now() -> datetime:
    return datetime.now(UTC)
