"""Ending something of ours although Asterisk does not do it at once."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from supervise.ari.client.errors import AriError

RETRY_SECONDS = (0.1, 0.3, 1.0, 3.0)
"""How long to wait after each attempt."""

log = structlog.get_logger(__name__)


async def until_done(end: Callable[[], Awaitable[None]]) -> None:
    """Try again and again for some seconds; the reconcile pass finds what is left even then.

    Raises:
        AriError: the last attempt failed too.
    """
    for patience in RETRY_SECONDS:
        try:
            await end()
        except AriError as error:
            log.warning("not-ended", error=str(error))
            await asyncio.sleep(patience)
        else:
            return
    await end()
