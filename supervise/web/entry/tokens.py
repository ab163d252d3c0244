"""Tokens for programs: made by ``supervise token``, kept as hashes in a file that the controller reads again."""

import hashlib
import json
import os
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from supervise.web.entry.signins import How, Scope, SignIn

MOST_BYTES = 1024 * 1024
_MARK = "svt"


class TokensError(Exception):
    """The file of tokens cannot be read or written; the message names it."""


class Token(BaseModel):
    """One token, without its secret."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    person: str
    scopes: frozenset[Scope]
    hash: str
    made: datetime
    ends: datetime | None = None


_TOKENS = TypeAdapter(tuple[Token, ...])


class TokenFile:
    """The tokens of one controller. A file that is not there has none; one that is broken lets nobody in."""

    def __init__(self, path: Path) -> None:
        """Nothing is read yet."""
        self.path = path
        self._stamp: tuple[int, int] | None = None
        self._tokens: dict[str, Token] = {}

    def all(self) -> tuple[Token, ...]:
        """The tokens as the file has them now.

        Raises:
            TokensError: it cannot be read.
        """
        try:
            stat = self.path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            if stamp != self._stamp:
                self._tokens = {token.hash: token for token in _parsed(self.path)}
                self._stamp = stamp
        except FileNotFoundError:
            self._tokens, self._stamp = {}, None
        except OSError as error:
            raise TokensError(f"{self.path}: {error.strerror}") from error
        return tuple(self._tokens.values())

    def find(self, text: str, now: datetime) -> SignIn | None:
        """Whose token this is.

        Raises:
            TokensError: the file cannot be read.
        """
        self.all()
        token = self._tokens.get(_hash(text))
        if token is None or (token.ends is not None and token.ends <= now):
            return None
        return SignIn(token.person, How.TOKEN, "", now, now, proof=token.hash, scopes=token.scopes)

    def lasts(self, one: SignIn, now: datetime) -> bool:
        """Whether the token that somebody came with still counts; with a broken file it does not."""
        try:
            self.all()
        except TokensError:
            return False
        token = self._tokens.get(one.proof)
        return token is not None and (token.ends is None or token.ends > now)

    def make(self, name: str, person: str, scopes: Iterable[Scope], days: int | None) -> str:
        """Make a token; its text is told once and kept nowhere.

        Raises:
            TokensError: there is one of that name, or the file cannot be written.
        """
        if any(token.name == name for token in self.all()):
            raise TokensError(f"there is a token called {name} already; revoke it first")
        text, now = f"{_MARK}_{secrets.token_urlsafe(32)}", datetime.now(UTC)
        ends = None if days is None else now + timedelta(days=days)
        made = Token(name=name, person=person, scopes=frozenset(scopes), hash=_hash(text), made=now, ends=ends)
        self._write((*self.all(), made))
        return text

    def revoke(self, name: str) -> bool:
        """Let a token count no more; False where there is none of that name.

        Raises:
            TokensError: the file cannot be written.
        """
        before = self.all()
        after = tuple(token for token in before if token.name != name)
        if len(after) != len(before):
            self._write(after)
        return len(after) != len(before)

    def _write(self, tokens: tuple[Token, ...]) -> None:
        """At once or not at all, and for nobody else to read."""
        draft = self.path.with_name(self.path.name + ".new")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(_TOKENS.dump_json(tokens, indent=1))
            draft.replace(self.path)
        except OSError as error:
            raise TokensError(f"{self.path}: {error.strerror}") from error


def _parsed(path: Path) -> tuple[Token, ...]:
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise TokensError(f"{path}: larger than {MOST_BYTES} bytes")
        return _TOKENS.validate_python(json.loads(raw))
    except (ValueError, ValidationError) as error:
        raise TokensError(f"{path}: is no file of tokens; restore it, or remove it and make them anew") from error


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
