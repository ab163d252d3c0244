"""What all lines of a floor share."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from supervise.domain.keypad import Keypad
from supervise.domain.ports import Figures, Journal, PolicySource, Secrets
from supervise.domain.rights.house import PinRules
from supervise.domain.rights.pinguard import PinGuard
from supervise.domain.sessions.session import Session
from supervise.domain.words import Mode, Source, Visibility


def _now() -> datetime:
    return datetime.now(UTC)


def _new_session_id() -> str:
    return secrets.token_hex(16)


def _nobody_looks(_: object) -> None:
    """What is told of a session or of somebody who waits where there is no board."""


class Uncounted:
    """Figures that nobody wants."""

    def joined(self, seconds: float) -> None:
        """Not counted."""

    def switched(self, mode: Mode, seconds: float) -> None:
        """Not counted."""

    def orphaned(self) -> None:
        """Not counted."""

    def lapsed(self) -> None:
        """Not counted."""

    def reconnected(self, node: str) -> None:
        """Not counted."""


@dataclass(frozen=True, slots=True)
class House:
    """The policy in force, the journal, the keys, the time.

    Attributes:
        secrets: holds PINs against their hashes.
        figures: counts what the journal's records do not say.
        guard: counts wrong ones, of all phones.
        now: the time, with its zone.
        new_session_id: 32 hexadecimal digits that were never given before.
        moved: told of every session that has become another one; it must not wait.
        waited: told of the supervisor who has begun or ceased to wait for a call; it must not wait either.
    """

    source: PolicySource
    journal: Journal
    secrets: Secrets
    figures: Figures = field(default_factory=Uncounted)
    guard: PinGuard = field(default_factory=lambda: PinGuard(PinRules()))
    keypad: Keypad = field(default_factory=Keypad)
    now: Callable[[], datetime] = _now
    new_session_id: Callable[[], str] = _new_session_id
    moved: Callable[[Session], None] = _nobody_looks
    waited: Callable[[str], None] = _nobody_looks


@dataclass(frozen=True, slots=True)
class Arrival:
    """A phone that has dialled a feature code, or was rung because somebody clicked.

    Attributes:
        channel: its channel's id.
        endpoint: who it has proved to be.
        digits: what it dialled.
        session: the id of the session that may come of it.
        at_most: the greatest mode it may begin in; a phone found after a restart begins again in the least.
        source: where the wish came from.
        visibility: how the session is to begin; None leaves it to the house.
        call: the call that was meant; empty for the one that the agent talks in.
        reason: the reason code that was given already.
        wait: where the agent is on no call, their next one is waited for without another question.
    """

    channel: str
    endpoint: str
    digits: str
    session: str
    at_most: Mode = Mode.BARGE
    source: Source = Source.PHONE
    visibility: Visibility | None = None
    call: str = ""
    reason: str = ""
    wait: bool = False
