"""Telling the parties of a call that it is supervised: an announcement, or a tone, mixed into what each of them hears.

Nothing of the call is lost meanwhile and no bridge has a member more; see `supervise.ari.voice`.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from typing import Any

from supervise.ari.client.client import Ari
from supervise.ari.client.errors import RefusedError
from supervise.ari.voice import Voice
from supervise.domain.calls.naming import OurId
from supervise.domain.ports import OrderFailedError

LEAST_PACKETS = 10
"""What must be sent to a phone in a second for it to hear anything: a whisper travels in the frames of the call only
(22.10.1), and no packet carries more than 100 ms."""

TONE_TAIL = 0.1
"""Seconds that the end of a tone needs through the mixing queue; it takes up to 40 ms."""

Listeners = Mapping[OurId, str]
"""Who is to hear something: their channels, each by the id of the channel of ours that says it."""


class Announcer:
    """Speaks to the parties of calls of one Asterisk."""

    def __init__(self, ari: Ari, voice: Voice) -> None:
        """Speak with `voice`."""
        self._ari = ari
        self._voice = voice

    async def announce(self, listeners: Listeners, sound: str) -> None:
        """Play a sound to its end to all of them at once.

        Raises:
            AriError, TimeoutError, OrderFailedError: somebody did not hear it.
        """
        await _all(self._announce(listener, through, sound) for through, listener in listeners.items())

    async def _announce(self, listener: str, through: OurId, sound: str) -> None:
        loop = asyncio.get_running_loop()
        before, began = await self._sent(listener), loop.time()
        async with self._voice.beside(listener, through) as name:
            if not await self._voice.play(name, [f"sound:{sound}"]):
                raise OrderFailedError(f"Asterisk could not play {sound}: is it in its folder of sounds?")
        after, lasted = await self._sent(listener), loop.time() - began
        if before is not None and after is not None and after - before < LEAST_PACKETS * lasted:
            raise OrderFailedError(f"nothing is being sent to {listener}, so nobody heard {sound} there")

    async def _sent(self, channel: str) -> int | None:
        """The RTP packets sent to a phone so far; None where the channel has no RTP, or is gone."""
        try:
            return (await self._ari.channels.rtpstatistics(channel)).txcount
        except RefusedError:
            return None

    async def tone(self, listeners: Listeners, hertz: int, milliseconds: int) -> None:
        """Let all of them hear a tone at once.

        Raises:
            AriError, TimeoutError: somebody did not.
        """
        await _all(self._tone(listener, through, hertz, milliseconds) for through, listener in listeners.items())

    async def _tone(self, listener: str, through: OurId, hertz: int, milliseconds: int) -> None:
        """The exclamation mark: once, and not over and over until it is stopped (``main/indications.c``)."""
        async with self._voice.beside(listener, through) as name:
            await self._voice.play_for(milliseconds / 1000 + TONE_TAIL, name, f"tone:!{hertz}/{milliseconds}")


async def _all(attempts: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do all of it, and raise what went wrong first only when all has ended."""
    for result in await asyncio.gather(*attempts, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
