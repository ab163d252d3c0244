"""Who is signed in. A sign-in is a random id in a cookie; the controller keeps its hash, and never the id."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from supervise.domain.ports import Secrets
from supervise.domain.rights.house import PinRules
from supervise.domain.rights.pinguard import PinGuard, Verdict
from supervise.domain.rights.policy import Policy

MOST_SIGN_INS = 20
"""Of one person at a time; the one that was used least recently ends."""

LOCKS = 65_536
"""Names and addresses share so many locks: what somebody makes up must not fill the memory."""

THROTTLE = PinRules(tries=10, lock=timedelta(minutes=15), everybody=60)
"""Wrong passwords in a row that lock a name for one address, and a brake for all together within a minute."""

LONGEST_PASSWORD = 200

KEPT_EVERY = timedelta(minutes=1)
"""How often it is written down that a sign-in is still used: after a restart it may seem to have idled so long."""


class How(StrEnum):
    """How somebody has signed in."""

    PASSWORD = "password"  # noqa: S105 - a word, not one
    OIDC = "oidc"
    PROXY = "proxy"
    TOKEN = "token"  # noqa: S105 - the same


class Scope(StrEnum):
    """What a token may be used for."""

    READ = "read"
    SUPERVISE = "supervise"
    HISTORY = "history"
    ADMIN = "admin"


ALL_SCOPES = frozenset(Scope)


@dataclass(slots=True, eq=False)
class SignIn:
    """Somebody who is signed in, on one browser or with one token.

    Attributes:
        person: their name in the policy.
        how: by what.
        csrf: what a change must carry, made from the id; empty for a token, which no browser sends by itself, and after
            a restart until the id comes again.
        began, used: when.
        scopes: what it may be used for.
        proof: what it was made from; when that is another one by now, the sign-in is over.
        ended: it is over; whoever serves it lets go.
        key: the hash of its id; empty for a token.
        kept: when it was written down; None where it was not.
    """

    person: str
    how: How
    csrf: str
    began: datetime
    used: datetime
    proof: str = ""
    scopes: frozenset[Scope] = ALL_SCOPES
    ended: bool = False
    key: bytes = b""
    kept: datetime | None = None


class Keeper(Protocol):
    """Where sign-ins are written down. Neither of these waits."""

    def put(self, one: SignIn) -> None:
        """Keep a sign-in as it is now."""

    def drop(self, keys: Collection[bytes]) -> None:
        """Forget sign-ins."""

    async def settled(self) -> None:
        """Return when all that was to be written is durable."""


class Nowhere:
    """Keeps nothing."""

    def put(self, one: SignIn) -> None:
        """Not kept."""

    def drop(self, keys: Collection[bytes]) -> None:
        """Not kept either."""

    async def settled(self) -> None:
        """At once."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long a sign-in lasts."""

    idle: timedelta = timedelta(hours=1)
    whole: timedelta = timedelta(hours=12)


