"""What is dialled and pressed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervise.domain.calls.naming import Kind, OurId, is_ours
from supervise.domain.keypad import Dialled, Keypad, Question, Typed
from supervise.domain.rights.decisions import Action, Follow
from supervise.domain.sessions import happenings as h
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
        "9": None,
        "A": h.UnknownAsked(),
        "*": h.LeaveAsked(),
        "#": Question.HELP,
    }


def test_nine_begins_a_word_of_two() -> None:
    """9 and 1 to 4 are about the agent, 5 to 7 about what is followed, 8 answers; anything else is refused."""
    pressed = {key: Keypad().pressed(f"9{key}") for key in "12345678*"}
    assert pressed == {
        "1": h.ActionAsked(Action.HOLD_AGENT),
        "2": h.BackAsked(),
        "3": h.ActionAsked(Action.REMOVE_AGENT),
        "4": h.ActionAsked(Action.TAKE_OVER),
        "5": h.FollowAsked(Follow.THIS_CALL),
        "6": h.FollowAsked(Follow.AGENT),
        "7": h.FollowAsked(Follow.CUSTOMER),
        "8": h.ConsultAnswered(),
        "*": h.UnknownAsked(),
    }


@pytest.mark.parametrize(
    ("presses", "meanings"),
    [
        ([("9", 0), ("1", 1)], [h.ActionAsked(Action.HOLD_AGENT)]),
        ([("9", 0), ("9", 0.1), ("1", 1)], [h.ActionAsked(Action.HOLD_AGENT)]),
        ([("9", 0), ("1", 1), ("1", 1.1)], [h.ActionAsked(Action.HOLD_AGENT)]),
        ([("9", 0), ("1", 1), ("1", 2)], [h.ActionAsked(Action.HOLD_AGENT), h.MuteAsked(muted=False)]),
        ([("9", 0), ("4", 6)], [h.ModeAsked(Mode.MONITOR)]),
        ([("4", 0), ("5", 0.1)], [h.ModeAsked(Mode.MONITOR), h.ModeAsked(Mode.COACH)]),
    ],
)
def test_a_press_that_arrives_twice_does_no_harm(presses: list[tuple[str, float]], meanings: list[h.Happening]) -> None:
    """Neither half of a word of two is taken for a key of its own, and who waits too long has begun nothing."""
    typed, found = Typed(), []
    for key, at in presses:
        typed, meaning = typed.press(key, at, Keypad())
        found += [meaning] if meaning is not None else []
    assert found == meanings


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
