"""Who heard whom, from the RTP that arrived at each phone."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import suppress
from typing import Final, Protocol

from supervise.lab.hearing import codecs, ear, marks
from supervise.lab.hearing.continuity import LONGEST_DELAY_NS, Continuity, follow
from supervise.lab.hearing.ear import WARM_UP_NS, Arrivals, Sound, Window
from supervise.lab.hearing.matrix import Heard, Matrix
from supervise.lab.phone_errors import PhoneError, WaitError
from supervise.lab.sound import FRAMES_PER_SECOND, Voice
from supervise.lab.wire.rtp import TELEPHONE_EVENT, Address, KeyPress, RtpPacket, key_presses

_LOOK_EVERY_S: Final = 0.01
_READING_LAG_S: Final = 0.05
"""How long the sniffer may need to read what the kernel has stamped already."""

_ENOUGH: Final = 0.8
"""The share of a window's packets that must have come before it is said that somebody is heard in it."""


class Capture(Protocol):
    """Where the packets come from: a `Sniffer`."""

    def arrived(self, at: Address, since_ns: int, until_ns: int) -> list[RtpPacket]:
        """RTP delivered to a port within [since, until)."""

    def left(self, source: Address, since_ns: int, until_ns: int) -> list[RtpPacket]:
        """RTP sent from a port within [since, until)."""

    def codec(self, packet: RtpPacket) -> str:
        """What a packet's payload type means."""


class Listener(Protocol):
    """A phone, as far as hearing goes."""

    @property
    def name(self) -> str:
        """For tables and messages."""

    @property
    def voice(self) -> object:
        """Its `Voice`, or whatever else it speaks."""

    @property
    def rtp_address(self) -> Address:
        """Where it receives sound, and where it sends it from."""


