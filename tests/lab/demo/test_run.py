import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.history.helpers import eventually

pytestmark = pytest.mark.telephony

RUN = (sys.executable, "-m", "supervise", "lab", "run")


@asynccontextmanager
async def running(*options: str) -> AsyncIterator[Process]:
    """``supervise lab run`` at a port of the kernel's choice, in a folder for temporary files of its own."""
    environment = {**os.environ, "COLUMNS": "120"}
    process = await asyncio.create_subprocess_exec(*RUN, *options, stdout=PIPE, stderr=STDOUT, env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def output(process: Process, until: str = "") -> str:
    """What it prints up to a word, or to its end."""
    if process.stdout is None:
        raise AssertionError("it was started with a pipe")
    text = ""
    async with asyncio.timeout(90):
        while (not until or until not in text) and (chunk := await process.stdout.read(4096)):
            text += chunk.decode()
    return text


async def test_once() -> None:
    """The scripted supervisor is heard by exactly those who are to hear them, in every step, and it ends with 0."""
    async with running("--once") as process:
        text = await output(process)
        assert await process.wait() == 0, text
    rows = [re.split(r"\s*│\s*", line)[1:-1] for line in text.splitlines() if line.startswith("│")]
    assert [(row[1], row[3], row[4]) for row in rows] == [
        ("*55201", "nobody", "yes"),
        ("8", "nobody", "yes"),
        ("5", "nobody", "yes"),
        ("1", "agent", "yes"),
        ("6", "agent, customer", "yes"),
        ("0", "nobody", "yes"),
        ("4", "nobody", "yes"),
    ], text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_the_end(number: signal.Signals) -> None:
    """Interrupted, terminated or killed: no process of it and no file is left, and the first two are no failure."""
    async with running() as process:
        text = await output(process, until="Live:")
        found = re.search(r"(/\S*supervise-lab-\w+)/\S*policy\.yaml", text)
        assert found, text
        folder, family = Path(found[1]), descendants(process.pid)
        assert folder.exists()
        assert len(family) > 8
        process.send_signal(number)
        code = await asyncio.wait_for(process.wait(), 20)
    assert code == (-number if number is signal.SIGKILL else 0)
    await eventually(lambda: not folder.exists())
    await eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))


def descendants(pid: int) -> set[int]:
    """All processes that a process has started, and those that they have."""
    children = {
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    }
    return children.union(*map(descendants, children))
