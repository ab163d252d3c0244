"""Numbers: their forms, sets of them, and masks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervise.domain.rights.numbers import Numbering, NumberSet, is_withheld, masked

pytestmark = pytest.mark.unit

GERMANY = Numbering("49")
AMERICA = Numbering("1", international="011", national="")

FORMS = [
    (GERMANY, "+49 30 123", "+4930123"),
    (GERMANY, "0049-30-123", "+4930123"),
    (GERMANY, "(030) 123", "+4930123"),
    (GERMANY, "030 123;phone-context=x", "+4930123"),
    (GERMANY, "110", "110"),
    (GERMANY, "201", "201"),
    (AMERICA, "011 49 30 123", "+4930123"),
    (AMERICA, "911", "911"),
    (Numbering(), "0049 30", "004930"),
]


@pytest.mark.parametrize(("numbering", "number", "expected"), FORMS)
def test_normal_form(numbering: Numbering, number: str, expected: str) -> None:
    """Numbers that mean the same have the same form, and short ones stay as they are."""
    assert numbering.normal(number) == expected


SET = NumberSet({"110": "p:1", "0301234XX": "p:2", "+4930XXX": "p:3"}, {"0900": "p:4", "01X8": "p:5"})

MATCHES = [
    ("110", "p:1"),
    ("1101", None),
    ("030123456", "p:2"),
    ("03012345", None),
    ("03012345678", None),
    ("+4930123", "p:3"),
    ("0900", "p:4"),
    ("0900123456", "p:4"),
    ("090", None),
    ("01584711", "p:5"),
    ("01594711", None),
    ("", None),
    ("anonymous", None),
    ("030123X5Y", None),
]


@pytest.mark.parametrize(("number", "place"), MATCHES)
def test_a_set_knows_its_numbers(number: str, place: str | None) -> None:
    """X is one digit, a number is matched whole, a prefix by its beginning."""
    assert SET.place_of(number) == place


@given(st.text("0123456789+", max_size=12), st.text("0123456789X", min_size=1, max_size=8), st.booleans())
def test_a_set_agrees_with_reading_letter_by_letter(number: str, pattern: str, is_prefix: bool) -> None:  # noqa: FBT001
    """The quick look-up finds what a comparison of each letter finds."""
    by_letter = len(number) >= len(pattern) if is_prefix else len(number) == len(pattern)
    by_letter = by_letter and all(
        sign == wanted or (wanted == "X" and sign.isdigit()) for sign, wanted in zip(number, pattern, strict=False)
    )
    numbers = NumberSet({}, {pattern: "p:1"}) if is_prefix else NumberSet({pattern: "p:1"}, {})
    assert (numbers.place_of(number) is not None) is by_letter


@pytest.mark.parametrize(("number", "withheld"), [("", True), ("anonymous", True), ("110", False), ("+49", False)])
def test_withheld(number: str, withheld: bool) -> None:  # noqa: FBT001  a table's cell
    """Whoever shows no digit withholds their number."""
    assert is_withheld(number) is withheld


@given(st.text("0123456789", max_size=15), st.integers(0, 10))
def test_a_mask_hides_half_at_least(number: str, keep: int) -> None:
    """A masked number has its length, shows only its end, and never more than half of itself."""
    shown = masked(number, keep)
    assert len(shown) == len(number)
    digits = shown.lstrip("*")
    assert number.endswith(digits)
    assert len(digits) <= min(keep, len(number) // 2)
