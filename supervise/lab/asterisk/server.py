"""A private Asterisk: started for a test, a demonstration or a measurement, and gone without a trace afterwards."""

import asyncio
import os
import re
import secrets
import shutil
import signal
import socket
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterable
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from supervise.lab.asterisk.accounts import Account
from supervise.lab.asterisk.address import ANYWHERE, Listening
from supervise.lab.asterisk.rendering import Values, render
from supervise.lab.asterisk.ways import PID, Place, Way
from supervise.lab.checkout import configuration
from supervise.lab.commands import run, stop, tail
from supervise.lab.errors import AsteriskError, CommandError
from supervise.lab.machine import free_port, hand_over, listener

READY_WITHIN = 30.0
"""Seconds from the start of the process until ARI must answer; it takes 0.3 s on an idle machine."""

_ATTEMPTS = 5
"""Starts with other ports, before another program's grip on ours is taken for an error."""

_POLL = 0.02

# What took our port may accept a connection and never answer.
_PATIENCE = aiohttp.ClientTimeout(total=1)

FOLDERS = ("etc", "lib/keys", "log/cdr-csv", "log/cel-custom", "run", "spool")
"""What Asterisk wants to find in the folder that it runs in."""


class _ClashError(Exception):
    """Another program took one of the chosen ports first."""


