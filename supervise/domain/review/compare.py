"""Whose rights grow and whose shrink from one version of the policy to another.

The answer is found by asking both versions, not by comparing their texts: for each two kinds of people, in each kind of
circumstance that the rules between them can tell apart.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from supervise.domain.review.kinds import Likeness, kinds, pairs
from supervise.domain.review.versions import SupervisorChanges, Versions, What
from supervise.domain.rights.people import Person
from supervise.domain.rights.policy import Policy


@dataclass(frozen=True, slots=True)
class Change:
    """Something that grows or shrinks for some people towards some others.

    Attributes:
        supervisors: for whom.
        agents: towards whom; a supervisor who is among them is not meant towards themselves.
        themselves: towards themselves, and nobody else.
        what: what grows or shrinks.
    """

    supervisors: tuple[str, ...]
    agents: tuple[str, ...]
    themselves: bool
    what: What

    def concerns(self, supervisor: str, agent: str) -> bool:
        """Whether it is about these two people."""
        if supervisor not in self.supervisors:
            return False
        return supervisor == agent if self.themselves else supervisor != agent and agent in self.agents


def changes(old: Policy, new: Policy, at: datetime) -> list[Change]:
    """Every right that differs between two people, by the hours of the week in which a moment lies.

    Calls that are protected for the sake of another party, or no longer, are another matter: `differences.protections`.
    """
    versions = Versions(old, new, at)
    people = {**old.people, **new.people}
    groups = kinds(people, _Both(Likeness(old), Likeness(new)))
    everybody = _concerning_everybody(old) != _concerning_everybody(new)
    differing = groups if everybody else [some for some in groups if _differs(versions, some[0].name)]
    found: list[Change] = []
    for some in groups:
        supervisor = SupervisorChanges(versions, some[0].name)
        if any(supervisor.rules):
            alike = everybody or supervisor.rules_differ or _differs(versions, some[0].name)
            found += _changes_of(supervisor, some, groups if alike else differing)
    return found


def _changes_of(supervisor: SupervisorChanges, some: list[Person], groups: list[list[Person]]) -> Iterator[Change]:
    """What changes for one kind of supervisors, with all towards whom it changes together."""
    towards: defaultdict[tuple[What, bool], list[str]] = defaultdict(list)
    for agents in groups:
        for one, agent in pairs([some], [agents]):
            for what in supervisor.towards(agent.name):
                towards[what, one is agent] += [person.name for person in agents]
    supervisors = tuple(person.name for person in some)
    for (what, themselves), names in towards.items():
        yield Change(supervisors, tuple(names), themselves, what)


class _Both(Likeness):
    """Alike under both versions."""

    __slots__ = ("_likenesses",)

    def __init__(self, *likenesses: Likeness) -> None:
        self._likenesses = likenesses

    def of(self, name: str) -> tuple[object, ...]:
        return tuple(likeness.of(name) for likeness in self._likenesses)


def _differs(versions: Versions, name: str) -> bool:
    """Whether something about a person themselves has changed."""
    old, new = (version.person(name) for version in versions.both)
    return old is None or new is None or _self(old) != _self(new)


def _self(person: Person) -> tuple[object, ...]:
    return (person.role, person.teams, person.leads, person.only_by)


def _concerning_everybody(policy: Policy) -> tuple[object, ...]:
    """What concerns everybody: protected people and teams, and whose calls come from which queue."""
    nevers = {(never.people, never.teams, never.roles, never.endpoints, never.sights) for never in policy.nevers}
    teams = {(team.name, team.queues, team.only_by) for team in policy.teams.values()}
    endpoints = {endpoint for never in policy.nevers for endpoint in never.endpoints}
    owners = {endpoint: owner.name for endpoint in endpoints if (owner := policy.person_by_endpoint(endpoint))}
    return nevers, teams, owners
