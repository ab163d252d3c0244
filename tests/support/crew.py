"""Three calls at once, supervised in the three modes: what happens to one controller happens to every mode."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from supervise.domain.words import Mode
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing.ear import Window
from supervise.lab.sound import Voice
from tests.support.supervising import Scene
from tests.support.unbroken import Around, around

_POLICY = """\
people:
  hilda: {name: Hilda Lead, role: lead, endpoint: "301"}
  sven: {name: Sven Second, role: lead, endpoint: "302"}
  lena: {name: Lena Third, role: lead, endpoint: "303"}
  mila: {name: Mila Fourth, role: lead, endpoint: "304"}
  anna: {name: Anna Agent, role: agent, endpoint: "201"}
  ben: {name: Ben Agent, role: agent, endpoint: "202"}
  cleo: {name: Cleo Agent, role: agent, endpoint: "203"}
  dora: {name: Dora Agent, role: agent, endpoint: "204"}
teams:
  support: {leads: [hilda, sven, lena, mila], members: [anna, ben, cleo, dora]}
roles: {lead: , agent: }
rules:
  - {who: lead, may: [monitor, coach, barge], whom: own-teams, how: choice}
house:
  start: hidden
  start_muted: no
  visible_before: {coach: not-required, barge: not-required}
  tell_agent: {by: [tone, message]}
"""

SETTLED_NS = 100_000_000
"""What has been sent so lately may still be on its way to whom it is for."""

MIXED_FRAMES = 4
"""As many of 20 ms may be lost or silent when a seat leaves a call."""

BOTH = {Voice.AGENT, Voice.CUSTOMER}

_HEARERS: dict[Mode, set[str]] = {Mode.MONITOR: set(), Mode.COACH: {Voice.AGENT}, Mode.BARGE: {*BOTH}}
"""Whose phone hears the supervisor, by the voice it has itself."""


def crew_plan(*options: tuple[str, str]) -> Plan:
    """Phones for three calls, their supervisors and one of each more; who supervises may do everything at once."""
    users = tuple(f"{kind}{number:02}" for kind in (1, 2, 3) for number in (1, 2, 3))
    return Plan(users=(*users, "304", "104", "204"), policy=_POLICY, options=options)


def hears(own: Voice, *modes: Mode) -> set[Voice]:
    """Whom the party with this voice may hear while the supervisor is in one of these modes."""
    heard = any(own in _HEARERS[mode] for mode in modes)
    return BOTH - {own} | ({Voice.SUPERVISOR} if heard else set())


@dataclass(frozen=True, slots=True)
class Seen:
    """A call with its supervisor, who is in one mode."""

    mode: Mode
    scene: Scene

    async def expect_mode(self, mode: Mode | None = None) -> None:
        """Wait until everybody hears exactly whom they should in a mode: the scene's own, or another.

        Twice: who must not hear them may not have heard them before the switch either.
        """
        hearers, hearing = _HEARERS[mode or self.mode], self.scene.centre.hearing
        for _ in range(2):
            await asyncio.gather(
                self._call_hears(hearers, for_ms=200, within=6),
                hearing.until(self.scene.supervisor, hears=BOTH, not_hears={Voice.SUPERVISOR}, for_ms=200, within=6),
            )

    def around(self) -> tuple[Around, Around]:
        """Open a window on what agent and customer hear."""
        return around(self.scene.centre, self.scene.agent), around(self.scene.centre, self.scene.customer)

    def expect_steady(self, before: tuple[Around, Around], *modes: Mode) -> None:
        """Agent and customer heard each other all the time, and the supervisor only where a mode lets them."""
        for heard, own in zip(before, (Voice.AGENT, Voice.CUSTOMER), strict=True):
            heard.only(*hears(own, *modes))
            heard.never_without(*BOTH - {own})

    async def expect_alone(self, *, for_ms: float = 300, within: float = 6) -> None:
        """Wait until agent and customer hear each other and nobody else."""
        await self._call_hears(set(), for_ms=for_ms, within=within)

    async def _call_hears(self, hearers: set[str], *, for_ms: float, within: float) -> None:
        """Wait until agent and customer hear each other, and those of them who should the supervisor."""
        waits = []
        for phone, other in ((self.scene.agent, Voice.CUSTOMER), (self.scene.customer, Voice.AGENT)):
            heard = {other, Voice.SUPERVISOR} if phone.voice in hearers else {other}
            unheard = {*BOTH, Voice.SUPERVISOR} - heard
            waits.append(
                self.scene.centre.hearing.until(phone, hears=heard, not_hears=unheard, for_ms=for_ms, within=within)
            )
        await asyncio.gather(*waits)


async def crew(centre: CallCentre) -> Sequence[Seen]:
    """Set up three calls, one supervised in each mode, and wait until everybody hears whom they should."""
    calls = await asyncio.gather(*(centre.call(f"10{number}", f"20{number}") for number in (1, 2, 3)))
    supervisors = await asyncio.gather(*(centre.phone(f"30{number}") for number in (1, 2, 3)))
    seen = [
        Seen(mode, Scene(centre, customer, agent, supervisor))
        for mode, (customer, agent), supervisor in zip(Mode, calls, supervisors, strict=True)
    ]
    await asyncio.gather(*(dial(each) for each in seen))
    return seen


async def dial(each: Seen) -> None:
    """Let the supervisor dial the feature code of the mode, and wait until it holds."""
    code = dict(zip(Mode, ("*55", "*56", "*57"), strict=True))[each.mode]
    await each.scene.supervisor.dial(f"{code}{each.scene.agent.user}")
    await each.expect_mode()


def expect_untouched(each: Seen, start_ns: int) -> None:
    """The call went on frame by frame from a moment until now.

    When a seat goes, Asterisk turns the call's bridge back into one for two, and what was being mixed is lost
    (22.10.1): a frame or none, three when the machine is busy. While there is a seat, a busy machine mixes late.
    """
    hearing, at = each.scene.centre.hearing, each.scene
    window = Window(start_ns, time.time_ns() - SETTLED_NS)
    for speaker, listener in ((at.agent, at.customer), (at.customer, at.agent)):
        fate = hearing.continuity(speaker, listener, window)
        wrong = fate.lost + fate.repeated + fate.reordered + fate.silent + fate.damaged
        allowed = MIXED_FRAMES + fate.matched // 100 if each.mode is Mode.BARGE else 0
        assert fate.matched > 0
        assert wrong <= allowed, f"{each.mode}: {speaker.name} to {listener.name}: {replace(fate, delays_ms=())}"
