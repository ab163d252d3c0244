"""What the parts of a policy say of each other: names that lead nowhere, and phones that are two people's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from supervise.policyfile.errors import Problem
from supervise.policyfile.nodes import MOST_PROBLEMS, Map, Seq, Value
from supervise.policyfile.problems import Loc, Source
from supervise.policyfile.schema.people import PersonPart
from supervise.policyfile.schema.policy import PolicyPart
from supervise.policyfile.words import closest

_NO_SUCH = {
    "people": "there is no person",
    "teams": "there is no team",
    "roles": "there is no role",
    "hours": "there are no hours",
}


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


_EACH = "*"

_REFERENCES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("people", _EACH, "role"), "roles"),
    (("people", _EACH, "teams"), "teams"),
    (("people", _EACH, "only_by"), "roles"),
    (("teams", _EACH, "members"), "people"),
    (("teams", _EACH, "leads"), "people"),
    (("teams", _EACH, "only_by"), "roles"),
    (("rules", _EACH, "who"), "roles"),
    (("rules", _EACH, "when"), "hours"),
    *(
        (("rules", _EACH, whom, section), section)
        for whom in ("whom", "but_not")
        for section in ("teams", "people", "roles")
    ),
    *((("never", _EACH, section), section) for section in ("teams", "people", "roles")),
    (("house", "mask_numbers", "for"), "roles"),
)
"""Where names stand, and of which section they are."""

_EVERYBODY = "everybody"

_MOST_HINTS = 20
"""Looking for what was meant takes its time; after so many it is rather a file that is missing."""


def reference_problems(draft: Draft) -> Iterator[Problem]:
    """Everything that is wrong between the parts, of wrong parts too, up to `MOST_PROBLEMS`."""
    return islice(_all_problems(draft), MOST_PROBLEMS)


def _all_problems(draft: Draft) -> Iterator[Problem]:
    for number, (loc, name, section) in enumerate(_dangling(draft)):
        hint = closest(name, draft.names[section]) if number < _MOST_HINTS else ""
        yield draft.source.problem(loc, f"{_NO_SUCH[section]} '{name}'", hint)
    yield from _doubled(draft)
    yield from _look_alikes(draft)
    yield from _without_reasons(draft)


def _dangling(draft: Draft) -> Iterator[tuple[Loc, str, str]]:
    """Names that lead nowhere, each with its place and the section in which it should be."""
    for path, section in _REFERENCES:
        known = draft.names[section]
        for loc, name in _names_at(draft.source.root, path):
            if name not in known and not (name == _EVERYBODY and path[0] == "house"):
                yield loc, name, section


def _names_at(node: Value, path: tuple[str, ...], loc: Loc = ()) -> Iterator[tuple[Loc, str]]:
    """The names that a path leads to; where something else stands, the schema has said so."""
    if not path:
        if isinstance(node, str):
            yield loc, node
        elif isinstance(node, Seq):
            yield from (((*loc, number), name) for number, name in enumerate(node) if isinstance(name, str))
        return
    step, rest = path[0], path[1:]
    if step == _EACH and isinstance(node, Map | Seq):
        for key, inner in node.items() if isinstance(node, Map) else enumerate(node):
            yield from _names_at(inner, rest, (*loc, key))
    elif isinstance(node, Map) and step in node:
        yield from _names_at(node[step], rest, (*loc, step))


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
