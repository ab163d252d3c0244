"""A container engine: the one that answers, or Debian's own, started for us alone and stopped by its process id."""

import asyncio
import os
import shutil
import tempfile
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supervise.lab.commands import stop, succeeds, tail
from supervise.lab.errors import LabError, MissingError
from supervise.lab.needs import Need, ensure
from supervise.lab.progress import Progress

ENGINE: Final = (Need("dockerd", "docker.io"), Need("iptables", "iptables"))
COMPOSE: Final = (Need("docker-compose", "docker-compose"),)

NO_ENGINE: Final = "no container engine answers; as root on Debian: apt-get install docker.io docker-compose"

_UP_WITHIN_S: Final = 30.0
_POLL_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that answers.

    Attributes:
        compose: the command of its compose: ``docker compose`` (2.x), or ``docker-compose`` (1.29).
    """

    compose: tuple[str, ...]


async def answers() -> bool:
    """Whether an engine answers to us."""
    return shutil.which("docker") is not None and await succeeds(("docker", "info"), within=15)


@asynccontextmanager
async def engine(cache: Path, progress: Progress) -> AsyncIterator[Engine]:
    """The engine that answers, or one that lives as long as the block, with its data in `cache`.

    Raises:
        LabError: none answers, and none can be started from here.
    """
    if await answers():
        yield Engine(await _compose(progress))
        return
    if os.geteuid() != 0:
        raise MissingError(NO_ENGINE)
    await ensure(ENGINE, progress)
    with tempfile.TemporaryDirectory(prefix="dockerd-") as folder:
        async with _started(Path(folder), cache / "docker", progress):
            yield Engine(await _compose(progress))


async def _compose(progress: Progress) -> tuple[str, ...]:
    if await succeeds(("docker", "compose", "version"), within=15):
        return ("docker", "compose")
    await ensure(COMPOSE, progress)
    return ("docker-compose",)


@asynccontextmanager
async def _started(folder: Path, data: Path, progress: Progress) -> AsyncIterator[None]:
    """A dockerd on a socket of its own: nobody else on this machine sees that there is one."""
    socket = f"unix://{folder}/docker.sock"
    command = ("dockerd", "--host", socket, "--data-root", str(data), "--exec-root", f"{folder}/exec")
    log = folder / "log"
    before = os.environ.get("DOCKER_HOST")
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command, "--pidfile", f"{folder}/pid", stdin=DEVNULL, stdout=output, stderr=output
        )
        os.environ["DOCKER_HOST"] = socket
        try:
            async with progress.step("Starting a container engine"):
                await _until_up(process, log)
            yield
        finally:
            if process.returncode is None:
                await stop(process, patience=30)
            os.environ.pop("DOCKER_HOST")
            if before is not None:
                os.environ["DOCKER_HOST"] = before


async def _until_up(process: asyncio.subprocess.Process, log: Path) -> None:
    try:
        async with asyncio.timeout(_UP_WITHIN_S):
            while not await answers():
                if process.returncode is not None:
                    raise LabError(f"dockerd has ended:\n{_end_of(log)}")
                await asyncio.sleep(_POLL_S)
    except TimeoutError:
        raise LabError(f"dockerd does not answer:\n{_end_of(log)}") from None


def _end_of(log: Path) -> str:
    return tail(log.read_text(errors="replace"), 10)
