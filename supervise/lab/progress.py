"""Tells the person who waits what is being done, as soon as they have waited for two seconds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

from rich.console import Console
from rich.status import Status

PATIENCE = 2.0
"""Seconds that may pass without a word."""

_REMINDER = 10.0
"""Seconds between two lines about the same step where lines cannot be overwritten."""


class Step:
    """One piece of work under way; `detail` may be set at any time and is shown beside its name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.detail = ""
        self._began = monotonic()

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return monotonic() - self._began

    def __str__(self) -> str:
        """Name, detail and seconds, for one line."""
        detail = f": {self.detail}" if self.detail else ""
        return f"{self.name}{detail} ({self.seconds:.0f} s)"


class Progress:
    """Shows steps on a console: a live line on a terminal, plain lines elsewhere, nothing for what is quick."""

    def __init__(self, console: Console | None = None, *, patience: float = PATIENCE) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._patience = patience

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[Step]:
        """Show `name` while the body runs, if it runs for long; steps do not nest."""
        step = Step(name)
        teller = asyncio.create_task(self._tell(step))
        outcome = "failed after"
        try:
            yield step
            outcome = "done in"
        finally:
            teller.cancel()
            await asyncio.gather(teller, return_exceptions=True)
            if step.seconds >= self._patience:
                self._console.print(f"{name}: {outcome} {step.seconds:.0f} s", markup=False, soft_wrap=True)

    async def _tell(self, step: Step) -> None:
        await asyncio.sleep(self._patience)
        if self._console.is_terminal:
            await self._overwrite(step)
        else:
            await self._repeat(step)

    async def _overwrite(self, step: Step) -> None:
        with Status("", console=self._console) as status:
            while True:
                status.update(str(step))
                await asyncio.sleep(0.25)

    async def _repeat(self, step: Step) -> None:
        while True:
            self._console.print(f"{step} ...", markup=False, soft_wrap=True)
            await asyncio.sleep(_REMINDER)
