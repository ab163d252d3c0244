"""What holds for every session."""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from supervise.domain.rights.decisions import Follow, MidSession, Notice, Occasion, VisibleBefore
from supervise.domain.words import Mode, Visibility
from supervise.policyfile.schema.base import Names, Part
from supervise.policyfile.schema.rules import LimitsPart
from supervise.policyfile.words import (
    Digits,
    NeverOrDays,
    Some,
    Sound,
    Variable,
    Whole,
    YesNo,
    Zone,
    wrong,
)


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
