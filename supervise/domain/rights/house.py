"""The rules of the house: what holds for every session, whoever supervises whom."""

from dataclasses import dataclass, field
from datetime import UTC, timedelta, tzinfo

from supervise.domain.rights.decisions import SessionRules
from supervise.domain.rights.limits import NO_LIMITS, Limits
from supervise.domain.rights.numbers import Numbering


@dataclass(frozen=True, slots=True)
class Masking:
    """Who reads only the end of other parties' numbers.

    Attributes:
        roles: for whom numbers are masked.
        everybody: they are masked for everyone.
        keep: how many digits at the end stay readable.
        journal: the journal itself keeps only the masked number.
    """

    roles: frozenset[str] = frozenset()
    everybody: bool = False
    keep: int = 3
    journal: bool = False


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long the journal keeps what it knows, and what it shows to agents about themselves.

    Attributes:
        days: how long a record is kept.
        visible_to_agent: an agent may read about the visible sessions with them.
        hidden_to_agent_after: days after which they may read about hidden ones; None is never.
    """

    days: int = 365
    visible_to_agent: bool = True
    hidden_to_agent_after: int | None = None


@dataclass(frozen=True, slots=True)
class PinRules:
    """How wrong PINs are answered.

    Attributes:
        tries: wrong ones in a row that lock an endpoint.
        lock: for how long.
        everybody: wrong ones of all endpoints together within a minute, beyond which nobody may try.
    """

    tries: int = 5
    lock: timedelta = timedelta(minutes=15)
    everybody: int = 30


@dataclass(frozen=True, slots=True)
class HouseRules:
    """The rules of the house.

    Attributes:
        session: what a session itself follows.
        zone: where days and months begin, and where hours are read that name no zone.
        limits: hold together with those of each rule.
        numbering: how numbers are dialled here.
        masking: who reads only the end of numbers.
        keeping: of the journal.
        pins: how wrong PINs are answered.
        private_variable: the channel variable by which the dialplan marks a call as private.
        agents_mark_private: agents may mark their own call by their feature code.
    """

    session: SessionRules = field(default_factory=SessionRules)
    zone: tzinfo = UTC
    limits: Limits = NO_LIMITS
    numbering: Numbering = field(default_factory=Numbering)
    masking: Masking = Masking()
    keeping: Keeping = Keeping()
    pins: PinRules = PinRules()
    private_variable: str = "SUPERVISE_PRIVATE"
    agents_mark_private: bool = True
