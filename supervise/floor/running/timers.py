"""What is to be done after a while, unless that has become pointless."""

import asyncio
from collections.abc import Callable


class Timers:
    """Several such things, all called off together."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._handles: set[asyncio.TimerHandle] = set()

    def later(self, seconds: float, do: Callable[[], None]) -> asyncio.TimerHandle:
        """Do something after so many seconds, unless it is called off by itself."""
        loop = asyncio.get_running_loop()
        self._handles = {handle for handle in self._handles if handle.when() > loop.time()}
        handle = loop.call_later(seconds, do)
        self._handles.add(handle)
        return handle

    def cancel(self) -> None:
        """Do none of it."""
        for handle in self._handles:
            handle.cancel()
