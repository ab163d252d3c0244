"""Taps on their way out: who listened to what was has gone before who listens to what is comes.

Asterisk turns what a channel is sent into sound for its taps in one place, which lasts as long as there is any tap on
that channel. Debian's (22.10.1, ``debian/patches/2016_opus_plc.patch``) takes every packet there whose number is lower
than the last one's for a late one, and drops it: where a new tap meets an old one that heard another party, it stays
deaf to what the channel is sent, for up to eleven minutes. See docs/decisions/0009.
"""

import asyncio

import structlog

from supervise.domain.calls.calls import CallBook

PATIENCE = 0.25
"""Seconds until a tap that was hung up must have gone; it takes 6 to 30 ms, and longer only while no sound flows."""

log = structlog.get_logger(__name__)


class Leaving:
    """The taps that have been hung up and may not have gone yet."""

    def __init__(self, book: CallBook) -> None:
        """None has; `book` knows what each listens to."""
        self._book = book
        self._going: dict[str, asyncio.Event] = {}

    def hung_up(self, tap: str) -> None:
        """One is being hung up; of one that Asterisk does not have there is nothing to wait for."""
        for known in list(self._going):
            self.ended(known)
        if self._book.channel(tap) is not None:
            self._going.setdefault(tap, asyncio.Event())

    def ended(self, channel: str) -> None:
        """Something of a channel has ended; when Asterisk has it no more, nothing of it is left on whom it heard."""
        if self._book.channel(channel) is None and channel in self._going:
            self._going.pop(channel).set()

    async def none_on(self, channel: str) -> None:
        """Return when no tap that was hung up is on a channel any more, or when waiting has lasted long enough."""
        try:
            async with asyncio.timeout(PATIENCE):
                while going := self._going_on(channel):
                    await going.wait()
        except TimeoutError:
            log.warning("tap.lingers", channel=channel, help="nothing is being sent or received on this channel")

    def _going_on(self, channel: str) -> asyncio.Event | None:
        """What tells that one of them has gone; another supervisor's may come to it meanwhile."""
        return next((event for tap, event in self._going.items() if self._listens(tap, channel)), None)

    def _listens(self, tap: str, channel: str) -> bool:
        """Whether a tap is on a channel: its name is ``Snoop/<channel id>-<8 hex digits>``."""
        known = self._book.channel(tap)
        return known is not None and known.name.rpartition("-")[0] == f"Snoop/{channel}"
