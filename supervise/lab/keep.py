"""Keeps what takes long to make: made once, whole or not at all, however many processes ask for it at a time."""

import asyncio
import fcntl
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from supervise.lab.errors import LabError
from supervise.lab.progress import Progress


def stamp(*recipe: str) -> str:
    """A short name for what a recipe makes; another recipe has another one."""
    return hashlib.sha256("\0".join(recipe).encode()).hexdigest()[:12]


async def keep(folder: Path, make: Callable[[Path], Awaitable[None]], progress: Progress) -> Path:
    """Give back `folder`, made by `make` in a temporary place first if it does not exist yet.

    Whoever finds the folder finds it complete: it gets its name in one step at the end.

    Raises:
        LabError: something is mounted in what an earlier, broken attempt left.
    """
    if not _made(folder):
        async with _alone(folder, progress):
            if not _made(folder):
                _sweep(folder)
                await _make(folder, make)
    return folder


def _made(folder: Path) -> bool:
    return folder.is_dir()


async def _make(folder: Path, make: Callable[[Path], Awaitable[None]]) -> None:
    growing = folder.with_name(f"{folder.name}.growing-{uuid4().hex[:8]}")
    try:
        await make(growing)
        growing.rename(folder)
    except BaseException:
        _remove(growing)
        raise


def _sweep(folder: Path) -> None:
    for left in folder.parent.glob(f"{folder.name}.growing-*"):
        _remove(left)


def _remove(folder: Path) -> None:
    """Remove what is left of an attempt, unless something of the machine is mounted in it (its /proc, its /dev)."""
    if any(place.is_relative_to(folder) for place in mounts()):
        raise LabError(f"something is still mounted in {folder}: unmount it, then remove the folder")
    if folder.exists():
        shutil.rmtree(folder)


def mounts() -> list[Path]:
    """Where anything is mounted on this machine (the fifth word of each line, proc_pid_mountinfo(5))."""
    return [Path(line.split()[4]) for line in Path("/proc/self/mountinfo").read_text().splitlines()]


@asynccontextmanager
async def _alone(folder: Path, progress: Progress) -> AsyncIterator[None]:
    """Hold the folder's lock; the kernel lets go of it when we die."""
    lock = os.open(folder.with_name(f"{folder.name}.lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    try:
        async with progress.step(f"Waiting for another process to make {folder.name}"):
            while not _locked(lock):  # noqa: ASYNC110 - another process holds it, which no event of ours tells
                await asyncio.sleep(0.1)
        yield
    finally:
        os.close(lock)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
