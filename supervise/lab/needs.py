"""The Debian packages that the lab needs, installed where that is possible."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from supervise.lab.commands import run
from supervise.lab.errors import MissingError
from supervise.lab.progress import Progress


@dataclass(frozen=True, slots=True)
class Need:
    """Something that must be on the machine.

    Attributes:
        what: a command's name, or a file's absolute path.
        package: the Debian package that brings it.
    """

    what: str
    package: str

    def met(self) -> bool:
        """Whether it is there."""
        if self.what.startswith("/"):
            return Path(self.what).exists()
        return shutil.which(self.what) is not None


SPEECH = (Need("espeak-ng", "espeak-ng"), Need("sox", "sox"))
"""Makes the spoken prompts and the music on hold."""

PHONES = (Need("baresip", "baresip-core"),)
"""The simulated phones."""

CROWD = (Need("sipp", "sip-tester"),)
"""Many phones at once, whom nobody listens to."""

PRIVATE_ASTERISK = (
    Need("mmdebstrap", "mmdebstrap"),
    Need("/usr/share/keyrings/debian-archive-keyring.gpg", "debian-archive-keyring"),
    Need("unshare", "util-linux"),
    Need("nsenter", "util-linux"),
    Need("setpriv", "util-linux"),
)
"""Makes a root file system with Asterisk in it, and runs it apart from the rest."""


async def ensure(needs: Iterable[Need], progress: Progress) -> None:
    """See to it that all needs are met: as root on Debian by installing what is missing.

    Raises:
        MissingError: something is missing and cannot be installed from here; says which command would.
        CommandError: apt-get failed.
    """
    missing = [need for need in needs if not need.met()]
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise MissingError(_advice(missing))
    await _install(sorted({need.package for need in missing}), progress)
    if still := [need for need in missing if not need.met()]:
        raise MissingError(f"installed, and yet not found: {', '.join(need.what for need in still)}")


def _advice(missing: Iterable[Need]) -> str:
    missing = list(missing)
    packages = " ".join(sorted({need.package for need in missing}))
    return (
        f"not found: {', '.join(need.what for need in missing)}. "
        f"As root on Debian: apt-get install --no-install-recommends {packages}"
    )


async def _install(packages: Iterable[str], progress: Progress) -> None:
    names = list(packages)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    async with progress.step(f"Installing {', '.join(names)}") as step:

        def tell(line: str) -> None:
            step.detail = line[:80]

        # Out-of-date release files of a mirror are no reason to fail: see the same option in rootfs.py.
        update = ("apt-get", "update", "-qq", "-o", "Acquire::Check-Valid-Until=false")
        await run(*update, within=300, environment=environment, said=tell)
        install = ("apt-get", "install", "-qy", "--no-install-recommends", *names)
        await run(*install, within=900, environment=environment, said=tell)
