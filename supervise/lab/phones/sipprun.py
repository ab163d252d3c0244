"""Running SIPp: many legs of real SIP in one process, for crowds and for load."""

import asyncio
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from supervise.lab.commands import stop
from supervise.lab.errors import CommandError
from supervise.lab.wire.rtp import Address


@dataclass(frozen=True, slots=True)
class Sipp:
    """SIPp beside one Asterisk.

    Attributes:
        folder: where what it reads and writes is put.
        sip: Asterisk's address.
        host: its own.
        secret: of every account that it plays.
    """

    folder: Path
    sip: Address
    host: str
    secret: str

    @asynccontextmanager
    async def run(self, name: str, scenario: str, *options: str) -> AsyncIterator[Process]:
        """Let it play a scenario while the block lasts."""
        address, port = self.sip
        file = self._write(f"{name}.xml", scenario)
        ours = ("-i", self.host, "-mi", self.host, "-nostdin", "-skip_rlimit", "-trace_err")
        errors = ("-error_file", f"{name}.err")
        command = ("setpriv", "--pdeathsig", "KILL", "sipp", f"{address}:{port}", "-sf", str(file), *ours, *errors)
        with (self.folder / f"{name}.out").open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                *command, *options, stdin=DEVNULL, stdout=out, stderr=STDOUT, cwd=self.folder
            )
        try:
            yield process
        finally:
            if process.returncode is None:
                await stop(process)

    async def finish(self, name: str, process: Process) -> None:
        """Wait until it has played everything.

        Raises:
            CommandError: it failed; for one because a call was refused.
        """
        if code := await process.wait():
            errors = self.folder / f"{name}.err"
            said = errors.read_text(errors="replace")[-2000:] if errors.exists() else ""
            raise CommandError(("sipp", name), f"failed with {code}", said)

    def table(self, name: str, rows: Sequence[tuple[str, str]]) -> tuple[str, str]:
        """Whom it plays, one after the other: the user, whom they call, and their password in its words."""
        lines = (f"{user};{to};[authentication username={user} password={self.secret}]" for user, to in rows)
        return "-inf", str(self._write(name, "\n".join(("SEQUENTIAL", *lines, ""))))

    def tone(self) -> str:
        """A file with a second of anything that is not silence."""
        path = self.folder / "tone.ulaw"
        path.write_bytes(bytes(0x80 + 7 * sample % 0x70 for sample in range(160)) * 50)
        return str(path)

    def _write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path
