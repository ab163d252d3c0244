"""What the doctor says about lines of Asterisk's configuration files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from supervise.checkup.facts import Facts, Option
from supervise.checkup.findings import Finding, Level, file_for

LOOPBACK: Final = ("127.", "::1", "localhost")

WRITE_TIMEOUT = Option("ari.conf", "general", "websocket_write_timeout")
ORIGINS = Option("ari.conf", "general", "allowed_origins")
KEEP_ALIVE = Option("http.conf", "general", "session_keep_alive")
SESSION_LIMIT = Option("http.conf", "general", "sessionlimit")
BIND = Option("http.conf", "general", "bindaddr")
TLS = Option("http.conf", "general", "tlsenable")
DANGEROUS = Option("asterisk.conf", "options", "live_dangerously")
STRICT_RTP = Option("rtp.conf", "general", "strictrtp")

CEL = Option("cel.conf", "general", "enable")
CEL_EVENTS = Option("cel.conf", "general", "events", adds_up=True)
LOGS: Final = tuple(Option("logger.conf", "logfiles", name, adds_up=True) for name in ("full", "messages", "console"))
"""The logs that Asterisk's own example and FreePBX have; others have any name, and cannot be asked for."""

SETTINGS: Final = (
    *(WRITE_TIMEOUT, ORIGINS, KEEP_ALIVE, SESSION_LIMIT, BIND, TLS, DANGEROUS, STRICT_RTP, CEL, CEL_EVENTS),
    *LOGS,
)
"""The lines of Asterisk's configuration that are looked at."""

_NO = frozenset({"no", "false", "0", "off", "n", "f"})


def of_lines(facts: Facts) -> Iterator[Finding]:
    """What is to be said about them; each with the line that should stand there."""
    for option, judge in _JUDGES.items():
        if option in facts.settings and (problem := judge(facts.settings[option], facts)):
            level, seen, line = problem
            change = f"{file_for(option.file, freepbx=facts.freepbx)}, [{option.section}]: {line}"
            yield Finding(_CODES.get(option, option.name), level, f"{option}: {seen}", change)


_Problem = tuple[Level, str, str]
"""How bad it is, what is so, and the line that should stand there."""


@dataclass(frozen=True, slots=True)
class _AtLeast:
    """A number that must not be too small.

    Attributes:
        least: what is enough.
        default: what counts where nothing is set.
        line: what should stand there.
        why: what happens with less.
    """

    least: int
    default: int
    line: str
    why: str

    def __call__(self, value: str | None, _: Facts) -> "_Problem | None":
        number = int(value) if value is not None and value.isdecimal() else self.default
        if number >= self.least:
            return None
        return Level.WARNING, f"{number}{'' if value else ' (the default)'}: {self.why}", self.line


def _bind(value: str | None, facts: Facts) -> _Problem | None:
    if value is None or value.startswith(LOOPBACK):
        return None
    if (facts.settings.get(TLS) or "no").lower() not in _NO and facts.url.startswith("https"):
        return None
    return (
        Level.WARNING,
        f"{value}: whoever reaches this address and has the password has every call, and the password goes unencrypted",
        "bindaddr = 127.0.0.1, with the controller on the same machine; else tlsenable = yes and an https url",
    )


def _is(bad: bool, problem: _Problem) -> _Problem | None:  # noqa: FBT001 - reads as a sentence where it is used
    return problem if bad else None


def _channel_events(value: str | None, facts: Facts) -> _Problem | None:
    """Every key is a record of its own there: the supervisor's commands, and their PIN."""
    if (facts.settings.get(CEL) or "no").lower() in _NO or not _words(value) & {"all", "dtmf"}:
        return None
    return (
        Level.WARNING,
        f"{value}: every key that anybody presses is recorded, the supervisors' PINs too",
        "events = the kinds that you need by name, without ALL and DTMF",
    )


def _log(value: str | None, _: Facts) -> _Problem | None:
    if not _words(value) & {"dtmf", "*"}:
        return None
    return Level.WARNING, f"{value}: every key is in that log, the supervisors' PINs too", "the same without dtmf"


def _words(value: str | None) -> frozenset[str]:
    return frozenset(word.strip().lower() for word in (value or "").split(","))


_JUDGES: Final[dict[Option, Callable[[str | None, Facts], _Problem | None]]] = {
    WRITE_TIMEOUT: _AtLeast(
        *(1000, 100, "websocket_write_timeout = 5000"),
        "a busy machine takes longer to write an event, and each cut ends all sessions",
    ),
    KEEP_ALIVE: _AtLeast(
        *(20_000, 15_000, "session_keep_alive = 30000"),
        "the controller keeps idle connections for 10 s, and must always be the first to close one",
    ),
    SESSION_LIMIT: _AtLeast(
        *(200, 100, "sessionlimit = 500"),
        "a burst of sessions takes a few dozen connections at once",
    ),
    BIND: _bind,
    ORIGINS: lambda value, _: _is(
        bool(value),
        (Level.WARNING, f"{value}: web pages of these origins may use a browser's ARI password", "allowed_origins ="),
    ),
    DANGEROUS: lambda value, _: _is(
        value is not None and value.lower() not in _NO,
        (Level.WARNING, f"{value}: whoever has the ARI password can run programs", "live_dangerously = no"),
    ),
    STRICT_RTP: lambda value, _: _is(
        value is not None and value.lower() in _NO,
        (Level.WARNING, f"{value}: anybody who guesses a port can speak into a call", "strictrtp = yes"),
    ),
    CEL_EVENTS: _channel_events,
    **dict.fromkeys(LOGS, _log),
}

_CODES: Final = {CEL_EVENTS: "cel-keys", **dict.fromkeys(LOGS, "log-keys")}
"""Where the option's name says too little."""
