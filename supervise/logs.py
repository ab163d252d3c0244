"""How the program logs: one event a line, for a person on a terminal and as JSON elsewhere."""

import logging
import sys

import structlog


def set_up(*, verbose: bool = False, json: bool | None = None) -> None:
    """Log to standard error.

    Args:
        verbose: details as well, which may hold callers' numbers; otherwise nothing below *info*.
        json: lines of JSON; None: unless standard error is a terminal.
    """
    as_json = not sys.stderr.isatty() if json is None else json
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if as_json else _as_it_is,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def _as_it_is(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """The console renderer shows exceptions itself."""
    return event
