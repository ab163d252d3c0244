"""The phone's language: what a supervisor dials, and what they press in a session.

Every key says what is to be, never *the other way round*: one press may arrive twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from supervise.domain.rights.decisions import Action, Follow
from supervise.domain.sessions import happenings as h
from supervise.domain.words import Mode, Visibility

EXTENSION_LENGTH = range(2, 9)
"""How many digits an extension may have; the dialplan's patterns say the same."""


NEXT_KEY_SECONDS = 5.0
"""Who presses 9 and then nothing for so long has not begun anything."""

TWICE_SECONDS = 0.3
"""The last key of a word of two is not taken for a key of its own when it arrives again within this time."""


class Question(StrEnum):
    """What a supervisor may ask to be told; it changes nothing."""

    WHO_IS_ON = "who-is-on"
    WHO_HEARS_ME = "who-hears-me"
    WHOM = "whom"
    """Whom else in the call one might be with: the answer is an offer."""
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
    "90": Question.WHOM,
    "91": h.ActionAsked(Action.HOLD_AGENT),
    "92": h.BackAsked(),
    "93": h.ActionAsked(Action.REMOVE_AGENT),
    "94": h.ActionAsked(Action.TAKE_OVER),
    "95": h.FollowAsked(Follow.THIS_CALL),
    "96": h.FollowAsked(Follow.AGENT),
    "97": h.FollowAsked(Follow.CUSTOMER),
    "98": h.ConsultAnswered(),
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

    def pressed(self, digits: str) -> Pressed | None:
        """What a key, or two one after the other, mean in a session; None when another one has to follow."""
        if digits in self.keys:
            return self.keys[digits]
        return None if any(keys.startswith(digits) for keys in self.keys) else h.UnknownAsked()


@dataclass(frozen=True, slots=True)
class Typed:
    """Keys of which each may be the beginning of a word of two; a press that arrives twice does no harm.

    Attributes:
        begun: the key that another one has to follow.
        last: the keys of the last word of two, whose last key may arrive a second time.
        at: when the last key came, in seconds.
    """

    begun: str = ""
    last: str = ""
    at: float = 0.0

    def press(self, digit: str, at: float, keypad: Keypad) -> tuple["Typed", Pressed | None]:
        """Take a key; what is typed then, and what it means if that is complete."""
        if self.last and self.last[-1] == digit and at - self.at < TWICE_SECONDS:
            return self, None
        begun = self.begun if at - self.at < NEXT_KEY_SECONDS and self.begun != digit else ""
        meaning = keypad.pressed(begun + digit)
        if meaning is None:
            return Typed(begun=begun + digit, at=at), None
        return Typed(last=begun + digit if begun else "", at=at), meaning


def _is_extension(digits: str) -> bool:
    """ASCII digits only: str.isdigit() would let other scripts' digits and superscripts through."""
    return len(digits) in EXTENSION_LENGTH and all(digit in "0123456789" for digit in digits)
