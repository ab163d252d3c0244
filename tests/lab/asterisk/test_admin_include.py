"""An admin's own Asterisk: Debian's configuration, and the three lines of asterisk-conf/README.md."""

import asyncio
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from supervise.lab.asterisk.private import Private, find_private
from supervise.lab.asterisk.rendering import Values, render
from supervise.lab.asterisk.server import READY_WITHIN
from supervise.lab.asterisk.ways import PID
from supervise.lab.checkout import cache_folder, configuration
from supervise.lab.commands import run, stop
from supervise.lab.machine import free_port, hand_over, listener
from supervise.lab.progress import Progress

pytestmark = [pytest.mark.telephony, pytest.mark.timeout(900)]

THEIRS = "[theirs]\ntype = user\npassword = theirs\n"


@pytest.fixture(scope="module")
def way() -> Private:
    """A root file system with Debian's own /etc/asterisk in it."""
    return asyncio.run(find_private(cache_folder(), Progress()))


class Admin:
    """An Asterisk as an admin has it, and the console to look at it."""

    def __init__(self, way: Private) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="supervise-"))
        self.place = way.settle(self.folder)
        self.port = free_port("127.0.0.1", socket.SOCK_STREAM)
        self._configure(way.root)

    def _configure(self, root: Path) -> None:
        """Debian's files; only where it runs, what it loads and its port are the lab's, so as not to disturb others."""
        for folder in ("lib/keys", "log", "run", "spool"):
            (self.folder / folder).mkdir(parents=True)
        etc = self.folder / "etc"
        values = Values(
            "admin", self.place.run, self.place.sounds, None, "127.0.0.1", 0, "127.0.0.1", self.port, "", ""
        )
        render(configuration(), self.folder / "lab", values, [])
        shutil.copytree(root / "etc/asterisk", etc, symlinks=True)
        for name in ("asterisk.conf", "modules.conf"):
            shutil.copy(self.folder / "lab" / name, etc)
        for source in (configuration() / "supervise").iterdir():
            shutil.copy(source, etc)
        self.append("http.conf", f"bindport = {self.port}\n#include http_supervise.conf\n")
        self.append("ari.conf", f"{THEIRS}#include ari_supervise.conf\n")
        self.append("extensions.conf", "[phones]\ninclude => supervise-features\n#include extensions_supervise.conf\n")

    def append(self, name: str, lines: str) -> None:
        """Write at the end of a file of theirs; Debian's http.conf ends in the middle of a line."""
        with (self.folder / "etc" / name).open("a") as file:
            file.write(f"\n{lines}")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run it."""
        assert self.place.owner is not None
        hand_over(self.folder, *self.place.owner)
        process = await asyncio.create_subprocess_exec(*self.place.start, stdout=asyncio.subprocess.DEVNULL)
        try:
            async with asyncio.timeout(READY_WITHIN):
                while await self.signs_in("theirs", "theirs") != 200:  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(0.05)
            await self.cli("core waitfullybooted")
            yield
        finally:
            await stop(process)
            shutil.rmtree(self.folder)

    async def cli(self, command: str) -> str:
        """A command of the console."""
        pid = str(listener(self.folder / "run/asterisk.ctl"))
        return await run(*(word.replace(PID, pid) for word in self.place.console), "-rx", command, within=15)

    async def signs_in(self, user: str, password: str) -> int:
        """The status that ARI answers a user with; 0 when it does not answer."""
        headers = {"Authorization": aiohttp.encode_basic_auth(user, password)}
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://127.0.0.1:{self.port}/ari/asterisk/ping", headers=headers) as answer,
            ):
                return answer.status
        except aiohttp.ClientError:
            return 0


async def test_the_three_lines_are_enough(way: Private) -> None:
    """With them and a password, the controller signs in, the codes can be dialled, and theirs works as before."""
    admin = Admin(way)
    (admin.folder / "etc/ari_supervise_password.conf").write_text("password = chosen\n")
    async with admin.running():
        assert await admin.signs_in("supervise", "chosen") == 200
        assert await admin.signs_in("supervise", "guessed") == 401
        assert "Stasis" in await admin.cli("dialplan show supervise-session")
        assert "supervise-session" in await admin.cli("dialplan show *55201@phones")
        assert "Server Enabled and Bound to 127.0.0.1" in await admin.cli("http show status")
        complaints = [line for line in (admin.folder / "log/messages.log").read_text().splitlines() if _about_us(line)]
    assert complaints == []


async def test_a_forgotten_password_shuts_nobody_else_out(way: Private) -> None:
    """Without the password's file our user cannot sign in, with no password at all either; their own users can."""
    admin = Admin(way)
    async with admin.running():
        assert await admin.signs_in("supervise", "") == 401
        assert await admin.signs_in("theirs", "theirs") == 200


def _about_us(line: str) -> bool:
    return ("ERROR" in line or "WARNING" in line) and "supervise" in line
