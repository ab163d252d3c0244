"""What the parts of a policy say of each other: names that lead nowhere, and phones that are two people's."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from supervise.policyfile.errors import Problem
from supervise.policyfile.problems import Loc, Source
from supervise.policyfile.schema import PersonPart, PolicyPart, RulePart, WhomPart
from supervise.policyfile.words import closest

_ONE = {"people": "person", "teams": "team", "roles": "role", "hours": "hours"}


@dataclass(frozen=True, slots=True)
class Draft:
    """As much of a policy as the schema finds right.

    Attributes:
        part: the right parts.
        rules, never: for each of those parts its number in the source.
        names: the names in each section, of the wrong parts too, so that what speaks of them is not wrong as well.
        source: the text.
    """

    part: PolicyPart
    rules: tuple[int, ...]
    never: tuple[int, ...]
    names: Mapping[str, frozenset[str]]
    source: Source


@dataclass(frozen=True, slots=True)
class _Reference:
    section: str
    loc: Loc
    names: Iterable[str] | None


def reference_problems(draft: Draft) -> Iterator[Problem]:
    """Everything that is wrong between the parts."""
    for reference in _references(draft):
        known = draft.names[reference.section]
        for number, name in enumerate(reference.names or ()):
            if name not in known:
                words = f"there is no {_ONE[reference.section]} '{name}'"
                yield draft.source.problem((*reference.loc, number), words, closest(name, known))
    yield from _doubled(draft)
    yield from _look_alikes(draft)
    yield from _without_reasons(draft)


def _references(draft: Draft) -> Iterator[_Reference]:
    for name, person in draft.part.people.items():
        yield _Reference("roles", ("people", name, "role"), (person.role,))
        yield _Reference("teams", ("people", name, "teams"), person.teams)
        yield _Reference("roles", ("people", name, "only_by"), person.only_by)
    for name, team in draft.part.teams.items():
        yield _Reference("people", ("teams", name, "members"), team.members)
        yield _Reference("people", ("teams", name, "leads"), team.leads)
        yield _Reference("roles", ("teams", name, "only_by"), team.only_by)
    for number, rule in zip(draft.rules, draft.part.rules, strict=True):
        yield from _rule_references(("rules", number), rule)
    for number, never in zip(draft.never, draft.part.never, strict=True):
        loc = ("never", number)
        yield _Reference("people", (*loc, "people"), never.people)
        yield _Reference("teams", (*loc, "teams"), never.teams)
        yield _Reference("roles", (*loc, "roles"), never.roles)
    mask = draft.part.house.mask_numbers
    if mask is not None:
        yield _Reference("roles", ("house", "mask_numbers", "for"), [name for name in mask.for_ if name != "everybody"])


def _rule_references(loc: Loc, rule: RulePart) -> Iterator[_Reference]:
    yield _Reference("roles", (*loc, "who"), rule.who)
    yield from _whom_references((*loc, "whom"), rule.whom)
    if rule.but_not is not None:
        yield from _whom_references((*loc, "but_not"), rule.but_not)
    for number, when in enumerate(rule.when or ()):
        if isinstance(when, str):
            yield _Reference("hours", (*loc, "when", number), (when,))


def _whom_references(loc: Loc, whom: WhomPart) -> Iterator[_Reference]:
    yield _Reference("teams", (*loc, "teams"), whom.teams)
    yield _Reference("people", (*loc, "people"), whom.people)
    yield _Reference("roles", (*loc, "roles"), whom.roles)


def _doubled(draft: Draft) -> Iterator[Problem]:
    """Phones and extensions that two people have: whose they are would be anybody's guess."""
    endpoints: dict[str, str] = {}
    extensions: dict[str, str] = {}
    for name, person in draft.part.people.items():
        for number, endpoint in enumerate(person.endpoint or ()):
            if endpoints.setdefault(endpoint, name) != name:
                words = f"endpoint {endpoint} is {endpoints[endpoint]}'s already"
                yield draft.source.problem(("people", name, "endpoint", number), words)
        extension = extension_of(person)
        if extension and extensions.setdefault(extension, name) != name:
            key = "extension" if person.extension else "endpoint"
            words = f"extension {extension} is {extensions[extension]}'s already"
            yield draft.source.problem(("people", name, key), words)


def extension_of(person: PersonPart) -> str:
    """The extension that somebody has: their own, or their main endpoint if it can be dialled."""
    main = person.endpoint[0] if person.endpoint else ""
    return person.extension or (main if main.isdigit() else "")


def _look_alikes(draft: Draft) -> Iterator[Problem]:
    for section in ("people", "teams", "roles"):
        seen: dict[str, str] = {}
        for name in getattr(draft.part, section):
            other = seen.setdefault(name.casefold(), name)
            if other != name:
                yield draft.source.problem_with_key((section, name), f"differs from '{other}' only in capital letters")


def _without_reasons(draft: Draft) -> Iterator[Problem]:
    if draft.part.reasons or "reasons" in draft.source.root:
        return
    for number, rule in zip(draft.rules, draft.part.rules, strict=True):
        if "reason" in (rule.with_ or ()):
            yield draft.source.problem(("rules", number, "with"), "asks for a reason, but there are no 'reasons'")
