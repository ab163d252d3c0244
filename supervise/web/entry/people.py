"""Who somebody is to the board: what it calls them, and which of its pages are theirs."""

from collections.abc import Iterator

from supervise.domain.rights.decisions import Sight
from supervise.domain.rights.people import Person
from supervise.domain.rights.policy import Policy
from supervise.floor.house import House
from supervise.web.entry.signins import SignIn
from supervise.web.shapes import Json


def me(house: House, sign_in: SignIn) -> Json:
    """What ``GET /api/me`` says."""
    policy = house.source.policy
    person = policy.people[sign_in.person]
    return {
        "id": person.name,
        "name": person.display,
        "role": person.role,
        "admin": policy.may_administer(person.name),
        "extension": person.extension,
        "phones": list(person.endpoints),
        "pages": list(_pages(policy, person)),
        "sign_in": sign_in.how,
        "zone": str(policy.house.zone),
        "csrf": sign_in.csrf,
    }


def _pages(policy: Policy, person: Person) -> Iterator[str]:
    """The pages on which there can be anything for somebody."""
    mine = [rule for rule in policy.rules if person.role in rule.who]
    if mine:
        yield "board"
    if person.endpoints:
        yield "agent"
    if any(Sight.HISTORY in rule.may for rule in mine) or policy.may_administer(person.name):
        yield "history"
    if policy.may_administer(person.name):
        yield "policy"
        yield "health"
