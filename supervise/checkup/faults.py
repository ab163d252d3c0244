"""Versions of Asterisk that are known to have, or not to have, faults that supervision meets."""

import re
from dataclasses import dataclass
from typing import Final

from supervise.checkup.findings import Finding, Level

OLDEST: Final = 20
"""The oldest major version that is supported."""

MEASURED: Final = (22, 10, 1)
"""The version that every promise was measured with."""

Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Span:
    """Versions of one major version: from the first that has a fault to before the first that does not.

    Without an end no version without it is known.
    """

    since: Version
    until: Version | None = None

    def __contains__(self, version: Version) -> bool:
        """Whether a version is among them."""
        return self.since[0] == version[0] and self.since <= version and (self.until is None or version < self.until)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of some versions.

    Attributes:
        code: its short name.
        level: how much it matters here.
        spans: the versions that have it.
        what: what happens.
    """

    code: str
    level: Level
    spans: tuple[Span, ...]
    what: str

    def in_version(self, version: Version) -> bool:
        """Whether a version has it."""
        return any(version in span for span in self.spans)


# Which versions have each was read from Asterisk's tags: the first ones with the commit that mends it.
FAULTS: Final = (
    Fault(
        "whisper-22.11",
        Level.ERROR,
        (Span((20, 21, 0)), Span((22, 11, 0), (22, 12, 0)), Span((23, 5, 0))),
        "after a whisper, calls that were supervised can no longer be bridged (asterisk issue 2134), and the new timer "
        "of whispers leaks two frames a tick (2171)",
    ),
    Fault(
        "read-only-writes",
        Level.WARNING,
        (
            *(Span((20, 14, 0), (20, 20, 1)), Span((21, 9, 0), (21, 12, 3))),
            *(Span((22, 4, 0), (22, 10, 1)), Span((23, 0, 0), (23, 4, 1))),
        ),
        "a read-only ARI user can write through the websocket, and load modules (GHSA-wcvv-g26m-wx5c)",
    ),
    Fault(
        "variables-escape",
        Level.WARNING,
        (
            *(Span((20, 0, 0), (20, 20, 1)), Span((21, 0, 0), (21, 12, 3))),
            *(Span((22, 0, 0), (22, 10, 1)), Span((23, 0, 0), (23, 4, 1))),
        ),
        "setting a channel variable over ARI gets around live_dangerously (GHSA-vrfp-mg3q-3959)",
    ),
    Fault(
        "snoop-states",
        Level.WARNING,
        (
            *(Span((20, 0, 0), (20, 18, 0)), Span((21, 0, 0))),
            *(Span((22, 0, 0), (22, 8, 0)), Span((23, 0, 0), (23, 2, 0))),
        ),
        "every ear leaves an entry in the cache of device states, which grows (asterisk issue 1638)",
    ),
    Fault(
        "reused-bridges",
        Level.WARNING,
        (Span((20, 0, 0), (20, 13, 0)), Span((21, 0, 0), (21, 8, 0)), Span((22, 0, 0), (22, 3, 0))),
        "Asterisk can end when the id of a bridge is used again (asterisk issues 211 and 992)",
    ),
)


def parse(text: str) -> Version | None:
    """The three numbers of a version such as ``22.10.1+dfsg``, ``20.9.3`` or ``certified/20.7-cert2``."""
    match = re.search(r"(?:^|[/ ])(\d+)\.(\d+)(?:\.(\d+))?", text)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def of_version(text: str) -> tuple[Finding, ...]:
    """What is to be said about a version."""
    version = parse(text)
    if version is None:
        return (Finding("version", Level.WARNING, f"it calls itself Asterisk {text!r}, which is no version we know"),)
    if version[0] < OLDEST:
        advice = f"upgrade to {OLDEST} or later; 22.10.1 is what every promise was measured with"
        return (Finding("version", Level.ERROR, f"Asterisk {text} is older than {OLDEST}", advice),)
    # Certified ones have what is mended earlier, under numbers of their own.
    faults = () if "certified" in text else tuple(fault for fault in FAULTS if fault.in_version(version))
    found = tuple(Finding(fault.code, fault.level, f"Asterisk {text}: {fault.what}", _way_out()) for fault in faults)
    return (*(found or (_without_faults(text, version),)), *_of_debian(text))


def _of_debian(text: str) -> tuple[Finding, ...]:
    """What Debian has changed in its builds (``2016_opus_plc.patch``); docs/decisions/0009 has what was measured."""
    if "dfsg" not in text:
        return ()
    seen = (
        "this is Debian's Asterisk, in which a tap can stay deaf to one party after a consult call or a third party: a "
        "recording or ChanSpy on an agent's channel, and an ear of ours beside it. Ours alone are taken anew"
    )
    return (Finding("debian-late-packets", Level.NOTE, seen, "record calls on the customer's channel"),)


def _way_out() -> str:
    return "install 22.10.1 (Debian's forky has it), or run `supervise selftest` before you trust another version"


def _without_faults(text: str, version: Version) -> Finding:
    if version == MEASURED:
        return Finding("version", Level.FINE, f"Asterisk {text} is the version that every promise was measured with")
    words = f"no fault that supervision meets is known of Asterisk {text}, which we have not measured"
    return Finding("version", Level.NOTE, words, "run `supervise selftest`: it proves on this Asterisk who hears whom")
