"""One baresip process: started, watched, and ended with whoever started it."""

import asyncio
import signal
import socket
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self, TypeVar

from supervise.lab.phone_errors import PhoneGoneError, PhoneStartError, RefusedError, WaitError
from supervise.lab.phones import siptrace
from supervise.lab.phones.call import CallBook
from supervise.lab.phones.config import Account, Ports
from supervise.lab.phones.ctrl import Event, Link
from supervise.lab.wire.rtp import Address, SipPacket

# The signal ends the phone when its parent ends, however that happens; the line buffer makes the trace come at once.
_COMMAND: Final = ("setpriv", "--pdeathsig", "KILL", "stdbuf", "--output=L", "baresip", "-4", "-s", "-f")

_ATTEMPTS: Final = 3
_UP_WITHIN_S: Final = 5.0
_DOWN_WITHIN_S: Final = 1.0
"""Its BYE goes out at once; baresip would then wait up to 32 s for an answer that a dead peer never gives."""

Found = TypeVar("Found")


class Baresip:
    """The process, its control link, and the story that both tell."""

    def __init__(self, ports: Ports, process: Process) -> None:
        self.ports = ports
        self.events: deque[Event] = deque(maxlen=2000)
        self.log: deque[str] = deque(maxlen=500)
        self.sip: deque[SipPacket] = deque(maxlen=1000)
        self.book = CallBook((ports.host, ports.sip))
        self.told: Callable[[SipPacket], None] | None = None
        self._over_tls: Address | None = None
        self._process = process
        self._news = asyncio.Event()
        self._link: Link | None = None
        self._reading = asyncio.create_task(self._read_output(), name="baresip output")

    @classmethod
    async def start(cls, folder: Path, host: str, configure: Callable[[Ports], str]) -> Self:
        """Start with a configuration for free ports, kept in `folder`, and wait until it can be talked to.

        Another process may take one of the ports first, so it is tried again with others; `PhoneStartError` if in vain.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            ports = free_ports(host)
            (folder / "config").write_text(configure(ports))
            try:
                return await cls._start(folder, ports)
            except PhoneStartError:
                if attempt == _ATTEMPTS:
                    raise
        raise AssertionError("the last attempt returns or raises")

    @classmethod
    async def _start(cls, folder: Path, ports: Ports) -> Self:
        try:
            process = await asyncio.create_subprocess_exec(
                *_COMMAND, str(folder), stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, cwd=folder
            )
        except FileNotFoundError as problem:
            raise PhoneStartError(f"{problem.filename} is not installed: apt-get install baresip-core") from problem
        phone = cls(ports, process)
        try:
            async with asyncio.timeout(_UP_WITHIN_S):
                await phone._connect()
        except BaseException as problem:
            await phone.end()
            if not isinstance(problem, TimeoutError | PhoneGoneError):
                raise
            raise PhoneStartError(f"baresip did not come up:\n{phone.story()}") from problem
        return phone

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """The process has not ended."""
        return self._process.returncode is None

    async def register(self, account: Account) -> None:
        """Give the phone its account, and wait until the registrar accepts it; `PhoneStartError` if it does not."""
        self._over_tls = account.registrar if account.secure else None
        try:
            await self.command("uanew", account.line(self.ports))
        except RefusedError:
            # Baresip's own words would repeat the account, and its password.
            raise PhoneStartError(f"baresip does not take the account of {account.user}") from None
        if account.registrar is not None:
            await self.until(self._registered, f"registration of {account.user}", _UP_WITHIN_S)

    async def command(self, name: str, parameters: str = "") -> str:
        """See `Link.command`."""
        if self._link is None or not self.alive:
            raise PhoneGoneError(f"the phone has ended and cannot {name}")
        return await self._link.command(name, parameters)

    async def until(self, find: Callable[[], Found | None], what: str, within: float) -> Found:
        """Wait until `find` finds something in the phone's story; `WaitError` with that story when it does not."""
        try:
            async with asyncio.timeout(within):
                while (found := find()) is None:
                    if not self.alive:
                        raise PhoneGoneError(f"the phone ended while waiting for {what}:\n{self.story()}")
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError as problem:
            raise WaitError(f"no {what} within {within:g} s:\n{self.story()}") from problem
        return found

    def signal(self, number: signal.Signals) -> None:
        """Send the process a signal; nothing happens when it has ended."""
        if self.alive:
            self._process.send_signal(number)

    async def end(self) -> None:
        """Hang up, unregister and end, all of it within a second."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), _DOWN_WITHIN_S)
        except TimeoutError:
            self.signal(signal.SIGKILL)
            await self._process.wait()
        if self._link is not None:
            await self._link.close()
        await self._reading

    async def gone(self) -> None:
        """Wait until the process has ended."""
        await self._process.wait()

    def story(self) -> str:
        """The last events and log lines, for an error message."""
        events = [f"  event {event.get('type')} {event.get('param', '')}" for event in list(self.events)[-8:]]
        messages = [
            f"  sip {'<-' if sip.target == self.book.own else '->'} {sip.first_line}" for sip in list(self.sip)[-8:]
        ]
        return "\n".join([*events, *messages, *(f"  log {line}" for line in list(self.log)[-8:])])

    def _registered(self) -> bool | None:
        for event in self.events:
            if event["type"] == "REGISTER_FAIL":
                raise PhoneStartError(f"the phone could not register: {event.get('param')}\n{self.story()}")
        return any(event["type"] == "REGISTER_OK" for event in self.events) or None

    async def _connect(self) -> None:
        while self._link is None:
            if not self.alive:
                raise PhoneGoneError("baresip ended")
            try:
                self._link = await Link.to((self.ports.host, self.ports.control), self._take_event)
            except OSError:
                await asyncio.sleep(0.01)

    async def _read_output(self) -> None:
        if self._process.stdout is None:
            raise PhoneStartError("baresip was started without a pipe")
        async for piece in siptrace.read(self._process.stdout):
            if isinstance(piece, SipPacket):
                self._take_sip(self._from_own(piece))
            else:
                self.log.append(piece.text)
            self._news.set()
        await self._process.wait()
        self._news.set()

    def _from_own(self, message: SipPacket) -> SipPacket:
        """Over TLS it sends from a port of the moment; it is the same phone."""
        if message.target == self._over_tls:
            return message._replace(source=self.book.own)
        if message.source == self._over_tls:
            return message._replace(target=self.book.own)
        return message

    def _take_sip(self, message: SipPacket) -> None:
        self.sip.append(message)
        self.book.take_sip(message)
        if self.told is not None:
            self.told(message)

    def _take_event(self, event: Event) -> None:
        self.events.append(event)
        self.book.take_event(event)
        self._news.set()


def free_ports(host: str) -> Ports:
    """Ports that the kernel finds free now: SIP (UDP, TCP, and TLS one above it) and control."""
    while True:
        with (
            socket.socket(type=socket.SOCK_DGRAM) as udp,
            socket.socket() as tcp,
            socket.socket() as tls,
            socket.socket() as control,
        ):
            try:
                udp.bind((host, 0))
                sip = udp.getsockname()[1]
                tcp.bind((host, sip))
                tls.bind((host, sip + 1))
                control.bind((host, 0))
            except (OSError, OverflowError):
                continue
            return Ports(host, sip, control.getsockname()[1])