@dataclass(slots=True)
class SignIns:
    """All of them.

    Attributes:
        now: the time.
        lasting: how long they last.
        over: told of each that has ended.
        keeper: where they are written down.
    """

    now: Callable[[], datetime]
    lasting: Lasting = field(default_factory=Lasting)
    over: Callable[[SignIn], None] = lambda _: None
    keeper: Keeper = field(default_factory=Nowhere)
    _by_hash: dict[bytes, SignIn] = field(default_factory=dict)

    def begin(self, person: str, how: How, proof: str) -> tuple[str, SignIn]:
        """Sign somebody in; the id for their cookie, which is a new one each time."""
        id_, now = secrets.token_urlsafe(32), self.now()
        made = SignIn(person, how, _csrf(id_), now, now, proof, key=_hash(id_))
        mine = sorted((each for each in self._by_hash.values() if each.person == person), key=lambda each: each.used)
        for oldest in mine[: max(0, len(mine) - MOST_SIGN_INS + 1)]:
            self.end(oldest)
        self._by_hash[made.key] = made
        self._keep(made)
        return id_, made

    def restore(self, known: Mapping[bytes, SignIn]) -> None:
        """Take in those of before a restart; the ones that have lasted too long meanwhile end."""
        self._by_hash |= known
        for one in known.values():
            one.kept = one.used
        self.sweep()

    def sweep(self) -> None:
        """End those that have lasted too long and are not used any more."""
        for one in list(self._by_hash.values()):
            self._lasts(one)

    def find(self, id_: str) -> SignIn | None:
        """Whose cookie this is; using it keeps it from idling out."""
        found = self._by_hash.get(_hash(id_))
        if found is None or not self._lasts(found):
            return None
        found.csrf = found.csrf or _csrf(id_)
        self._use(found)
        return found

    def _use(self, one: SignIn) -> None:
        one.used = self.now()
        if one.kept is None or one.used - one.kept > KEPT_EVERY:
            self._keep(one)

    def _keep(self, one: SignIn) -> None:
        one.kept = one.used
        self.keeper.put(one)

    def _lasts(self, one: SignIn) -> bool:
        """Whether it goes on; one that has lasted too long ends."""
        now = self.now()
        if now - one.used < self.lasting.idle and now - one.began < self.lasting.whole:
            return True
        self.end(one)
        return False

    def keep(self, one: SignIn) -> bool:
        """A browser that is connected is not idle; False when the sign-in has lasted too long all the same."""
        if not one.ended and self._lasts(one):
            self._use(one)
            return True
        return False

    def end(self, one: SignIn) -> None:
        """Sign out."""
        self.end_these((one.key,))

    def end_these(self, keys: Collection[bytes]) -> None:
        """Sign out those that go by these hashes."""
        ended = [one for key in keys if (one := self._by_hash.pop(key, None)) is not None]
        self.keeper.drop([one.key for one in ended])
        for one in ended:
            one.ended = True
            self.over(one)

    def end_all(self, person: str) -> None:
        """Sign somebody out everywhere."""
        self.end_these([one.key for one in self._by_hash.values() if one.person == person])

    def hold_against(self, policy: Policy) -> None:
        """Another policy: who is not in it any more, or has another password, is signed out."""
        self.end_these([one.key for one in self if one.proof != proof_of(policy, one.person, one.how)])

    def keys(self) -> tuple[bytes, ...]:
        """The hashes of those that go on."""
        return tuple(self._by_hash)

    def __iter__(self) -> Iterator[SignIn]:
        """Everybody who is signed in."""
        return iter(tuple(self._by_hash.values()))


def proof_of(policy: Policy, person: str, how: How) -> str:
    """What a sign-in rests on: being in the policy, with a role, and with that password if it was by one.

    A sign-in with another role is another one: what is open in a browser was made for the old one. It is a digest: the
    file in which sign-ins are kept is no place for the hashes of passwords.
    """
    known = policy.person(person)
    if known is None:
        return ""
    return hashlib.sha256(f"{known.role} {known.login_hash if how is How.PASSWORD else ''}".encode()).hexdigest()


def _csrf(id_: str) -> str:
    """Only who has the id can make it, and the id cannot be made from it."""
    return hmac.new(id_.encode(), b"csrf", hashlib.sha256).hexdigest()


def _hash(id_: str) -> bytes:
    return hashlib.sha256(id_.encode(errors="replace")).digest()


class Doorkeeper:
    """Holds passwords against the policy; unknown and wrong are one answer, which takes as long."""

    def __init__(self, secrets_: Secrets, now: Callable[[], datetime]) -> None:
        """Nobody has tried yet."""
        self._secrets = secrets_
        self._now = now
        self._guard = PinGuard(THROTTLE)

    async def admits(self, policy: Policy, name: str, password: str, address: str) -> bool | int:
        """Whether somebody may come in; a number of seconds is how long they have to wait before they try again."""
        key = str(int.from_bytes(_hash(f"{address} {name}")) % LOCKS)
        if self._guard.begin(key, self._now()) is not Verdict.TRY:
            until = self._guard.locked_until(key, self._now())
            return 60 if until is None else max(1, round((until - self._now()).total_seconds()))
        person = policy.person(name)
        known = None if person is None else person.login_hash
        if await self._secrets.matches(password[:LONGEST_PASSWORD], known):
            self._guard.right(key)
            return True
        self._guard.wrong(key, self._now())
        return False
