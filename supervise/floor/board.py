"""A switchboard as the whole floor uses it: not for one session's orders, but for what is left over in it."""

from collections.abc import Callable
from typing import Protocol

from supervise.domain.calls.calls import Channel
from supervise.domain.calls.naming import OurId
from supervise.domain.ports import Switchboard


class Board(Switchboard, Protocol):
    """A switchboard that can also say what is left over in it."""

    async def catch_up(self) -> bool:
        """Put into the book what lost events have hidden; whether there was anything.

        Raises:
            OrderFailedError: Asterisk could not be read.
        """

    def orphans(self, living: Callable[[str], bool]) -> tuple[OurId, ...]:
        """What is ours in Asterisk and belongs to no living session."""

    def held(self) -> tuple[str, ...]:
        """The channels of agents on hold, whoever put them there."""

    async def release(self, agent: str) -> None:
        """Put back an agent on hold of whom no session knows.

        Raises:
            OrderFailedError: they were not put back.
        """

    async def show(self, lamps: frozenset[str], known: frozenset[str] = frozenset()) -> None:
        """Light these lamps and no others of ours; those that are `known` are there, lit or not.

        Raises:
            OrderFailedError: they could not all be lit.
        """

    def strays(self) -> tuple[tuple[Channel, str], ...]:
        """The phones in our hands, with what they dialled."""
