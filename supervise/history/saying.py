"""A log line that may get lost: the disk that the journal fills is often the disk of the log as well."""

from contextlib import suppress

import structlog

_log = structlog.get_logger()


def say(level: str, event: str, **values: object) -> None:
    """Log an event, and go on if the log cannot take it: the writer must outlive a full disk and a closed pipe."""
    with suppress(OSError, ValueError):
        _log.log(_LEVELS[level], event, **values)


_LEVELS = {"info": 20, "warning": 30, "error": 40}
