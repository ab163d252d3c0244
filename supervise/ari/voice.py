"""Saying something to one person alone.

Over a call, words are whispered through a Snoop channel on the listener's own channel. Only its phone hears them,
nothing of the call is lost meanwhile (`play` on a channel in a bridge would take its place in the bridge), and no
bridge has a member more. Outside a bridge they are played on the channel itself.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import structlog

from supervise import prompts
from supervise.ari.client.client import Ari
from supervise.ari.client.errors import AriError, NotFoundError, NotInStasisError
from supervise.ari.client.expected import Expected
from supervise.ari.hold_music import HoldMusic
from supervise.ari.persist import until_done
from supervise.ari.whispers import START_PATIENCE, Whispers
from supervise.domain.calls.naming import PREFIX, OurId

LONGEST_SPEECH = 45.0
"""Seconds: longer than anything we say."""

SPEECH_LEASE = 75
"""Seconds until Asterisk hangs up a channel that says something: the speech, and a menu's patience after it."""

log = structlog.get_logger(__name__)


DIGITS = "digits:"
"""What stands before digits that are to be spoken one by one."""


def media(words: tuple[str, ...]) -> list[str]:
    """Words as ARI plays them: a prompt's id, digits one by one, or what has a scheme already.

    ARI has a scheme ``digits:`` of its own. What it plays cannot be stopped (22.10.1, measured): the channel takes no
    other command until all is said, so that a key pressed meanwhile came too late for everything that it asked for.
    """
    return [each for word in words for each in _media(word)]


def _media(word: str) -> list[str]:
    if word.startswith(DIGITS):
        return [f"sound:digits/{digit}" for digit in word.removeprefix(DIGITS)]
    return [word if ":" in word else prompts.media(word)]


class Voice:
    """Says things over one Asterisk."""

    def __init__(self, ari: Ari, expected: Expected, music: HoldMusic) -> None:
        """Speak over `ari`; whoever reads its events tells `expected` of channels and playbacks.

        `music` goes on for who is on hold and for who holds them.
        """
        self._ari = ari
        self._music = music
        self._whispers = Whispers(ari, expected)
        self._expected = expected
        self._alone: set[str] = set()
        self._carried: set[str] = set()
        self._silence = asyncio.Lock()

    async def whisper(self, listener: str, through: OurId, words: tuple[str, ...]) -> None:
        """Say words to whoever is on channel `listener`, mixed into what they hear.

        Raises:
            AriError, TimeoutError: it was not said, or not to the end.
        """
        async with self.beside(listener, through) as name:
            await self.play(name, media(words))

    async def whisper_alone(self, listener: str, through: OurId, words: tuple[str, ...]) -> None:
        """The same to somebody who is alone in their room: words are mixed only into what is sent, so silence is.

        It goes on until `let_hear`: without it, the Snoop channel would not end either (measured, 22.10.1). Who has
        been let hear since they were `left_alone` is sent none: while words wait for others the room is filled.

        Raises:
            AriError, TimeoutError: it was not said, or not to the end.
        """
        async with self._silence:
            if listener in self._alone - self._carried:
                self._carried.add(listener)
                await self._ari.channels.start_silence(listener)
        await self.whisper(listener, through, words)

    def left_alone(self, listener: str) -> None:
        """Know that somebody is alone in their room, and what is to be said to them needs silence."""
        self._alone.add(listener)

    async def let_hear(self, listener: str) -> None:
        """Send no silence any more: it would be heard instead of the room.

        Raises:
            AriError: nobody knows whether it is sent.
        """
        self._alone.discard(listener)
        if listener not in self._carried:
            return
        async with self._silence:
            with suppress(NotFoundError, NotInStasisError):
                await self._ari.channels.stop_silence(listener)
            self._carried.discard(listener)

    @asynccontextmanager
    async def beside(self, listener: str, through: OurId) -> AsyncIterator[str]:
        """Give a channel whose sound is mixed into what `listener` hears; it ends with the block.

        Raises:
            AriError, TimeoutError: there is none.
        """
        name = str(through)
        await self._music.keep(listener)
        try:
            await self._whispers.open(listener, through, SPEECH_LEASE)
            yield name
        finally:
            await until_done(partial(self._forget, name))

    async def say_alone(self, channel: str, words: tuple[str, ...]) -> None:
        """Play words on a supervisor's channel that is in no bridge, and return when they have ended.

        Raises:
            AriError, TimeoutError: they were not played, or not to the end.
        """
        await self._lease(channel)
        await self.play(channel, media(words))

    async def _lease(self, channel: str) -> None:
        """Before it plays: Asterisk takes nothing else for a channel until what it plays has ended."""
        await self._ari.channels.set_channel_var(channel, "TIMEOUT(absolute)", str(SPEECH_LEASE))

    async def play(self, channel: str, sounds: list[str]) -> bool:
        """Play on a channel to the end; whether all was there to be played.

        Raises:
            AriError, TimeoutError: it was not played, or not to the end.
        """
        playback = _new_playback()
        with self._expected.expecting(playback) as finished:
            try:
                await self._begin(channel, playback, sounds)
                return await asyncio.wait_for(finished, LONGEST_SPEECH)
            except BaseException:
                await self._stop(playback)
                raise

    async def play_for(self, seconds: float, channel: str, sound: str) -> None:
        """Play what has no end of its own.

        Raises:
            AriError, TimeoutError: it was not played, or not for so long.
        """
        playback = _new_playback()
        with self._expected.expecting(playback) as finished:
            try:
                await self._begin(channel, playback, [sound])
                await asyncio.sleep(seconds)
            finally:
                await self._stop(playback)
            await asyncio.wait_for(finished, START_PATIENCE)

    async def _begin(self, channel: str, playback: str, sounds: list[str]) -> None:
        """Ask for a playback, and have the answer before it can be stopped, even where nobody wants it any more.

        Asterisk knows nothing of it before, would play it to its end all the same, and meanwhile do nothing else for
        the channel.
        """
        asking = asyncio.ensure_future(self._ari.channels.play_with_id(channel, playback, sounds))
        try:
            await asyncio.shield(asking)
        except asyncio.CancelledError:
            await asyncio.gather(asking, return_exceptions=True)
            raise

    async def _stop(self, playback: str) -> None:
        """Cut short what is being played; what has ended, or has gone with its channel, is as good."""
        try:
            await self._ari.playbacks.stop(playback)
        except AriError as error:
            log.debug("voice.not-stopped", playback=playback, error=str(error))

    async def _forget(self, name: str) -> None:
        """End a channel that says things; one that has ended is as good."""
        try:
            await self._ari.channels.hangup(name)
        except NotFoundError:
            return


def _new_playback() -> str:
    return f"{PREFIX}-words-{secrets.token_hex(8)}"
