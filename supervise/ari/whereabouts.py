"""Who is where in Asterisk, waited for: what has been asked for is not believed before a bridge says so."""

import asyncio
from collections.abc import Callable

from supervise.ari.client.client import Ari
from supervise.ari.client.errors import NotFoundError
from supervise.domain.calls.calls import CallBook
from supervise.domain.calls.naming import OurId
from supervise.domain.sessions.truth import bridges_with

LOOK_SECONDS, LOOKS = 0.005, 200
"""Between two looks at a bridge, and how many there are; a move takes 3 to 10 ms."""


class Whereabouts:
    """Looks into bridges until somebody has come, or gone."""

    def __init__(self, ari: Ari, book: CallBook) -> None:
        """Ask over `ari`; `book` knows what events have told."""
        self._ari = ari
        self._book = book

    def bridge_of(self, seat: OurId) -> str:
        """The bridge of the call that a seat is in.

        Raises:
            NotFoundError: it is in none.
        """
        bridges = sorted(bridges_with(seat, self._book))
        if not bridges:
            raise NotFoundError("GET", "/bridges", "the seat is in no bridge", 404)
        return bridges[0]

    async def until(self, channel: str, bridge: str, *, there: bool) -> tuple[str, ...]:
        """Wait until a channel is in a bridge, or not, and say who is in it then; one that has gone is not.

        Raises:
            NotFoundError: the bridge has gone, or the channel that is to come.
            TimeoutError: it was not moved.
        """
        for _ in range(LOOKS):
            members = (await self._ari.bridges.get(bridge)).channels
            if (channel in members) is there:
                return members
            if self._book.channel(channel) is None:
                if there:
                    raise NotFoundError("GET", f"/channels/{channel}", "the channel has gone", 404)
                return tuple(member for member in members if member != channel)
            await asyncio.sleep(LOOK_SECONDS)
        raise TimeoutError(f"{channel} was not moved within {LOOKS * LOOK_SECONDS:g} s")

    async def until_book(self, so: Callable[[], bool]) -> None:
        """Wait until events have told of something.

        Raises:
            TimeoutError: they have not.
        """
        for _ in range(LOOKS):
            if so():
                return
            await asyncio.sleep(LOOK_SECONDS)
        raise TimeoutError(f"nobody was moved within {LOOKS * LOOK_SECONDS:g} s")
