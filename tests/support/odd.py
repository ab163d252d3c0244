"""Calls that are more than one phone ringing another, and who has to hear whom in them."""

import asyncio
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from supervise.domain.words import Mode
from supervise.lab.callcentre import CallCentre
from supervise.lab.hearing.ear import Window
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.unbroken import Around, around

CODES = {Mode.MONITOR: "*55", Mode.COACH: "*56", Mode.BARGE: "*57"}

KEYS = {Mode.MONITOR: "4", Mode.COACH: "5", Mode.BARGE: "6"}

BARELY_NS = 60_000_000
"""What was sent so lately may not have been captured yet."""


@dataclass(slots=True)
class Odd:
    """A call of an agent with any number of others, and a supervisor.

    Attributes:
        mode: the one that the supervisor is in.
    """

    centre: CallCentre
    agent: Phone
    others: Sequence[Phone]
    supervisor: Phone
    mode: Mode = Mode.MONITOR

    async def join(self, mode: Mode) -> None:
        """Let the supervisor dial the agent in a mode, and wait until it holds; what everybody heard is judged."""
        self.mode = Mode.MONITOR
        before = self.around()
        await self.supervisor.dial(f"{CODES[mode]}{self.agent.user}")
        await self._becomes(mode, before)

    async def switch(self, mode: Mode) -> None:
        """Let the supervisor press the key of a mode, and wait until it holds; what everybody heard is judged."""
        before = self.around()
        await self.supervisor.press(KEYS[mode])
        await self._becomes(mode, before)

    def around(self) -> Sequence[tuple[Phone, Around]]:
        """Open a window on what each party hears."""
        return [(phone, around(self.centre, phone)) for phone in (self.agent, *self.others)]

    def hears(self, phone: Phone) -> set[Voice]:
        """Whom a party is to hear now: all the others, and the supervisor as the mode says."""
        others = {_voice(each) for each in (self.agent, *self.others)} - {_voice(phone)}
        return others | ({Voice.SUPERVISOR} if phone in self._hearers(self.mode) else set())

    async def _becomes(self, mode: Mode, before: Sequence[tuple[Phone, Around]]) -> None:
        """Every party has heard each of the others all the time, and the supervisor only where a mode lets them."""
        hears = {phone.name: self.hears(phone) for phone, _ in before}
        await self.expect(mode)
        self.mode = mode
        for phone, heard in before:
            heard.only(*hears[phone.name], *self.hears(phone))
            for voice in self.hears(phone) - {Voice.SUPERVISOR}:
                heard.never_without(voice)

    def _hearers(self, mode: Mode) -> Sequence[Phone]:
        return {Mode.MONITOR: [], Mode.COACH: [self.agent], Mode.BARGE: [self.agent, *self.others]}[mode]

    async def expect(self, mode: Mode) -> None:
        """Wait until everybody hears the others, and the supervisor exactly as the mode says; twice."""
        voices = {_voice(phone) for phone in (self.agent, *self.others)}
        for _ in range(2):
            waits = [self._hears(self.supervisor, voices, {Voice.SUPERVISOR})]
            for phone in (self.agent, *self.others):
                own = {_voice(phone)}
                heard = phone in self._hearers(mode)
                waits.append(
                    self._hears(
                        phone,
                        (voices - own) | ({Voice.SUPERVISOR} if heard else set()),
                        own | (set() if heard else {Voice.SUPERVISOR}),
                    )
                )
            await asyncio.gather(*waits)

    async def _hears(self, phone: Phone, voices: Collection[Voice], unheard: Collection[Voice]) -> None:
        await self.centre.hearing.until(phone, hears=voices, not_hears=unheard, for_ms=240, within=6)


async def until_logged(centre: CallCentre, text: str, within: float = 10.0) -> None:
    """Wait until Asterisk's log says something."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while text not in centre.asterisk.log():
        assert loop.time() < end, f"not logged within {within:g} s: {text}"
        await asyncio.sleep(0.05)


def never_heard(centre: CallCentre, listener: Phone, voice: Voice, since_ns: int) -> None:
    """Fail if somebody heard a voice since a moment."""
    window = Window(since_ns, time.time_ns() - BARELY_NS)
    assert centre.hearing.first_heard(listener, voice, window) is None, f"{listener.name} heard {voice}"


def _voice(phone: Phone) -> Voice:
    assert isinstance(phone.voice, Voice)
    return phone.voice
