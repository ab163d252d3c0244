"""Which Asterisk is run."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from supervise.lab.asterisk import Account, Asterisk
from supervise.lab.asterisk.finding import Finder, find_asterisk
from supervise.lab.asterisk.installed import find_installed, major
from supervise.lab.asterisk.private import Private, find_private
from supervise.lab.asterisk.ways import Place, Way
from supervise.lab.errors import AsteriskError, LabError, NoAsteriskError
from supervise.lab.progress import Progress

pytestmark = pytest.mark.unit

QUIET = Progress(Console(quiet=True))


@dataclass(frozen=True)
class Script:
    """A way whose Asterisk is a shell script."""

    label: str
    script: str = "exit 1"

    def settle(self, folder: Path) -> Place:
        """Run the script."""
        return Place(str(folder), "/nowhere", ("sh", "-c", self.script), ("false",))


def finder(label: str, *, works: bool) -> Finder:
    """A way that works here, or not."""

    async def find(_cache: Path, _progress: Progress) -> Way:
        if not works:
            raise NoAsteriskError(f"no {label} here")
        return Script(label)

    return find


@pytest.fixture(autouse=True)
def _free_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUPERVISE_ASTERISK", raising=False)


async def test_the_first_that_works(tmp_path: Path) -> None:
    """The ways are tried in their order."""
    finders = {"a": finder("a", works=False), "b": finder("b", works=True), "c": finder("c", works=True)}
    assert (await find_asterisk(tmp_path, QUIET, finders)).label == "b"


async def test_one_may_be_forced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SUPERVISE_ASTERISK allows one way only, even if another would work."""
    finders = {"a": finder("a", works=True), "b": finder("b", works=False), "c": finder("c", works=True)}
    monkeypatch.setenv("SUPERVISE_ASTERISK", "c")
    assert (await find_asterisk(tmp_path, QUIET, finders)).label == "c"
    monkeypatch.setenv("SUPERVISE_ASTERISK", "b")
    with pytest.raises(NoAsteriskError, match="b: no b here"):
        await find_asterisk(tmp_path, QUIET, finders)
    monkeypatch.setenv("SUPERVISE_ASTERISK", "d")
    with pytest.raises(NoAsteriskError, match="may be a, b, c"):
        await find_asterisk(tmp_path, QUIET, finders)


async def test_none_says_why_for_each(tmp_path: Path) -> None:
    """Where nothing works, each way's reason is told."""
    with pytest.raises(NoAsteriskError, match=r"a: no a here\n  b: no b here"):
        await find_asterisk(tmp_path, QUIET, {"a": finder("a", works=False), "b": finder("b", works=False)})


async def test_a_private_one_is_for_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without root there is no private root file system, and nothing is tried."""
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(NoAsteriskError, match="root"):
        await find_private(tmp_path, QUIET)


async def test_an_old_asterisk_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed Asterisk of an unsupported version is named, not used."""
    (tmp_path / "asterisk").write_text("#!/bin/sh\necho Asterisk 18.10.0~dfsg\n")
    (tmp_path / "asterisk").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    with pytest.raises(NoAsteriskError, match=r"18\.10\.0.*20 is the oldest"):
        await find_installed(tmp_path, QUIET)


def test_versions() -> None:
    """What different Asterisks print about themselves."""
    assert major("Asterisk 22.10.1+dfsg+~cs6.17.60671434-1") == 22
    assert major("Asterisk certified/20.7-cert2") == 20
    with pytest.raises(LabError):
        major("command not found")


async def test_what_does_not_start_tells_its_last_words() -> None:
    """An Asterisk that ends at once: the error has what it printed, and says where the rest is."""
    with pytest.raises(AsteriskError, match="no such thing") as failed:
        async with Asterisk(Script("script", "echo no such thing; exit 1"), [Account("201", "secret")]):
            pytest.fail("it never started")
    note = failed.value.__notes__[0]
    folder = Path(note.split()[-1])
    assert (folder / "etc/pjsip.conf").exists()
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()


def test_a_private_one_is_run_by_its_own_user(tmp_path: Path) -> None:
    """The folder belongs to the private system's user asterisk, whose number is not the machine's."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("root:x:0:0::/:\nasterisk:x:107:109::/:\n")
    assert Private(tmp_path, tmp_path).settle(tmp_path / "run").owner == (107, 109)
