"""What is to be done after a while, unless that has become pointless."""

import asyncio
from collections.abc import Callable


class Timers:
    """Several such things, all called off together."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._handles: set[asyncio.TimerHandle] = set()

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        """Do something after so many seconds."""
        loop = asyncio.get_running_loop()
        self._handles = {handle for handle in self._handles if handle.when() > loop.time()}
        self._handles.add(loop.call_later(seconds, do))

    def cancel(self) -> None:
        """Do none of it."""
        for handle in self._handles:
            handle.cancel()
