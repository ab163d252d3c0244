"""A call centre that somebody else has brought up, in containers: the phones are here, all else is over there.

What goes over there goes through a folder that all containers share: the policy, the journal, and wishes, which are
files that the containers' scripts look for (docker/asterisk.sh, docker/controller.sh).
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from supervise import __version__
from supervise.ari import Access, Ari, AriError
from supervise.ari.client.transport import Request
from supervise.domain.records import Deed
from supervise.history.reading.reader import Query, Reader
from supervise.history.storage.place import JournalPlace
from supervise.lab.callcentre import CODECS, POLICY, SECRET
from supervise.lab.errors import AsteriskError, ControllerError, LabError
from supervise.lab.hearing import Hearing
from supervise.lab.phone_errors import PhoneGoneError
from supervise.lab.phones.crowd import Surroundings
from supervise.lab.phones.phone import Phone
from supervise.lab.scenarios.board import Board, agents_on_a_call
from supervise.lab.scenarios.schema import PhonePart
from supervise.lab.scenarios.venue import replace_file
from supervise.lab.sound import Voice
from supervise.lab.wire.rtp import Address
from supervise.lab.wire.sniffer import Sniffer
from supervise.policyfile.load import load_bytes

T = TypeVar("T")

READY_WITHIN: Final = 20.0
"""Seconds until Asterisk or a controller is there again."""

_POLL_S: Final = 0.1

_IN_FORCE: Final = "in-force"
"""The reason of a record of a policy that was not kept out."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How the other containers are reached.

    Attributes:
        nodes: the host of every Asterisk, by the node's name; the first is the one that most is about.
        password: of its ARI user.
        shared: the folder that all share.
        journal: the journal, as the controller's settings name it.
        board: where it is, and who looks.
        codec: what every phone speaks whatever the scenario says; empty: what the scenario says.
        secure: the phones sign in over TLS, with the certificate in the shared folder, and speak SRTP.
    """

    nodes: Mapping[str, str]
    password: str
    shared: Path
    journal: str
    board: Board
    codec: str = ""
    secure: bool = False

    @property
    def asterisk(self) -> str:
        """The first node's host."""
        return next(iter(self.nodes.values()))

    @property
    def accesses(self) -> tuple[Access, ...]:
        """To each, under a name of our own: the controller has the application."""
        return tuple(
            Access(node, f"http://{host}:8088", "supervise", self.password, "supervise-harness")
            for node, host in self.nodes.items()
        )

    @property
    def access(self) -> Access:
        """To the first."""
        return self.accesses[0]


