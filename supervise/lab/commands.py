"""Runs programs of this machine: bounded in time and output, and gone when we are."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from supervise.lab.errors import CommandError

_KEPT = 20_000
"""Characters of output that are kept, from its end."""


async def run(
    *command: str,
    within: float,
    environment: Mapping[str, str] | None = None,
    said: Callable[[str], None] | None = None,
) -> str:
    """Run a program to its end.

    Args:
        command: the program and its arguments.
        within: seconds it may take.
        environment: instead of our own.
        said: told the newest line as it comes.

    Returns:
        the end of what it printed, errors included.

    Raises:
        CommandError: it is missing, failed, or took too long.
    """
    kept = ""
    try:
        async with asyncio.timeout(within), started(*command, environment=environment) as process:
            async for text in _output(process):
                kept = (kept + text)[-_KEPT:]
                if said is not None:
                    said(text.rstrip().rpartition("\n")[2])
            code = await process.wait()
    except TimeoutError:
        raise CommandError(command, f"not done within {within:.0f} s", kept) from None
    except OSError as error:
        raise CommandError(command, str(error), "") from error
    if code:
        raise CommandError(command, f"failed with {code}", kept)
    return kept


@asynccontextmanager
async def started(*command: str, environment: Mapping[str, str] | None = None) -> AsyncIterator[Process]:
    """A running program whose end is seen to, whatever happens in the body."""
    process = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            await stop(process)


async def stop(process: Process, patience: float = 5.0) -> None:
    """Ask a process to end, and make it end after `patience` seconds."""
    try:
        process.terminate()
        async with asyncio.timeout(patience):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
    except ProcessLookupError:
        await process.wait()


def tail(text: str, lines: int = 30) -> str:
    """The last lines of a text."""
    return "\n".join(text.splitlines()[-lines:])


async def succeeds(command: Sequence[str], within: float) -> bool:
    """Whether a program is there and ends without an error."""
    try:
        await run(*command, within=within)
    except CommandError:
        return False
    return True


async def _output(process: Process) -> AsyncIterator[str]:
    if process.stdout is None:  # started() always gives it a pipe
        return
    while chunk := await process.stdout.read(65536):
        yield chunk.decode(errors="replace")
