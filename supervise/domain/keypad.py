"""The phone's language: what a supervisor dials, and what they press in a session.

Every key says what is to be, never *the other way round*: one press may arrive twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from supervise.domain import happenings as h
from supervise.domain.words import Mode, Visibility

EXTENSION_LENGTH = range(2, 9)
"""How many digits an extension may have; the dialplan's patterns say the same."""


class Question(StrEnum):
    """What a supervisor may ask to be told; it changes nothing."""

    WHO_IS_ON = "who-is-on"
    WHO_HEARS_ME = "who-hears-me"
    HELP = "help"


Pressed = h.Happening | Question

DEFAULT_KEYS: Mapping[str, Pressed] = {
    "4": h.ModeAsked(Mode.MONITOR),
    "5": h.ModeAsked(Mode.COACH),
    "6": h.ModeAsked(Mode.BARGE),
    "0": h.MuteAsked(muted=True),
    "1": h.MuteAsked(muted=False),
    "7": h.VisibilityAsked(Visibility.HIDDEN),
    "8": h.VisibilityAsked(Visibility.VISIBLE),
    "2": Question.WHO_IS_ON,
    "3": Question.WHO_HEARS_ME,
    "*": h.LeaveAsked(),
    "#": Question.HELP,
}


@dataclass(frozen=True, slots=True)
class Dialled:
    """What a feature code asks for: a mode to begin in, and whose call; no extension asks for the menu."""

    mode: Mode
    extension: str


@dataclass(frozen=True, slots=True)
class Keypad:
    """The codes and keys of one site."""

    codes: Mapping[str, Mode] = field(
        default_factory=lambda: {"*55": Mode.MONITOR, "*56": Mode.COACH, "*57": Mode.BARGE}
    )
    keys: Mapping[str, Pressed] = field(default_factory=lambda: DEFAULT_KEYS)

    def dialled(self, digits: str) -> Dialled | None:
        """Read a feature code; None when it is none, or when what follows is no extension."""
        for code, mode in self.codes.items():
            rest = digits.removeprefix(code)
            if rest != digits and (not rest or _is_extension(rest)):
                return Dialled(mode, rest)
        return None

    def code(self, dialled: Dialled) -> str:
        """What one would dial for this; empty where this site has no code for the mode."""
        return next((code + dialled.extension for code, mode in self.codes.items() if mode is dialled.mode), "")

    def pressed(self, digit: str) -> Pressed:
        """What a key means in a session."""
        return self.keys.get(digit, h.UnknownAsked())


def _is_extension(digits: str) -> bool:
    """ASCII digits only: str.isdigit() would let other scripts' digits and superscripts through."""
    return len(digits) in EXTENSION_LENGTH and all(digit in "0123456789" for digit in digits)
