"""The call centre in a box: three customers in endless calls with three agents, and the controller beside them."""

import asyncio
import ipaddress
import tempfile
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, NoReturn, Self

from supervise.lab.asterisk import Account, Asterisk, Way
from supervise.lab.asterisk.address import LOOPBACK, Listening
from supervise.lab.commands import tail
from supervise.lab.controlled import ControllerProcess, LogLine
from supervise.lab.demo.policy import AGENTS, PASSWORD, SCRIPTED, SOFTPHONE, policy
from supervise.lab.errors import AsteriskError, ControllerError
from supervise.lab.hearing import Hearing
from supervise.lab.phone_errors import PhoneGoneError, WaitError
from supervise.lab.phones.phone import Phone
from supervise.lab.setup import sounds_folder
from supervise.lab.sound import Voice
from supervise.lab.wire.rtp import Address
from supervise.lab.wire.sniffer import Sniffer
from supervise.policyfile.pins import hashed

Told = Callable[[str], None]
"""Takes a sentence for the person who watches."""

_FOR_EVER: Final = 1e9

_AGAIN_S: Final = 1.0
"""Between the end of a call and its being dialled again."""

_LOOK_EVERY_S: Final = 1.0

_LAST_LINES: Final = 10

SOFTPHONE_CODECS: Final = ("ulaw", "alaw", "g722")


@dataclass(frozen=True, slots=True)
class Pair:
    """A customer, an agent, and how the one reaches the other.

    Attributes:
        customer, agent: their extensions.
        dialled: what the customer dials: the agent, or a queue.
        codec: what both speak, in Asterisk's word; `spoken` is the same in SDP's.
    """

    customer: str
    agent: str
    dialled: str
    codec: str
    spoken: str


PAIRS: Final = (
    Pair("101", "201", "201", "ulaw", "PCMU"),
    Pair("102", "202", "202", "alaw", "PCMA"),
    Pair("103", "203", "503", "g722", "G722"),
)
"""The third call comes through a queue."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the call centre is to be found.

    Attributes:
        sip: address and UDP port of Asterisk.
        password: of every phone.
    """

    sip: Address
    password: str

    @property
    def on_loopback(self) -> bool:
        """Whether nobody else can reach it."""
        return ipaddress.ip_address(self.sip[0]).is_loopback

    @property
    def phones(self) -> str:
        """The address of our own phones: the one that the kernel would choose for them, as their sound goes from it."""
        return LOOPBACK if self.on_loopback else self.sip[0]


class DemoCentre:
    """Used as ``async with DemoCentre(way, spot)``; everybody is in their call, and nothing is left afterwards.

    Attributes:
        asterisk, controller, hearing: its parts.
        calls: customer and agent of each call.
        supervisor: the phone for the script; it is in no call.
    """

    def __init__(self, way: Way, spot: Spot, *, told: Told, logged: Callable[[LogLine], None] | None = None) -> None:
        """Nothing runs yet. `told` hears of calls that end, `logged` gets the controller's log."""
        self.spot = spot
        self._told = told
        self._logged = logged
        self._stack = AsyncExitStack()
        self.asterisk = Asterisk(way, self._accounts(), Listening(*spot.sip))
        self.calls: dict[Pair, tuple[Phone, Phone]] = {}

    def _accounts(self) -> Iterable[Account]:
        secret = self.spot.password
        for pair in PAIRS:
            yield Account(pair.customer, secret, "customers", (pair.codec,), f"Customer {pair.customer}")
            yield Account(pair.agent, secret, "agents", (pair.codec,), AGENTS[pair.agent])
        yield Account(SCRIPTED, secret, "supervisors", ("ulaw",), "Hilda Lead")
        yield Account(SOFTPHONE, secret, "supervisors", SOFTPHONE_CODECS, "Sam Softphone")

    async def __aenter__(self) -> Self:
        """Bring everything up at once, and wait until every customer hears their agent."""
        async with AsyncExitStack() as stack:
            self.hearing = Hearing(stack.enter_context(Sniffer()))
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="controller-")))
            await stack.enter_async_context(self.asterisk)
            self.controller = ControllerProcess(
                self.asterisk, folder, policy(hashed(PASSWORD)), told=self._logged, web='tokens = "tokens.json"'
            )
            async with asyncio.TaskGroup() as group:
                group.create_task(stack.enter_async_context(self.controller))
                scripted = group.create_task(self._sign_in(stack, SCRIPTED, "PCMU", Voice.SUPERVISOR))
                for pair in PAIRS:
                    group.create_task(self._connect(stack, pair))
            self.supervisor = scripted.result()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the phones and the controller, then Asterisk."""
        await self._stack.__aexit__(kind, error, trace)

    async def _connect(self, stack: AsyncExitStack, pair: Pair) -> None:
        customer, agent = await asyncio.gather(
            self._sign_in(stack, pair.customer, pair.spoken, Voice.CUSTOMER),
            self._sign_in(stack, pair.agent, pair.spoken, Voice.AGENT),
        )
        self.calls[pair] = customer, agent
        await self._dial(pair)
        await self.hearing.until(customer, hears={Voice.AGENT}, within=5)

    async def _sign_in(self, stack: AsyncExitStack, user: str, codec: str, voice: Voice) -> Phone:
        phone = Phone(
            user=user,
            secret=self.spot.password,
            registrar=self.spot.sip,
            host=self.spot.phones,
            voice=voice,
            codecs=(codec,),
            name=str(voice),
            sounds=sounds_folder(),
        )
        return await stack.enter_async_context(phone)

    async def _dial(self, pair: Pair) -> None:
        customer, _ = self.calls[pair]
        await customer.dial(pair.dialled)
        await customer.until_established()

    # --- while it runs

    async def keep(self) -> NoReturn:
        """Dial again every call that ends.

        Raises:
            PhoneGoneError, AsteriskError, ControllerError: one of the parts has ended.
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch_others())
            group.create_task(self._watch_controller())
            for pair in PAIRS:
                group.create_task(self._keep_call(pair))
        raise AssertionError("watching never ends without an error")

    async def _keep_call(self, pair: Pair) -> None:
        customer, _ = self.calls[pair]
        while True:
            await customer.until_closed(within=_FOR_EVER)
            await asyncio.sleep(_AGAIN_S)
            await self._dial_again(pair)

    async def _dial_again(self, pair: Pair) -> None:
        """An agent who is still busy, perhaps with a call of the softphone's, is tried again."""
        name = AGENTS[pair.agent]
        try:
            await self._dial(pair)
        except WaitError:
            self._told(f"Customer {pair.customer} cannot reach {name} and tries again")
        else:
            self._told(f"The call of customer {pair.customer} with {name} had ended: dialled again")

    async def _watch_controller(self) -> NoReturn:
        with suppress(ControllerError):  # its words are about what was waited for, ours are about the end
            await self.controller.until("ended", within=_FOR_EVER)
        last = "\n".join(str(dict(line)) for line in self.controller.log[-_LAST_LINES:])
        raise ControllerError(f"the controller has ended; the end of its log:\n{last}")

    async def _watch_others(self) -> NoReturn:
        phones = [self.supervisor, *(phone for pair in self.calls.values() for phone in pair)]
        pids = {phone.pid: phone for phone in phones}
        while self.asterisk.running:
            for pid, phone in pids.items():
                if not _is_there(pid):
                    raise PhoneGoneError(f"the phone {phone.user} ({phone.name}) has ended; start again")
            await asyncio.sleep(_LOOK_EVERY_S)
        raise AsteriskError(f"Asterisk has ended; the end of its log:\n{tail(self.asterisk.log(), _LAST_LINES)}")


def _is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
