"""The policy in force follows its file: a good version at once, a bad one never."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from supervise.policyfile.errors import Problem
from supervise.policyfile.load import load
from supervise.policyfile.watch import PolicyBroken, PolicyChanged, PolicyNews, PolicyWatch

pytestmark = pytest.mark.unit

ONE = "people: {anna: {role: lead, endpoint: 301}}\nroles: {lead: }\n"
TWO = ONE.replace("anna", "otto")
BROKEN = "people: {anna: {rol: lead}}\n"

Spoil = Callable[[Path], None]


class Listener:
    """Hears the news, and waits for more with a bound."""

    def __init__(self) -> None:
        self.news: list[PolicyNews] = []
        self._heard = asyncio.Event()

    def tell(self, news: PolicyNews) -> None:
        """Take a piece of news."""
        self.news.append(news)
        self._heard.set()

    async def heard(self, count: int) -> list[PolicyNews]:
        """Wait until there were so many."""
        async with asyncio.timeout(20):
            while len(self.news) < count:
                self._heard.clear()
                await self._heard.wait()
        return self.news


@asynccontextmanager
async def watched(path: Path, *, polling: bool = False) -> AsyncIterator[tuple[PolicyWatch, Listener]]:
    """Watch a policy while the block runs."""
    listener = Listener()
    watch = PolicyWatch(path, listener.tell, polling=polling)
    task = asyncio.create_task(watch.run())
    try:
        yield watch, listener
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a folder's only policy."""
    path = tmp_path / "policy.yaml"
    path.write_text(ONE)
    return path


def replaced(file: Path, text: str) -> None:
    """Put a new version in place as editors do."""
    beside = file.with_suffix(".new")
    beside.write_text(text)
    beside.rename(file)


async def test_at_the_start_the_file_is_in_force(file: Path) -> None:
    """The first news is the change from nobody to the file."""
    async with watched(file) as (watch, listener):
        (news,) = await listener.heard(1)
        assert isinstance(news, PolicyChanged)
        assert len(news.old.people) == 0
        assert watch.policy is news.new
        assert watch.healthy


@pytest.mark.parametrize("polling", [False, True])
@pytest.mark.parametrize("write", [replaced, Path.write_text], ids=["renamed", "written"])
async def test_a_change_comes_into_force(file: Path, write: Callable[[Path, str], None], polling: bool) -> None:  # noqa: FBT001  a table's cell
    """A new version is in force whether the file was written in place or replaced."""
    async with watched(file, polling=polling) as (watch, listener):
        await listener.heard(1)
        write(file, TWO)
        _, news = await listener.heard(2)
        assert isinstance(news, PolicyChanged)
        assert (list(news.old.people), list(news.new.people)) == (["anna"], ["otto"])
        assert list(watch.policy.people) == ["otto"]


def unreadable(file: Path) -> None:
    """Make it nobody's to read; root reads it all the same, so a folder stands in its place there."""
    if os.geteuid() != 0:
        file.chmod(0)
        return
    file.unlink()
    file.mkdir()


SPOILT: list[tuple[str, Spoil]] = [
    ("broken", lambda file: replaced(file, BROKEN)),
    ("empty", lambda file: replaced(file, "")),
    ("half-written", lambda file: replaced(file, ONE[:-15])),
    ("vanished", Path.unlink),
    ("unreadable", unreadable),
    ("too large", lambda file: replaced(file, "#" * 2_000_000)),
]


@pytest.mark.parametrize("spoil", [spoil for _, spoil in SPOILT], ids=[name for name, _ in SPOILT])
async def test_a_bad_version_keeps_the_last_good_one(file: Path, spoil: Spoil) -> None:
    """It is told with its problems, the good one stays in force, and a good one after that is taken."""
    async with watched(file) as (watch, listener):
        await listener.heard(1)
        before = watch.policy
        spoil(file)
        _, news = await listener.heard(2)
        assert isinstance(news, PolicyBroken)
        assert news.problems
        assert news.kept is before
        assert watch.policy is before
        assert not watch.healthy
        if file.is_dir():
            file.rmdir()
        file.unlink(missing_ok=True)
        replaced(file, TWO)
        assert isinstance((await listener.heard(3))[2], PolicyChanged)
        assert list(watch.policy.people) == ["otto"]
        assert watch.healthy


