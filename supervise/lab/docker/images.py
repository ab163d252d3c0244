"""The two images: Asterisk's, and ours with the controller's and the phones' programs.

They are built from the Dockerfiles where their base image can be had. Elsewhere they are made by mmdebstrap from the
same suite with the same packages, and imported under the same tag. The checkout itself is not in them but mounted, so
a change of the code makes no new image.
"""

import asyncio
import os
import shutil
import sys
import tarfile
from pathlib import Path
from typing import Final

from supervise.lab.asterisk.container import asterisk_image
from supervise.lab.asterisk.rootfs import Recipe, private_root
from supervise.lab.checkout import CHECKOUT
from supervise.lab.commands import run, succeeds
from supervise.lab.errors import CommandError, LabError
from supervise.lab.keep import keep, stamp
from supervise.lab.progress import Progress

DOCKERFILE: Final = CHECKOUT / "docker/Dockerfile"
LOCK: Final = CHECKOUT / ".locks/runtime.txt"

PACKAGES: Final = ("python3", "python3-venv", "baresip-core", "iproute2")
PYTHON: Final = "3.11"
"""Debian bookworm's, which has the baresip that the lab knows."""

_PLATFORMS: Final = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "any")


async def both_images(cache: Path, progress: Progress) -> tuple[str, str]:
    """Asterisk's image and ours, made now if the engine has none of these recipes."""
    return await asterisk_image(cache, progress), await _our_image(cache, progress)


async def _our_image(cache: Path, progress: Progress) -> str:
    wheels = await _wheels(cache, progress)
    recipe = Recipe("bookworm", PACKAGES, _setup(wheels), 1)
    image = f"supervise:{stamp(DOCKERFILE.read_text(), recipe.stamp)}"
    if await succeeds(("docker", "image", "inspect", image), within=30):
        return image
    try:
        async with progress.step("Building our image (once)"):
            environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
            await run(*_build(image, wheels), within=1800, environment=environment)
    except CommandError as error:
        if os.geteuid() != 0:
            raise LabError(f"our image could not be built, and only root can make it otherwise\n{error}") from error
        root = await private_root(cache, progress, recipe)
        await _import(root, image, progress)
    return image


def _build(image: str, wheels: Path) -> tuple[str, ...]:
    bundle = next((os.environ[name] for name in ("SSL_CERT_FILE", "CURL_CA_BUNDLE") if os.environ.get(name)), None)
    secret = ("--secret", f"id=ca,src={bundle}") if bundle else ()
    return "docker", "build", "--tag", image, *secret, "--file", str(DOCKERFILE), str(wheels)


def _setup(wheels: Path) -> str:
    inside = "/opt/supervise/bin/pip install --no-index --find-links /wheels --no-compile --require-hashes"
    return (
        f'cp -r "{wheels}" "$1/wheels" && chroot "$1" sh -ec "python3 -m venv /opt/supervise && '
        f'{inside} -r /wheels/runtime.txt && rm -rf /wheels"'
    )


async def _wheels(cache: Path, progress: Progress) -> Path:
    """Our libraries as files: pip knows here where to get them, and an image needs no index."""

    async def fetch(folder: Path) -> None:
        async with progress.step("Fetching our libraries for the image (once)"):
            await asyncio.to_thread(folder.mkdir)
            platforms = [word for platform in _PLATFORMS for word in ("--platform", platform)]
            abis = [word for abi in ("cp311", "abi3", "none") for word in ("--abi", abi)]
            command = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check")
            options = ("--require-hashes", "--only-binary", ":all:", "--python-version", PYTHON, *platforms, *abis)
            await run(*command, *options, "--dest", str(folder), "--requirement", str(LOCK), within=600)
            await asyncio.to_thread(shutil.copyfile, LOCK, folder / "runtime.txt")

    return await keep(cache / f"wheels-{stamp(LOCK.read_text(), PYTHON)}", fetch, progress)


async def _import(root: Path, image: str, progress: Progress) -> None:
    archive = root.with_name(f"{image.replace(':', '-')}.tar")

    def pack() -> None:
        with tarfile.open(archive, "w") as tar:
            tar.add(root, arcname=".", filter=_worth_keeping)

    try:
        async with progress.step("Importing our image (once)"):
            await asyncio.to_thread(pack)
            await run("docker", "import", str(archive), image, within=600)
    finally:
        archive.unlink(missing_ok=True)


def _worth_keeping(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Without what an image has no use for."""
    left_out = ("./var/cache/", "./var/lib/apt/lists/", "./usr/share/doc/", "./usr/share/man/", "./usr/share/locale/")
    return None if entry.name.startswith(left_out) else entry
