"""Simulated phones: real SIP, real RTP, real keys, by one baresip process each."""

import asyncio
import signal
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

from supervise.lab.phone_errors import PhoneError, PhoneGoneError, RefusedError, WaitError
from supervise.lab.phones.baresip import Baresip
from supervise.lab.phones.call import Call, CallState, Line, Message
from supervise.lab.phones.config import Account, config, source_rate
from supervise.lab.phones.ctrl import Event
from supervise.lab.sound import Voice, recording
from supervise.lab.wire.rtp import Address, SipPacket
from supervise.lab.wire.sniffer import RTP_PORTS

SOUNDS: Final = Path(".cache/sounds")
"""Where recordings are kept, below the working directory."""

_ANSWER_WITHIN_S: Final = 5.0


@dataclass(eq=False, kw_only=True)
class Phone:
    """A SIP phone that speaks marked audio.

    async with Phone(user="201", secret="...", registrar=("127.0.0.1", 5060), voice=Voice.AGENT) as agent:
        await agent.dial("101")
        await agent.until_established()

    On entry it is registered, or `PhoneStartError` is raised; on leaving it hangs up, unregisters and ends. It also
    ends when this process does, however that happens. All waiting is bounded; `WaitError` tells the story.

    Verbs act on the latest open call unless told another.
    """

    user: str
    secret: str = ""
    registrar: Address | None = None
    """None: no registration; dial ``sip:user@host:port``, found in `sip_uri`."""
    voice: Voice | Path | None = None
    """What it speaks: a voice's marks, a recording (16 bit, mono, of the first codec's rate), or None: silence."""
    codecs: tuple[str, ...] = ("PCMU",)
    """Offered in this order; the recording has the rate of the first."""
    answers: bool = True
    """Whether it answers calls by itself; several at once, too."""
    name: str = ""
    """For tables and messages; the user when empty."""
    host: str = "127.0.0.1"
    authority: Path | None = None
    """The certificate by which it knows the registrar: with one it signs in over TLS, and takes no sound but SRTP."""
    told: Callable[[SipPacket], None] | None = None
    """Gets every SIP message that it sends or receives."""
    sounds: Path = SOUNDS
    recording_s: int = 120
    """Length of the recording; it is begun anew in time for longer calls.

    Baresip reads it whole at the start of each call, which takes it 4 ms for 120 s, and 18 ms for 600 s.
    """
    rtp_ports: range = RTP_PORTS
    """Where it may receive sound: where somebody captures it."""
    _baresip: Baresip | None = field(default=None, init=False, repr=False)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack, init=False, repr=False)

    def __post_init__(self) -> None:
        """Give it a name."""
        self.name = self.name or self.user

    async def __aenter__(self) -> Self:
        """Start and register."""
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="phone-")))
            voice = folder / "voice.wav"
            voice.symlink_to(await asyncio.to_thread(self._recording))
            authority = self.authority
            self._baresip = await Baresip.start(
                folder,
                self.host,
                lambda ports: config(replace(ports, rtp=self.rtp_ports), self.codecs, voice, authority),
            )
            self._baresip.told = self.told
            stack.push_async_callback(self._baresip.end)
            secure = authority is not None
            account = Account(self.user, self.secret, self.registrar, self.codecs, self.answers, secure)
            await self._baresip.register(account)
            renewing = asyncio.create_task(self._renew(voice), name=f"voice of {self.name}")
            stack.push_async_callback(_cancel, renewing)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up, unregister, end; at once and without a word after `vanish`."""
        await self._stack.aclose()

    # What it knows

    @property
    def pid(self) -> int:
        """Its process."""
        return self._phone.pid

    @property
    def sip_uri(self) -> str:
        """Where a phone without a registrar can be called."""
        ports = self._phone.ports
        return f"sip:{self.user}@{ports.host}:{ports.sip}"

    @property
    def sip_address(self) -> Address:
        """Where it sends SIP from."""
        return self._phone.ports.host, self._phone.ports.sip

    @property
    def calls(self) -> Sequence[Call]:
        """All its calls, oldest first, closed ones too."""
        return list(self._phone.book.calls.values())

    @property
    def open_calls(self) -> Sequence[Call]:
        """Those not closed."""
        return [call for call in self.calls if call.state is not CallState.CLOSED]

    @property
    def call(self) -> Call:
        """The latest open call, or else the latest; `PhoneError` when there was none."""
        calls = self.open_calls or self.calls
        if not calls:
            raise PhoneError(f"{self.name} has had no call")
        return calls[-1]

    @property
    def rtp_address(self) -> Address:
        """Where it receives sound in `call`: what arrives there is what it hears."""
        return self.line(self.call).rtp_address

    def line(self, call: Call) -> Line:
        """One of its calls by itself, to measure what is heard in it; `PhoneError` before its SDP is out."""
        if call.rtp_address is None:
            raise PhoneError(f"{self.name} has not said yet where it wants its sound")
        return Line(self.name, self.voice, call.rtp_address)

    @property
    def events(self) -> Sequence[Event]:
        """Baresip's last events, as its control port gave them."""
        return list(self._phone.events)

    @property
    def sip(self) -> Sequence[SipPacket]:
        """The last SIP messages that it sent and received, by its own trace."""
        return list(self._phone.sip)

    @property
    def messages(self) -> Sequence[Message]:
        """The text messages (SIP MESSAGE) that it was sent."""
        return list(self._phone.book.messages)

    # What it does

    async def dial(self, number: str) -> Call:
        """Call a number at the registrar, or any SIP URI; returns as soon as the INVITE is out."""
        known = set(self._phone.book.calls)
        await self._phone.command("dial", number)
        calls = self._phone.book.calls
        return await self._phone.until(
            lambda: next((call for key, call in calls.items() if key not in known and not call.incoming), None),
            f"INVITE from {self.name} to {number}",
            _ANSWER_WITHIN_S,
        )

    async def answer(self, within: float = _ANSWER_WITHIN_S) -> Call:
        """Wait for a call that rings, and take it; calls that are established are put on hold, as phones do."""
        call = await self.until_ringing(within)
        await self._phone.command("accept")
        return await self.until_established(call, within)

    async def hangup(self, call: Call | None = None) -> None:
        """End a call, and wait until it is closed."""
        call = await self._chosen(call)
        await self._phone.command("hangup")
        await self.until_closed(call)

    async def press(self, keys: str, call: Call | None = None) -> None:
        """Press keys, one after the other, as RFC 4733 events; returns when they are on their way."""
        await self._chosen(call)
        for key in keys:
            await self._phone.command("sndcode", key)

    async def mute(self, call: Call | None = None) -> None:
        """Send digital silence instead of the voice."""
        await self._set_muted(await self._chosen(call), muted=True)

    async def unmute(self, call: Call | None = None) -> None:
        """Send the voice again."""
        await self._set_muted(await self._chosen(call), muted=False)

    async def hold(self, call: Call | None = None) -> None:
        """Put the other side on hold (a re-INVITE, ``sendonly``); baresip sends no sound then."""
        await self._set_held(await self._chosen(call), held=True)

    async def resume(self, call: Call | None = None) -> None:
        """Take the other side off hold (a re-INVITE, ``sendrecv``)."""
        await self._set_held(await self._chosen(call), held=False)

    async def transfer(self, number: str, call: Call | None = None) -> None:
        """Blind transfer (REFER): the other side is to call `number`; waits until our call is closed."""
        call = await self._chosen(call)
        if not await self.try_transfer(number, call):
            raise RefusedError(f"{self.name} was not let transfer to {number}: {call.reason}")

    async def try_transfer(self, number: str, call: Call | None = None) -> bool:
        """The same of a call that may be none to transfer just now; whether it was. If not, baresip hangs up."""
        call = await self._chosen(call)
        await self._phone.command("transfer", number)
        await self.until_closed(call)
        return not call.untransferred

    async def transfer_to_call(self, first: Call, second: Call) -> None:
        """Attended transfer (REFER with Replaces, RFC 3891): join the other sides of two calls of ours."""
        await self._chosen(first)
        dialog = f"{second.id};to-tag={second.remote_tag};from-tag={second.local_tag}"
        await self._phone.command("transfer", f"{second.peer}?Replaces={quote(dialog)}")
        await self.until_closed(first)
        if first.untransferred:
            raise RefusedError(f"{self.name} was not let transfer to another call: {first.reason}")

    def freeze(self) -> None:
        """Stop its process: it sends nothing and answers nothing, but is still there."""
        self._phone.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on; what it had to say while frozen comes in a burst, five times as fast."""
        self._phone.signal(signal.SIGCONT)

    async def vanish(self) -> None:
        """End at once, without BYE and without unregistering, as a phone does whose plug is pulled."""
        self._phone.signal(signal.SIGKILL)
        await self._phone.gone()

    # What it waits for

    async def until_established(self, call: Call | None = None, within: float = _ANSWER_WITHIN_S) -> Call:
        """Wait until a call (the latest, or the next to come) is established; `WaitError` at once if it is refused."""

        def established() -> Call | None:
            now = call or next(reversed(self.calls), None)
            if now is None or (now.state is CallState.ESTABLISHED and now.rtp_address):
                return now
            if now.state is CallState.CLOSED and (call or now.refused):
                raise WaitError(f"{self.name}'s call was closed: {now.reason}\n{self._phone.story()}")
            return None

        return await self._phone.until(established, f"established call at {self.name}", within)

    async def until_called(self, within: float = _ANSWER_WITHIN_S) -> Call:
        """Wait until it has an open call, however far that is."""
        return await self._phone.until(lambda: next(iter(self.open_calls), None), f"call of {self.name}", within)

    async def until_ringing(self, within: float = _ANSWER_WITHIN_S) -> Call:
        """Wait for an incoming call that rings."""

        def ringing() -> Call | None:
            return next((each for each in self.calls if each.incoming and each.state is CallState.RINGING), None)

        return await self._phone.until(ringing, f"ringing at {self.name}", within)

    async def until_closed(self, call: Call | None = None, within: float = _ANSWER_WITHIN_S) -> str:
        """Wait until a call is closed, and return the reason."""
        chosen = call or self.call
        await self._phone.until(
            lambda: chosen if chosen.state is CallState.CLOSED else None, f"end of {self.name}'s call", within
        )
        return chosen.reason

    async def until_message(self, containing: str = "", within: float = _ANSWER_WITHIN_S) -> Message:
        """Wait for a text message (one that came before counts as well)."""
        return await self._phone.until(
            lambda: next((each for each in self.messages if containing in each.text), None),
            f"message with {containing!r} at {self.name}",
            within,
        )

    async def until_sip(self, method: str, within: float = _ANSWER_WITHIN_S) -> SipPacket:
        """Wait for the first request of a kind (one that came before counts as well); its trace may come late."""
        return await self._phone.until(
            lambda: next((each for each in self.sip if each.first_line.startswith(f"{method} ")), None),
            f"{method} at {self.name}",
            within,
        )

    # How

    @property
    def _phone(self) -> Baresip:
        if self._baresip is None:
            raise PhoneGoneError(f"{self.name} has not been started: use `async with`")
        return self._baresip

    def _recording(self) -> Path:
        if isinstance(self.voice, Path):
            return self.voice.resolve()
        return recording(self.voice, source_rate(self.codecs), self.recording_s, self.sounds).resolve()

    async def _chosen(self, call: Call | None) -> Call:
        """Make a call the one that baresip's commands act on."""
        chosen = call or self.call
        if len(self.open_calls) > 1:
            await self._phone.command("callfind", chosen.id)
        return chosen

    async def _set_muted(self, call: Call, *, muted: bool) -> None:
        """Baresip's command toggles, and says what came of it."""
        if call.muted is not muted:
            said = await self._phone.command("mute")
            call.muted = "un-muted" not in said
        if call.muted is not muted:
            raise PhoneError(f"{self.name} could not be {'muted' if muted else 'unmuted'}: baresip says {said!r}")

    async def _set_held(self, call: Call, *, held: bool) -> None:
        if call.held is held:
            return
        before = call.answers
        await self._phone.command("hold" if held else "resume")
        await self._phone.until(
            lambda: call if call.answers > before and call.held is held else None,
            f"answer to {self.name}'s re-INVITE",
            _ANSWER_WITHIN_S,
        )

    async def _renew(self, voice: Path) -> None:
        """Begin the recording anew in time, as baresip hangs up when it ends."""
        while True:
            await asyncio.sleep(self.recording_s * 0.45)
            if self._phone.alive and self.open_calls:
                await self._phone.command("ausrc", f"aufile,{voice}")


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled() and (problem := task.exception()):
        raise problem
