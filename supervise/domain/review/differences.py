"""What else differs between two versions of the policy: protected calls, phones, pages, and the rules of the house."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum

from supervise.domain.rights.numbers import Numbering, is_withheld
from supervise.domain.rights.people import Person
from supervise.domain.rights.policy import Policy
from supervise.domain.rights.protect import Parties
from supervise.domain.rights.rules import CallFacts


class Party(StrEnum):
    """By what another party of a call protects it."""

    NUMBER = "number"
    PREFIX = "prefix"
    ENDPOINT = "endpoint"
    WITHHELD = "withheld"
    PERSON = "person"
    NUMBERING = "numbering"
    """Every number may be known in another form now."""


@dataclass(frozen=True, slots=True)
class Protection:
    """Calls with some party are protected now, or are not any more.

    Attributes:
        party: by what the party is known.
        what: the number, the beginning of it, the endpoint, or the person's name; empty for the others.
        protected: they are protected now.
        roles: only from these roles; None means from everybody.
    """

    party: Party
    what: str
    protected: bool
    roles: frozenset[str] | None = None

    def may_concern(self, call: CallFacts, policies: tuple[Policy, ...]) -> bool:
        """Whether a call has such a party."""
        match self.party:
            case Party.WITHHELD:
                return any(map(is_withheld, call.numbers)) or not (call.numbers or call.endpoints)
            case Party.ENDPOINT:
                return self.what in call.endpoints
            case Party.PERSON:
                people = [policy.person(self.what) for policy in policies]
                return any(_is_in(call, person) for person in people if person is not None)
            case _:
                return bool(call.numbers)


def _is_in(call: CallFacts, person: Person) -> bool:
    return person.extension in call.numbers or not call.endpoints.isdisjoint(person.endpoints)


def protections(old: Policy, new: Policy) -> list[Protection]:
    """Calls that became protected, or ceased to be, for the sake of a party other than the agent."""
    return [*_named_parties(old, new), *_people(old, new)]


def _named_parties(old: Policy, new: Policy) -> Iterator[Protection]:
    before, after = _entries(old), _entries(new)
    for party, what in sorted(before ^ after):
        yield Protection(party, what, protected=(party, what) in after)
    if old.house.numbering != new.house.numbering and before | after:
        yield Protection(Party.NUMBERING, "", protected=bool(new.house.numbering.country))


def _entries(policy: Policy) -> set[tuple[Party, str]]:
    normal = policy.house.numbering.normal
    found: set[tuple[Party, str]] = set()
    for never in policy.nevers:
        found |= {(Party.NUMBER, normal(number)) for number in never.numbers}
        found |= {(Party.PREFIX, normal(prefix)) for prefix in never.prefixes}
        found |= {(Party.ENDPOINT, endpoint) for endpoint in never.endpoints}
        found |= {(Party.WITHHELD, "")} if never.withheld else set()
    return found


def _people(old: Policy, new: Policy) -> Iterator[Protection]:
    roles = sorted({*old.roles, *new.roles})
    for name in sorted({*old.people, *new.people}):
        before, after = (frozenset(role for role in roles if _protected(version, name, role)) for version in (old, new))
        phones = [_phones(version.person(name)) for version in (old, new)]
        for some, protected in ((after - before, True), (before - after, False)):
            if some:
                yield Protection(Party.PERSON, name, protected, None if len(some) == len(roles) else some)
        if before & after and phones[0] != phones[1]:
            yield Protection(Party.PERSON, name, protected=True, roles=before & after)


def _protected(policy: Policy, name: str, role: str) -> bool:
    person = policy.person(name)
    return person is not None and policy.protects(Person("", "", role), Parties(person, person.teams)) is not None


def _phones(person: Person | None) -> tuple[object, ...]:
    return (person.endpoints, person.extension) if person else ()


def others(old: Policy, new: Policy) -> list[str]:
    """Whatever else differs, in words: phones and PINs, the pages for admins, and the rules of the house."""
    return [*_owners(old, new), *_secrets(old, new), *_admins(old, new), *_house(old, new)]


def _owners(old: Policy, new: Policy) -> Iterator[str]:
    for words, owners in (
        ("endpoint", [_by_endpoint(version) for version in (old, new)]),
        ("extension", [_by_extension(version) for version in (old, new)]),
    ):
        for phone in sorted({*owners[0], *owners[1]}):
            was, is_now = (each.get(phone, "nobody") for each in owners)
            if was != is_now:
                yield f"{words} {phone} was {was}'s and is {is_now}'s now"


def _by_endpoint(policy: Policy) -> dict[str, str]:
    return {endpoint: person.name for person in policy.people.values() for endpoint in person.endpoints}


def _by_extension(policy: Policy) -> dict[str, str]:
    return {person.extension: person.name for person in policy.people.values() if person.extension}


def _secrets(old: Policy, new: Policy) -> Iterator[str]:
    for name in sorted({*old.people} & {*new.people}):
        was, is_now = old.people[name], new.people[name]
        for words, before, after in (
            ("PIN", was.pin_hash, is_now.pin_hash),
            ("password", was.login_hash, is_now.login_hash),
        ):
            if before != after:
                yield f"{name} has {'another' if before and after else 'a' if after else 'no'} {words} now"


def _admins(old: Policy, new: Policy) -> Iterator[str]:
    for name in sorted({*old.people, *new.people}):
        was, is_now = old.may_administer(name), new.may_administer(name)
        if was != is_now:
            yield f"{name} {'may' if is_now else 'may not'} see the pages Policy and Health now"


def _house(old: Policy, new: Policy) -> Iterator[str]:
    before, after = _flat(old.house), _flat(new.house)
    before["reasons"], after["reasons"] = _shown(old.reasons), _shown(new.reasons)
    for name in sorted({*before, *after}):
        was, is_now = before.get(name, "nothing"), after.get(name, "nothing")
        if was != is_now:
            yield f"house: {name} was {was} and is {is_now} now"


def _flat(rules: object, prefix: str = "") -> dict[str, str]:
    """Every rule of the house with its value, by its path."""
    found: dict[str, str] = {}
    for field in fields(rules) if is_dataclass(rules) else ():
        value = getattr(rules, field.name)
        name = f"{prefix}{field.name}"
        if is_dataclass(value) and not isinstance(value, Numbering):
            found |= _flat(value, f"{name}.")
        else:
            found[name] = _shown(value)
    return found


def _shown(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case frozenset():
            return f"[{', '.join(sorted(map(str, value)))}]"
        case Mapping():
            return ", ".join(f"{key}: {item}" for key, item in value.items()) or "nothing"
        case _:
            return str(value) or "nothing"
