"""Running the controller until it is told to end. A module of its own, since it loads everything."""

import asyncio
import resource
import signal
from contextlib import suppress

import structlog
import typer

from supervise import __version__
from supervise.controller import Controller
from supervise.history.errors import UnknownPlaceError
from supervise.settings import Settings
from supervise.web.server import WebError

MOST_FILES = 8192

log = structlog.get_logger(__name__)


def run(settings: Settings) -> None:
    """Run the controller until SIGINT or SIGTERM; SIGHUP reads the policy again.

    Raises:
        typer.Exit: it could not begin; why has been printed.
    """
    allow_files()
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(_serve(Controller(settings)))
    except (WebError, UnknownPlaceError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def allow_files() -> None:
    """As many open files as the machine lets us have: a browser is one, and none may be lacking for the journal."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


async def _serve(controller: Controller) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    reloading: set[asyncio.Task[None]] = set()
    loop.add_signal_handler(signal.SIGHUP, lambda: reloading.add(loop.create_task(controller.policy.reload())))
    async with controller:
        log.info("serving", version=__version__)
        failing, ending = asyncio.create_task(controller.failed()), asyncio.create_task(ended.wait())
        await asyncio.wait((failing, ending), return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if failing.done():
            await failing
        failing.cancel()
    log.info("ended")
