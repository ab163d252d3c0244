"""What is asked of the API: every request is checked whole before anything is done."""

import json
from typing import Annotated, Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from supervise.domain.rights.decisions import Follow
from supervise.domain.words import Mode, Visibility
from supervise.web.errors import Problem, bad_request

Name = Annotated[str, Field(min_length=1, max_length=64)]
Words = Annotated[str, Field(max_length=200)]
Version = Annotated[int, Field(ge=0, le=2**31)]

T = TypeVar("T", bound=BaseModel)


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class SignInAsked(_Asked):
    """Name and password."""

    name: Name
    password: Annotated[str, Field(min_length=1, max_length=200)]


class SignOutAsked(_Asked):
    """From where."""

    everywhere: bool = False


class SessionAsked(_Asked):
    """A session to begin."""

    agent: Name
    mode: Mode = Mode.MONITOR
    visibility: Visibility | None = None
    call: Annotated[str, Field(max_length=151)] = ""
    phone: Annotated[str, Field(max_length=64)] = ""
    reason: Annotated[str, Field(max_length=16)] = ""
    wait: Annotated[bool, Field(strict=True)] = False

    @model_validator(mode="after")
    def _least(self) -> "SessionAsked":
        if self.wait and (self.mode is not Mode.MONITOR or self.call):
            raise ValueError("who waits for the next call names no call and begins in monitor")
        return self


class ChangeAsked(_Asked):
    """One change of a session."""

    version: Version | None = None
    mode: Mode | None = None
    muted: Annotated[bool, Field(strict=True)] | None = None
    visibility: Visibility | None = None
    follow: Follow | None = None
    agent: Name | None = None

    @model_validator(mode="after")
    def _one(self) -> "ChangeAsked":
        given = [each for each in (self.mode, self.muted, self.visibility, self.follow) if each is not None]
        if self.agent is not None and given not in ([], [self.mode]):
            raise ValueError("agent goes with mode, or alone")
        if len(given) != 1 and self.agent is None:
            raise ValueError("say one of mode, muted, visibility and follow, or agent")
        if self.version is None and self.muted is not True:
            raise ValueError("say the version of the session that is to change")
        return self


class ActionAsked(_Asked):
    """Something to be done to the call."""

    version: Version


class ReasonAsked(_Asked):
    """A reason code, as it is dialled."""

    reason: Annotated[str, Field(min_length=1, max_length=16)]


class HandAsked(_Asked):
    """A hand to be raised."""

    reason: Words = ""


class Empty(_Asked):
    """Nothing."""


class HistoryAsked(_Asked):
    """Which sessions and attempts."""

    who: Annotated[str, Field(max_length=64)] = ""
    whom: Annotated[str, Field(max_length=64)] = ""
    number: Annotated[str, Field(max_length=64)] = ""
    from_: Annotated[str, Field(alias="from", max_length=40)] = ""
    to: Annotated[str, Field(max_length=40)] = ""
    outcome: Annotated[str, Field(max_length=40)] = ""
    before: Annotated[int, Field(ge=1, le=2**62)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ExplainAsked(_Asked):
    """A decision to be explained."""

    who: Name
    whom: Name
    right: Annotated[str, Field(max_length=40)]
    visibility: Visibility | None = None
    queue: Words = ""
    number: Annotated[str, Field(max_length=64)] = ""
    at: Annotated[str, Field(max_length=40)] = ""


class WhoCanAsked(_Asked):
    """A right whose holders are asked for."""

    whom: Name
    right: Annotated[str, Field(max_length=40)]
    queue: Words = ""
    at: Annotated[str, Field(max_length=40)] = ""


ActionName = Literal["hold", "bring-back", "remove", "take-over", "hand-back"]


async def body(request: web.Request, model: type[T]) -> T:
    """The body of a request; none at all is an empty object.

    Raises:
        Problem: it is no JSON, or not what is asked for.
    """
    raw = await request.read()
    if raw and request.content_type != "application/json":
        raise Problem(415, "not-json", "Send application/json.")
    try:
        return model.model_validate(json.loads(raw) if raw else {})
    except ValidationError as error:
        raise bad_request(_first(error)) from error
    except (ValueError, RecursionError) as error:
        raise Problem(400, "not-json", "The body is no JSON.") from error


def query(request: web.Request, model: type[T]) -> T:
    """The parameters of a request.

    Raises:
        Problem: they are not what is asked for.
    """
    if len(set(request.query)) != len(request.query):
        raise bad_request("a parameter is there twice")
    try:
        return model.model_validate(dict(request.query))
    except ValidationError as error:
        raise bad_request(_first(error)) from error


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else str(first["msg"])
