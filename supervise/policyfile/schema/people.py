"""Who there is: people, teams, roles."""

from pydantic import (
    Field,
)

from supervise.policyfile.schema.base import Hash, Names, Part
from supervise.policyfile.words import (
    Endpoint,
    Extension,
    Label,
    Name,
    Some,
    YesNo,
)


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
