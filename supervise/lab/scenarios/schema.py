"""The language of a scenario: one model for each part of the file."""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from supervise.domain.records import Deed
from supervise.domain.words import Mode
from supervise.lab.sound import Voice
from supervise.policyfile.schema.base import Part
from supervise.policyfile.words import Extension, Label, Name, Some, Whole, YesNo, wrong

NOBODY: Final = "nobody"

MOST_KEYS: Final = 40
MOST_CROWD: Final = 40
LONGEST: Final = 60.0
"""Seconds that a step may take."""

Codec = Literal["ulaw", "alaw", "g722", "opus"]


def _keys(text: str) -> str:
    if not text or len(text) > MOST_KEYS or not set(text) <= set("0123456789*#"):
        raise wrong("should be up to 40 keys of a phone: digits, '*' and '#'")
    return text


Keys = Annotated[str, AfterValidator(_keys)]


def _seconds(value: object) -> float:
    try:
        seconds = float(str(value))
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= LONGEST:
        raise wrong("should be seconds, up to 60, such as 2 or 0.5")
    return seconds


Seconds = Annotated[float, BeforeValidator(_seconds)]


class PhonePart(Part):
    """A phone that somebody has."""

    user: Extension = Field(description="Its account, and its extension: 1xx customers, 2xx agents, 3xx supervisors.")
    voice: Voice | None = Field(default=None, description="Whose tones it speaks; by its extension, if left out.")
    answers: YesNo = Field(default=True, description="Whether it answers by itself.")
    silent: YesNo = Field(default=False, description="It says nothing at all.")
    node: Label | None = Field(default=None, description="The Asterisk that it signs in to; the first, if left out.")


def _crowd(value: object) -> int:
    text = str(value)
    if not text.isdecimal() or not 1 <= int(text) <= MOST_CROWD:
        raise wrong(f"should be how many, up to {MOST_CROWD}")
    return int(text)


class CrowdPart(Part):
    """So many other agents are in calls all the time."""

    agents: Annotated[int, BeforeValidator(_crowd)] = Field(description="How many; as many customers call them.")
    number: Keys = Field(description="What these customers dial: a queue.")


class CallPart(Part):
    """Somebody calls somebody."""

    by: Name = Field(description="The phone that dials.")
    to: Name = Field(description="The phone that is to answer.")
    number: Keys | None = Field(default=None, description="What is dialled; the other's extension, if left out.")


class DialPart(Part):
    """Somebody dials a number."""

    by: Name
    number: Keys


class PressPart(Part):
    """Somebody presses keys in their call."""

    by: Name
    keys: Keys


class TransferPart(Part):
    """Somebody passes their call on."""

    by: Name
    to: Extension


class RecordPart(Part):
    """A record that has to come into the journal."""

    deed: Deed
    reason: Label | None = None
    mode: Mode | None = None
    supervisor: Name | None = None
    agent: Name | None = None


OF_NO_PHONE: Final = ("policy", "controller", "asterisk", "network")
"""What can be done in a step, and not by a phone."""

DEEDS: Final = (
    *("call", "dial", "answer", "press", "hang_up", "mute", "unmute", "hold", "resume", "freeze", "thaw", "vanish"),
    *("transfer", "join"),
    *OF_NO_PHONE,
)
"""What can be done in a step; one thing, or nothing but listening."""


class StepPart(Part):
    """Something is done, and then everybody hears whom they are to hear."""

    say: Label | None = Field(default=None, description="What the report calls it.")
    call: CallPart | None = None
    dial: DialPart | None = None
    answer: Name | None = Field(default=None, description="The phone takes the call that rings there.")
    press: PressPart | None = None
    hang_up: Name | None = None
    mute: Name | None = None
    unmute: Name | None = None
    hold: Name | None = None
    resume: Name | None = None
    freeze: Name | None = Field(default=None, description="The phone sends nothing and answers nothing.")
    thaw: Name | None = None
    vanish: Name | None = Field(default=None, description="The phone's plug is pulled.")
    transfer: TransferPart | None = None
    join: Name | None = Field(default=None, description="The phone joins its two calls, and is out of both.")
    policy: str | None = Field(default=None, description="The policy from now on, as text.")
    controller: Literal["kill", "start", "freeze", "thaw"] | None = None
    asterisk: Literal["restart"] | None = None
    network: Literal["cut", "heal"] | None = Field(
        default=None, description="Between the controller and everything else; in containers only."
    )
    hears: dict[Name, Some[Name]] = Field(
        default_factory=dict, description="Whom each phone is to hear: exactly these, or nobody."
    )
    ended: Some[Name] | None = Field(default=None, description="Phones whose call has to have ended.")
    journal: RecordPart | None = Field(default=None, description="A record that has to be there.")
    board: Some[Name] | None = Field(
        default=None, description="Whom the board shows in a call, by the policy's names; exactly these, or nobody."
    )
    within: Seconds = Field(default=8.0, description="Seconds until it has to be so.")
    for_seconds: Seconds = Field(default=0.4, alias="for", description="How long it is listened for then.")

    @model_validator(mode="after")
    def _one_deed(self) -> Self:
        done = self.deeds
        if len(done) > 1:
            raise wrong(f"does {' and '.join(done)}: a step does one thing")
        if not (done or self.hears or self.ended or self.journal or self.board):
            raise wrong("neither does anything nor listens to anything")
        return self

    @property
    def deeds(self) -> list[str]:
        """What is done; one thing, once the step has been checked."""
        return [deed for deed in DEEDS if getattr(self, deed) is not None]


class ScenarioPart(Part):
    """A file with a scenario."""

    name: Label
    about: str = ""
    codec: Codec = "ulaw"
    private_codes: YesNo = Field(default=False, description="The agents' phones have the codes *58 and *59.")
    lost_frames: Whole = Field(default=0, description="Frames of the call that may be lost, in all.")
    policy: str | None = None
    crowd: CrowdPart | None = Field(default=None, description="Others, in calls of their own, all the time.")
    phones: dict[Name, PhonePart] = Field(min_length=1, max_length=9)
    steps: list[StepPart] = Field(min_length=1, max_length=200)
