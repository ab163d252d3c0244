"""What is said to the people around sessions: whispers to supervisors, notices to agents, announcements to calls."""

import asyncio
from collections.abc import Collection
from functools import partial

from supervise.ari.announcer import Announcer, Listeners
from supervise.ari.client.client import Ari
from supervise.ari.errands import Errands, in_turn
from supervise.ari.notices import NOTICE_TONE, message_text, notice
from supervise.ari.voice import Voice
from supervise.domain.calls.naming import Kind, OurId
from supervise.domain.ports import Telling
from supervise.domain.rights.decisions import Notice
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.session import Session
from supervise.domain.words import Mode


class Speaking:
    """Says it over one Asterisk, each time through a channel of a name that no other has had."""

    def __init__(self, ari: Ari, voice: Voice, errands: Errands) -> None:
        """Speak with `voice`; what nobody waits for is one of `errands`."""
        self._ari = ari
        self._voice = voice
        self._errands = errands
        self._announcer = Announcer(ari, voice)
        self._whispers: dict[str, asyncio.Task[None]] = {}
        self._spoken = 0

    def say(self, session: Session, words: tuple[str, ...], *, after: bool) -> None:
        """Whisper words to the supervisor over the call; what is still being said is cut short, or waited for."""
        before = self._whispers.get(session.id)
        if before is not None and not after:
            before.cancel()
        if session.alone:
            self._voice.left_alone(session.supervisor.channel)
        speak = self._voice.whisper_alone if session.alone else self._voice.whisper
        whisper = partial(speak, session.supervisor.channel, self._next_id(Kind.PROMPTER, session.id), words)
        self._whispers[session.id] = self._errands.begin(partial(in_turn, before, whisper))

    def stop(self, session: str) -> None:
        """Say nothing more to the supervisor of a session."""
        task = self._whispers.pop(session, None)
        if task is not None:
            task.cancel()

    def tell(self, session: str, presence: o.Presence, mode: Mode, ways: Telling) -> None:
        """Tell the agent by the ways of the house."""
        words = notice(presence, mode) if Notice.SPOKEN in ways.ways else NOTICE_TONE
        if ways.ways & {Notice.SPOKEN, Notice.TONE}:
            self._errands.begin(partial(self._whisper, ways.channel, session, words))
        if Notice.MESSAGE in ways.ways:
            self._errands.begin(partial(self._send_message, ways, presence, mode))

    async def _whisper(self, agent: str, session: str, words: str) -> None:
        await self._voice.whisper(agent, self._next_id(Kind.NOTIFIER, session), (words,))

    async def _send_message(self, ways: Telling, presence: o.Presence, mode: Mode) -> None:
        await self._ari.endpoints.send_message_to_endpoint(
            "PJSIP", ways.endpoint, "sip:supervise@localhost", message_text(ways.name, presence, mode)
        )

    async def announce(self, session: str, channels: Collection[str], sound: str) -> None:
        """Play a sound to its end to parties of a call.

        Raises:
            AriError, TimeoutError, OrderFailedError: somebody did not hear it.
        """
        await self._announcer.announce(self._listeners(session, channels), sound)

    async def sound_tone(self, session: str, channels: Collection[str], hertz: int, milliseconds: int) -> None:
        """Let parties of a call hear a tone.

        Raises:
            AriError, TimeoutError: somebody did not.
        """
        await self._announcer.tone(self._listeners(session, channels), hertz, milliseconds)

    def _listeners(self, session: str, channels: Collection[str]) -> Listeners:
        return {self._next_id(Kind.ANNOUNCER, session): channel for channel in channels}

    def _next_id(self, kind: Kind, session: str) -> OurId:
        self._spoken += 1
        return OurId(kind, session, self._spoken)
