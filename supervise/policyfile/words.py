"""The kinds of text that a policy is made of, each with an error in words of its own.

Everything arrives as the text that was typed. An editor that reads the JSON Schema may take ``201`` for a number and
``yes`` for a truth value, so the schema admits those as well where they are meant as text.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Literal, TypeAlias, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from supervise.domain.rights.hours import DAYS, MINUTES_A_DAY

T = TypeVar("T")


def wrong(words: str, hint: str = "") -> PydanticCustomError:
    """An error in our own words; `hint` is what was perhaps meant."""
    return PydanticCustomError("words", "{words}", {"words": words, "hint": hint})


def closest(word: str, known: Iterable[str]) -> str:
    """The known word that was perhaps meant, or nothing. Of very many only those of about its length are looked at."""
    near = [one for one in known if abs(len(one) - len(word)) <= _FURTHEST][:_MOST_LOOKED_AT]
    found = get_close_matches(word.lower(), near, n=1) if len(word) <= LONGEST_NAME else []
    return found[0] if found else ""


_FURTHEST = 3
_MOST_LOOKED_AT = 300

LONGEST_NAME = 64


def _fits(pattern: str, words: str) -> Callable[[str], str]:
    shape = re.compile(pattern)

    def check(text: str) -> str:
        if not shape.fullmatch(text):
            raise wrong(words)
        return text

    return check


_NAME_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")

LONGEST_NAME = 64


def _name(text: str) -> str:
    for sign in text:
        if sign not in _NAME_SIGNS:
            shown = f"{sign!r} ({unicodedata.name(sign, 'unnamed').lower()})"
            raise wrong(f"a name is made of a-z, A-Z, 0-9, '.', '_' and '-', not of {shown}")
    if not text or len(text) > LONGEST_NAME:
        raise wrong(f"a name has 1 to {LONGEST_NAME} letters")
    return text


Name = Annotated[
    str,
    AfterValidator(_name),
    WithJsonSchema({"type": ["string", "integer"], "pattern": "^[A-Za-z0-9._-]{1,64}$"}),
]
"""The key of a person, team, role or of hours. Plain letters only, so that no two look alike."""

Label = Annotated[str, AfterValidator(_fits(r".{1,80}", "should be one line of 1 to 80 letters"))]
"""Text for people to read."""

Endpoint = Annotated[
    str,
    AfterValidator(_fits(r"[A-Za-z0-9._+-]{1,79}", "is no PJSIP endpoint: letters, digits, '.', '_', '+' and '-'")),
    WithJsonSchema({"type": ["string", "integer"], "pattern": "^[A-Za-z0-9._+-]{1,79}$"}),
]

Extension = Annotated[
    str,
    AfterValidator(_fits(r"[0-9]{1,20}", "should be 1 to 20 digits, as they are dialled")),
    WithJsonSchema({"type": ["string", "integer"], "pattern": "^[0-9]{1,20}$"}),
]

Digits = Annotated[
    str,
    AfterValidator(_fits(r"[0-9]{0,6}", "should be up to 6 digits")),
    WithJsonSchema({"type": ["string", "integer"], "pattern": "^[0-9]{0,6}$"}),
]

ReasonCode = Annotated[
    str,
    AfterValidator(_fits(r"[0-9]{1,3}", "a reason code is 1 to 3 digits, as they are dialled")),
    WithJsonSchema({"type": ["string", "integer"], "pattern": "^[0-9]{1,3}$"}),
]

Variable = Annotated[
    str,
    AfterValidator(_fits(r"[A-Za-z_][A-Za-z0-9_]{0,63}", "is no channel variable: letters, digits and '_'")),
]

Sound = Annotated[
    str,
    AfterValidator(
        _fits(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*", "is no sound's name, such as custom/hi")
    ),
]

_FILLING = str.maketrans("", "", " -./()")


def _number_pattern(text: str) -> str:
    plain = text.translate(_FILLING)
    if plain.endswith("*"):
        raise wrong("a number has no '*'; give its beginning under 'prefixes'")
    if not re.fullmatch(r"\+?[0-9X]{1,25}", plain):
        raise wrong("should be digits, perhaps after a '+', with X for any one digit")
    return plain


NumberPattern = Annotated[
    str,
    AfterValidator(_number_pattern),
    WithJsonSchema({"type": ["string", "integer"], "pattern": r"^\+?[0-9X ./()-]{1,40}$"}),
]


def _yes_no(value: object) -> object:
    answer = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
    if isinstance(value, str) and value.lower() in answer:
        return answer[value.lower()]
    raise wrong("should be yes or no")


YesNo = Annotated[
    bool, PlainValidator(_yes_no), WithJsonSchema({"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no"]}]})
]


def _one_as_list(value: object) -> object:
    return [value] if isinstance(value, str | dict) else value


def _whole(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,9}", value):
        raise wrong("should be a whole number")
    return value


Whole = Annotated[int, BeforeValidator(_whole)]
"""A whole number, in plain digits."""


class OneOrMany:
    """Marks a list that may be written as its only item."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Make a list of a lone item before it is looked at."""
        return core_schema.no_info_before_validator_function(_one_as_list, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Admit both forms."""
        listed = handler(schema)
        return {"anyOf": [listed["items"], listed]}


Some: TypeAlias = Annotated[list[T], Field(min_length=1, max_length=20_000), OneOrMany()]
"""One of something or a list of it."""


def _days(value: object) -> list[int]:
    text = value if isinstance(value, str) else ""
    if text == "daily":
        return list(range(7))
    first, dash, last = text.partition("-")
    if first not in DAYS or (dash and last not in DAYS):
        raise wrong("should be a day such as mon, days such as mon-fri, or daily", closest(text, (*DAYS, "daily")))
    start, end = DAYS.index(first), DAYS.index(last or first)
    length = (end - start) % 7 + 1
    return [(start + step) % 7 for step in range(length)]


_DAY = "|".join(DAYS)

Day = Annotated[
    list[int],
    PlainValidator(_days),
    WithJsonSchema({"type": "string", "pattern": f"^(daily|({_DAY})(-({_DAY}))?)$"}),
]


def _minute(value: object) -> int:
    found = re.fullmatch(r"([0-9]{1,2}):([0-5][0-9])", value) if isinstance(value, str) else None
    minute = int(found[1]) * 60 + int(found[2]) if found else -1
    if not found or minute > MINUTES_A_DAY:
        raise wrong("should be a time of day from 00:00 to 24:00")
    return minute


Clock = Annotated[
    int,
    PlainValidator(_minute),
    WithJsonSchema({"type": ["string", "integer"], "pattern": "^([01]?[0-9]|2[0-4]):[0-5][0-9]$"}),
]
"""Minutes after midnight. An editor that reads YAML 1.1 takes 18:00 for a number in base sixty."""


def _zone(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = next((zone for zone in available_timezones() if zone.lower() == str(value).lower()), "")
        raise wrong("is no time zone, such as Europe/Berlin", hint) from None


Zone = Annotated[ZoneInfo, PlainValidator(_zone), WithJsonSchema({"type": "string", "examples": ["Europe/Berlin"]})]


def _never_or_days(value: object) -> object:
    if value == "never":
        return None
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,5}", value):
        return int(value)
    raise wrong("should be a number of days, or never")


NeverOrDays = Annotated[
    int | None,
    PlainValidator(_never_or_days),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"const": "never"}]}),
]


def _date(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise wrong("should be a date such as 2026-12-24") from None


Date = Annotated[date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]

RightWord = Literal[
    "monitor",
    "coach",
    "barge",
    "hold-agent",
    "remove-agent",
    "take-over",
    "receive-transfer",
    "follow-agent",
    "follow-customer",
    "hear-consult",
    "answer-hand",
    "show-in-history",
    "see-board",
    "see-history",
    "export",
    "see-hidden",
]
"""Everything that a rule can allow, as `Mode`, `Action` and `Sight` have it."""
