"""The language of the policy: one model for each part of the file. The JSON Schema for editors is made from it.

The descriptions are what an editor shows beside a key.
"""

from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)

from supervise.domain.rights.decisions import Follow, MidSession, Notice, Occasion, VisibleBefore
from supervise.domain.rights.people import Tie
from supervise.domain.rights.rules import Direction
from supervise.domain.words import Mode, Visibility
from supervise.policyfile.pins import hash_problem
from supervise.policyfile.words import (
    Clock,
    Date,
    Day,
    Digits,
    Endpoint,
    Extension,
    Label,
    Name,
    NeverOrDays,
    NumberPattern,
    ReasonCode,
    RightWord,
    Some,
    Sound,
    Variable,
    Whole,
    YesNo,
    Zone,
    closest,
    wrong,
)


class Part(BaseModel):
    """What all parts of the policy have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=False)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_the_unsaid(cls, value: Any) -> Any:
        """A part without those of its keys after which nothing stands."""
        if value is None:
            return {}
        if not isinstance(value, dict) or None not in value.values():
            return value
        keys = {field.alias or name for name, field in cls.model_fields.items()}
        return {key: item for key, item in value.items() if item is not None or key not in keys}


def _hash(text: str) -> str:
    problem = hash_problem(text)
    if problem:
        raise wrong(problem)
    return text


Hash = Annotated[
    str, AfterValidator(_hash), WithJsonSchema({"type": "string", "pattern": r"^\$argon2id\$", "maxLength": 300})
]

Names: TypeAlias = Some[Name]


class PersonPart(Part):
    """Somebody who supervises, is supervised, or looks at the board."""

    name: Label | None = Field(default=None, description="What people call them; the key, if it is left out.")
    role: Name = Field(description="Their role, one of those under 'roles'.")
    endpoint: Some[Endpoint] | None = Field(
        default=None, description="Their phone, as a PJSIP endpoint; a list for several, the main one first."
    )
    extension: Extension | None = Field(
        default=None, description="What is dialled to reach them; the main endpoint, if that is digits."
    )
    teams: Names | None = Field(default=None, description="The teams they are a member of.")
    only_by: Names | None = Field(default=None, description="The only roles that may supervise them.")
    pin: Hash | None = Field(default=None, description="The hash of their PIN, made by 'supervise policy hash'.")
    login: Hash | None = Field(
        default=None,
        description="The hash of their password for the board, made by 'supervise policy hash --password'.",
    )


class TeamPart(Part):
    """People who work together, and the queues whose calls are theirs."""

    name: Label | None = Field(default=None, description="What people call it; the key, if it is left out.")
    members: Names | None = Field(
        default=None, description="People who belong to it; they may say so themselves as well."
    )
    leads: Names | None = Field(default=None, description="Who leads it. The team is one of their own.")
    queues: Some[Label] | None = Field(
        default=None, description="Asterisk queues: who answers a call from one belongs to the team during that call."
    )
    only_by: Names | None = Field(default=None, description="The only roles that may supervise its people.")


class RolePart(Part):
    """What somebody is here. Rules say what it allows."""

    name: Label | None = Field(default=None, description="What people call it; the key, if it is left out.")
    admin: YesNo = Field(default=False, description="May see the board's pages Policy and Health.")


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


class VisibleBeforePart(Part):
    """What a mode asks of a hidden supervisor."""

    coach: VisibleBefore = Field(default=VisibleBefore.REQUIRED, description="Before coaching.")
    barge: VisibleBefore = Field(default=VisibleBefore.REQUIRED, description="Before barging.")


class TellAgentPart(Part):
    """What an agent is told of a visible supervisor, and how."""

    by: list[Notice] = Field(
        default=[Notice.TONE, Notice.MESSAGE, Notice.BOARD],
        description="tone (in their ear alone), message (SIP MESSAGE), board, spoken; [] for nothing at all.",
    )
    of: Some[Occasion] = Field(default=list(Occasion), description="enter, mode, visibility, leave.")


class TonePart(Part):
    """A repeating tone."""

    hertz: Whole = Field(ge=100, le=3400, description="Its frequency.")
    length: Whole = Field(ge=20, le=5000, description="Milliseconds.")
    every: Whole = Field(ge=2, le=3600, description="Seconds from one to the next.")
    first: Whole | None = Field(
        default=None, ge=20, le=5000, description="Milliseconds of the first one, if it is longer."
    )


def _tone_tag(value: Any) -> str:
    return "<preset>" if isinstance(value, str) else "<tone>"


TonePreset = Literal["1400-every-15", "440-every-12"]

ToneChoice = Annotated[
    Annotated[TonePreset, Tag("<preset>")] | Annotated[TonePart, Tag("<tone>")], Discriminator(_tone_tag)
]


class TellCustomerPart(Part):
    """What a customer is told while somebody supervises."""

    tone: ToneChoice | None = Field(default=None, description="1400-every-15, 440-every-12, or a tone of your own.")
    announcement: Sound | None = Field(
        default=None, description="A sound that is played before the session's first sound."
    )
    in_: Some[Mode] = Field(default=list(Mode), alias="in", description="In these modes; in all, if left out.")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.tone is None and self.announcement is None:
            raise wrong("tells nothing; say tone or announcement, or 'nothing' in its place")
        return self


def _customer_tag(value: Any) -> str:
    return "<nothing>" if isinstance(value, str) else "<notice>"


TellCustomer = Annotated[
    Annotated[Literal["nothing"], Tag("<nothing>")] | Annotated[TellCustomerPart, Tag("<notice>")],
    Discriminator(_customer_tag),
]


class MaskPart(Part):
    """Who reads only the end of other parties' numbers."""

    for_: Names = Field(alias="for", description="Roles, or everybody.")
    keep: Whole = Field(default=3, ge=0, le=10, description="How many digits at the end stay readable.")
    in_journal: YesNo = Field(default=False, description="The journal itself keeps only the masked number.")


