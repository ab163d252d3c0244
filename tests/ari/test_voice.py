import asyncio
from dataclasses import dataclass, field
from typing import cast

import pytest

from supervise.ari.client.client import Ari
from supervise.ari.client.expected import Expected
from supervise.ari.hold_music import HoldMusic
from supervise.ari.voice import Voice, media
from supervise.domain.calls.calls import CallBook
from supervise.domain.calls.naming import Kind, OurId

pytestmark = pytest.mark.unit

SUPERVISOR, THROUGH = "pbx-1.3", OurId(Kind.PROMPTER, "0" * 32, 1)


def test_digits_can_be_stopped() -> None:
    """Digits are sounds one after another, since what ARI's own scheme for them plays cannot be stopped by a key."""
    said = media(("menu-for", "digits:201", "sound:beep"))
    assert said[1:] == ["sound:digits/2", "sound:digits/0", "sound:digits/1", "sound:beep"]


@dataclass
class Quiet:
    """The part of Asterisk that sends silence to somebody, and takes its time to begin."""

    channels: "Quiet" = field(init=False)
    sends: bool = False
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    may_begin: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """It is its own channels."""
        self.channels = self

    async def start_silence(self, _: str) -> None:
        """Begin, when it may."""
        self.asked.set()
        await self.may_begin.wait()
        self.sends = True

    async def stop_silence(self, _: str) -> None:
        """End."""
        self.sends = False


@dataclass
class Playing:
    """The part of Asterisk that plays, and takes its time to begin; what it does not know yet cannot be stopped."""

    channels: "Playing" = field(init=False)
    playbacks: "Playing" = field(init=False)
    plays: set[str] = field(default_factory=set)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    may_begin: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """It is its own channels and playbacks."""
        self.channels = self.playbacks = self

    async def set_channel_var(self, channel: str, variable: str, value: str) -> None:
        """Take a lease."""

    async def play_with_id(self, _: str, playback: str, __: list[str]) -> None:
        """Begin when it may, also where nobody waits for the answer any more."""
        self.asked.set()
        await asyncio.shield(asyncio.ensure_future(self._begin(playback)))

    async def _begin(self, playback: str) -> None:
        await self.may_begin.wait()
        self.plays.add(playback)

    async def stop(self, playback: str) -> None:
        """Stop what is known."""
        self.plays.discard(playback)


class Voiced(Voice):
    """A voice whose words take no time."""

    async def whisper(self, listener: str, through: OurId, words: tuple[str, ...]) -> None:
        """Say nothing."""


async def test_words_that_come_late_leave_no_silence_behind() -> None:
    """Said to somebody alone, and heard when the call is in their room again: silence would be heard instead of it."""
    quiet = Quiet()
    quiet.may_begin.set()
    voice = Voiced(ari := cast("Ari", quiet), Expected(), HoldMusic(ari, CallBook()))
    voice.left_alone(SUPERVISOR)
    await voice.let_hear(SUPERVISOR)
    await voice.whisper_alone(SUPERVISOR, THROUGH, ("off-hold",))
    assert not quiet.sends


async def test_silence_that_is_still_to_begin_is_ended() -> None:
    """The end of silence is asked for when its beginning has been answered, and not beside it."""
    quiet = Quiet()
    voice = Voiced(ari := cast("Ari", quiet), Expected(), HoldMusic(ari, CallBook()))
    voice.left_alone(SUPERVISOR)
    async with asyncio.TaskGroup() as group:
        group.create_task(voice.whisper_alone(SUPERVISOR, THROUGH, ("off-hold",)))
        await quiet.asked.wait()
        heard = group.create_task(voice.let_hear(SUPERVISOR))
        quiet.may_begin.set()
        await heard
    assert not quiet.sends


async def test_words_that_are_only_asked_for_are_cut_short() -> None:
    """Asterisk would play them to their end, and take nothing else for that phone until then."""
    playing = Playing()
    voice = Voice(ari := cast("Ari", playing), Expected(), HoldMusic(ari, CallBook()))
    saying = asyncio.create_task(voice.say_alone(SUPERVISOR, ("call-ended", "waiting")))
    await playing.asked.wait()
    saying.cancel()
    asyncio.get_running_loop().call_soon(playing.may_begin.set)
    await asyncio.wait([saying])
    assert saying.cancelled()
    assert not playing.plays
