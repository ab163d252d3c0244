"""Asterisk in the private root file system, for root."""

import os
from dataclasses import dataclass
from pathlib import Path

from supervise.lab.asterisk.rootfs import RUN_INSIDE, SOUNDS_INSIDE, private_root
from supervise.lab.asterisk.soundfiles import lab_sounds
from supervise.lab.asterisk.ways import PID, Place
from supervise.lab.errors import NoAsteriskError
from supervise.lab.progress import Progress

_CONFIGURATION = f"{RUN_INSIDE}/etc/asterisk.conf"

# Becoming an ordinary user clears the death signal (prctl(2)), so it is set once more after that. Should Python die in
# between, the shell sees another parent.
_ENTER = f"""
test "$PPID" = "$4"
mount --bind "$1" "$3{RUN_INSIDE}"
mount --bind -o ro "$2" "$3{SOUNDS_INSIDE}"
mount --bind /proc "$3/proc"
exec chroot "$3" setpriv --reuid asterisk --regid asterisk --init-groups --pdeathsig KILL \\
    asterisk -f -C {_CONFIGURATION}
"""


@dataclass(frozen=True, slots=True)
class Private:
    """Asterisk in a root file system of its own, as an ordinary user, seen by nobody else.

    A private mount namespace holds its binds, so they are gone with the process; the kernel kills the process when
    Python dies (PR_SET_PDEATHSIG).
    """

    root: Path
    sounds: Path
    label: str = "private root file system"

    def settle(self, folder: Path) -> Place:
        """Into a new mount namespace, then into the root file system, then down to the user asterisk."""
        apart = ("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private")
        enter = ("sh", "-ec", _ENTER, "sh", str(folder), str(self.sounds), str(self.root), str(os.getpid()))
        inside = ("nsenter", "--target", PID, "--mount", "--root", "--wd")
        return Place(
            run=RUN_INSIDE,
            sounds=SOUNDS_INSIDE,
            start=(*apart, *enter),
            console=(*inside, "asterisk", "-C", _CONFIGURATION),
            owner=self._asterisk(),
        )

    def _asterisk(self) -> tuple[int, int]:
        lines = (self.root / "etc/passwd").read_text().splitlines()
        user = next(line.split(":") for line in lines if line.startswith("asterisk:"))
        return int(user[2]), int(user[3])


async def find_private(cache: Path, progress: Progress) -> Private:
    """The private root file system, made now if the cache has none.

    Raises:
        NoAsteriskError: we are not root.
    """
    if os.geteuid() != 0:
        raise NoAsteriskError("a private root file system needs root: run this as root, or install an Asterisk")
    return Private(await private_root(cache, progress), await lab_sounds(cache, progress))
