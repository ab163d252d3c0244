"""A private root file system with Asterisk 22 in it, made from Debian's forky and kept in the cache folder.

A machine needs neither Asterisk nor a container engine: mmdebstrap makes it in about half a minute (350 MB).
"""

import os
import re
from dataclasses import astuple, dataclass
from pathlib import Path

from supervise.lab.commands import run
from supervise.lab.errors import CommandError, RootError
from supervise.lab.keep import keep, stamp
from supervise.lab.needs import PRIVATE_ASTERISK, ensure
from supervise.lab.progress import Progress

RUN_INSIDE = "/srv/supervise"
"""Where an Asterisk in the root file system finds the folder that it runs in."""

SOUNDS_INSIDE = "/srv/sounds"
"""Where it finds our prompts and its music on hold."""

# The link is made inside: seen from outside, Debian's own links would lead into the machine's files.
_SETUP = f'''chroot "$1" sh -c "mkdir {RUN_INSIDE} {SOUNDS_INSIDE} && \
ln -s {SOUNDS_INSIDE}/prompts /usr/share/asterisk/sounds/en/supervise"'''


@dataclass(frozen=True, slots=True)
class Recipe:
    """What the root file system is made of; it is made anew when this changes.

    Attributes:
        suite: Debian's forky has Asterisk 22.10.1; bookworm and trixie have none.
        packages: sounds and the Asterisk itself; util-linux (for setpriv) comes with every Debian.
        setup: run by a shell in the finished file system ($1 is its folder): places to mount on, and a link that makes
            ``sound:supervise/monitor`` work as for an admin.
        edition: raise it to have all checkouts make theirs anew.
    """

    suite: str = "forky"
    packages: tuple[str, ...] = ("asterisk", "asterisk-core-sounds-en")
    setup: str = _SETUP
    edition: int = 1

    @property
    def stamp(self) -> str:
        """The recipe's short name."""
        return stamp(*(str(part) for part in astuple(self)))


RECIPE = Recipe()


async def private_root(cache: Path, progress: Progress, recipe: Recipe = RECIPE) -> Path:
    """The root file system, made now if the cache has none of this recipe.

    Raises:
        MissingError: mmdebstrap is missing and cannot be installed from here.
        RootError: we are not root, or Debian's packages could not be had.
    """
    if os.geteuid() != 0:
        raise RootError("a private root file system is made, and run in, by root only")

    async def make(folder: Path) -> None:
        await ensure(PRIVATE_ASTERISK, progress)
        await _build(folder, recipe, progress)

    return await keep(cache / f"rootfs-{recipe.stamp}", make, progress)


async def _build(folder: Path, recipe: Recipe, progress: Progress) -> None:
    async with progress.step(
        f"Making a private root file system from Debian {recipe.suite} (once, up to 500 MB)"
    ) as step:

        def tell(line: str) -> None:
            step.detail = line.removeprefix("I: ")[:60]

        command = [*_command(recipe), recipe.suite, str(folder)]
        if mirror := await _mirror():
            command.append(mirror)
        try:
            await run(*command, within=1800, said=tell)
        except CommandError as error:
            raise RootError(f"mmdebstrap could not make the private root file system\n{error}") from error


def _command(recipe: Recipe) -> list[str]:
    return [
        "mmdebstrap",
        "--variant=apt",
        # A mirror's release files can be older than they say they are good for; their signatures are still checked.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        # Asterisk in a chroot of a test machine has no business with recommendations.
        '--aptopt=APT::Install-Recommends "false"',
        f"--include={','.join(recipe.packages)}",
        f"--customize-hook={recipe.setup}",
    ]


async def _mirror() -> str | None:
    """The Debian mirror that this machine's own apt uses; None where there is none, and mmdebstrap chooses."""
    wanted = ("apt-get", "indextargets", "--format", "$(ORIGIN)/$(LABEL) $(REPO_URI)", "Created-By: Packages")
    try:
        targets = await run(*wanted, within=30)
    except CommandError:
        return None
    found = re.search(r"^Debian/Debian (https?://\S+)$", targets, re.MULTILINE)
    return found[1] if found else None
