"""Things made once and kept."""

import asyncio
from pathlib import Path

import pytest
from rich.console import Console

from supervise.lab import keep as keep_module
from supervise.lab.errors import LabError
from supervise.lab.keep import keep, stamp
from supervise.lab.progress import Progress

pytestmark = pytest.mark.unit

QUIET = Progress(Console(quiet=True))


async def test_made_once_for_all_who_ask(tmp_path: Path) -> None:
    """Ten ask at the same time: one makes it, all get it, and nobody sees it half made."""
    made = 0

    async def make(folder: Path) -> None:
        nonlocal made
        made += 1
        folder.mkdir()
        await asyncio.sleep(0)
        (folder / "whole").touch()

    folders = await asyncio.gather(*(keep(tmp_path / "thing", make, QUIET) for _ in range(10)))
    assert made == 1
    assert set(folders) == {tmp_path / "thing"}
    assert [path.name for path in (tmp_path / "thing").iterdir()] == ["whole"]


async def test_half_made_is_not_made(tmp_path: Path) -> None:
    """What breaks on the way leaves nothing behind, and the next one makes it whole."""

    async def fail(folder: Path) -> None:
        folder.mkdir()
        raise ZeroDivisionError

    async def succeed(folder: Path) -> None:
        folder.mkdir()

    with pytest.raises(ZeroDivisionError):
        await keep(tmp_path / "thing", fail, QUIET)
    assert [path.name for path in tmp_path.iterdir()] == ["thing.lock"]
    assert (await keep(tmp_path / "thing", succeed, QUIET)).is_dir()


async def test_what_a_killed_maker_left_is_swept(tmp_path: Path) -> None:
    """The half-made folder of a process that was killed does not stay for ever."""
    (tmp_path / "thing.growing-0123abcd/deep").mkdir(parents=True)
    (tmp_path / "other.growing-0123abcd").mkdir()

    async def make(folder: Path) -> None:
        folder.mkdir()

    await keep(tmp_path / "thing", make, QUIET)
    assert {path.name for path in tmp_path.iterdir()} == {"thing", "thing.lock", "other.growing-0123abcd"}


async def test_nothing_mounted_is_ever_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A left folder with the machine's /proc or /dev mounted in it is not removed, but complained about."""
    left = tmp_path / "thing.growing-0123abcd"
    (left / "dev").mkdir(parents=True)
    monkeypatch.setattr(keep_module, "mounts", lambda: [Path("/"), left / "dev"])

    async def make(folder: Path) -> None:
        folder.mkdir()

    with pytest.raises(LabError, match="mounted"):
        await keep(tmp_path / "thing", make, QUIET)
    assert (left / "dev").is_dir()


def test_another_recipe_has_another_stamp() -> None:
    """The stamp tells recipes apart, wherever their parts end."""
    assert stamp("a", "b") == stamp("a", "b")
    assert len({stamp("a", "b"), stamp("b", "a"), stamp("ab"), stamp("ab", "")}) == 4
