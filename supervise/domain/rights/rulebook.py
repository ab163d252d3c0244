"""The rules, sorted so that a decision looks only at those that can concern the two people in question."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from supervise.domain.rights.people import Person
from supervise.domain.rights.rules import Rule


def _named() -> defaultdict[str, list[int]]:
    return defaultdict(list)


@dataclass(slots=True)
class _Drawer:
    """The rules of one role as their ranks, by the way in which they name whom they cover."""

    everybody: list[int] = field(default_factory=list)
    own_teams: list[int] = field(default_factory=list)
    teams: defaultdict[str, list[int]] = field(default_factory=_named)
    people: defaultdict[str, list[int]] = field(default_factory=_named)
    roles: defaultdict[str, list[int]] = field(default_factory=_named)

    def put(self, rank: int, rule: Rule) -> None:
        whom = rule.whom
        if whom.everybody:
            self.everybody.append(rank)
            return
        if whom.own_teams:
            self.own_teams.append(rank)
        for names, drawer in ((whom.teams, self.teams), (whom.people, self.people), (whom.roles, self.roles)):
            for name in names:
                drawer[name].append(rank)

    def concerning(self, supervisor: Person, agent: Person, teams: frozenset[str]) -> list[int]:
        found = {*self.everybody, *self.people.get(agent.name, ()), *self.roles.get(agent.role, ())}
        for team in teams:
            found.update(self.teams.get(team, ()))
        if self.own_teams and not supervisor.teams.isdisjoint(teams):
            found.update(self.own_teams)
        return sorted(found)


class RuleBook:
    """All rules by role; a rule's rank says how generous it is."""

    __slots__ = ("_drawers", "_ranked")

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Sort rules into the book; their order does not matter."""
        self._ranked = tuple(sorted(rules, key=lambda rule: rule.generosity))
        self._drawers: dict[str, _Drawer] = {}
        for rank, rule in enumerate(self._ranked):
            for role in rule.who:
                self._drawers.setdefault(role, _Drawer()).put(rank, rule)

    def concerning(self, supervisor: Person, agent: Person, teams: frozenset[str]) -> tuple[Rule, ...]:
        """Every rule whose *who* and *whom* cover the two, the most generous first.

        `teams` are those of the agent during the call.
        """
        drawer = self._drawers.get(supervisor.role)
        if drawer is None:
            return ()
        return tuple(self._ranked[rank] for rank in drawer.concerning(supervisor, agent, teams))
