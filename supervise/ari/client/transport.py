"""Requests to Asterisk's REST interface, over a pool of kept-alive HTTP connections.

The password goes into the Authorization header and nowhere else. Every request is bounded in time, every answer in
size; nothing is sent that Asterisk's own limits would cut (``MAX_HTTP_LINE_LENGTH`` and ``MAX_CONTENT_LENGTH`` in
``main/http.c``). Nothing is asked twice, since only who asked knows whether that is safe, but for one case of
aiohttp's: a GET, PUT or DELETE that meets a kept connection which Asterisk is just closing goes out on a new one.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
from pydantic import TypeAdapter, ValidationError
from yarl import URL

from supervise.ari.client.counters import Counters
from supervise.ari.client.errors import (
    AriError,
    BadAnswerError,
    ConnectionLostError,
    TimedOutError,
    UnsendableError,
    error_for,
)
from supervise.ari.client.models import printable
from supervise.ari.client.tuning import Tuning

T = TypeVar("T")
Value = str | int | bool | Sequence[str] | None
"""What a query parameter may be; None leaves it out, a sequence is sent as a comma-separated list."""

LONGEST_TARGET = 4000
LARGEST_BODY = 40_960


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach one Asterisk.

    Attributes:
        node: our name for it.
        url: its HTTP address without path or with the ``prefix`` of its http.conf, as ``http://127.0.0.1:8088``.
        user: the ARI user; must be able to write.
        password: of that user.
        app: the name of our Stasis application; no other websocket may use it.
    """

    node: str
    url: str
    user: str
    password: str = field(repr=False)
    app: str

    def __post_init__(self) -> None:
        """Refuse an address that is none, or that has credentials in it."""
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"the ARI address of {self.node} should look like http://127.0.0.1:8088")
        if parts.username is not None or parts.password is not None:
            raise ValueError(f"the ARI address of {self.node} must not contain a user or password")
        if ":" in self.user:
            raise ValueError(f"the ARI user of {self.node} must not contain a colon")

    @property
    def base(self) -> str:
        """Where ARI begins, without a slash at the end."""
        return self.url.rstrip("/") + "/ari"

    @property
    def events_url(self) -> URL:
        """Where the websocket is; the application starts without any subscription."""
        query = urlencode({"app": self.app, "subscribeAll": "false"}, quote_via=quote)
        return URL(f"ws{self.base.removeprefix('http')}/events?{query}", encoded=True)

    @property
    def headers(self) -> dict[str, str]:
        """Who we are, and that answers are wanted as they are: a packed one could be larger than it looks."""
        return {"Authorization": aiohttp.encode_basic_auth(self.user, self.password), "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Request:
    """One request, not yet encoded.

    Attributes:
        method: the HTTP method.
        segments: the path below ``/ari``, one item between two slashes.
        query: the parameters by Asterisk's names.
        body: what goes as JSON, if anything.
        many: the answer is a list that grows with the number of calls, so more of it and more time is allowed.
        large: the answer may be as long as such a list, but takes no more time.
    """

    method: str
    segments: tuple[str, ...]
    query: Mapping[str, Value] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    many: bool = False
    large: bool = False

    @property
    def path(self) -> str:
        """The percent-encoded path below ``/ari``."""
        return "".join(f"/{quote(segment, safe='')}" for segment in self.segments)

    @property
    def target(self) -> str:
        """The path with the encoded query.

        Raises:
            UnsendableError: an id is empty or relative, a list's item has a comma, or all of it is too long.
        """
        if any(segment in {"", ".", ".."} for segment in self.segments):
            raise UnsendableError(self.method, self.path, "a name or id is empty or relative")
        query = {name: self._text(value) for name, value in self.query.items() if value is not None}
        target = f"{self.path}?{urlencode(query, quote_via=quote)}" if query else self.path
        if len(target) > LONGEST_TARGET:
            raise UnsendableError(self.method, self.path[:200], f"the request line is over {LONGEST_TARGET} bytes")
        return target

    def _text(self, value: Value) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str | int):
            return str(value)
        items = tuple(value or ())
        if any("," in item for item in items):
            raise UnsendableError(self.method, self.path, "an item of a list has a comma, which would make two of it")
        return ",".join(items)

    def encoded_body(self) -> bytes | None:
        """The body as JSON.

        Raises:
            UnsendableError: it is larger than Asterisk reads.
        """
        if self.body is None:
            return None
        encoded = json.dumps(self.body).encode()
        if len(encoded) > LARGEST_BODY:
            raise UnsendableError(self.method, self.path, f"the body is over {LARGEST_BODY} bytes")
        return encoded


class Sender(Protocol):
    """Whatever carries a request to Asterisk and brings the answer back."""

    async def send(self, request: Request) -> bytes:
        """The body of a good answer.

        Raises:
            AriError: anything else.
        """


def read(answer: TypeAdapter[T], body: bytes, request: Request) -> T:
    """The value in an answer's body.

    Raises:
        BadAnswerError: it is not what it should be.
    """
    try:
        return answer.validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"])) or "the answer"
        raise BadAnswerError(request.method, request.path, printable(f"{place}: {first['type']}", 200)) from None


class HttpSender:
    """Sends over a session's connection pool."""

    def __init__(self, access: Access, session: aiohttp.ClientSession, tuning: Tuning, counters: Counters) -> None:
        self._access = access
        self._session = session
        self._tuning = tuning
        self._counters = counters

    async def send(self, request: Request) -> bytes:
        """Send, wait, and return the body of a good answer.

        Raises:
            AriError: anything else, see `supervise.ari.client.errors`.
        """
        self._counters.requests += 1
        try:
            return await self._send(request)
        except AriError:
            self._counters.failures += 1
            raise

    async def _send(self, request: Request) -> bytes:
        url = URL(self._access.base + request.target, encoded=True)
        body = request.encoded_body()
        seconds, limit = self._bounds(request)
        headers = {"Content-Type": "application/json"} if body is not None else None
        timeout = aiohttp.ClientTimeout(total=seconds)
        if self._session.closed:
            raise ConnectionLostError(request.method, request.path, "the client is closed")
        try:
            async with self._session.request(
                request.method, url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                status, answer = response.status, await _bounded(response, limit)
        except TimeoutError:
            raise TimedOutError(request.method, request.path, f"no answer within {seconds:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionLostError(request.method, request.path, describe(error)) from None
        if answer is None:
            raise BadAnswerError(request.method, request.path, f"an answer of over {limit} bytes", status)
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise error_for(request.method, request.path, _message(answer), status)
        return answer

    def _bounds(self, request: Request) -> tuple[float, int]:
        seconds = self._tuning.list_seconds if request.many else self._tuning.request_seconds
        return seconds, self._tuning.list_bytes if request.many or request.large else self._tuning.answer_bytes


def describe(error: BaseException) -> str:
    """A library's error in one line; never its repr, which may have the request's headers in it."""
    return printable(f"{type(error).__name__}: {error}", 200)


async def _bounded(response: aiohttp.ClientResponse, limit: int) -> bytes | None:
    """The body, or None when it is larger than the limit; the rest is then not read, and the connection closed."""
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > limit:
            response.close()
            return None
        parts.append(part)
    return b"".join(parts)


def _message(answer: bytes) -> str:
    """What Asterisk says in an error's body: ``message``, rarely ``error``, or a page of HTML."""
    try:
        said = json.loads(answer)
    except ValueError:
        said = None
    texts = said if isinstance(said, dict) else {}
    return printable(str(texts.get("message") or texts.get("error") or "no message"), 200)
