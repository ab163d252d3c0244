"""Identifiers that the product chooses, so that everything of ours is known as ours, also after a crash.

Asterisk 22 refuses a channel id that is a prefix of an existing one (``get_by_uniqueid`` in
``main/channelstorage_ao2_legacy.c`` compares only as far as the new id is long), so all ids of one kind have the
same length and differ in the kind first.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

PREFIX = "sv"
"""The first field of every id of ours."""

SESSION_ID_LENGTH = 32
"""A session is named by 32 hexadecimal digits."""


_RUNG = "svline-"
"""How the ids of phones begin that we have rung. They are people's phones, so they are not *ours* (`is_ours`)."""


def rung_id(session: str) -> str:
    """The id of the supervisor's phone when it is rung for a session."""
    return f"{_RUNG}{session}"


def is_rung(channel: str) -> bool:
    """Whether a channel is a phone that we have rung."""
    return channel.startswith(_RUNG)


_CALLED_BACK = "svback-"
"""How the ids of phones begin that we have called back into a call; they are people's phones as well."""


def called_back_id(session: str, turn: int) -> str:
    """The id of an agent's phone when it is called back into a call of a session."""
    return f"{_CALLED_BACK}{session}-{turn:06d}"


def is_called_back(channel: str) -> bool:
    """Whether a channel is a phone that we have called back into a call."""
    return channel.startswith(_CALLED_BACK)


class Kind(StrEnum):
    """What an id of ours names."""

    ROOM = "room"
    """The session's bridge."""
    EAR = "ear"
    """A Snoop channel on the agent's channel that only listens."""
    COACH_EAR = "coachear"
    """A Snoop channel on the agent's channel that listens and whispers to the agent."""
    QUIET_EAR = "quietear"
    """An ear that does not hear what the agent is sent: music, while the customer has put them on hold."""
    QUIET_COACH_EAR = "quietcoachear"
    """The same, and whispers to the agent."""
    SEAT = "seat"
    """Our half of a Local channel whose other half is a member of the call's bridge."""
    SEAT_FAR = "seatfar"
    """That other half."""
    PROMPTER = "prompter"
    """A Snoop channel on the supervisor's own channel, over which they are told things."""
    NOTIFIER = "notifier"
    """A Snoop channel on the agent's channel, over which the agent is told things."""
    MOVER = "mover"
    """Our half of a Local channel whose other half takes an agent out of their call."""
    MOVER_FAR = "moverfar"
    """That other half."""
    CONSULT = "consult"
    """Our half of a Local channel, in a room in the place of an agent who consults its supervisor."""
    CONSULT_FAR = "consultfar"
    """That other half, which is in an ordinary bridge with the agent's call to the supervisor."""
    MUSIC = "music"
    """A Snoop channel on the channel of a party who is on hold, over which they hear music."""
    ANNOUNCER = "announcer"
    """A Snoop channel on any party's channel, over which they are told that the call is supervised."""


_KINDS = frozenset(Kind)
"""Every id in every event is held against them."""


@dataclass(frozen=True, slots=True)
class OurId:
    """An id taken apart: the kind, the session and a count within the session."""

    kind: Kind
    session: str
    turn: int

    @property
    def far(self) -> "OurId":
        """The other half of a Local channel."""
        return OurId(Kind(f"{self.kind}far"), self.session, self.turn)

    @property
    def is_far(self) -> bool:
        """Whether this half goes with the other one."""
        return self.kind in (Kind.SEAT_FAR, Kind.CONSULT_FAR)

    def __str__(self) -> str:
        """The id as Asterisk gets it."""
        return f"{PREFIX}-{self.kind}-{self.session}-{self.turn:06d}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Take an id apart; None when it is not one of ours."""
        match text.split("-"):
            case [prefix, kind, session, turn] if prefix == PREFIX and kind in _KINDS and turn.isdecimal():
                return cls(Kind(kind), session, int(turn)) if len(session) == SESSION_ID_LENGTH else None
        return None


def is_ours(text: str) -> bool:
    """Whether a channel or bridge id is one that we chose."""
    return OurId.read(text) is not None