class JournalPart(Part):
    """How long the journal keeps its records, and what agents read of it about themselves."""

    keep_days: Whole = Field(default=365, ge=1, le=36_500, description="Days that a record is kept.")
    agents_see_visible: YesNo = Field(default=True, description="Agents read about visible sessions with them.")
    agents_see_hidden_after_days: NeverOrDays = Field(
        default=None, description="Days after which agents read about hidden sessions with them, or never."
    )


class NumberingPart(Part):
    """How numbers are dialled here, so that each is known in every form."""

    country: Digits = Field(description="The country code, such as 49.")
    international: Digits = Field(default="00", description="What is dialled before a country code.")
    national: Digits = Field(default="0", description="What is dialled before an area code; '' where nothing is.")


class PinPart(Part):
    """How wrong PINs are answered: for one phone, and for all of them together."""

    tries: Whole = Field(default=5, ge=1, le=20, description="Wrong ones in a row that lock a phone.")
    lock_minutes: Whole = Field(default=15, ge=1, le=1440, description="For how long.")
    all_tries_a_minute: Whole = Field(default=30, ge=1, le=1000, description="Wrong ones of all phones together.")


class PrivatePart(Part):
    """How a call is marked private, and what becomes of its sessions. Nobody supervises a private call."""

    variable: Variable = Field(default="SUPERVISE_PRIVATE", description="The channel variable that the dialplan sets.")
    agents_may_mark: YesNo = Field(default=True, description="Agents may mark their call by a feature code.")
    mid_session: MidSession = Field(
        default=MidSession.PAUSE, description="What a session does when its call is marked private."
    )


class HousePart(Part):
    """What holds for every session, whoever supervises whom."""

    zone: Zone | None = Field(default=None, description="The time zone of the house; UTC, if left out.")
    start: Visibility = Field(
        default=Visibility.HIDDEN, description="How a session begins where the supervisor has the choice."
    )
    start_muted: YesNo = Field(default=True, description="Entering coach or barge from monitor is muted.")
    visible_before: VisibleBeforePart = Field(
        default_factory=VisibleBeforePart, description="What coach and barge ask of a hidden supervisor."
    )
    tell_agent: TellAgentPart = Field(default_factory=TellAgentPart, description="What the agent is told.")
    tell_customer: TellCustomer = Field(default="nothing", description="What the customer is told.")
    within: LimitsPart | None = Field(default=None, description="Limits that hold for every rule.")
    follow: Follow = Field(default=Follow.THIS_CALL, description="What a session does when its call moves on.")
    busy_while_supervising: YesNo = Field(default=True, description="Supervisors are marked busy for queues.")
    agent_lamp: YesNo = Field(default=True, description="The agent's lamp shows a visible supervisor.")
    mask_numbers: MaskPart | None = Field(default=None, description="Who reads only the end of numbers.")
    journal: JournalPart = Field(default_factory=JournalPart, description="Keeping and showing of records.")
    numbering: NumberingPart | None = Field(default=None, description="How numbers are dialled here.")
    pin: PinPart = Field(default_factory=PinPart, description="How wrong PINs are answered.")
    private: PrivatePart = Field(default_factory=PrivatePart, description="How a call is marked private.")


class PolicyPart(Part):
    """The policy of supervise: who may supervise whom, and how. What is not allowed is denied."""

    people: dict[Name, PersonPart] = Field(default_factory=dict, description="Who there is, by name.")
    teams: dict[Name, TeamPart] = Field(default_factory=dict, description="Who works together.")
    roles: dict[Name, RolePart] = Field(default_factory=dict, description="What people are here.")
    rules: list[RulePart] = Field(default_factory=list, description="What is allowed. Their order means nothing.")
    never: list[NeverPart] = Field(default_factory=list, description="What no rule can allow.")
    hours: dict[Name, Some[HoursPart]] = Field(default_factory=dict, description="Hours that rules can name.")
    house: HousePart = Field(default_factory=HousePart, description="What holds for every session.")
    reasons: dict[ReasonCode, Label] = Field(
        default_factory=dict, description="Reason codes as they are dialled, and what they mean."
    )
