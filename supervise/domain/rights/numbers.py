"""Telephone numbers: one form for those that mean the same, sets of them, and masks.

Sets are made of digits where ``X`` is any one digit. There are no regular expressions, so no number and no policy can
make a decision slow.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_DIGITS = frozenset("0123456789")

_FILLING = str.maketrans("", "", " -./()\t\N{NO-BREAK SPACE}")


@dataclass(frozen=True, slots=True)
class Numbering:
    """How numbers are dialled here, so that ``030 123``, ``0049 30123`` and ``+49 30 123`` are found to be the same.

    Attributes:
        country: the country code, such as ``49``; empty leaves numbers as they come.
        international: what stands before a country code when it is dialled.
        national: what stands before an area code when it is dialled; empty where nothing does.
    """

    country: str = ""
    international: str = "00"
    national: str = "0"

    def normal(self, number: str) -> str:
        """The one form of a number or a pattern: ``+`` and country code where they can be known."""
        plain = number.partition(";")[0].translate(_FILLING)
        if not self.country or plain.startswith("+"):
            return plain
        if self.international and plain.startswith(self.international):
            return "+" + plain.removeprefix(self.international)
        if self.national and plain.startswith(self.national):
            return "+" + self.country + plain.removeprefix(self.national)
        return plain


def is_withheld(number: str) -> bool:
    """Whether somebody has not said their number: there is no digit in it."""
    return _DIGITS.isdisjoint(number)


def masked(number: str, keep: int) -> str:
    """A number of which only the last digits are to be read."""
    shown = min(keep, len(number) // 2)
    return "*" * (len(number) - shown) + number[len(number) - shown :]


@dataclass(frozen=True, slots=True)
class NumberSet:
    """Numbers and prefixes, each with the place that named it; a look-up costs the same however many there are.

    Attributes:
        whole: patterns for the whole number, in normal form, and their places.
        prefixes: patterns for its beginning, in normal form, and their places.
    """

    whole: Mapping[str, str]
    prefixes: Mapping[str, str]
    _masks: tuple[tuple[int, bool, tuple[int, ...], Mapping[str, str]], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Sort the patterns by length and by where their X stand: all of one kind are found in one look."""
        kinds: defaultdict[tuple[int, bool, tuple[int, ...]], dict[str, str]] = defaultdict(dict)
        for is_prefix, patterns in ((False, self.whole), (True, self.prefixes)):
            for pattern, place in patterns.items():
                blanks = tuple(position for position, sign in enumerate(pattern) if sign == "X")
                kinds[len(pattern), is_prefix, blanks][pattern] = place
        object.__setattr__(self, "_masks", tuple((*kind, found) for kind, found in sorted(kinds.items())))

    def place_of(self, number: str) -> str | None:
        """Where the first pattern stands that a number, in normal form, matches."""
        for length, is_prefix, blanks, patterns in self._masks:
            if len(number) == length or (is_prefix and len(number) > length):
                place = patterns.get(_blanked(number[:length], blanks))
                if place is not None:
                    return place
        return None


def _blanked(number: str, blanks: Iterable[int]) -> str:
    """The number with X where the pattern has one, if there is a digit there."""
    signs = list(number)
    for position in blanks:
        if signs[position] in _DIGITS:
            signs[position] = "X"
    return "".join(signs)
