"""What the schema finds wrong, at its line and column and in the words of the language."""

import re
from collections.abc import Iterator, Sequence
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from supervise.policyfile.errors import Problem
from supervise.policyfile.nodes import MOST_PROBLEMS, Map, Mark, Seq, Value
from supervise.policyfile.schema.base import Part
from supervise.policyfile.schema.policy import PolicyPart
from supervise.policyfile.words import closest

Loc = tuple[int | str, ...]

NAMED_SECTIONS = frozenset({"people", "teams", "roles", "hours", "reasons"})
"""The sections whose keys are the author's own."""

_SHAPES = {
    "list_type": "should be a list",
    "dict_type": "should be a mapping of keys and values",
    "model_type": "should be a mapping of keys and values",
    "model_attributes_type": "should be a mapping of keys and values",
    "string_type": "should be plain text",
    "too_short": "should not be empty",
    "extra_forbidden": "is no key that is known here",
}

_LIMITS = {"greater_than_equal": ("at least", "ge"), "less_than_equal": ("at most", "le")}


class Source:
    """The files' content with the way back from a path to its place."""

    def __init__(self, files: Sequence[str], root: Map, model: type[Part] = PolicyPart) -> None:
        """Take the names of the files, in the order in which they were read, their joined content and its schema."""
        self._files = files
        self.root = root
        self.model = model

    def problem(self, loc: Loc, words: str, hint: str = "") -> Problem:
        """A problem with a value, at its place."""
        return self._at(self.mark(loc), loc, words, hint)

    def problem_with_key(self, loc: Loc, words: str, hint: str = "") -> Problem:
        """A problem with a key, at the key's own place."""
        return self._at(self.mark(loc, key=True), loc, words, hint)

    def place(self, loc: Loc) -> str:
        """Where something stands, as ``file:line``, for the journal and for *explain*."""
        mark = self.mark(loc)
        return self.place_of(mark)

    def places(self, section: str) -> Iterator[str]:
        """Where each key of a section stands, in their order."""
        node = self.root.get(section)
        for _, _, key_mark, _ in node.entries() if isinstance(node, Map) else ():
            yield self.place_of(key_mark)

    def place_of(self, mark: Mark) -> str:
        """A mark as ``file:line`` with the bare name of the file."""
        return f"{self._files[mark.file].rpartition('/')[2]}:{mark.line}"

    def mark(self, loc: Loc, *, key: bool = False) -> Mark:
        """The place that a path leads to, or as far as it leads; with `key` that of the last key."""
        mark, node = Mark(0, 1, 1), self.root
        current: Value = node
        for part in loc:
            if isinstance(current, Map) and isinstance(part, str) and part in current:
                current, key_mark, value_mark = current.entry(part)
                mark = key_mark if key or current is None else value_mark
            elif isinstance(current, Seq) and isinstance(part, int) and part < len(current):
                mark = current.mark(part)
                current = current[part]
        return mark

    def _at(self, mark: Mark, loc: Loc, words: str, hint: str) -> Problem:
        return Problem(self._files[mark.file], mark.line, mark.column, self._path(loc), words, hint)

    def _path(self, loc: Loc) -> str:
        """The keys that stand in the file, without what is only the schema's own."""
        current: Value = self.root
        keys = []
        for part in loc:
            following = _step(current, part)
            if following is not current:
                keys.append(str(part))
            current = following
        return ".".join(keys)


def details_of(error: ValidationError) -> list[ErrorDetails]:
    """What the schema finds wrong, in its own form."""
    return error.errors(include_url=False, include_input=False)


def schema_problems(details: list[ErrorDetails], source: Source) -> Iterator[Problem]:
    """Everything that the schema finds wrong, up to `MOST_PROBLEMS`."""
    for detail in details[:MOST_PROBLEMS]:
        yield _problem(detail["type"], detail["loc"], detail.get("ctx", {}), detail["msg"], source)


def _problem(kind: str, loc: Loc, context: dict[str, Any], message: str, source: Source) -> Problem:
    if kind == "extra_forbidden":
        return source.problem_with_key(loc, _SHAPES[kind], closest(str(loc[-1]), known_keys(loc[:-1], source.model)))
    if kind == "missing":
        return source.problem_with_key(loc[:-1], f"'{loc[-1]}' is missing")
    if kind == "words":
        return (source.problem_with_key if loc[-1] == "[key]" else source.problem)(
            tuple(part for part in loc if part != "[key]"), context["words"], context["hint"]
        )
    if kind in {"literal_error", "enum"}:
        choices = re.findall(r"'([^']*)'", context["expected"])
        return source.problem(loc, f"should be {context['expected']}", closest(_text_at(loc, source), choices))
    return source.problem(loc, _shape(kind, context, message))


def _shape(kind: str, context: dict[str, Any], message: str) -> str:
    if kind in _LIMITS:
        words, bound = _LIMITS[kind]
        return f"should be {words} {context[bound]}"
    return _SHAPES.get(kind) or message.replace("Input should", "should")


def _text_at(loc: Loc, source: Source) -> str:
    current: Value = source.root
    for part in loc:
        current = _step(current, part)
    return current if isinstance(current, str) else ""


def _step(node: Value, part: int | str) -> Value:
    """What a part of a path leads to; a part that is only the schema's own leads nowhere."""
    if isinstance(node, Map) and isinstance(part, str):
        return node.get(part, node)
    if isinstance(node, Seq) and isinstance(part, int) and part < len(node):
        return node[part]
    return node


def known_keys(loc: Loc, model: type[Part] = PolicyPart) -> tuple[str, ...]:
    """The keys that a language has at a path."""
    part = model
    for depth, step in enumerate(loc):
        named_by_author = depth == 1 and loc[0] in NAMED_SECTIONS
        fields = {field.alias or name: field for name, field in part.model_fields.items()}
        if not named_by_author and step in fields:
            part = next(_parts_in(fields[str(step)].annotation), part)
    return tuple(field.alias or name for name, field in part.model_fields.items())


def _parts_in(annotation: Any) -> Iterator[type[Part]]:
    if isinstance(annotation, type) and get_origin(annotation) is None:
        if issubclass(annotation, Part):
            yield annotation
    elif get_origin(annotation) in {Union, UnionType, list, dict} or hasattr(annotation, "__metadata__"):
        for inner in get_args(annotation):
            yield from _parts_in(inner)
