"""PINs and passwords: made into argon2id hashes, and held against them.

A PIN is never kept, logged or repeated. Somebody without a hash is answered as slowly as somebody with one.
"""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from secrets import token_hex

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASH = re.compile(r"\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}")

_MOST_MEMORY = 256 * 1024
_MOST_ROUNDS = 10
_MOST_LANES = 8

SHORTEST_PIN, LONGEST_PIN = 4, 12
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200

_AT_ONCE = 2


def hash_problem(text: str) -> str | None:
    """What is wrong with a hash from a policy: it must be argon2id, and not cost more than a phone call is worth."""
    found = _HASH.fullmatch(text)
    if not found and text.startswith("$argon2id$"):
        return "is no whole argon2id hash; between { and } it has to stand in quotes"
    if not found:
        return "is no argon2id hash; make one with: supervise policy hash"
    memory, rounds, lanes = map(int, found.groups())
    if memory > _MOST_MEMORY or rounds > _MOST_ROUNDS or lanes > _MOST_LANES:
        return f"costs too much: at most m={_MOST_MEMORY}, t={_MOST_ROUNDS}, p={_MOST_LANES}"
    return None


def pin_problem(pin: str) -> str | None:
    """What is wrong with a new PIN, in words that do not repeat it."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST_PIN <= len(pin) <= LONGEST_PIN):
        return f"A PIN has {SHORTEST_PIN} to {LONGEST_PIN} digits."
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    if steps in ({0}, {1}, {-1}):
        return "That PIN is one of the first that everybody tries."
    return None


def password_problem(password: str) -> str | None:
    """What is wrong with a new password, in words that do not repeat it."""
    if SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        return None
    return f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} letters."


def hashed(secret: str) -> str:
    """The argon2id hash of a PIN or a password, for the policy."""
    return PasswordHasher().hash(secret)


@cache
def _nobodys_hash() -> str:
    return PasswordHasher().hash(token_hex())


def matches(secret: str, known: str | None) -> bool:
    """Whether a PIN or a password is the one of a hash. Takes its time, also where there is no hash.

    Raises nothing for a broken hash: it is answered like a wrong PIN.
    """
    try:
        PasswordHasher().verify(known or _nobodys_hash(), secret)
    except (VerificationError, InvalidHashError):
        return False
    return bool(known)


class Checker:
    """Holds PINs and passwords against hashes beside the event loop, never many at once.

    Each takes about 64 MiB and some tens of milliseconds; the others wait their turn.
    """

    def __init__(self) -> None:
        """Make the threads ready, and the hash that stands for nobody's."""
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="pins")
        self._pool.submit(_nobodys_hash)

    async def matches(self, secret: str, known: str | None) -> bool:
        """As the function of this name."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, matches, secret, known)

    def close(self) -> None:
        """End the threads; what waits is not answered any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