class Hearing:
    """Listens in the phones' stead. All times are of the kernel's clock, in nanoseconds since 1970."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture

    def heard(self, phone: Listener, window: Window) -> Heard:
        """What a phone heard."""
        return self._heard(phone, window, Voice)

    async def listen(self, phones: Iterable[Listener], for_ms: float) -> Matrix:
        """Listen for a while from now on, and tell who heard whom."""
        start = time.time_ns()
        await asyncio.sleep(for_ms / 1000 + _READING_LAG_S)
        return self.who_heard_whom(phones, Window(start, start + int(for_ms * 1e6)))

    def who_heard_whom(self, phones: Iterable[Listener], window: Window) -> Matrix:
        """The whole matrix of a window."""
        listeners = list(phones)
        own = {phone.name: phone.voice for phone in listeners if isinstance(phone.voice, Voice)}
        voices = tuple(voice for voice in Voice if voice in own.values())
        return Matrix(tuple(self.heard(phone, window) for phone in listeners), voices, own)

    async def until(
        self,
        phone: Listener,
        *,
        hears: Collection[Voice] = (),
        not_hears: Collection[Voice] = (),
        for_ms: float = 200,
        within: float = 5,
    ) -> Heard:
        """Wait until a phone has heard all of some voices, and nothing of others, for a while; else `WaitError`.

        A phone whose call has not begun yet is waited for as well.
        """
        async for _ in _looks(within):
            window = Window.last(for_ms)
            with suppress(PhoneError):
                heard = self._heard(phone, window, {*hears, *not_hears})
                unheard = all(heard.voices[voice].unheard for voice in not_hears)
                if unheard and (not hears or (_enough(heard, window) and all(heard.hears(voice) for voice in hears))):
                    return self.heard(phone, window)
        wanted = f"hears {_names(hears)} and not {_names(not_hears)} for {for_ms:g} ms"
        raise WaitError(f"not within {within:g} s: {phone.name} {wanted}; at last:\n{self._told(phone, for_ms)}")

    async def until_keys(self, phone: Listener, count: int, since_ns: int, within: float = 5) -> list[KeyPress]:
        """Wait until a phone has sent so many keys, each to its end, since a moment; `WaitError` otherwise."""
        keys: list[KeyPress] = []
        async for _ in _looks(within):
            keys = self.keys_sent(phone, Window(since_ns, time.time_ns()))
            if sum(key.up_ns > 0 for key in keys) >= count:
                return keys
        raise WaitError(f"{phone.name} did not send {count} keys within {within:g} s, but: {keys}")

    def sound(self, phone: Listener, window: Window) -> Sound:
        """The very sound that a phone heard, with the moment of each packet."""
        return self._sound(phone.rtp_address, window)

    def first_heard(self, phone: Listener, voice: Voice, window: Window) -> int | None:
        """When the first frame of a voice arrived (the voice itself: four frames of its walk in a row), or None."""
        moments = self._moments(phone, voice, window)
        return moments[0] if moments else None

    def last_heard(self, phone: Listener, voice: Voice, window: Window) -> int | None:
        """When the last frame of a voice arrived, or None."""
        moments = self._moments(phone, voice, window)
        return moments[-1] if moments else None

    def continuity(self, speaker: Listener, listener: Listener, window: Window) -> Continuity:
        """The fate of the speaker's frames that the listener should have heard in the window."""
        if not isinstance(speaker.voice, Voice):
            raise TypeError(f"{speaker.name} speaks no marks")
        earlier = Window(window.start_ns - LONGEST_DELAY_NS, window.end_ns)
        # What was heard is read first: the newest packets may come between the two readings.
        _, heard = self._sound(listener.rtp_address, window).frames(speaker.voice)
        _, sent = self._sound_sent(speaker.rtp_address, earlier).frames(speaker.voice)
        return follow(sent, heard)

    def altered(self, speaker: Listener, listener: Listener, window: Window) -> int:
        """How many packets the listener got that are not, bit for bit, one that the speaker sent in the last 1.1 s.

        For calls with one G.711 codec on both sides; the two codes of nothing count as one.
        """
        got = self._capture.arrived(listener.rtp_address, window.start_ns, window.end_ns)
        sent = self._capture.left(speaker.rtp_address, window.start_ns - LONGEST_DELAY_NS, window.end_ns)
        known = {self._bits(packet) for packet in sent}
        return sum(
            1 for packet in got if self._capture.codec(packet) not in ear.NO_SOUND and self._bits(packet) not in known
        )

    def sent(self, phone: Listener, window: Window) -> Arrivals:
        """What the packets tell that a phone sent, as they went over the wire: what is missing was lost before that."""
        return ear.arrivals(self._capture.left(phone.rtp_address, window.start_ns, window.end_ns), self._capture.codec)

    def keys_sent(self, phone: Listener, window: Window) -> list[KeyPress]:
        """The keys that a phone sent."""
        return key_presses(self._events(self._capture.left(phone.rtp_address, window.start_ns, window.end_ns)))

    def keys_heard(self, phone: Listener, window: Window) -> list[KeyPress]:
        """The keys that a phone was sent: those of a supervisor are for nobody."""
        return key_presses(self._events(self._capture.arrived(phone.rtp_address, window.start_ns, window.end_ns)))

    def _events(self, packets: Iterable[RtpPacket]) -> list[RtpPacket]:
        return [packet for packet in packets if self._capture.codec(packet) == TELEPHONE_EVENT]

    def _bits(self, packet: RtpPacket) -> bytes:
        one, other = sorted(codecs.SILENT_BYTES.get(self._capture.codec(packet), b"\0\0"))
        return packet.payload.replace(bytes([one]), bytes([other]))

    def _heard(self, phone: Listener, window: Window, asked: Iterable[Voice]) -> Heard:
        sound = self._sound(phone.rtp_address, window)
        voices = {voice: marks.presence(sound.pcm, sound.rate, voice) for voice in asked}
        packets = self._capture.arrived(phone.rtp_address, window.start_ns, window.end_ns)
        return Heard(phone.name, voices, ear.arrivals(packets, self._capture.codec), sound.silent)

    def _sound(self, address: Address, window: Window) -> Sound:
        packets = self._capture.arrived(address, window.start_ns - WARM_UP_NS, window.end_ns)
        return ear.sound(packets, self._capture.codec, window)

    def _sound_sent(self, address: Address, window: Window) -> Sound:
        packets = self._capture.left(address, window.start_ns - WARM_UP_NS, window.end_ns)
        return ear.sound(packets, self._capture.codec, window)

    def _told(self, phone: Listener, for_ms: float) -> str:
        try:
            heard = self.heard(phone, Window.last(for_ms))
        except PhoneError as problem:
            return f"  {problem}"
        lines = [f"  {voice}: {heard.cell(voice)}" for voice in heard.voices]
        return "\n".join([*lines, f"  {heard.arrivals.packets} packets, {heard.arrivals.missing} missing"])

    def _moments(self, phone: Listener, voice: Voice, window: Window) -> list[int]:
        found, frames = self._sound(phone.rtp_address, window).frames(voice)
        return [int(moment) for moment in frames.at_ns[marks.itself(found.tones)]]


async def _looks(within: float) -> AsyncIterator[None]:
    """Look at once, and again and again as long as there is time."""
    end = time.monotonic() + within
    yield
    while time.monotonic() < end:
        await asyncio.sleep(_LOOK_EVERY_S)
        yield


def _enough(heard: Heard, window: Window) -> bool:
    return heard.arrivals.packets >= _ENOUGH * window.milliseconds / 1000 * FRAMES_PER_SECOND


def _names(voices: Collection[Voice]) -> str:
    return ", ".join(sorted(voices)) or "nobody"
