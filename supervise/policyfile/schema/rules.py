"""What is allowed, and what no rule can allow."""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from supervise.domain.rights.people import Tie
from supervise.domain.rights.rules import Direction
from supervise.policyfile.schema.base import Names, Part
from supervise.policyfile.words import (
    Clock,
    Date,
    Day,
    Endpoint,
    Label,
    Name,
    NumberPattern,
    RightWord,
    Some,
    Whole,
    YesNo,
    Zone,
    closest,
    wrong,
)


class WhomPart(Part):
    """Whom a rule covers: everybody that any of the keys names."""

    everybody: YesNo = Field(default=False, description="Everybody in the policy.")
    own_teams: YesNo = Field(default=False, description="The teams that the supervisor belongs to or leads.")
    teams: Names | None = Field(default=None, description="These teams.")
    people: Names | None = Field(default=None, description="These people.")
    roles: Names | None = Field(default=None, description="Everybody of these roles.")

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not (self.everybody or self.own_teams or self.teams or self.people or self.roles):
            raise wrong("covers nobody; say everybody, own-teams, or teams, people or roles")
        return self


_WHOM_WORDS = {"everybody": "everybody", "own-teams": "own_teams"}


def _whom(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value not in _WHOM_WORDS:
        words = "should be everybody, own-teams, or a mapping with teams, people or roles"
        raise wrong(words, closest(value, _WHOM_WORDS))
    return {_WHOM_WORDS[value]: "yes"}


Whom = Annotated[WhomPart, BeforeValidator(_whom, json_schema_input_type=Literal["everybody", "own-teams"] | WhomPart)]


def _one_set(days: list[list[int]]) -> list[list[int]]:
    """However the days are written, the same days are the same."""
    return [sorted({day for some in days for day in some})]


class HoursPart(Part):
    """Hours of the week."""

    days: Annotated[Some[Day], AfterValidator(_one_set)] | None = Field(
        default=None, description="Days such as mon, mon-fri or daily; daily, if left out."
    )
    from_: Clock = Field(default=0, alias="from", description="When they begin; 00:00, if left out.")
    to: Clock = Field(
        default=24 * 60, description="When they end; before 'from' means on the next day. 24:00, if left out."
    )
    zone: Zone | None = Field(default=None, description="The time zone; that of the house, if left out.")
    not_on: Some[Date] | None = Field(default=None, description="Dates on which they do not begin.")

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if self.from_ == self.to:
            raise wrong("'from' and 'to' are the same: that is no time at all; 00:00 to 24:00 is the whole day")
        return self


def _when_tag(value: Any) -> str:
    return "<name>" if isinstance(value, str) else "<hours>"


When = Annotated[
    Annotated[Name, Tag("<name>")] | Annotated[HoursPart, Tag("<hours>")],
    Discriminator(_when_tag),
]


class LimitsPart(Part):
    """The most that may be."""

    sessions_per_call: Whole | None = Field(default=None, ge=1, le=1000, description="Sessions on one call at a time.")
    sessions_at_once: Whole | None = Field(
        default=None, ge=1, le=1000, description="Sessions of one supervisor at a time."
    )
    sessions_per_agent_a_day: Whole | None = Field(
        default=None, ge=1, le=10_000, description="Sessions of anybody with one agent in a day."
    )
    sessions_per_agent_a_month: Whole | None = Field(
        default=None, ge=1, le=100_000, description="Sessions of anybody with one agent in a month."
    )
    minutes: Whole | None = Field(default=None, ge=1, le=1440, description="How long a session lasts.")


class CallsPart(Part):
    """Which calls a rule is about."""

    queues: Some[Label] | None = Field(default=None, description="Only calls that came through one of these queues.")
    directions: Some[Direction] | None = Field(default=None, description="Only inbound, outbound or internal calls.")


class RulePart(Part):
    """Who may do what to whom, how, when, within which limits, with what. A rule only ever allows."""

    name: Label | None = Field(default=None, description="What you call this rule; shown by 'explain'.")
    who: Names = Field(description="The roles that it speaks of.")
    may: Some[RightWord] = Field(description="What it allows them.")
    whom: Whom = Field(description="Whom it covers.")
    but_not: Whom | None = Field(default=None, description="Whom of those it does not cover after all.")
    how: Literal["visible", "hidden", "choice"] = Field(
        default="visible", description="Whether the agent is told: visible, hidden, or as the supervisor chooses."
    )
    when: Some[When] | None = Field(default=None, description="Hours, or names of hours; always, if left out.")
    within: LimitsPart | None = Field(default=None, description="Limits; those of the house hold as well.")
    with_: Some[Literal["pin", "reason"]] | None = Field(
        default=None, alias="with", description="What is asked for first: a PIN, a reason code."
    )
    even: Some[Tie] | None = Field(
        default=None, description="Covers even oneself, peers (the same role) or the own-lead; otherwise no rule does."
    )
    calls: CallsPart | None = Field(default=None, description="Only these calls; all, if left out.")


class NeverPart(Part):
    """What no rule can allow: monitor, coach, barge and the actions on every call that it covers."""

    why: Label | None = Field(default=None, description="For people who read the refusal.")
    people: Names | None = Field(default=None, description="These people, as the agent or as any other party.")
    teams: Names | None = Field(default=None, description="Everybody in these teams.")
    roles: Names | None = Field(default=None, description="Everybody of these roles.")
    endpoints: Some[Endpoint] | None = Field(default=None, description="These phones, whoever they belong to.")
    numbers: Some[NumberPattern] | None = Field(
        default=None, description="Calls with these numbers; X is any one digit."
    )
    prefixes: Some[NumberPattern] | None = Field(
        default=None, description="Calls with numbers that begin like this; X is any one digit."
    )
    withheld: YesNo = Field(default=False, description="Calls with somebody who withholds their number.")
    sights: YesNo = Field(default=False, description="Not on the board, in the history or in an export either.")

    @model_validator(mode="after")
    def _something(self) -> Self:
        named = (self.people, self.teams, self.roles, self.endpoints, self.numbers, self.prefixes)
        if not (any(named) or self.withheld):
            raise wrong("covers nothing; say people, teams, roles, endpoints, numbers, prefixes or withheld")
        return self
