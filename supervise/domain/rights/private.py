"""Private calls: what the channels of a call say about it, by the variable that the policy names."""

from collections.abc import Iterable

AGENTS_MARK = "agent"
"""The variable's value where the agent's own feature code has set it (``extensions_supervise.conf``)."""

_OPEN = frozenset({"", "0", "no", "false"})

Mark = str | None
"""What a channel says: the variable's value, empty where it is not set, None where nobody can tell."""


def is_private(marks: Iterable[Mark], *, agents_count: bool) -> bool:
    """Whether a call is private: one of its channels says so, or cannot be asked.

    Args:
        marks: what each of its channels says.
        agents_count: whether an agent's own mark counts.
    """
    return any(_says_so(mark, agents_count=agents_count) for mark in marks)


def _says_so(mark: Mark, *, agents_count: bool) -> bool:
    if mark is None:
        return True
    word = mark.strip().lower()
    return word not in _OPEN and (agents_count or word != AGENTS_MARK)
