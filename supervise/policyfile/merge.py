"""The files of a folder as one policy: each may hold any of the sections, and nothing may stand in two."""

from collections.abc import Sequence

from supervise.policyfile.errors import Problem
from supervise.policyfile.nodes import Map, Mark, Seq, Value


def joined(roots: Sequence[tuple[str, Value]], files: Sequence[str]) -> tuple[Map, list[Problem]]:
    """All files' sections together, and what stands against that.

    Args:
        roots: each file's name and content.
        files: the names of all files by their number in the marks.
    """
    whole = Map()
    problems = []
    for name, root in roots:
        if root is None:
            continue
        if not isinstance(root, Map):
            problems.append(Problem(name, 1, 1, "", "should be a mapping with sections such as people, roles, rules"))
            continue
        for section, value, key_mark, mark in root.entries():
            problems += _add(whole, section, value, (key_mark, mark), files)
    return whole, problems


def nobody(whole: Map, file: str) -> list[Problem]:
    """What is wrong with a policy without people: perhaps its file was cut off."""
    if whole.get("people"):
        return []
    return [Problem(file, 0, 0, "people", "there are none; a policy begins with people")]


def _add(whole: Map, section: str, value: Value, marks: tuple[Mark, Mark], files: Sequence[str]) -> list[Problem]:
    there = whole.get(section)
    if section not in whole:
        whole.put(section, value, *marks)
    elif isinstance(there, Seq) and isinstance(value, Seq):
        there.extend(value)
        there.marks.extend(value.marks)
    elif isinstance(there, Map) and isinstance(value, Map):
        return _add_keys(there, section, value, files)
    elif value is not None:
        return [_problem(marks[0], section, "has another form here than in the files before", files)]
    return []


def _add_keys(there: Map, section: str, more: Map, files: Sequence[str]) -> list[Problem]:
    problems = []
    for key, value, key_mark, mark in more.entries():
        if key not in there:
            there.put(key, value, key_mark, mark)
            continue
        first = there.entry(key)[1]
        words = f"written twice, first in {files[first.file]} on line {first.line}"
        problems.append(_problem(key_mark, f"{section}.{key}", words, files))
    return problems


def _problem(mark: Mark, path: str, words: str, files: Sequence[str]) -> Problem:
    return Problem(files[mark.file], mark.line, mark.column, path, words)
