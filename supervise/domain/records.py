"""What the journal keeps: one record for each thing that a supervisor did, tried or caused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from supervise.domain.words import Mode, Source, Visibility


class Deed(StrEnum):
    """The kinds of record."""

    REFUSED = "refused"
    OPENED = "opened"
    """A session begins; written before its first sound. Exactly one for each session."""
    MODE = "mode"
    MUTE = "mute"
    VISIBILITY = "visibility"
    TARGET = "target"
    HOLD_AGENT = "hold-agent"
    REMOVE_AGENT = "remove-agent"
    TAKE_OVER = "take-over"
    CONSULT = "consult"
    """The supervisor answered the agent, who called them before handing the call over."""
    HANDED_OVER = "handed-over"
    """The agent handed the call over by a transfer, and the supervisor's phone is in it."""
    BRING_BACK = "bring-back"
    """The agent whom the supervisor had put on hold is in the call again."""
    HAND_BACK = "hand-back"
    """The supervisor gave a call that they had taken over back to the agent."""
    NOTICE = "notice"
    """The agent was told, or the customer: `reason` says of what."""
    INAUDIBLE = "inaudible"
    """The supervisor may be inaudible, or is audible again."""
    PRIVATE = "private"
    """The call has been marked private: from here on nobody hears anything over this session."""
    PRIVATE_OVER = "private-over"
    """It is private no longer; written before anything is heard again."""
    CLOSED = "closed"
    """A session has ended. Exactly one for each session; `detail['recovered']` when found after a crash."""
    POLICY = "policy"
    """A policy came into force, or a bad one was kept out."""
    PIN = "pin"
    SIGN_IN = "sign-in"
    EXPORT = "export"
    JOURNAL = "journal"
    """The journal about itself: a torn tail repaired, a segment retired, a record withdrawn."""


LOCKS = "locks"
"""What the detail of the wrong PIN that locks a phone has: with it a lock outlives the controller."""


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the journal.

    Attributes:
        deed: what happened.
        at: when, in UTC.
        node: the Asterisk it happened on.
        session: the session's id, empty outside one.
        supervisor: the person's name in the policy, or the endpoint when the policy knows nobody by it.
        agent: the supervised person's name in the policy, or the extension that was dialled.
        call: the id of the supervised call.
        number: the other party's number.
        mode, muted, visibility: how the session stands after the deed.
        source: phone, board or API.
        rule, policy: the rule that decided (``file:line``) and the hash of the policy in force.
        reason: why it was refused or why it ended.
        detail: anything further, as text.
        elapsed: since the session's opening, by a clock that does not jump.
        reason_code: what the supervisor gave as their reason, where the policy asks for one.
        shown: whether the supervisor's role lets the session show in the call's and the customer's history.
    """

    deed: Deed
    at: datetime
    node: str = ""
    session: str = ""
    supervisor: str = ""
    agent: str = ""
    call: str = ""
    number: str = ""
    mode: Mode | None = None
    muted: bool | None = None
    visibility: Visibility | None = None
    source: Source | None = None
    rule: str = ""
    policy: str = ""
    reason: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)
    elapsed: timedelta | None = None
    reason_code: str = ""
    shown: bool = False
