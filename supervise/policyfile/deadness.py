"""Whether there are two people to whom a rule can ever apply."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain

from supervise.domain.review.kinds import Likeness, kinds, pairs
from supervise.domain.rights.people import Person, ties
from supervise.domain.rights.policy import Policy
from supervise.domain.rights.protect import Parties
from supervise.domain.rights.rules import Rule

_COVERS_NOBODY, _LEAVES_OUT, _TIED, _PROTECTED = range(4)

_WORDS = {
    _COVERS_NOBODY: "it covers nobody",
    _LEAVES_OUT: "'but_not' leaves out everybody that 'whom' covers",
    _TIED: "it covers only the supervisors themselves, their peers or their leads; say so with 'even'",
    _PROTECTED: "everybody that it covers is under 'never' or protected by 'only_by'",
}


class Reach:
    """Finds whom the rules of one policy reach, by one person of each kind."""

    def __init__(self, policy: Policy) -> None:
        """Sort the people by kind, and the kinds by what a rule can name."""
        self._policy = policy
        self._kinds = kinds(policy.people, Likeness(policy))
        self._by_role: defaultdict[str, list[list[Person]]] = defaultdict(list)
        self._by_team: defaultdict[str, list[list[Person]]] = defaultdict(list)
        self._by_name: dict[str, list[Person]] = {}
        for alike in self._kinds:
            self._by_role[alike[0].role].append(alike)
            for team in alike[0].teams:
                self._by_team[team].append(alike)
            self._by_name.update((person.name, alike) for person in alike)

    def why_dead(self, rule: Rule) -> str:
        """Why a rule can never apply, in words; nothing where it can."""
        supervisors = list(chain.from_iterable(self._by_role.get(role, ()) for role in rule.who))
        if not supervisors:
            return f"nobody has the role {' or '.join(sorted(rule.who))}"
        furthest = _COVERS_NOBODY
        for some in supervisors:
            for supervisor, agent in pairs([some], self._covered(rule, some[0])):
                stopped = self._stopped(rule, supervisor, agent)
                if stopped is None:
                    return ""
                furthest = max(furthest, stopped)
        return _WORDS[furthest]

    def _covered(self, rule: Rule, supervisor: Person) -> Iterable[list[Person]]:
        whom = rule.whom
        teams = whom.teams | (supervisor.teams if whom.own_teams else frozenset())
        if whom.everybody or any(self._policy.teams[team].queues for team in teams):
            return self._kinds
        return chain(
            (self._by_name[name] for name in whom.people),
            chain.from_iterable(self._by_role.get(role, ()) for role in whom.roles),
            chain.from_iterable(self._by_team.get(team, ()) for team in teams),
        )

    def _stopped(self, rule: Rule, supervisor: Person, agent: Person) -> int | None:
        """What keeps a rule from two people whatever the call; None where nothing does in some call."""
        stops = [self._stopped_with(rule, supervisor, agent, teams) for teams in self._teams(rule, supervisor, agent)]
        return None if None in stops else max(stop for stop in stops if stop is not None)

    def _teams(self, rule: Rule, supervisor: Person, agent: Person) -> Iterator[frozenset[str]]:
        """The teams that an agent can have: their own, and in a call from a queue those of the queue."""
        yield agent.teams
        concerned = rule.whom.teams | (supervisor.teams if rule.whom.own_teams else frozenset())
        for team in sorted(concerned - agent.teams):
            for queue in self._policy.teams[team].queues:
                yield agent.teams | self._policy.teams_of_queue(queue)

    def _stopped_with(self, rule: Rule, supervisor: Person, agent: Person, teams: frozenset[str]) -> int | None:
        if not rule.whom.covers(supervisor, agent, teams):
            return _COVERS_NOBODY
        if rule.but_not.covers(supervisor, agent, teams):
            return _LEAVES_OUT
        if not rule.forgives(ties(supervisor, agent)):
            return _TIED
        return _PROTECTED if self._policy.protects(supervisor, Parties(agent, teams)) and rule.engages else None
