"""A call centre in a box: a private Asterisk, the controller, and phones; what everybody hears is captured."""

import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from supervise.lab.asterisk import Account, Asterisk, Way
from supervise.lab.controlled import ControllerProcess, Launch, LogLine, launch
from supervise.lab.hearing import Hearing
from supervise.lab.phone_errors import PhoneGoneError
from supervise.lab.phones.crowd import AGENTS as CROWDED
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from supervise.lab.wire.sniffer import Sniffer, own_ports

SECRET = "lab"  # noqa: S105 - the phones of a private, thrown-away Asterisk on loopback

_MEMORY = "/dev/shm"  # noqa: S108 - a folder of its own in it is made by tempfile

_VOICES = {"1": Voice.CUSTOMER, "2": Voice.AGENT, "3": Voice.SUPERVISOR, "4": Voice.OTHER}
_CONTEXTS = {"1": "customers", "2": "agents", "3": "supervisors", "4": "strangers"}
CODECS = {"ulaw": "PCMU", "alaw": "PCMA", "g722": "G722", "opus": "opus"}

POLICY = """\
people:
  hilda: {name: Hilda Lead, role: lead, endpoint: "301"}
  sven: {name: Sven Second, role: lead, endpoint: "302"}
  trainee: {name: Toni Trainee, role: trainee, endpoint: "303"}
  anna: {name: Anna Agent, role: agent, endpoint: "201"}
  ben: {name: Ben Agent, role: agent, endpoint: "202"}
  cleo: {name: Cleo Agent, role: agent, endpoint: "203"}
teams:
  support: {leads: [hilda, sven], members: [anna, ben, cleo, trainee]}
roles: {lead: , trainee: , agent: }
rules:
  - {who: lead, may: [monitor, coach, barge], whom: own-teams, how: choice}
house:
  start: hidden
  start_muted: yes
  visible_before: {coach: required, barge: required}
  tell_agent: {by: [tone, message]}
"""
"""Two leads who may supervise three agents in every mode, and a trainee who may nothing."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a call centre has.

    Attributes:
        users: the phones that may sign in: 1xx customers, 2xx agents, 3xx supervisors, 4xx strangers.
        policy: the policy, as YAML.
        codec: what the phones speak, in Asterisk's words.
        options: further PJSIP options for every endpoint.
        agents_mark_private: the agents' phones have the codes *58 and *59, and so no native bridge.
        web: what stands under ``[web]`` in the controller's settings; with nothing there is no board.
    """

    users: tuple[str, ...] = ("101", "102", "201", "202", "203", "301", "302", "303", "401")
    policy: str = POLICY
    codec: str = "ulaw"
    options: tuple[tuple[str, str], ...] = ()
    agents_mark_private: bool = False
    web: str = ""

    def accounts(self) -> Iterable[Account]:
        """The SIP accounts of its phones."""
        return [Account(u, SECRET, _CONTEXTS[u[0]], (self.codec,), options=self._options_of(u)) for u in self.users]

    def _options_of(self, user: str) -> dict[str, str]:
        codes = {"set_var": "DYNAMIC_FEATURES=supervise-private#supervise-open"}
        patience = {"rtp_timeout": "0"} if user in CROWDED else {}
        return {**patience, **dict(self.options), **(codes if self.agents_mark_private and user[0] == "2" else {})}


class CallCentre:
    """Used as ``async with CallCentre(way) as centre``; everything in it has ended when the block has.

    Attributes:
        asterisk, controller, sniffer, hearing: its parts.
        phones: those that were signed in, oldest first.
        folder: where the controller's files are.
        launch: how the controller is started.
        began: since when all that it logs and records is of these phones.
    """

    asterisk: Asterisk
    controller: ControllerProcess
    sniffer: Sniffer
    hearing: Hearing

    def __init__(self, way: Way, plan: Plan | None = None, *, told: Callable[[LogLine], None] | None = None) -> None:
        """Nothing runs yet; `told` gets every line of the controller's log."""
        self.plan = plan or Plan()
        self._way = way
        self._told = told
        self.launch: Launch = launch
        self._stack = AsyncExitStack()
        self._signed_in = AsyncExitStack()
        self.phones: list[Phone] = []
        self.began = datetime.now(UTC)

    async def __aenter__(self) -> Self:
        """Bring up Asterisk and the controller."""
        async with AsyncExitStack() as stack:
            self.sniffer = stack.enter_context(Sniffer(ports=stack.enter_context(own_ports())))
            self.hearing = Hearing(self.sniffer)
            self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="controller-", dir=_memory())))
            self.asterisk = await stack.enter_async_context(Asterisk(self._way, self.plan.accounts()))
            controller = ControllerProcess(
                self.asterisk, self.folder, self.plan.policy, told=self._told, web=self.plan.web
            )
            controller.launch = self.launch
            self.controller = await stack.enter_async_context(controller)
            self._signed_in = await stack.enter_async_context(AsyncExitStack())
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the phones first, then the controller, then Asterisk."""
        await self._stack.__aexit__(kind, error, trace)

    async def phone(
        self, user: str, voice: Voice | None = None, *, answers: bool = True, silent: bool = False
    ) -> Phone:
        """Sign a phone in: it speaks with the voice of its kind unless another is given, or is `silent`."""
        phone = Phone(
            user=user,
            secret=SECRET,
            registrar=self.asterisk.sip,
            voice=None if silent else voice or _VOICES[user[0]],
            codecs=(CODECS[self.plan.codec],),
            answers=answers,
            rtp_ports=self.sniffer.ports,
        )
        self.phones.append(await self._signed_in.enter_async_context(phone))
        return phone

    async def hang_up_all(self) -> None:
        """End every call at its phone; one that has vanished has none to end."""
        for phone in self.phones:
            with suppress(PhoneGoneError):
                phone.thaw()
                for call in phone.open_calls:
                    await phone.hangup(call)

    async def begin_anew(self) -> None:
        """End every phone and forget what was logged, so that another story can begin; the journal keeps all."""
        await self._signed_in.aclose()
        self.phones.clear()
        self.controller.log.clear()
        self.asterisk.forget_logs()
        self.began = datetime.now(UTC)

    async def call(self, customer: str = "101", agent: str = "201", *, dialled: str = "") -> tuple[Phone, Phone]:
        """A customer who talks to an agent, both heard by the other; `dialled` may be a queue instead."""
        agent_phone, customer_phone = await self.phone(agent), await self.phone(customer)
        await customer_phone.dial(dialled or agent)
        await customer_phone.until_established()
        await self.hearing.until(customer_phone, hears={_VOICES[agent[0]]}, for_ms=100, within=5)
        return customer_phone, agent_phone


def _memory() -> str | None:
    """Where thrown-away files go: a journal there never waits for a busy disk, which would refuse sessions."""
    return _MEMORY if os.access(_MEMORY, os.W_OK) else None
