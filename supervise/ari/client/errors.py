"""What can go wrong between us and Asterisk's REST interface.

::

    AriError
    ├── RefusedError            Asterisk said no: any 4xx not named below
    │   ├── NotFoundError       404: no such channel, bridge, playback, variable, endpoint
    │   ├── NotInStasisError    409 or 422: it is there, but not (or not yet) in our application
    │   ├── ExistsError         409: the id we chose is taken; after a lost answer this means "done"
    │   └── UnauthorizedError   401 or 403: wrong password, a read-only user, or an ACL
    ├── ServerFaultError        5xx; also what a snoop id that is taken gets, and "Asterisk not booted"
    ├── TimedOutError           no answer in time
    ├── ConnectionLostError     no connection, or it broke before the answer was whole
    ├── BadAnswerError          an answer that cannot be read, or is too large
    └── UnsendableError         never sent: an empty or relative id, a comma in a list, a request line over 4 kB

The messages and status codes are those of Asterisk's ``res/res_ari.c`` and ``res/ari/resource_*.c``.
"""

from http import HTTPStatus
from typing import ClassVar


class AriError(Exception):
    """A request that did not succeed.

    Attributes:
        method: the HTTP method.
        path: what was asked for, below ``/ari``, without the query.
        status: Asterisk's status code, or None when there was no answer.
        message: what Asterisk said, or what we saw instead.
    """

    may_be_done: ClassVar[bool] = False
    """Asterisk may have carried the request out all the same: look before asking again."""

    def __init__(self, method: str, path: str, message: str, status: int | None = None) -> None:
        super().__init__(method, path, message, status)
        self.method = method
        self.path = path
        self.status = status
        self.message = message

    def __str__(self) -> str:
        """What was tried, and what came of it, in one line."""
        answer = f" answered {self.status}" if self.status is not None else ""
        return f"{self.method} {self.path}{answer}: {self.message}"


class RefusedError(AriError):
    """Asterisk refused (4xx)."""


class NotFoundError(RefusedError):
    """It does not exist, or no longer (404)."""


class NotInStasisError(RefusedError):
    """It exists but the application has no hold on it: not in Stasis, not yet there, or already gone (409, 422)."""


class ExistsError(RefusedError):
    """A channel or bridge of that id exists (409)."""


class UnauthorizedError(RefusedError):
    """Asterisk does not accept who we are, or does not let us write (401, 403)."""


class ServerFaultError(AriError):
    """Asterisk could not do it (5xx)."""


class TimedOutError(AriError):
    """Asterisk did not answer in time."""

    may_be_done = True


class ConnectionLostError(AriError):
    """There was no connection, or it broke before the answer was complete."""

    may_be_done = True


class BadAnswerError(AriError):
    """The answer makes no sense to us, or is larger than we read."""

    may_be_done = True


class UnsendableError(AriError):
    """The request was not sent, because Asterisk could only misread it."""


_BY_STATUS: dict[int, type[RefusedError]] = {
    HTTPStatus.UNAUTHORIZED: UnauthorizedError,
    HTTPStatus.FORBIDDEN: UnauthorizedError,
    HTTPStatus.NOT_FOUND: NotFoundError,
    HTTPStatus.CONFLICT: NotInStasisError,
    HTTPStatus.UNPROCESSABLE_ENTITY: NotInStasisError,
}
_NO_RTP = "Unsupported channel type"
"""The one 403 that says nothing about who we are: the statistics of a channel without RTP."""
_NO_CHANNEL = "Channel not found"
"""The one 400 that says what 404 says elsewhere: addChannel and removeChannel of a channel that has ended."""


def error_for(method: str, path: str, message: str, status: int) -> AriError:
    """The error that an answer's status code and message stand for."""
    return _kind(message, status)(method, path, message, status)


def _kind(message: str, status: int) -> type[AriError]:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServerFaultError
    if status < HTTPStatus.BAD_REQUEST:
        return BadAnswerError
    if message == _NO_RTP:
        return RefusedError
    if status == HTTPStatus.BAD_REQUEST and message == _NO_CHANNEL:
        return NotFoundError
    if status == HTTPStatus.CONFLICT and message.endswith("already exists"):
        return ExistsError
    return _BY_STATUS.get(status, RefusedError)
