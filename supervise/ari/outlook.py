"""What of an Asterisk's events matters to a board, told to its onlooker; nothing, where there is none."""

from collections.abc import Callable, Collection, Iterable

from supervise.ari.attendance import Attendance
from supervise.ari.client import events as e
from supervise.ari.client.client import Ari
from supervise.ari.folding import as_channel
from supervise.domain.board.presence import PresenceBook
from supervise.domain.calls.calls import CallBook
from supervise.domain.ports import Onlooker


class Outlook:
    """One Asterisk, as its onlooker is told of it.

    Attributes:
        presence: whether phones are there and their people want calls.
        devices: which devices are read after each connect.
        onlooker: who is told; to be set before anything happens.
    """

    def __init__(self, ari: Ari, book: CallBook) -> None:
        """Nobody is told yet."""
        self.presence = PresenceBook()
        self.devices: Callable[[], Iterable[str]] = tuple
        self.onlooker: Onlooker | None = None
        self._node = ari.access.node
        self._book = book
        self._attendance = Attendance(ari, self.presence)

    def tell(self, event: e.Event, moved: Collection[str]) -> None:
        """An event has been folded into the book, and `moved` these channels."""
        if self.onlooker is None:
            return
        around = [channel for channel in map(self._book.channel, moved) if channel is not None]
        own = getattr(event, "channel", None)
        if around or own is not None:
            self.onlooker.touched(self._node, around if own is None else [*around, as_channel(own)])
        whose = self._attendance.fold(event)
        if whose:
            self.onlooker.presence_moved(self._node, whose)

    def marked(self, channel: str, variable: str) -> None:
        """A variable has been set on a channel that is watched."""
        if self.onlooker is not None:
            self.onlooker.marked(self._node, channel, variable)

    def all_moved(self) -> None:
        """Everything may be another thing than before."""
        if self.onlooker is not None:
            self.onlooker.all_moved(self._node)

    async def read(self) -> None:
        """Read the devices (again)."""
        if self.onlooker is not None:
            self.all_moved()
            await self._attendance.read(self.devices())
            self.all_moved()