class Asterisk:
    """An Asterisk with these SIP accounts, for as long as the ``async with`` lasts.

    Attributes:
        folder: the folder it runs in; ``log/messages`` in it is its log, ``log/cdr-csv/Master.csv`` its call records.
        ari_user, ari_password: the controller's.
        witness: user and password of a second ARI user, for tests that look over the controller's shoulder.
        version: such as ``22.10.1``, once it runs.
    """

    ari_user = "supervise"

    def __init__(self, way: Way, accounts: Iterable[Account], listening: Listening = ANYWHERE) -> None:
        self._way = way
        self._accounts = tuple(accounts)
        self._listening = listening
        self._settled: Place | None = None
        self._process: Process | None = None
        self.folder = Path()
        self.version = ""
        self.ari_password = secrets.token_hex(16)
        self.witness = ("witness", secrets.token_hex(16))
        self.sip = (listening.address, 0)
        self._ari_port = 0

    @property
    def ari_url(self) -> str:
        """The address of ARI, without ``/ari``."""
        return f"http://{self._listening.ari_address}:{self._ari_port}"

    @property
    def pid(self) -> int:
        """The process id of Asterisk itself, on this machine; in a container it is not the process that we started."""
        self._running()
        return listener(self.folder / "run/asterisk.ctl")

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.returncode is None

    async def __aenter__(self) -> Self:
        """Start it; it is fully booted when this returns.

        Raises:
            AsteriskError: it does not start; the message has the end of its log, and its folder, which stays.
        """
        self.folder = Path(tempfile.mkdtemp(prefix="supervise-"))
        for folder in FOLDERS:
            (self.folder / folder).mkdir(parents=True)
        self._settled = self._way.settle(self.folder)
        try:
            await self._start()
        except AsteriskError as error:
            error.add_note(f"What is left of it is in {self.folder}")
            raise
        except BaseException:
            shutil.rmtree(self.folder)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """End it, and remove its folder unless something went wrong; to be interrupted is not wrong."""
        await self.stop()
        if isinstance(error, Exception):
            error.add_note(f"Asterisk's folder is {self.folder}, the end of its log:\n{tail(self.log())}")
        else:
            shutil.rmtree(self.folder)

    async def cli(self, command: str) -> str:
        """What a command of the remote console prints, such as ``core show channels``.

        Raises:
            AsteriskError: it does not answer.
        """
        try:
            pid = str(self.pid)
            console = (word.replace(PID, pid) for word in self._place().console)
            return await run(*console, "-rx", command, within=15)
        except (CommandError, OSError) as error:
            raise AsteriskError(f"Asterisk did not answer {command!r}: {error}") from error

    async def kill(self) -> None:
        """End it as a crash does (SIGKILL), and return when it is gone."""
        process = self._running()
        os.kill(self.pid, signal.SIGKILL)
        await process.wait()

    async def stop(self) -> None:
        """End it, if it runs: calls are hung up."""
        if self._process is None:
            return
        if self.running:
            await stop(self._process)
        if self._process.stdin is not None:
            self._process.stdin.close()

    async def restart(self) -> None:
        """End it if it still runs, and start it again: same ports, same secrets, phones still registered.

        Raises:
            AsteriskError: it does not start.
        """
        await self.stop()
        try:
            await self._launch()
        except _ClashError:
            raise AsteriskError("another program took the port of a stopped Asterisk") from None

    def log(self) -> str:
        """All that it has written into its log."""
        return "".join(path.read_text(errors="replace") for path in self._logs() if path.exists())

    def forget_logs(self) -> None:
        """Empty its log and its call records; what it writes from now on stands alone in them."""
        for path in (self.folder / "log").rglob("*"):
            if path.is_file():
                os.truncate(path, 0)

    def problems(self) -> list[str]:
        """The warnings and errors in its log."""
        return [line for line in self.log().splitlines() if re.search(r"\] (WARNING|ERROR)\[", line)]

    def _logs(self) -> tuple[Path, Path]:
        return self.folder / "log/console", self.folder / "log/messages"

    def _place(self) -> Place:
        if self._settled is None:
            raise AsteriskError("this Asterisk has not been started: use it in `async with`")
        return self._settled

    def _running(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            raise AsteriskError(f"Asterisk does not run; the end of its log:\n{tail(self.log())}")
        return self._process

    async def _start(self) -> None:
        where = self._listening
        for _ in range(_ATTEMPTS):
            self.sip = (where.address, where.sip_port or free_port(where.address, socket.SOCK_DGRAM))
            self._ari_port = free_port(where.ari_address, socket.SOCK_STREAM)
            with suppress(_ClashError):
                await self._launch()
                return
        raise AsteriskError(
            f"other programs took the ports of {_ATTEMPTS} starts; the end of its log:\n{tail(self.log())}"
        )

    async def _launch(self) -> None:
        """Start the process and wait until it is ready; end it if it does not get there."""
        self._configure()
        for log in self._logs():
            log.unlink(missing_ok=True)
        with (self.folder / "log/console").open("ab") as console:
            command = self._place().start
            self._process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=console, stderr=console)
        try:
            async with asyncio.timeout(READY_WITHIN):
                await self._ready()
        except TimeoutError:
            await self.stop()
            raise AsteriskError(
                f"Asterisk is not ready after {READY_WITHIN:.0f} s; the end of its log:\n{tail(self.log())}"
            ) from None
        except BaseException:
            await self.stop()
            raise

    def _configure(self) -> None:
        place = self._place()
        values = Values(
            name=self.folder.name,
            run=place.run,
            sounds=place.sounds,
            data=place.data,
            address=self._listening.address,
            sip_port=self.sip[1],
            ari_address=self._listening.ari_address,
            ari_port=self._ari_port,
            ari_password=self.ari_password,
            witness_password=self.witness[1],
        )
        render(configuration(), self.folder / "etc", values, self._accounts)
        if place.owner is not None:
            hand_over(self.folder, *place.owner)

    async def _ready(self) -> None:
        async with aiohttp.ClientSession(timeout=_PATIENCE) as session:
            while not await self._answers(session):
                self._running()
                if "Address already in use" in self.log():
                    raise _ClashError
                await asyncio.sleep(_POLL)
        await self.cli("core waitfullybooted")
        if f"{self.sip[0]}:{self.sip[1]}" not in await self.cli("pjsip show transports"):
            raise _ClashError
        self.version = _version(await self.cli("core show version"))

    async def _answers(self, session: aiohttp.ClientSession) -> bool:
        headers = {"Authorization": aiohttp.encode_basic_auth(self.ari_user, self.ari_password)}
        try:
            async with session.get(f"{self.ari_url}/ari/asterisk/ping", headers=headers) as response:
                # 404 and 503: its modules are still being loaded.
                return response.status == HTTPStatus.OK
        except (aiohttp.ClientError, TimeoutError):
            return False


def _version(text: str) -> str:
    match = re.search(r"Asterisk (\S+?)[+~ ]", text)
    if match is None:
        raise AsteriskError(f"not the version of an Asterisk: {text!r}")
    return match[1]
