"""Waiting until a call has settled: an ear that comes while Asterisk still changes a bridge may stay deaf."""

import asyncio
from collections.abc import Callable, Hashable

SETTLE_SECONDS = 0.5
"""How long an agent has been in a bridge that they have just entered before there is an ear on them.

When a channel without any tap enters, Asterisk lets the two phones' packets pass it by (`native_rtp`), and takes that
back when a tap comes. Both at once, and what the agent is sent is not heard for good (22.10.1, each second time).
"""

_MARGIN = 0.01


class Settling:
    """Looks again when what was seen has lasted."""

    def __init__(self) -> None:
        """Nothing has been seen yet."""
        self.again: Callable[[], None] = lambda: None
        self._what: Hashable = None
        self._since = 0.0

    def lasts(self, what: Hashable) -> bool:
        """Whether this has been so for a while; `again` is called when it has."""
        loop = asyncio.get_running_loop()
        if what != self._what:
            self._what, self._since = what, loop.time()
            loop.call_later(SETTLE_SECONDS, self.again)
            return False
        return loop.time() - self._since >= SETTLE_SECONDS - _MARGIN
