"""People whom a policy cannot tell apart. What holds for one of a kind holds for all, so one of each is asked about."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping

from supervise.domain.rights.people import Person
from supervise.domain.rights.policy import Policy


class Likeness:
    """Says of what kind a person is under one policy."""

    __slots__ = ("_named", "_people")

    def __init__(self, policy: Policy) -> None:
        """Note whom the policy names."""
        self._people = policy.people
        named: defaultdict[str, set[str]] = defaultdict(set)
        for number, rule in enumerate(policy.rules):
            for name in rule.whom.people | rule.but_not.people:
                named[name].add(f"rule {number} {name in rule.whom.people} {name in rule.but_not.people}")
        for number, never in enumerate(policy.nevers):
            owners = {policy.person_by_endpoint(endpoint) for endpoint in never.endpoints}
            for name in never.people | {owner.name for owner in owners if owner is not None}:
                named[name].add(f"never {number}")
        self._named = {name: frozenset(labels) for name, labels in named.items()}

    def of(self, name: str) -> Hashable:
        """Their kind: equal for two people whom the policy cannot tell apart; None for somebody it does not know."""
        person = self._people.get(name)
        if person is None:
            return None
        return (person.role, person.teams, person.leads, person.only_by, self._named.get(name))


def kinds(people: Mapping[str, Person], likeness: Likeness) -> list[list[Person]]:
    """People of the same kind together."""
    found: defaultdict[Hashable, list[Person]] = defaultdict(list)
    for name, person in people.items():
        found[likeness.of(name)].append(person)
    return list(found.values())


def pairs(supervisors: Iterable[list[Person]], agents: Iterable[list[Person]]) -> Iterable[tuple[Person, Person]]:
    """One pair of each two kinds: of one and the same kind somebody and another one, and somebody and themselves."""
    theirs = list(agents)
    for some in supervisors:
        for others in theirs:
            if some[0] is not others[0]:
                yield some[0], others[0]
                continue
            yield some[0], some[0]
            if len(others) > 1:
                yield some[0], others[1]
