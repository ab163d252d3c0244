"""What must be on the machine."""

import os
from pathlib import Path

import pytest
from rich.console import Console

from supervise.lab.errors import CommandError, MissingError
from supervise.lab.needs import Need, ensure
from supervise.lab.progress import Progress

pytestmark = pytest.mark.unit

QUIET = Progress(Console(quiet=True))


def program(folder: Path, name: str, script: str) -> None:
    """Put a program into the folder."""
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose programs are those in this folder, and where we are root."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return tmp_path


async def test_what_is_there_is_left_alone(machine: Path) -> None:
    """Nothing is installed when commands and files are there."""
    program(machine, "talk", "true")
    program(machine, "apt-get", "exit 1")
    await ensure([Need("talk", "talker"), Need(str(machine / "talk"), "talker")], QUIET)


async def test_root_on_debian_installs_what_is_missing(machine: Path) -> None:
    """Only the missing packages are installed, each once."""
    program(machine, "talk", "true")
    program(machine, "apt-get", f'echo "$@" >>{machine}/done; /bin/cp {machine}/talk {machine}/listen')
    await ensure([Need("talk", "talker"), Need("listen", "ear"), Need(str(machine / "listen"), "ear")], QUIET)
    update, install = (machine / "done").read_text().splitlines()
    assert update.startswith("update")
    assert install == "install -qy --no-install-recommends ear"


async def test_a_failing_installation_is_told(machine: Path) -> None:
    """What apt-get says reaches the person."""
    program(machine, "apt-get", 'echo "E: no such package"; exit 100')
    with pytest.raises(CommandError, match="E: no such package"):
        await ensure([Need("listen", "ear")], QUIET)


async def test_installed_but_not_there(machine: Path) -> None:
    """A package that does not bring what it should is not taken for success."""
    program(machine, "apt-get", "true")
    with pytest.raises(MissingError, match="listen"):
        await ensure([Need("listen", "ear")], QUIET)


async def test_who_may_not_install_is_told_what_to_do(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not root: the error has the whole command."""
    program(machine, "apt-get", "true")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(MissingError, match=r"apt-get install --no-install-recommends ear talker$"):
        await ensure([Need("talk", "talker"), Need("listen", "ear"), Need("speak", "talker")], QUIET)
