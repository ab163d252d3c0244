"""From a root file system to an image of the container engine, without what an image has no use for."""

import asyncio
import tarfile
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from supervise.lab.checkout import CHECKOUT
from supervise.lab.commands import run

LEFT_OUT: Final = CHECKOUT / "docker/left-out.txt"
"""Patterns of paths, one a line; the Dockerfiles remove the same."""


async def import_image(root: Path, image: str) -> None:
    """Give the engine the root file system as an image of that name.

    Raises:
        CommandError: the engine does not take it.
    """
    archive = root.with_name(f"{image.replace(':', '-')}.tar")
    try:
        await asyncio.to_thread(_pack, root, archive)
        await run("docker", "import", str(archive), image, within=600)
    finally:
        archive.unlink(missing_ok=True)


def _pack(root: Path, archive: Path) -> None:
    with tarfile.open(archive, "w") as tar:
        tar.add(root, arcname=".", filter=worth_keeping(LEFT_OUT.read_text().split()))


def worth_keeping(left_out: list[str]) -> Callable[[tarfile.TarInfo], tarfile.TarInfo | None]:
    """A filter for `tarfile`: nothing that one of these patterns names, nor what is below it."""

    def kept(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
        return None if any(fnmatch(entry.name, f"./{pattern}") for pattern in left_out) else entry

    return kept
