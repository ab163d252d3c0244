"""Three calls at once, supervised in the three modes: what happens to one controller happens to every mode."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from supervise.domain.words import Mode
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.sound import Voice
from tests.support.supervising import Scene

_POLICY = """\
people:
  hilda: {name: Hilda Lead, role: lead, endpoint: "301"}
  sven: {name: Sven Second, role: lead, endpoint: "302"}
  lena: {name: Lena Third, role: lead, endpoint: "303"}
  anna: {name: Anna Agent, role: agent, endpoint: "201"}
  ben: {name: Ben Agent, role: agent, endpoint: "202"}
  cleo: {name: Cleo Agent, role: agent, endpoint: "203"}
teams:
  support: {leads: [hilda, sven, lena], members: [anna, ben, cleo]}
roles: {lead: , agent: }
rules:
  - {who: lead, may: [monitor, coach, barge], whom: own-teams, how: choice}
house:
  start: hidden
  start_muted: no
  visible_before: {coach: not-required, barge: not-required}
  tell_agent: {by: [tone, message]}
"""

BOTH = {Voice.AGENT, Voice.CUSTOMER}

_HEARERS: dict[Mode, set[str]] = {Mode.MONITOR: set(), Mode.COACH: {"agent"}, Mode.BARGE: {"agent", "customer"}}


def crew_plan(*options: tuple[str, str]) -> Plan:
    """Phones for three calls and their three supervisors, who may do everything, hidden and at once."""
    users = tuple(f"{kind}{number:02}" for kind in (1, 2, 3) for number in (1, 2, 3))
    return Plan(users=users, policy=_POLICY, options=options)


@dataclass(frozen=True, slots=True)
class Seen:
    """A call with its supervisor, who is in one mode."""

    mode: Mode
    scene: Scene

    async def expect_mode(self, mode: Mode | None = None) -> None:
        """Wait until everybody hears exactly whom they should in a mode: the scene's own, or another."""
        at, hearers = self.scene, _HEARERS[mode or self.mode]
        await asyncio.gather(
            _hears(at, "customer", {Voice.AGENT}, also="customer" in hearers),
            _hears(at, "agent", {Voice.CUSTOMER}, also="agent" in hearers),
            at.centre.hearing.until(
                at.supervisor, hears=BOTH, not_hears={Voice.SUPERVISOR}, for_ms=200, within=6
            ),
        )

    async def expect_alone(self, *, for_ms: float = 300, within: float = 6) -> None:
        """Wait until agent and customer hear each other and nobody else."""
        at = self.scene
        await asyncio.gather(
            _hears(at, "customer", {Voice.AGENT}, also=False, for_ms=for_ms, within=within),
            _hears(at, "agent", {Voice.CUSTOMER}, also=False, for_ms=for_ms, within=within),
        )


async def _hears(
    at: Scene, who: str, others: set[Voice], *, also: bool, for_ms: float = 200, within: float = 6
) -> None:
    phone = at.customer if who == "customer" else at.agent
    hears, not_hears = (others | {Voice.SUPERVISOR}, set()) if also else (others, {Voice.SUPERVISOR})
    await at.centre.hearing.until(phone, hears=hears, not_hears=not_hears, for_ms=for_ms, within=within)


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


def untouched(each: Seen, start_ns: int, end_ns: int) -> tuple[int, int]:
    """How many frames customer and agent missed of the other, or got wrong, in a window."""
    raise NotImplementedError
