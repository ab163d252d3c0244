"""What is said on the phones, told by Asterisk itself: every playback, over a websocket of the witness's own."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import aiohttp

from supervise import prompts
from supervise.ari.voice import media
from supervise.lab.callcentre import CallCentre

_ANSWERED_WITHIN_S = 5.0


@dataclass(slots=True)
class Spoken:
    """What has been said so far: each prompt with the channel on which it was, in order."""

    said: list[tuple[str, str]] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, *words: str, within: float = 5.0) -> None:
        """Wait until these prompts have been said one after the other, with nothing between; fail with what was.

        What is said on several phones at once may come in any order; what is said on one channel counts as well.
        """
        wanted = media(words)
        try:
            async with asyncio.timeout(within), self._news:
                await self._news.wait_for(lambda: any(_has(each, wanted) for each in (self._media, *self._on_each())))
        except TimeoutError:
            raise AssertionError(f"not said within {within:g} s: {words}, but: {self._media}") from None

    def count(self, word: str) -> int:
        """How often a prompt has been said."""
        return self._media.count(prompts.media(word))

    def words(self) -> list[str]:
        """All prompts of ours that have been said, sorted."""
        return sorted(media.removeprefix("sound:supervise/") for media in self._media)

    def forget(self) -> None:
        """Begin anew."""
        self.said.clear()

    def _on_each(self) -> list[list[str]]:
        """What has been said on each channel."""
        told = ([said for said, on in self.said if on == channel] for channel in {on for _, on in self.said})
        return [[said for said, _ in groupby(each)] for each in told]  # Asterisk tells most of them twice

    @property
    def _media(self) -> list[str]:
        return [media for media, _ in self.said]

    async def take(self, event: dict[str, Any]) -> None:
        """Take one of Asterisk's events in; between two sounds of a list *continuing* names the first one again."""
        playback = event.get("playback")
        if event.get("type") == "PlaybackStarted" and isinstance(playback, dict):
            async with self._news:
                self.said.append((playback["media_uri"], playback["target_uri"]))
                self._news.notify_all()


@asynccontextmanager
async def spoken(centre: CallCentre) -> AsyncIterator[Spoken]:
    """Hear, from now on, what is said."""
    user, password = centre.asterisk.witness
    # Not subscribeAll: with device states in it, Asterisk may stand still for ever when it ends (asterisk issue 2170).
    name = f"listening-witness-{secrets.token_hex(4)}"
    ari = f"{centre.asterisk.ari_url}/ari"
    headers = {"Authorization": aiohttp.encode_basic_auth(user, password)}
    said = Spoken()
    timeout = aiohttp.ClientTimeout(total=_ANSWERED_WITHIN_S)
    async with (
        aiohttp.ClientSession(headers=headers, timeout=timeout) as session,
        session.ws_connect(f"{ari}/events?app={name}&subscribeAll=false") as websocket,
        session.post(f"{ari}/applications/{name}/subscription?eventSource=channel:,bridge:") as subscribed,
    ):
        subscribed.raise_for_status()
        reading = asyncio.create_task(_read(websocket, said))
        try:
            yield said
        finally:
            reading.cancel()
            await asyncio.wait([reading])


async def _read(websocket: aiohttp.ClientWebSocketResponse[bool], said: Spoken) -> None:
    async for message in websocket:
        if message.type is aiohttp.WSMsgType.TEXT:
            await said.take(message.json())


def _has(media: list[str], wanted: list[str]) -> bool:
    return any(media[start : start + len(wanted)] == wanted for start in range(len(media)))