async def test_the_old_version_coming_back_is_told(file: Path) -> None:
    """After a bad version the very same good one is news: the alarm is over."""
    async with watched(file) as (watch, listener):
        await listener.heard(1)
        replaced(file, BROKEN)
        await listener.heard(2)
        replaced(file, ONE)
        assert isinstance((await listener.heard(3))[2], PolicyChanged)
        assert watch.healthy


@pytest.mark.parametrize("spoil", [spoil for _, spoil in SPOILT], ids=[name for name, _ in SPOILT])
async def test_a_bad_version_at_the_start_means_nobody(file: Path, spoil: Spoil) -> None:
    """Where there never was a good one, nobody may do anything."""
    spoil(file)
    async with watched(file) as (watch, listener):
        (news,) = await listener.heard(1)
        assert isinstance(news, PolicyBroken)
        assert len(watch.policy.people) == 0
        assert not watch.healthy


async def test_a_file_without_its_end_is_half_written(file: Path) -> None:
    """Who ends their file with '...' is safe from one that was cut off after a line: it could lack its never."""
    file.write_text(ONE + "never: [{people: anna}]\n...\n")
    async with watched(file) as (watch, listener):
        await listener.heard(1)
        file.write_text(ONE)
        _, news = await listener.heard(2)
        assert isinstance(news, PolicyBroken)
        assert len(watch.policy.nevers) == 1


async def test_a_folder_of_files(tmp_path: Path) -> None:
    """A file that is added to the folder comes into force, and one that is taken away goes out of it."""
    (tmp_path / "a.yaml").write_text(ONE)
    async with watched(tmp_path) as (watch, listener):
        await listener.heard(1)
        (tmp_path / "b.yaml").write_text("people: {ben: {role: lead}}\n")
        await listener.heard(2)
        assert sorted(watch.policy.people) == ["anna", "ben"]
        (tmp_path / "b.yaml").unlink()
        await listener.heard(3)
        assert sorted(watch.policy.people) == ["anna"]


async def test_a_folder_that_is_exchanged(tmp_path: Path) -> None:
    """A link that leads to another folder, as orchestrators mount configuration, is followed."""
    for name, text in (("one", ONE), ("two", TWO)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "policy.yaml").write_text(text)
    current = tmp_path / "current"
    current.symlink_to("one")
    async with watched(current / "policy.yaml") as (watch, listener):
        await listener.heard(1)
        (tmp_path / "next").symlink_to("two")
        (tmp_path / "next").rename(current)
        await listener.heard(2)
        assert list(watch.policy.people) == ["otto"]


async def test_a_folder_that_was_away(tmp_path: Path) -> None:
    """A folder that is removed and comes back with another version is watched again."""
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "policy.yaml").write_text(ONE)
    async with watched(folder / "policy.yaml") as (watch, listener):
        await listener.heard(1)
        shutil.rmtree(folder)
        assert isinstance((await listener.heard(2))[1], PolicyBroken)
        folder.mkdir()
        (folder / "policy.yaml").write_text(TWO)
        await listener.heard(3)
        assert list(watch.policy.people) == ["otto"]


async def test_reload_is_at_once(file: Path) -> None:
    """An explicit reload, as for SIGHUP, waits for nothing, and tells nothing where nothing changed."""
    listener = Listener()
    watch = PolicyWatch(file, listener.tell)
    await watch.reload()
    await watch.reload()
    assert len(listener.news) == 1
    file.write_text(TWO)
    await watch.reload()
    assert list(watch.policy.people) == ["otto"]


async def test_warnings_are_at_hand(file: Path) -> None:
    """What is odd about the policy in force can be shown."""
    watch = PolicyWatch(file, lambda _: None)
    await watch.reload()
    assert [warning.words for warning in watch.warnings] == [warning.words for warning in load(file).warnings]
    assert isinstance(watch.warnings[0], Problem)
