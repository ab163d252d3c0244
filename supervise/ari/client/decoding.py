"""How a websocket message becomes an event, and what is wrong with it when it does not."""

from collections.abc import Mapping
from typing import Annotated, get_args

from pydantic import Field, TypeAdapter, ValidationError

from supervise.ari.client.events import Event
from supervise.ari.client.models import printable

TYPES: Mapping[str, type] = {event.__name__: event for event in get_args(Event)}

_ADAPTER: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])
_UNKNOWN_TYPE = "union_tag_invalid"


class UnknownEventError(Exception):
    """A message of a type that we do not read."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class MalformedEventError(Exception):
    """A message that is no event, or an event of ours without what we read; says where, never the content."""


def decode(message: bytes) -> Event:
    """The event in a websocket message.

    Raises:
        UnknownEventError: it has a type that we do not read.
        MalformedEventError: anything else is wrong with it.
    """
    try:
        return _ADAPTER.validate_json(message)
    except ValidationError as error:
        raise _explained(error) from None


def _explained(error: ValidationError) -> Exception:
    mistakes = error.errors(include_url=False)
    first = mistakes[0]
    if first["type"] == _UNKNOWN_TYPE and isinstance(name := first["input"].get("type"), str):
        return UnknownEventError(printable(name, 64))
    return MalformedEventError("; ".join(f"{_place(each['loc'])}: {each['type']}" for each in mistakes[:3]))


def _place(loc: tuple[int | str, ...]) -> str:
    return ".".join(printable(str(step), 32) for step in loc) or "message"
