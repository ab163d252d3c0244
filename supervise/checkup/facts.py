"""What the doctor was told about one Asterisk; a value, so that judging it needs no Asterisk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Reach(StrEnum):
    """How far we came on the way to ARI."""

    NOBODY = "nobody"
    """No connection: nothing listens there, or a firewall is in between."""
    SLOW = "slow"
    """A connection, and no answer in time."""
    STRANGER = "stranger"
    """Something else than Asterisk's HTTP server answers."""
    NO_ARI = "no-ari"
    """Asterisk's HTTP server answers, without ARI."""
    REFUSED = "refused"
    """It does not accept the user and the password."""
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class Option:
    """One line of Asterisk's configuration files.

    Attributes:
        file, section, name: where it stands.
        adds_up: several of its lines hold together; of others the last one.
    """

    file: str
    section: str
    name: str
    adds_up: bool = False

    def __str__(self) -> str:
        """As people look for it."""
        return f"{self.file}, [{self.section}], {self.name}"


@dataclass(frozen=True, slots=True)
class Phone:
    """A PJSIP endpoint, as far as supervision depends on it.

    Attributes:
        name: of the endpoint.
        auth: the names of what it has to prove itself with; empty when it need not.
        context: where what it dials is looked for.
        dtmf_mode: how its keys come.
        direct_media: its sound may go past Asterisk.
        tells_connected: its phone is told who is on the other side, by a re-INVITE.
        rtp_timeout: seconds without sound after which it counts as gone; 0 for never.
    """

    name: str
    auth: str = ""
    context: str = "default"
    dtmf_mode: str = "rfc4733"
    direct_media: bool = False
    tells_connected: bool = False
    rtp_timeout: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """All that was asked, and what the answers were.

    Attributes:
        node: our name for this Asterisk.
        url: where its ARI should be.
        user: the ARI user.
        app: the name of the controller's Stasis application.
        reach: how far we came; everything below is unknown unless that is FINE.
        detail: what was seen instead.
        version: Asterisk's.
        may_write: the ARI user may do more than read; None if that could not be found out.
        events: why no websocket could be opened; empty when one could.
        ahead_seconds: how much its clock is ahead of ours.
        apps: the Stasis applications that are registered now.
        modules: its modules and their state, such as ``Running``.
        settings: lines of its configuration; None where nothing is set. A line that is missing here was not readable.
        contexts: parts of the dialplan, as ``context,extension``, and whether they are there.
        phones: its PJSIP endpoints.
        phones_left_out: how many more there are than were looked at.
        wanted_phones: the endpoints that the policy names.
        freepbx: the dialplan is FreePBX's.
    """

    node: str
    url: str
    user: str
    app: str
    reach: Reach
    detail: str = ""
    version: str = ""
    may_write: bool | None = None
    events: str = ""
    ahead_seconds: float = 0.0
    apps: frozenset[str] = frozenset()
    modules: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[Option, str | None] = field(default_factory=dict)
    contexts: Mapping[str, bool] = field(default_factory=dict)
    phones: tuple[Phone, ...] = ()
    phones_left_out: int = 0
    wanted_phones: frozenset[str] = frozenset()
    freepbx: bool = False
