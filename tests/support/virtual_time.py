"""A loop whose clock jumps to the next timer when nothing else is to be done: seconds pass without being waited for."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec

P = ParamSpec("P")


class VirtualLoop(asyncio.SelectorEventLoop):
    """Begins at 0 s. For what neither reads nor writes nor uses threads."""

    def __init__(self) -> None:
        """Begin."""
        super().__init__()
        self._at = 0.0

    def time(self) -> float:
        """The seconds that have been jumped over so far."""
        return self._at

    def _run_once(self) -> None:
        if not self._ready:  # type: ignore[attr-defined]  # what BaseEventLoop has, and its stub does not tell
            coming = [timer.when() for timer in self._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
            if not coming:
                raise RuntimeError("nothing is left that could happen: the test would wait for ever")
            self._at = max(self._at, min(coming))
        super()._run_once()  # type: ignore[misc]


def in_virtual_time(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """Run a test in a loop of its own whose time is virtual."""

    async def whole(*args: P.args, **kwargs: P.kwargs) -> None:
        await test(*args, **kwargs)

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(whole(*args, **kwargs))

    return run
