"""Controllers that start at once: each is forked from a process that has loaded the whole program.

To load it costs a second of a processor, which is most of what a start takes. What is run is what ``supervise serve``
runs, in a process of its own that dies with its parent. That a start from nothing works, `tests/lab` and the scenarios
prove.
"""

import asyncio
import ctypes
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from asyncio import StreamReader
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn

from supervise.lab.checkout import CHECKOUT

_DEATH_SIGNAL: Final = 1
"""PR_SET_PDEATHSIG of prctl(2)."""

_LONGEST: Final = 65536

_LOADED: Final = b"loaded"


class Forked:
    """A controller that somebody else has forked; a process descriptor tells of its end."""

    def __init__(self, pid: int, stderr: StreamReader) -> None:
        """Watch it; in the loop in which it is waited for."""
        self.pid = pid
        self.stderr = stderr
        self.returncode: int | None = None
        self._descriptor = os.pidfd_open(pid)
        self._ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._descriptor, self._end)

    async def wait(self) -> int:
        """Wait until it has ended; with which code only its parent knows."""
        await self._ended.wait()
        return 0

    def send_signal(self, number: int, /) -> None:
        """Send it a signal; nothing happens when it has ended."""
        if self.returncode is None:
            signal.pidfd_send_signal(self._descriptor, number)

    def _end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)
        self.returncode = 0
        self._ended.set()


class Warm:
    """The process that has loaded everything; it is started when it is needed first."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._wire: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def load(self) -> None:
        """Start it, and wait until it has loaded everything."""
        self._wire = self._wire or self._start()

    async def launch(self, settings: Path, environment: Mapping[str, str]) -> Forked:
        """Fork a controller with these settings and this environment."""
        reading, writing = os.pipe()
        try:
            pid = await asyncio.to_thread(self._fork, settings, environment, writing)
        finally:
            os.close(writing)
        stderr = StreamReader()
        protocol = asyncio.StreamReaderProtocol(stderr)
        await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(reading, "rb"))
        return Forked(pid, stderr)

    def close(self) -> None:
        """End the process, and with it whatever it has forked."""
        if self._wire is not None and self._process is not None:
            self._wire.close()
            self._process.wait()
        self._wire = self._process = None

    def _fork(self, settings: Path, environment: Mapping[str, str], stderr: int) -> int:
        wire = self._wire or self._start()
        wanted = json.dumps({"settings": str(settings), "environment": dict(environment)}).encode()
        socket.send_fds(wire, [wanted], [stderr])
        return int.from_bytes(wire.recv(8), "big")

    def _start(self) -> socket.socket:
        self._wire, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                ("setpriv", "--pdeathsig", "KILL", sys.executable, "-m", "tests.support.warm", str(theirs.fileno())),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd=CHECKOUT,
            )
        self._wire.recv(len(_LOADED))
        return self._wire


def _serve(wire: socket.socket) -> None:
    """Fork a controller for each request, until nobody can ask any more."""
    import supervise.cli  # noqa: PLC0415 - whoever only asks need not load what the children run
    import supervise.cli_serve  # noqa: PLC0415

    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    wire.send(_LOADED)
    while True:
        request, descriptors, _, _ = socket.recv_fds(wire, _LONGEST, 1)
        if not request:
            return
        pid = os.fork()
        if pid == 0:
            wire.close()
            _become(json.loads(request), descriptors[0], supervise.cli.main)
        os.close(descriptors[0])
        wire.send(pid.to_bytes(8, "big"))


def _become(wanted: Mapping[str, Any], stderr: int, main: Callable[[], None]) -> NoReturn:
    """Be a controller, in the forked child, and nothing after that."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
        os.dup2(stderr, 2)
        os.environ.clear()
        os.environ.update(wanted["environment"])
        os.chdir(Path(wanted["settings"]).parent)
        sys.argv = ["supervise", "serve", "--settings", wanted["settings"]]
        with suppress(SystemExit):
            main()
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stderr.flush()
        os._exit(0)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
