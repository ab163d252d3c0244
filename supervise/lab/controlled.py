"""The controller as a process of its own, as it runs beside an admin's Asterisk; its log is read line by line."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from supervise.lab.asterisk import Asterisk
from supervise.lab.errors import ControllerError

READY_WITHIN = 10.0
"""Seconds from the start until it sees Asterisk; it takes about one."""

_KEPT = 2000

LogLine = Mapping[str, Any]
"""One event of its log; `event` says what happened."""


class Running(Protocol):
    """A process of asyncio's, or another that can do what is asked of it here."""

    @property
    def pid(self) -> int:
        """Its number."""

    @property
    def stderr(self) -> asyncio.StreamReader | None:
        """Its log."""

    @property
    def returncode(self) -> int | None:
        """With what it has ended, once it has."""

    async def wait(self) -> int:
        """Wait until it has ended."""

    def send_signal(self, signal: int, /) -> None:
        """Send it a signal."""


async def launch(settings: Path, environment: Mapping[str, str]) -> Running:
    """Start a controller with these settings and this environment; it ends when we do."""
    return await asyncio.create_subprocess_exec(
        *("setpriv", "--pdeathsig", "KILL", sys.executable, "-m", "supervise", "serve", "--settings", settings),
        env=environment,
        cwd=settings.parent,
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=PIPE,
    )


Launch = Callable[[Path, Mapping[str, str]], Awaitable[Running]]
"""A way to start a controller."""


class ControllerProcess:
    """``supervise serve`` for one lab Asterisk.

    Attributes:
        launch: how it is started.
        folder: where its settings, policy and journal are.
        log: what it has logged, oldest first.
    """

    def __init__(
        self,
        asterisk: Asterisk,
        folder: Path,
        policy: str,
        *,
        told: Callable[[LogLine], None] | None = None,
        web: str = "",
    ) -> None:
        """Nothing runs yet; `told` gets every line of the log as it comes, `web` is what stands under ``[web]``."""
        self._web = f"[web]\nport = 0\n{web}\n" if web else ""
        self._web_url = ""
        self.folder = folder
        self.log: list[LogLine] = []
        self._asterisk = asterisk
        self._told = told
        self.launch: Launch = launch
        self._process: Running | None = None
        self._reader: asyncio.Task[None] | None = None
        self._news = asyncio.Condition()
        self.policy = folder / "policy.yaml"
        self.policy.write_text(policy)
        self.journal = folder / "journal.db"
        self.ari_url = asterisk.ari_url

    async def __aenter__(self) -> Self:
        """Start it; it sees Asterisk when this returns."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it in good order."""
        if error is not None:
            error.add_note("The end of the controller's log:\n" + "\n".join(map(str, self.log[-40:])))
        await self.stop()

    async def start(self) -> None:
        """Start it (again), and wait until it sees Asterisk.

        Raises:
            ControllerError: it does not; the message has its log.
        """
        seen = len(self.log)
        settings = self.folder / "supervise.toml"
        settings.write_text(
            f'policy = "{self.policy}"\njournal = "{self.journal}"\n'
            f'{self._web}[[node]]\nname = "pbx"\nurl = "{self.ari_url}"\n'
        )
        password = self._asterisk.ari_password
        environment = {**os.environ, "SUPERVISE_ARI_PASSWORD_PBX": password, "PYTHONASYNCIODEBUG": ""}
        self._process = await self.launch(settings, environment)
        self._reader = asyncio.create_task(self._read(self._process))
        await self.until("asterisk.connected", since=seen, within=READY_WITHIN)

    async def stop(self) -> None:
        """End it in good order."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """End it as the kernel would: at once, without a word."""
        await self._end(signal.SIGKILL)

    def reload(self) -> None:
        """Let it read the policy again."""
        self._running().send_signal(signal.SIGHUP)

    def freeze(self) -> None:
        """Stop it without ending it."""
        self._running().send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._running().send_signal(signal.SIGCONT)

    @property
    def web_url(self) -> str:
        """Where its board is, since it was started last.

        Raises:
            ControllerError: it serves none.
        """
        if not self._web_url:
            raise ControllerError("the controller serves no board: give it something to stand under [web]")
        return self._web_url

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._running().pid

    async def until(self, event: str, *, since: int = 0, within: float = 5.0, **fields: object) -> LogLine:
        """Wait until it has logged an event with these fields, among the lines from number `since` on.

        Raises:
            ControllerError: it has not, within so many seconds.
        """
        try:
            async with asyncio.timeout(within), self._news:
                await self._news.wait_for(lambda: self.find(event, since=since, **fields) is not None or self._ended())
        except TimeoutError:
            pass
        found = self.find(event, since=since, **fields)
        if found is None:
            lines = "\n".join(map(str, self.log[-40:]))
            raise ControllerError(f"the controller has not logged {event} {fields} within {within:.0f} s:\n{lines}")
        return found

    def find(self, event: str, *, since: int = 0, **fields: object) -> LogLine | None:
        """The first event of this name with these fields."""
        return next(self.all(event, since=since, **fields), None)

    def all(self, event: str, *, since: int = 0, **fields: object) -> Iterator[LogLine]:
        """All events of this name with these fields."""
        return (line for line in self.log[since:] if line.get("event") == event and fields.items() <= line.items())

    async def _read(self, process: Running) -> None:
        if process.stderr is None:
            raise ControllerError("the controller was started without a log")
        async for raw in process.stderr:
            line = _parse(raw)
            self.log.append(line)
            if line.get("event") == "web.listening":
                self._web_url = str(line["url"])
            if self._told is not None:
                self._told(line)
            async with self._news:
                self._news.notify_all()
        async with self._news:
            self._news.notify_all()

    async def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.send_signal(signal.SIGCONT)
            process.send_signal(number)
        await process.wait()
        if self._reader is not None:
            await self._reader

    def _running(self) -> Running:
        if self._process is None:
            raise ControllerError("the controller does not run")
        return self._process

    def _ended(self) -> bool:
        return self._reader is None or self._reader.done()


def _parse(raw: bytes) -> LogLine:
    try:
        parsed = json.loads(raw)
    except ValueError:
        parsed = None
    return parsed if isinstance(parsed, dict) else {"event": "text", "text": raw.decode(errors="replace").rstrip()}
