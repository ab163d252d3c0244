"""What happens in the call centre, in sentences for whoever watches."""

from collections.abc import Callable
from typing import Final

from supervise.domain.records import Deed, Record
from supervise.domain.words import Mode
from supervise.prompts import PROMPTS

Naming = Callable[[str], str]
"""What people call somebody whose name in the policy is given; of whom it does not know, the number."""

_WISHES: Final = {Mode.MONITOR: "monitor", Mode.COACH: "coach", Mode.BARGE: "barge in on"}

_ENDINGS: Final = {
    "left": "has left",
    "supervisor-gone": "has hung up",
    "call-ended": "is out: the call has ended",
    "call-changed": "is out: the agent is on another call",
    "revoked": "is out: the policy allows it no longer",
    "time-up": "is out: the time is up",
    "shut-down": "is out: the controller ends",
}


def sentence(record: Record, named: Naming) -> str:
    """What a record of the journal says; empty for what only concerns the journal itself."""
    say = _SENTENCES.get(record.deed)
    return say(record, named) if say else ""


def _opened(record: Record, named: Naming) -> str:
    return f"{_stands(record, named)} ({record.visibility})"


def _changed(record: Record, named: Naming) -> str:
    return f"{_stands(record, named)}{f' ({_words_of(record.reason)})' if record.reason else ''}"


def _stands(record: Record, named: Naming) -> str:
    who, whom = named(record.supervisor), named(record.agent)
    if record.mode is Mode.COACH:
        return f"{who} coaches {whom}{_reach(record, f'{whom} alone hears them')}"
    if record.mode is Mode.BARGE:
        return f"{who} barges into the call of {whom}{_reach(record, 'everybody hears them')}"
    return f"{who} monitors {whom}"


def _reach(record: Record, heard: str) -> str:
    return ", muted: nobody hears them" if record.muted else f": {heard}"


def _muted(record: Record, named: Naming) -> str:
    whom = "everybody hears" if record.mode is Mode.BARGE else f"{named(record.agent)} alone hears"
    return f"{named(record.supervisor)} is {'muted: nobody hears' if record.muted else f'unmuted: {whom}'} them"


def _visibility(record: Record, named: Naming) -> str:
    return f"{named(record.supervisor)} is {record.visibility} to {named(record.agent)} now"


def _refused(record: Record, named: Naming) -> str:
    wish = f"{_WISHES[record.mode]} {named(record.agent)}" if record.mode and record.agent else "do that"
    return f"{named(record.supervisor)} may not {wish}: {_words_of(record.reason)}"


def _words_of(reason: str) -> str:
    """A reason as it is spoken on the phone."""
    return PROMPTS[reason].words if reason in PROMPTS else reason


def _notice(record: Record, named: Naming) -> str:
    told = {
        "entered": "is there",
        "changed": f"has changed to {record.mode}",
        "hid": "is no longer shown",
        "left": "has left",
    }
    said = told.get(record.reason, record.reason)
    return f"{named(record.agent)} is told: {named(record.supervisor)} {said}"


def _closed(record: Record, named: Naming) -> str:
    how = _ENDINGS.get(record.reason, f"is out ({record.reason})")
    lasted = f", after {record.elapsed.total_seconds():.0f} s" if record.elapsed else ""
    return f"{named(record.supervisor)} {how}{lasted}"


def _inaudible(record: Record, named: Naming) -> str:
    return f"{named(record.agent)} may not hear {named(record.supervisor)}: nothing is being sent to their phone"


def _private(record: Record, named: Naming) -> str:
    return f"The call is private: {named(record.supervisor)} hears nobody, and nobody hears them"


def _private_over(record: Record, named: Naming) -> str:
    return f"The call is private no longer. {_stands(record, named)}"


def _policy(record: Record, _: Naming) -> str:
    if problem := record.detail.get("problem"):
        return f"The policy file has a mistake, the last good one stays in force: {problem}"
    return f"The policy file is in force (version {record.policy[:8]})"


_SENTENCES: Final = {
    Deed.OPENED: _opened,
    Deed.MODE: _changed,
    Deed.MUTE: _muted,
    Deed.VISIBILITY: _visibility,
    Deed.REFUSED: _refused,
    Deed.NOTICE: _notice,
    Deed.CLOSED: _closed,
    Deed.INAUDIBLE: _inaudible,
    Deed.PRIVATE: _private,
    Deed.PRIVATE_OVER: _private_over,
    Deed.POLICY: _policy,
}
