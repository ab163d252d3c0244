"""The whole file."""

from pydantic import (
    Field,
)

from supervise.policyfile.schema.base import Part
from supervise.policyfile.schema.house import HousePart
from supervise.policyfile.schema.people import PersonPart, RolePart, TeamPart
from supervise.policyfile.schema.rules import HoursPart, NeverPart, RulePart
from supervise.policyfile.words import (
    Label,
    Name,
    ReasonCode,
    Some,
)


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
