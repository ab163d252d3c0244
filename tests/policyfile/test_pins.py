"""PINs and passwords: hashes, and what they are held against."""

import time

import pytest

from supervise.policyfile import pins
from supervise.policyfile.pins import Checker, hash_problem, hashed, matches, password_problem, pin_problem

pytestmark = pytest.mark.unit

HASH = hashed("471142")


def test_a_pin_matches_its_own_hash_only() -> None:
    """The right one is right, and a hash does not show it."""
    assert matches("471142", HASH)
    assert not matches("471143", HASH)
    assert "471142" not in HASH
    assert hash_problem(HASH) is None


@pytest.mark.parametrize("known", [None, "", "$argon2id$broken", "471142"])
def test_without_a_proper_hash_nothing_matches(known: str | None) -> None:
    """Whoever has no PIN cannot enter one, not even the empty one."""
    assert not matches(known or "", known)


def test_nobodys_pin_takes_as_long_as_somebodys() -> None:
    """The same work is done whether there is a hash or not, so the time does not tell who has a PIN."""
    matches("1", None)
    costs = []
    for known in (HASH, None):
        began = time.process_time()
        for _ in range(5):
            matches("0000", known)
        costs.append(time.process_time() - began)
    assert 0.3 < costs[0] / costs[1] < 3


async def test_the_checker_answers_beside_the_event_loop() -> None:
    """Several at once are all answered rightly."""
    checker = Checker()
    try:
        assert await checker.matches("471142", HASH)
        assert not await checker.matches("0000", HASH)
        assert not await checker.matches("0000", None)
    finally:
        checker.close()


@pytest.mark.parametrize("pin", ["", "123", "1234", "4321", "7777", "12a4", "\u0661\u0662\u0663\u0665", "1" * 13])
def test_poor_pins_are_refused_without_being_repeated(pin: str) -> None:
    """What everybody tries first, is too short, or cannot be dialled is no PIN."""
    problem = pin_problem(pin)
    assert problem is not None
    assert not pin or pin not in problem


@pytest.mark.parametrize("pin", ["4711", "1357", "1122", "471142"])
def test_other_pins_are_good(pin: str) -> None:
    """Four digits in no order are a PIN."""
    assert pin_problem(pin) is None


def test_passwords_have_a_length() -> None:
    """A password is long, and not endless."""
    assert password_problem("short") is not None
    assert password_problem("x" * (pins.LONGEST_PASSWORD + 1)) is not None
    assert password_problem("correct horse") is None


@pytest.mark.parametrize(
    "text",
    [
        "$argon2i$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21l$" + "A" * 43,
        "$argon2id$v=19$m=65536,t=99,p=4$c29tZXNhbHRzb21l$" + "A" * 43,
        "$argon2id$v=19$m=65536,t=3,p=99$c29tZXNhbHRzb21l$" + "A" * 43,
        "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21l",
        "$2b$12$abcdefghijklmnopqrstuv",
    ],
)
def test_other_hashes_are_refused(text: str) -> None:
    """Another kind, a broken one, and one that would take minutes or gigabytes to check."""
    assert hash_problem(text) is not None
