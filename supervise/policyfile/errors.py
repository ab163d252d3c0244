"""What can be wrong with a policy file.

    PolicyFileError          the policy cannot be used; carries every problem that was found
    WatchError               the place of the policy cannot be watched

A single thing that is wrong, or odd, is a `Problem`: a value, so that all of them are told at once.
"""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a problem is."""

    ERROR = "error"
    """The policy is not used."""
    WARNING = "warning"
    """The policy is used, but says something that its author can hardly mean."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        file: as it was named to us.
        line, column: where, counted from 1; 0 where it concerns the file as a whole.
        path: the keys that lead there, such as ``rules.3.who``.
        words: what is wrong.
        hint: the word that was perhaps meant.
        level: how bad it is.
    """

    file: str
    line: int
    column: int
    path: str
    words: str
    hint: str = ""
    level: Level = Level.ERROR

    def __str__(self) -> str:
        """``policy.yaml:9:5: roles.lead: written twice, first on line 8``."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        path = f" {self.path}:" if self.path else ""
        warning = " warning:" if self.level is Level.WARNING else ""
        hint = f"; did you mean '{self.hint}'?" if self.hint else ""
        return f"{place}:{warning}{path} {self.words}{hint}"


class PolicyFileError(Exception):
    """A policy cannot be used.

    Attributes:
        problems: all that is wrong with it, in the order of the files' lines.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Tell of all problems."""
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


class WatchError(Exception):
    """The folder in which a policy stands cannot be watched."""
