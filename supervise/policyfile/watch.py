"""Keeps the policy in force in step with its file: a good version at once and whole, a bad one never.

A broken, half-written, vanished or unreadable file leaves the last good policy in force and is told. Until there was a
good one nobody may do anything.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
from watchfiles import awatch

from supervise.domain.rights.policy import Policy
from supervise.policyfile.errors import PolicyFileError, Problem
from supervise.policyfile.load import DEFAULT_LIMITS, Loaded, load_bytes, read_files
from supervise.policyfile.nodes import ReadLimits

_log = structlog.get_logger(__name__)

_QUIET = 30
"""Milliseconds without a change after which a file counts as written."""

_PATIENCE = 200
"""Milliseconds after which a change is looked at even though others keep coming."""

_LOOK_AGAIN = 0.2
"""Seconds between looks at the file's size and time, for what the kernel does not tell: what was written before the
watch began, on other machines, or behind a link."""

_LOGGED = 20

_MOST_STAMPED = 200

Stamp = tuple[tuple[int, int, int], ...]

_END_MARK = b"..."


@dataclass(frozen=True, slots=True)
class PolicyChanged:
    """A policy came into force, or came right again; running sessions are to be decided anew."""

    old: Policy
    new: Policy


@dataclass(frozen=True, slots=True)
class PolicyBroken:
    """What stands in the file cannot be used; `kept` stays in force."""

    kept: Policy
    problems: tuple[Problem, ...]


PolicyNews = PolicyChanged | PolicyBroken


class PolicyWatch:
    """The policy in force, and its file."""

    def __init__(
        self,
        path: Path,
        tell: Callable[[PolicyNews], None],
        *,
        limits: ReadLimits = DEFAULT_LIMITS,
        polling: bool = False,
    ) -> None:
        """Begin with a policy that allows nothing.

        Args:
            path: the file, or the folder.
            tell: called in the event loop with each piece of news; it must not wait.
            limits: how much a policy may be.
            polling: look at the file again and again, where its file system tells of no changes.
        """
        self.path = path
        self.policy = Policy.nobody()
        self.problems: tuple[Problem, ...] = ()
        self.warnings: tuple[Problem, ...] = ()
        self._tell = tell
        self._limits = limits
        self._polling = polling
        self._seen: str | None = None
        self._stamp: Stamp = ()
        self._had_end_mark: dict[str, bool] = {}
        self._turn = asyncio.Lock()

    @property
    def healthy(self) -> bool:
        """Whether the policy in force is the one in the file."""
        return not self.problems and self._seen is not None

    async def reload(self) -> None:
        """Read the file now, for SIGHUP and at the start; what comes of it is told unless nothing changed."""
        await self._reload(told=True)

    async def _reload(self, *, told: bool) -> None:
        """Read the file; unless a change was told, only if it looks like another one."""
        async with self._turn:
            stamp = _stamp(self.path)
            if not told and stamp == self._stamp:
                return
            self._stamp = stamp
            found = await asyncio.to_thread(self._look)
            if isinstance(found, Loaded):
                await self._put_in_force(found)
            elif found is not None:
                self.problems = found.problems
                problems = [str(problem) for problem in found.problems[:_LOGGED]]
                _log.error("policy broken, the last good one stays", policy=self.policy.hash, problems=problems)
                self._tell(found)

    async def _put_in_force(self, loaded: Loaded) -> None:
        """The policy first, and what is odd about it when there is time."""
        news = PolicyChanged(self.policy, loaded.policy)
        self.policy, self.problems = news.new, ()
        _log.info("policy in force", path=str(self.path), policy=news.new.hash)
        self._tell(news)
        self.warnings = await asyncio.to_thread(lambda: loaded.warnings)
        if self.warnings:
            _log.warning("policy has oddities", warnings=[str(warning) for warning in self.warnings[:_LOGGED]])

    async def run(self) -> None:
        """Reload at the start and on every change, until cancelled."""
        await self.reload()
        blind = False
        while True:
            try:
                await self._watch()
                blind = False
            except (OSError, RuntimeError) as error:
                if not blind:
                    _log.warning("cannot watch the policy's folder, looking at it instead", error=str(error))
                blind = True
                await asyncio.sleep(_LOOK_AGAIN)
            await self._reload(told=False)

    async def _watch(self) -> None:
        """Reload on each change in the folder, until the folder itself is another one."""
        folder = self.path if self.path.is_dir() else self.path.parent
        identity = _identity(folder)
        changes = awatch(
            *{folder, folder.resolve(), self.path.resolve().parent},
            recursive=False,
            watch_filter=None,
            debounce=_PATIENCE,
            step=_QUIET,
            rust_timeout=int(_LOOK_AGAIN * 1000),
            yield_on_timeout=True,
            force_polling=self._polling or None,
            poll_delay_ms=100,
        )
        async for change in changes:
            await self._reload(told=bool(change))
            if identity != _identity(folder):
                return

    def _look(self) -> Loaded | PolicyBroken | None:
        """What is new in the file; None where it is what it was. Runs in a thread; reads, and changes nothing else."""
        try:
            files = read_files(self.path, self._limits)
        except PolicyFileError as error:
            return self._broken(error.problems, "unreadable: " + str(error))
        seen = _fingerprint(files)
        if seen == self._seen:
            return None
        cut = self._cut_off(files)
        if cut:
            return self._broken(cut, seen)
        try:
            loaded = load_bytes(files, self._limits)
        except PolicyFileError as error:
            return self._broken(error.problems, seen)
        self._seen = seen
        self._had_end_mark = {name: _ends_with_mark(content) for name, content in files}
        return loaded

    def _broken(self, problems: tuple[Problem, ...], seen: str) -> PolicyBroken | None:
        if seen == self._seen:
            return None
        self._seen = seen
        return PolicyBroken(self.policy, problems)

    def _cut_off(self, files: Sequence[tuple[str, bytes]]) -> tuple[Problem, ...]:
        """Files that ended with ``...`` and do so no more: perhaps the rest, with its *never*, is still to come."""
        words = "does not end with '...' any more: is it written completely?"
        return tuple(
            Problem(name, 0, 0, "", words)
            for name, content in files
            if self._had_end_mark.get(name) and not _ends_with_mark(content)
        )


def _ends_with_mark(content: bytes) -> bool:
    return content.rstrip().endswith(b"\n" + _END_MARK)


def _fingerprint(files: Sequence[tuple[str, bytes]]) -> str:
    whole = hashlib.sha256()
    for name, content in files:
        whole.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(content).digest())
    return whole.hexdigest()


def _stamp(path: Path) -> Stamp:
    """What can be known of the files without reading them."""
    try:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        stats = [file.stat() for file in files[:_MOST_STAMPED]]
    except OSError:
        return ()
    return tuple((stat.st_ino, stat.st_size, stat.st_mtime_ns) for stat in stats)


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
