"""What the doctor says about phones: one finding for each kind of mistake, however many phones have it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from supervise.checkup.facts import Facts, Phone
from supervise.checkup.findings import Finding, Level, file_for

MOST_NAMES: Final = 8
"""So many phones are named in one finding; the others are counted."""

_IN_BAND: Final = frozenset({"inband", "auto", "auto_info"})


@dataclass(frozen=True, slots=True)
class _Mistake:
    code: str
    level: Level
    has_it: Callable[[Phone, Facts], bool]
    seen: str
    change: str


def _dials_features(phone: Phone, facts: Facts) -> bool:
    return bool(facts.contexts.get(f"{phone.context},*55"))


def _concerns_us(phone: Phone, facts: Facts) -> bool:
    """The policy names it; or nobody knows the policy, and all may be meant."""
    return not facts.wanted_phones or phone.name in facts.wanted_phones


_MISTAKES: Final = (
    _Mistake(
        "no-auth",
        Level.ERROR,
        lambda phone, facts: not phone.auth and _dials_features(phone, facts),
        "can dial *55 without proving who they are: whoever sends in their name supervises as them",
        "in each of these endpoints: auth = a section of type=auth; a trunk belongs into another context",
    ),
    _Mistake(
        "in-band",
        Level.WARNING,
        lambda phone, facts: phone.dtmf_mode == "inband" and _concerns_us(phone, facts),
        "send their keys as tones, which everybody in the call hears",
        "in each of these endpoints: dtmf_mode = rfc4733",
    ),
    _Mistake(
        "perhaps-in-band",
        Level.NOTE,
        lambda phone, facts: phone.dtmf_mode in _IN_BAND - {"inband"} and _concerns_us(phone, facts),
        "send their keys as tones when their SDP offers nothing better",
        "in each of these endpoints: dtmf_mode = rfc4733",
    ),
    _Mistake(
        "direct-media",
        Level.WARNING,
        lambda phone, facts: phone.direct_media and _concerns_us(phone, facts),
        "may send their sound past Asterisk: beginning to listen then costs the call a re-INVITE",
        "in each of these endpoints: direct_media = no",
    ),
    _Mistake(
        "connected-line",
        Level.NOTE,
        lambda phone, facts: phone.tells_connected and _concerns_us(phone, facts),
        "are told who is on the other side (send_pai or send_rpid): a re-INVITE when a supervisor leaves a barge",
        "in each of these endpoints: send_connected_line = no",
    ),
)


def of_phones(facts: Facts) -> Iterator[Finding]:
    """What is to be said about the endpoints."""
    if not facts.phones:
        yield Finding("phones", Level.WARNING, "it has no PJSIP endpoint, or does not tell", "pjsip.conf: your phones")
        return
    good = True
    for mistake in _MISTAKES:
        names = sorted(phone.name for phone in facts.phones if mistake.has_it(phone, facts))
        if names:
            good = False
            change = f"{_place(facts)}, {mistake.change}"
            yield Finding(mistake.code, mistake.level, f"{_named(names)} {mistake.seen}", change)
    yield from _unknown(facts)
    if facts.phones_left_out:
        words = f"{facts.phones_left_out} more endpoints were not looked at"
        yield Finding("phones-left-out", Level.NOTE, words)
    if good:
        yield Finding("phones", Level.FINE, f"{len(facts.phones)} endpoints are as they should be")


def _place(facts: Facts) -> str:
    file = file_for("pjsip.conf", freepbx=facts.freepbx)
    return f"{file} as [NUMBER](+)" if facts.freepbx else file


def _unknown(facts: Facts) -> Iterator[Finding]:
    if facts.phones_left_out:
        return
    missing = sorted(facts.wanted_phones - {phone.name for phone in facts.phones})
    if missing:
        words = f"{_named(missing)} stand in the policy, and no endpoint of this Asterisk has that name"
        yield Finding("unknown-phones", Level.WARNING, words, "the policy, people: endpoint = a name from pjsip.conf")


def _named(names: list[str]) -> str:
    more = len(names) - MOST_NAMES
    shown = ", ".join(names[:MOST_NAMES])
    return f"{shown} and {more} more" if more > 0 else shown