class Visit:
    """One scenario's time there, used as ``async with Visit(elsewhere, codec) as venue``; a `Venue`."""

    def __init__(self, elsewhere: Elsewhere, codec: str, policy: str = POLICY) -> None:
        """Nothing is opened yet; `codec` is what the scenario asks for, `policy` what is in force at its beginning."""
        self._elsewhere = elsewhere
        self._codec = elsewhere.codec or codec
        self._policy = policy
        self._stack = AsyncExitStack()
        self._phones: list[Phone] = []
        self._versions: dict[str, str] = {"supervise": __version__}
        address = socket.gethostbyname(elsewhere.asterisk)
        self.sip: Address = (address, 5061 if elsewhere.secure else 5060)
        self._host, interface = _own_side_of(address)
        self.sniffer = Sniffer(interface)
        self.hearing = Hearing(self.sniffer)

    async def __aenter__(self) -> Self:
        """Begin with the policy of a new call centre, and a controller that has it."""
        async with AsyncExitStack() as stack:
            stack.enter_context(self.sniffer)
            await self._begin_with_policy()
            self._versions["Asterisk"] = await self._asterisk_version()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up, and sign the phones out."""
        try:
            for phone in self._phones:
                await _hang_up_all(phone)
        finally:
            await self._stack.__aexit__(kind, error, trace)

    @property
    def asterisks(self) -> Mapping[Address, str]:
        """What to call each: the first is Asterisk, a further one by its node's name."""
        others = {self._registrar(node): node for node in self._elsewhere.nodes}
        return {**others, self.sip: "Asterisk"}

    @property
    def journal(self) -> str:
        """The journal, as the controller's settings name it."""
        return self._elsewhere.journal

    @property
    def versions(self) -> Mapping[str, str]:
        """Of everything that takes part, and how the phones were protected, as it was seen."""
        if not self._elsewhere.secure:
            return self._versions
        return {**self._versions, "SIP": "over TLS", "sound": self.sniffer.sealed}

    @property
    def nodes(self) -> Sequence[Access]:
        """Every Asterisk, under a name of our own."""
        return self._elsewhere.accesses

    @property
    def surroundings(self) -> Surroundings:
        """Where a crowd would be."""
        return Surroundings((self.sip[0], 5060), self._host, self._elsewhere.access, SECRET)

    async def phone(self, part: PhonePart, voice: Voice | None) -> Phone:
        """Sign a phone in."""
        phone = Phone(
            user=part.user,
            secret=SECRET,
            registrar=self._registrar(part.node),
            voice=voice,
            codecs=(CODECS[self._codec],),
            answers=part.answers,
            host=self._host,
            authority=self._elsewhere.shared / "certificate.pem" if self._elsewhere.secure else None,
            told=self.sniffer.take_sip if self._elsewhere.secure else None,
        )
        self._phones.append(await self._stack.enter_async_context(phone))
        return phone

    def _registrar(self, node: str | None) -> Address:
        nodes = self._elsewhere.nodes
        if node is None:
            return self.sip
        if node not in nodes:
            raise LabError(f"there is no node {node} here, but {', '.join(nodes)}: make harness SITUATIONS=two-nodes")
        return socket.gethostbyname(nodes[node]), self.sip[1]

    def on_a_call(self) -> frozenset[str]:
        """Whom the board shows in a call, by the policy's names."""
        return agents_on_a_call(self._elsewhere.board)

    async def change_policy(self, text: str) -> None:
        """Put another policy in force; the controller watches the file."""
        file = self._elsewhere.shared / "policy.yaml"
        await asyncio.to_thread(replace_file, file, text)

    async def _begin_with_policy(self) -> None:
        """Put the scenario's policy in force, unless it says what stands there already; back when it is."""
        there = await asyncio.to_thread((self._elsewhere.shared / "policy.yaml").read_text)
        if _hash(there) != _hash(self._policy):
            await self.change_policy(self._policy)
            problem = ControllerError("the controller has not taken the scenario's policy")
            await _until(lambda: self._policy_in_force() == _hash(self._policy), problem)

    def _policy_in_force(self) -> str:
        """The hash of the last policy that came into force, by the journal."""
        with closing(Reader(JournalPlace(self.journal).url)) as reader:
            entries = reader.entries(Query(deeds=frozenset({Deed.POLICY}), newest_first=True))
            return next((entry.record.policy for entry in entries if entry.record.reason == _IN_FORCE), "")

    async def to_controller(self, deed: str) -> None:
        """Kill the controller, or start it again."""
        shared = self._elsewhere.shared
        match deed:
            case "kill":
                (shared / "controller-down").touch()
                await self._wish("kill-controller", ControllerError("the controller was not killed"))
            case "start":
                (shared / "controller-down").unlink()
                await self._controller_is_there()
            case _:
                raise LabError(f"nobody can {deed} a controller in a container")

    async def restart_asterisk(self) -> None:
        """Kill Asterisk; its container starts it again."""
        await self._wish(f"kill-{self._elsewhere.asterisk}", AsteriskError("Asterisk was not killed"))
        await self._asterisk_version()

    async def to_network(self, deed: str) -> None:
        """Cut the controller's network, or heal it: a container beside it does (docker/compose.cut.yaml)."""
        missing = LabError("nobody here can cut the network: make harness SITUATIONS=cut")
        await self._wish(f"{deed}-network", missing)

    async def _wish(self, name: str, error: LabError) -> None:
        """Leave a wish, and wait until a container has made it true."""
        wish = self._elsewhere.shared / name
        wish.touch()
        try:
            await _until(lambda: not wish.exists(), error)
        finally:
            wish.unlink(missing_ok=True)

    async def _controller_is_there(self) -> None:
        """Wait until Asterisk knows the controller's application."""
        asked = Request("GET", ("applications", "supervise"))
        await self._until_answered(lambda ari: ari.send(asked), "no controller has come")

    async def _asterisk_version(self) -> str:
        """Its version, as soon as it answers."""
        info = await self._until_answered(lambda ari: ari.asterisk.get_info(), "Asterisk does not answer")
        return info.system.version.partition("+")[0]

    async def _until_answered(self, ask: Callable[[Ari], Awaitable[T]], problem: str) -> T:
        """Ask until there is a good answer."""
        try:
            async with asyncio.timeout(READY_WITHIN), Ari(self._elsewhere.access) as ari:
                while True:
                    try:
                        return await ask(ari)
                    except AriError:
                        await asyncio.sleep(_POLL_S)
        except TimeoutError:
            raise AsteriskError(f"{problem} within {READY_WITHIN:.0f} s") from None


async def _hang_up_all(phone: Phone) -> None:
    with suppress(PhoneGoneError):  # one that has vanished has none to end
        phone.thaw()
        for call in phone.open_calls:
            await phone.hangup(call)


async def _until(holds: Callable[[], bool], error: LabError) -> None:
    try:
        async with asyncio.timeout(READY_WITHIN):
            while not holds():  # noqa: ASYNC110 - another container removes the file, which no event of ours tells
                await asyncio.sleep(_POLL_S)
    except TimeoutError:
        raise error from None


def _hash(policy: str) -> str:
    return load_bytes([("policy", policy.encode())]).policy.hash


def _own_side_of(address: str) -> tuple[str, str]:
    """The address and the interface from which another one is reached; nothing is sent to find out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((address, 9))
        own = str(probe.getsockname()[0])
    return own, "lo" if own.startswith("127.") else "eth0"
