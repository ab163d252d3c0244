"""A file or a folder as a policy: all of it and right, or every problem at once."""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from supervise.domain.rights.policy import Policy
from supervise.policyfile.build import contents
from supervise.policyfile.canonical import digest
from supervise.policyfile.errors import PolicyFileError, Problem
from supervise.policyfile.merge import joined, nobody
from supervise.policyfile.nodes import Map, Reader, ReadLimits, Seq, Value
from supervise.policyfile.oddities import oddities
from supervise.policyfile.problems import NAMED_SECTIONS, Loc, Source, details_of, schema_problems
from supervise.policyfile.reading import bytes_of, files_of, text_of
from supervise.policyfile.references import Draft, reference_problems
from supervise.policyfile.schema.policy import PolicyPart

DEFAULT_LIMITS = ReadLimits()


class Loaded:
    """A policy that can be used, and what is odd about it."""

    def __init__(self, policy: Policy, draft: Draft) -> None:
        """Keep the policy with what it was made of."""
        self.policy = policy
        self._draft = draft

    @cached_property
    def warnings(self) -> tuple[Problem, ...]:
        """What is odd, looked for when it is asked for: the policy is in force before that."""
        return _in_order(oddities(self._draft, self.policy))


def load(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> Loaded:
    """Read a policy from a YAML file, or from all YAML files directly in a folder.

    Raises:
        PolicyFileError: it cannot be used; all that is wrong is in it.
    """
    return load_bytes(read_files(path, limits), limits)


def read_files(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> list[tuple[str, bytes]]:
    """The files of a policy, each with its name and content.

    Raises:
        PolicyFileError: one cannot be read, or there is too much of them.
    """
    name = path
    try:
        read = []
        for name in files_of(path, limits):
            read.append((str(name), bytes_of(name, limits)))
    except (OSError, ValueError) as error:
        raise PolicyFileError((Problem(str(name), 0, 0, "", _reading_failed(error)),)) from error
    return read


def _reading_failed(error: OSError | ValueError) -> str:
    return f"cannot be read: {error.strerror or error}" if isinstance(error, OSError) else str(error)


def load_bytes(files: Sequence[tuple[str, bytes]], limits: ReadLimits = DEFAULT_LIMITS) -> Loaded:
    """Make a policy of files that were read already, each with its name.

    Raises:
        PolicyFileError: it cannot be used; all that is wrong is in it.
    """
    with _no_collecting():
        return _load_bytes(files, limits)


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Keep the garbage collector away: what a load makes stays, and looking through it costs a fifth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _load_bytes(files: Sequence[tuple[str, bytes]], limits: ReadLimits) -> Loaded:
    reader = Reader(limits)
    problems: list[Problem] = []
    roots = []
    for name, content in files:
        text, unreadable = text_of(name, content)
        problems += unreadable
        before = len(reader.problems)
        root = None if unreadable else reader.read(name, text)
        if root is not None or (not unreadable and before == len(reader.problems)):
            roots.append((name, root))
    root, clashes = joined(roots, reader.files)
    draft, wrong = _draft(Source(reader.files, root))
    problems += [*reader.problems, *clashes, *wrong]
    if len(roots) == len(files):  # else half of the names are not known, and all that speaks of them would be wrong
        problems += [*reference_problems(draft), *nobody(root, files[0][0])]
    if problems:
        raise PolicyFileError(_in_order(problems))
    return Loaded(Policy(contents(draft), digest(draft.part)), draft)


def _draft(source: Source) -> tuple[Draft, list[Problem]]:
    """The parts that the schema finds right, and what is wrong with the others."""
    names = {section: _keys(source, section) for section in NAMED_SECTIONS}
    try:
        part = PolicyPart.model_validate(source.root)
    except ValidationError as error:
        details = details_of(error)
        problems = list(schema_problems(details, source))
        wrong = {detail["loc"][:2] for detail in details}
        rest = {section: _without(value, section, wrong) for section, value in source.root.items()}
        part = PolicyPart.model_validate({key: value for key, value in rest.items() if (key,) not in wrong})
    else:
        problems, wrong = [], set()
    return Draft(part, _kept("rules", source, wrong), _kept("never", source, wrong), names, source), problems


def _keys(source: Source, section: str) -> frozenset[str]:
    node = source.root.get(section)
    return frozenset(node) if isinstance(node, Map) else frozenset()


def _without(value: Value, section: str, wrong: set[Loc]) -> object:
    """A section without its wrong entries."""
    if isinstance(value, Map):
        return {key: item for key, item in value.items() if (section, key) not in wrong}
    if isinstance(value, Seq):
        return [item for number, item in enumerate(value) if (section, number) not in wrong]
    return value


def _kept(section: str, source: Source, wrong: set[Loc]) -> tuple[int, ...]:
    """The numbers of a list's right entries."""
    node = source.root.get(section)
    if not isinstance(node, Seq) or (section,) in wrong:
        return ()
    return tuple(number for number in range(len(node)) if (section, number) not in wrong)


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(set(problems), key=lambda problem: (problem.file, problem.line, problem.column, problem.words)))
