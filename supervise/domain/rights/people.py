"""Who there is: people with their phones, the teams they belong to and the roles that rules speak of."""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who supervises, is supervised, or looks at the board.

    Attributes:
        name: the key in the policy, which is also the name to sign in with.
        display: what people call them.
        role: the role that the rules speak of.
        endpoints: their phones as PJSIP endpoints, the main one first.
        extension: what is dialled to reach or to supervise them; empty where nothing is.
        teams: the teams they belong to, as a member or as its lead.
        leads: the teams they lead, all of which are in `teams`.
        only_by: the roles that may supervise them at all; None is without such protection.
        pin_hash, login_hash: argon2id hashes; None where there is no PIN or no sign-in.
        place: where they stand in the policy, as ``file:line``.
    """

    name: str
    display: str
    role: str
    endpoints: tuple[str, ...] = ()
    extension: str = ""
    teams: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset()
    only_by: frozenset[str] | None = None
    pin_hash: str | None = field(default=None, repr=False)
    login_hash: str | None = field(default=None, repr=False)
    place: str = ""

    @property
    def endpoint(self) -> str:
        """The main phone, or nothing."""
        return self.endpoints[0] if self.endpoints else ""


@dataclass(frozen=True, slots=True)
class Team:
    """People who work together, and the queues whose calls are theirs.

    Attributes:
        name: the key in the policy.
        display: what people call it.
        queues: whoever answers a call from one of them counts as belonging to the team during that call.
        only_by: the roles that may supervise its people at all; None is without such protection.
        place: where it stands in the policy, as ``file:line``.
    """

    name: str
    display: str
    queues: frozenset[str] = frozenset()
    only_by: frozenset[str] | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Role:
    """What people are here, for the rules.

    Attributes:
        name: the key in the policy.
        display: what people call it.
        admin: its people may see the pages *Policy* and *Health* of the board.
        place: where it stands in the policy, as ``file:line``.
    """

    name: str
    display: str
    admin: bool = False
    place: str = ""


class Tie(StrEnum):
    """What stands between two people so that one does not supervise the other unless a rule says so in words."""

    ONESELF = "oneself"
    PEERS = "peers"
    """Both have the same role."""
    OWN_LEAD = "own-lead"
    """The one to be supervised leads a team that the supervisor belongs to and does not lead themselves."""


def ties(supervisor: Person, agent: Person) -> frozenset[Tie]:
    """Everything that stands between these two; a rule has to name all of it."""
    if supervisor.name == agent.name:
        return frozenset({Tie.ONESELF})
    found = set()
    if supervisor.role == agent.role:
        found.add(Tie.PEERS)
    if agent.leads and agent.leads & (supervisor.teams - supervisor.leads):
        found.add(Tie.OWN_LEAD)
    return frozenset(found)
