"""The Asterisk program that is installed on this machine, with a configuration of our own."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from supervise.lab.asterisk.soundfiles import lab_sounds
from supervise.lab.asterisk.ways import Place
from supervise.lab.commands import run
from supervise.lab.errors import LabError, NoAsteriskError
from supervise.lab.progress import Progress

OLDEST = 20
"""The oldest Asterisk that the product supports."""

_DATA = (Path("/usr/share/asterisk"), Path("/var/lib/asterisk"), Path("/usr/local/share/asterisk"))


@dataclass(frozen=True, slots=True)
class Installed:
    """The machine's own Asterisk program; its configuration and all that it writes are in the run's folder."""

    program: str
    data: Path
    sounds: Path
    label: str = "installed Asterisk"

    def settle(self, folder: Path) -> Place:
        """Beside the machine's own Asterisk, if that runs: no file and no port is shared."""
        configuration = f"{folder}/etc/asterisk.conf"
        return Place(
            run=str(folder),
            sounds=str(self.sounds),
            start=("setpriv", "--pdeathsig", "KILL", self.program, "-f", "-C", configuration),
            console=(self.program, "-C", configuration),
            data=str(self._link_data(folder / "data")),
        )

    def _link_data(self, data: Path) -> Path:
        """Make a data directory of links to all that the installed Asterisk has, with our prompts among its sounds."""
        _link_all(self.data, data, but="sounds")
        _link_all(self.data / "sounds", data / "sounds", but="en")
        _link_all(self.data / "sounds/en", data / "sounds/en", but="supervise")
        (data / "sounds/en/supervise").symlink_to(self.sounds / "prompts")
        return data


async def find_installed(cache: Path, progress: Progress) -> Installed:
    """The machine's own Asterisk.

    Raises:
        NoAsteriskError: there is none, or it is too old.
    """
    program = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise NoAsteriskError("no program asterisk is installed")
    version = await run(program, "-V", within=10)
    if major(version) < OLDEST:
        raise NoAsteriskError(f"{version.strip()} is installed; {OLDEST} is the oldest that is supported")
    data = next((place for place in _DATA if (place / "rest-api").is_dir()), None)
    if data is None:
        places = ", ".join(str(place) for place in _DATA)
        raise NoAsteriskError(f"{program} is installed without its ARI descriptions (rest-api in one of {places})")
    return Installed(program, data, await lab_sounds(cache, progress))


def major(version: str) -> int:
    """The major version in what ``asterisk -V`` prints ("Asterisk 22.10.1+dfsg", "Asterisk certified/20.7-cert2").

    Raises:
        LabError: there is no number in it.
    """
    if match := re.search(r"(\d+)\.", version):
        return int(match[1])
    raise LabError(f"not the version of an Asterisk: {version!r}")


def _link_all(source: Path, target: Path, but: str) -> None:
    target.mkdir(parents=True)
    for entry in source.iterdir() if source.is_dir() else ():
        if entry.name != but:
            (target / entry.name).symlink_to(entry)
