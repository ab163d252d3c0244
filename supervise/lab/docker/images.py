"""The images: Asterisk's, the controller's, the phones', and PostgreSQL's where a situation asks for it.

They are built from the Dockerfiles where their base image can be had. Elsewhere they are made by mmdebstrap from the
same suite with the same packages, and imported under the same tag. The checkout itself is not in them but mounted, so
a change of the code makes no new image.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supervise.lab.asterisk.container import asterisk_image
from supervise.lab.asterisk.packing import LEFT_OUT, import_image
from supervise.lab.asterisk.rootfs import Recipe, private_root
from supervise.lab.checkout import CHECKOUT
from supervise.lab.commands import run, succeeds
from supervise.lab.errors import CommandError, LabError
from supervise.lab.keep import keep, stamp
from supervise.lab.progress import Progress

DOCKERFILE: Final = CHECKOUT / "docker/Dockerfile"
LOCKS: Final = tuple(CHECKOUT / ".locks" / f"{name}.txt" for name in ("runtime", "controller"))
"""All our libraries, and those of them that the controller needs."""

PYTHON: Final = "3.11"
"""Debian bookworm's, which has the baresip that the lab knows."""

_PLATFORMS: Final = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "any")


@dataclass(frozen=True, slots=True)
class Image:
    """One of ours.

    Attributes:
        target: its name, and which part of the Dockerfile it is.
        packages: from Debian's bookworm, where it is not built but made by mmdebstrap.
        lock: our libraries in it: the name of a lock; none without one.
    """

    target: str
    packages: tuple[str, ...]
    lock: str = ""


IMAGES: Final = {
    "CONTROLLER_IMAGE": Image("controller", ("python3", "python3-venv"), "controller"),
    "PHONES_IMAGE": Image("phones", ("python3", "python3-venv", "baresip-core", "sip-tester", "iproute2"), "runtime"),
    "POSTGRES_IMAGE": Image("postgres", ("postgresql",)),
}
"""By the variable with which a compose file names it."""

ASTERISK: Final = "ASTERISK_IMAGE"
"""As those; an image of your own may be named in the environment."""


async def images_for(compose: Iterable[str], cache: Path, progress: Progress) -> dict[str, str]:
    """The image for each of these variables that the texts of compose files ask for, made now if the engine has none.

    Raises:
        LabError: one can be neither built nor made.
    """
    text = "".join(compose)
    found = {ASTERISK: os.environ.get(ASTERISK) or await asterisk_image(cache, progress)}
    for variable, image in IMAGES.items():
        if f"${{{variable}" in text:
            found[variable] = await _made(image, cache, progress)
    return found


async def _made(image: Image, cache: Path, progress: Progress) -> str:
    context = await _context(cache, progress)
    recipe = Recipe("bookworm", image.packages, _setup(image, context), 2)
    name = f"supervise-{image.target}:{stamp(DOCKERFILE.read_text(), LEFT_OUT.read_text(), recipe.stamp)}"
    if await succeeds(("docker", "image", "inspect", name), within=30):
        return name
    try:
        async with progress.step(f"Building the image of the {image.target} (once)"):
            environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
            await run(*_build(image, name, context), within=1800, environment=environment)
    except CommandError as error:
        if os.geteuid() != 0:
            raise LabError(f"{name} could not be built, and only root can make it otherwise\n{error}") from error
        root = await private_root(cache, progress, recipe)
        async with progress.step(f"Importing the image of the {image.target} (once)"):
            await import_image(root, name)
    return name


def _build(image: Image, name: str, context: Path) -> tuple[str, ...]:
    bundle = next((os.environ[name] for name in ("SSL_CERT_FILE", "CURL_CA_BUNDLE") if os.environ.get(name)), None)
    secret = ("--secret", f"id=ca,src={bundle}") if bundle else ()
    of = ("--target", image.target, "--tag", name, "--file", str(DOCKERFILE))
    return "docker", "build", *of, *secret, str(context)


def _setup(image: Image, context: Path) -> str:
    if not image.lock:
        return "true"
    inside = "/opt/supervise/bin/python3 -m pip"
    install = f"{inside} install --no-index --find-links /wheels --no-compile --require-hashes"
    return (
        f'cp -r "{context}" "$1/wheels" && chroot "$1" sh -ec "python3 -m venv /opt/supervise && '
        f'{install} -r /wheels/{image.lock}.txt && {inside} uninstall -qy setuptools pip && rm -rf /wheels"'
    )


async def _context(cache: Path, progress: Progress) -> Path:
    """Our libraries as files: pip knows here where to get them, and an image needs no index."""
    texts = [lock.read_text() for lock in LOCKS]

    async def fetch(folder: Path) -> None:
        async with progress.step("Fetching our libraries for the images (once)"):
            await asyncio.to_thread(folder.mkdir)
            platforms = [word for platform in _PLATFORMS for word in ("--platform", platform)]
            abis = [word for abi in ("cp311", "abi3", "none") for word in ("--abi", abi)]
            command = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check")
            options = ("--require-hashes", "--only-binary", ":all:", "--python-version", PYTHON, *platforms, *abis)
            await run(*command, *options, "--dest", str(folder), "--requirement", str(LOCKS[0]), within=600)
            for file in (*LOCKS, LEFT_OUT):
                await asyncio.to_thread(shutil.copyfile, file, folder / file.name)

    return await keep(cache / f"wheels-{stamp(*texts, LEFT_OUT.read_text(), PYTHON)}", fetch, progress)
