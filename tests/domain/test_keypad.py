"""What is dialled and pressed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervise.domain import happenings as h
from supervise.domain.keypad import Dialled, Keypad, Question
from supervise.domain.naming import Kind, OurId, is_ours
from supervise.domain.words import Mode, Visibility

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("digits", "dialled"),
    [
        ("*55201", Dialled(Mode.MONITOR, "201")),
        ("*56201", Dialled(Mode.COACH, "201")),
        ("*570042", Dialled(Mode.BARGE, "0042")),
        ("*55", Dialled(Mode.MONITOR, "")),
        ("*551", None),
        ("*55123456789", None),
        ("*5520a", None),
        ("*55\u00b2\u00b3", None),
        ("*55\u0662\u0660\u0661", None),
        ("55201", None),
        ("", None),
    ],
)
def test_feature_codes(digits: str, dialled: Dialled | None) -> None:
    """A code and an extension of two to eight ASCII digits; leading zeros stay."""
    assert Keypad().dialled(digits) == dialled


@given(st.text(max_size=40))
def test_whatever_is_dialled_gives_an_extension_of_digits_or_nothing(text: str) -> None:
    """No other character ever comes through."""
    dialled = Keypad().dialled(text)
    assert dialled is None or set(dialled.extension) <= set("0123456789")


def test_the_keys_are_those_of_the_design() -> None:
    """Each key of the phone's language, and a refusal for every other."""
    pressed = {key: Keypad().pressed(key) for key in "0123456789*#A"}
    assert pressed == {
        "4": h.ModeAsked(Mode.MONITOR),
        "5": h.ModeAsked(Mode.COACH),
        "6": h.ModeAsked(Mode.BARGE),
        "0": h.MuteAsked(muted=True),
        "1": h.MuteAsked(muted=False),
        "7": h.VisibilityAsked(Visibility.HIDDEN),
        "8": h.VisibilityAsked(Visibility.VISIBLE),
        "2": Question.WHO_IS_ON,
        "3": Question.WHO_HEARS_ME,
        "9": h.UnknownAsked(),
        "A": h.UnknownAsked(),
        "*": h.LeaveAsked(),
        "#": Question.HELP,
    }


@given(st.sampled_from(Kind), st.integers(0, 999999))
def test_our_ids_are_known_again(kind: Kind, turn: int) -> None:
    """What we name is recognised after a restart, by its name alone."""
    ours = OurId(kind, "0123456789abcdef" * 2, turn)
    assert OurId.read(str(ours)) == ours


def test_no_id_of_ours_is_a_prefix_of_another() -> None:
    """Asterisk 22 refuses a channel id that another one begins with."""
    ids = [str(OurId(kind, "f" * 32, turn)) for kind in Kind for turn in (0, 1, 10, 123456)]
    assert not [(one, other) for one in ids for other in ids if one != other and other.startswith(one)]


@pytest.mark.parametrize("text", ["", "sv-ear", "sv-ear-xyz-1", "1795229274.1", "sv-nose-" + "f" * 32 + "-000001"])
def test_what_is_not_ours_is_left_alone(text: str) -> None:
    """Foreign ids are never taken for ours."""
    assert not is_ours(text)
