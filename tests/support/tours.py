"""Every switch that one key makes, as a way through all of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from supervise.lab.callcentre import Plan

MONITOR, COACH, BARGE = "monitor", "coach", "barge"
MUTED_COACH, MUTED_BARGE = "coach muted", "barge muted"

HEARS: Mapping[str, frozenset[str]] = {
    MONITOR: frozenset(),
    MUTED_COACH: frozenset(),
    MUTED_BARGE: frozenset(),
    COACH: frozenset({"agent"}),
    BARGE: frozenset({"agent", "customer"}),
}
"""Who hears the supervisor."""

_LEADS: Mapping[tuple[str, str], str] = {
    (MUTED_COACH, "1"): COACH,
    (COACH, "0"): MUTED_COACH,
    (MUTED_BARGE, "1"): BARGE,
    (BARGE, "0"): MUTED_BARGE,
    (MUTED_COACH, "6"): MUTED_BARGE,
    (MUTED_BARGE, "5"): MUTED_COACH,
    (COACH, "6"): BARGE,
    (BARGE, "5"): COACH,
    **{(stance, "4"): MONITOR for stance in (MUTED_COACH, COACH, MUTED_BARGE, BARGE)},
}


@dataclass(frozen=True, slots=True)
class Switch:
    """One stance, a key, and the stance after it."""

    before: str
    key: str
    after: str

    def __str__(self) -> str:
        """For messages."""
        return f"{self.before} -{self.key}-> {self.after}"


@dataclass(frozen=True, slots=True)
class Tour:
    """Keys that lead from monitor back to monitor, through every switch that there is under a house rule."""

    muted: bool
    """Whether the house lets coach and barge begin muted."""
    keys: str

    @property
    def leads(self) -> Mapping[tuple[str, str], str]:
        """Where each key leads from each stance."""
        coach, barge = (MUTED_COACH, MUTED_BARGE) if self.muted else (COACH, BARGE)
        return {**_LEADS, (MONITOR, "5"): coach, (MONITOR, "6"): barge}

    @property
    def switches(self) -> list[Switch]:
        """Every step of it."""
        stance, found = MONITOR, []
        for key in self.keys:
            found.append(Switch(stance, key, self.leads[stance, key]))
            stance = found[-1].after
        return found

    @property
    def complete(self) -> bool:
        """Whether no switch is left out, and it ends where it began."""
        every = {Switch(before, key, after) for (before, key), after in self.leads.items()}
        return set(self.switches) == every and self.switches[-1].after == MONITOR


MUTED_TOUR = Tour(muted=True, keys="510145461015646564")
OPEN_TOUR = Tour(muted=False, keys="501045460105646564")

_RULES = """\
roles: {{lead: , agent: }}
rules: [{{who: lead, may: [monitor, coach, barge], whom: own-teams, how: choice}}]
house: {{start: hidden, start_muted: {muted}, visible_before: {{coach: not-required, barge: not-required}}}}
"""


def plan_of_calls(count: int, *, muted: bool) -> Plan:
    """Room for so many calls, each with a lead of its own who may do everything, hidden."""
    numbers = range(1, count + 1)
    people = [f'  {role}{n}: {{role: {role}, endpoint: "{kind}0{n}"}}' for n in numbers for role, kind in _KINDS]
    leads, agents = (", ".join(f"{role}{n}" for n in numbers) for role, _ in _KINDS)
    teams = f"teams: {{support: {{leads: [{leads}], members: [{agents}]}}}}"
    rules = _RULES.format(muted="yes" if muted else "no")
    users = tuple(f"{kind}0{n}" for kind in (1, 2, 3) for n in numbers)
    return Plan(users=users, policy="\n".join(["people:", *people, teams, rules]))


_KINDS = (("lead", 3), ("agent", 2))
