"""Asterisk in a container, on the host's own network so that addresses and ports mean the same as without one."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from supervise.lab.asterisk.packing import LEFT_OUT, import_image
from supervise.lab.asterisk.rootfs import RECIPE, RUN_INSIDE, SOUNDS_INSIDE, private_root
from supervise.lab.asterisk.soundfiles import lab_sounds
from supervise.lab.asterisk.ways import Place
from supervise.lab.checkout import CHECKOUT
from supervise.lab.commands import run, succeeds
from supervise.lab.errors import CommandError, LabError, NoAsteriskError
from supervise.lab.keep import stamp
from supervise.lab.progress import Progress

DOCKERFILE = CHECKOUT / "docker/Dockerfile.asterisk"

_CONFIGURATION = f"{RUN_INSIDE}/etc/asterisk.conf"

_NOBODY = 65534

# PID 1 of the container. Its standard input is ours: when this Python ends, however that happens, the engine closes it,
# and Asterisk is killed. Otherwise a container outlives whoever started it.
_ENTRY = f"""
exec 3<&0
asterisk -f -C {_CONFIGURATION} 3<&- &
asterisk=$!
trap 'kill $asterisk; wait $asterisk' TERM
{{ cat <&3 >/dev/null; kill -KILL $asterisk; }} &
wait $asterisk
"""


@dataclass(frozen=True, slots=True)
class Container:
    """Asterisk in a container of `image`, as an ordinary user that may do nothing special."""

    image: str
    sounds: Path
    label: str = "container"

    def settle(self, folder: Path) -> Place:
        """In the foreground, tied to our end by its standard input."""
        root = os.geteuid() == 0
        user, group = (_NOBODY, _NOBODY) if root else (os.getuid(), os.getgid())
        name = f"supervise-{folder.name}"
        return Place(
            run=RUN_INSIDE,
            sounds=SOUNDS_INSIDE,
            start=(
                *("docker", "run", "--rm", "--interactive", "--name", name, "--network", "host"),
                *("--user", f"{user}:{group}", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
                *("--read-only", "--tmpfs", "/tmp", "--volume", f"{folder}:{RUN_INSIDE}"),  # noqa: S108 - its own /tmp
                *("--volume", f"{self.sounds}:{SOUNDS_INSIDE}:ro", self.image, "sh", "-c", _ENTRY),
            ),
            console=("docker", "exec", name, "asterisk", "-C", _CONFIGURATION),
            owner=(user, group) if root else None,
        )


async def find_container(cache: Path, progress: Progress) -> Container:
    """A container engine that answers, with our image in it.

    Raises:
        NoAsteriskError: there is no engine.
        LabError: there is one, but the image can be neither built nor imported.
    """
    if shutil.which("docker") is None or not await succeeds(("docker", "info"), within=10):
        raise NoAsteriskError("no container engine answers (docker info)")
    return Container(await asterisk_image(cache, progress), await lab_sounds(cache, progress))


async def asterisk_image(cache: Path, progress: Progress) -> str:
    """The image of Asterisk, made now if the engine has none of this recipe.

    Raises:
        LabError: it can be neither built nor imported.
    """
    image = f"supervise-asterisk:{stamp(DOCKERFILE.read_text(), LEFT_OUT.read_text(), RECIPE.stamp)}"
    if not await succeeds(("docker", "image", "inspect", image), within=30):
        await _make_image(image, cache, progress)
    return image


async def _make_image(image: str, cache: Path, progress: Progress) -> None:
    try:
        async with progress.step("Building the Asterisk image (once)") as step:

            def tell(line: str) -> None:
                step.detail = line[:60]

            environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
            await run(*_build(image), within=1800, environment=environment, said=tell)
    except CommandError as error:
        # No way to the base image, most often: the same system comes from Debian's own mirror then.
        if os.geteuid() != 0:
            raise LabError(
                f"the image could not be built, and only root can make it from a root file system\n{error}"
            ) from error
        await _import(image, await private_root(cache, progress), progress)


def _build(image: str) -> tuple[str, ...]:
    """The build. Behind a proxy that signs for others, its certificates go along as a secret, not as a layer."""
    bundle = next((os.environ[name] for name in ("SSL_CERT_FILE", "CURL_CA_BUNDLE") if os.environ.get(name)), None)
    secret = ("--secret", f"id=ca,src={bundle}") if bundle else ()
    return "docker", "build", "--tag", image, *secret, "--file", str(DOCKERFILE), str(DOCKERFILE.parent)


async def _import(image: str, root: Path, progress: Progress) -> None:
    async with progress.step("Importing the private root file system as the Asterisk image (once)"):
        await import_image(root, image)
