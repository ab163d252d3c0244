"""Who and what is never supervised, whatever the rules say, and who is only by some."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from supervise.domain.rights.numbers import Numbering, NumberSet, is_withheld
from supervise.domain.rights.people import Person, Team
from supervise.domain.rights.rules import CallFacts


@dataclass(frozen=True, slots=True)
class Never:
    """One entry under *never*: it forbids the modes and the actions on every call that it covers.

    Attributes:
        place: where it stands, as ``file:line``.
        people, teams, roles: covered as the agent and as any other party of the call.
        endpoints: covered in the same way; they need not belong to anybody in the policy.
        numbers, prefixes: of another party, with X for any one digit.
        withheld: calls with a party who has neither a number nor an endpoint.
        sights: it forbids the board, the history and its export as well.
        why: for people who read the refusal.
    """

    place: str
    people: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    endpoints: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    withheld: bool = False
    sights: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Parties:
    """Who would be heard.

    Attributes:
        agent: the supervised one.
        teams: the agent's during this call.
        others: the other people of the policy in the call.
        call: the call; None where there is none.
    """

    agent: Person
    teams: frozenset[str]
    others: tuple[Person, ...] = ()
    call: CallFacts | None = None

    def people(self) -> tuple[tuple[Person, frozenset[str]], ...]:
        """Everybody the policy knows in the call, with their teams during it."""
        return ((self.agent, self.teams), *((person, person.teams) for person in self.others))


class Shield:
    """All *never* entries, made ready so that a look at them costs the same however many there are."""

    __slots__ = ("_endpoints", "_numbering", "_numbers", "_people", "_roles", "_teams", "_withheld")

    def __init__(self, nevers: Iterable[Never], numbering: Numbering) -> None:
        """Make entries ready; where several cover the same, the first one is the one that is named."""
        entries = tuple(nevers)
        self._numbering = numbering
        self._people = _places((name, entry.place) for entry in entries for name in entry.people)
        self._teams = _places((name, entry.place) for entry in entries for name in entry.teams)
        self._roles = _places((name, entry.place) for entry in entries for name in entry.roles)
        self._endpoints = _places((name, entry.place) for entry in entries for name in entry.endpoints)
        self._numbers = NumberSet(
            _places((numbering.normal(number), entry.place) for entry in entries for number in entry.numbers),
            _places((numbering.normal(prefix), entry.place) for entry in entries for prefix in entry.prefixes),
        )
        self._withheld = next((entry.place for entry in entries if entry.withheld), None)

    def over(self, parties: Parties) -> str | None:
        """The place of an entry that covers one of the parties, if any does."""
        for person, teams in parties.people():
            place = self._over_person(person, teams)
            if place is not None:
                return place
        return self._over_call(parties.call) if parties.call is not None else None

    def _over_person(self, person: Person, teams: frozenset[str]) -> str | None:
        place = self._people.get(person.name) or self._roles.get(person.role)
        if place is not None:
            return place
        return _any_of(self._teams, teams) or _any_of(self._endpoints, person.endpoints)

    def _over_call(self, call: CallFacts) -> str | None:
        place = _any_of(self._endpoints, call.endpoints)
        if place is not None:
            return place
        for number in call.numbers:
            place = self._numbers.place_of(self._numbering.normal(number))
            if place is not None:
                return place
        return self._withheld if _has_unknown_party(call) else None


class Guard:
    """Agents and teams that may only be supervised by some roles."""

    __slots__ = ("_teams",)

    def __init__(self, teams: Iterable[Team]) -> None:
        """Take the teams that have such protection; people carry their own."""
        self._teams = {team.name: team for team in teams if team.only_by is not None}

    def against(self, role: str, parties: Parties) -> str | None:
        """The place of a protection that does not let this role in, if there is one."""
        for person, teams in parties.people():
            if person.only_by is not None and role not in person.only_by:
                return person.place
            for name in sorted(teams & self._teams.keys()) if self._teams else ():
                team = self._teams[name]
                if team.only_by is not None and role not in team.only_by:
                    return team.place
        return None


def _has_unknown_party(call: CallFacts) -> bool:
    return any(is_withheld(number) for number in call.numbers) or not (call.numbers or call.endpoints)


def _any_of(places: Mapping[str, str], names: Iterable[str]) -> str | None:
    """The place of the first of some names that has one; the same one whatever order a set yields them in."""
    if not places:
        return None
    return min((places[name] for name in names if name in places), default=None)


def _places(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, place in pairs:
        found.setdefault(name, place)
    return found
