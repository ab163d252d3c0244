import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from supervise.lab.ending import Keyboard, scratch, until_told
from supervise.lab.errors import AsteriskError
from tests.history.helpers import eventually

pytestmark = pytest.mark.unit

KILLED = """
import os, tempfile
from supervise.lab.ending import scratch
with scratch() as folder:
    open(tempfile.mkstemp()[1], "w").write("something")
    print(folder, flush=True)
    os.kill(os.getpid(), 9)
"""

PRESSED = """
import asyncio, os, signal, subprocess, sys, threading
helper = threading.Thread(target=threading.Event().wait, daemon=True)
EARLY_THREAD and helper.start()
from supervise.lab.ending import Keyboard, until_told

async def work():
    child = subprocess.Popen(["sleep", "30"])
    try:
        os.killpg(0, signal.SIGINT)
        await asyncio.sleep(30)
    finally:
        print(child.poll(), flush=True)
        child.kill()
        child.wait()

with Keyboard() as keyboard:
    print(asyncio.run(until_told(work(), keyboard)))
"""


def test_scratch() -> None:
    """All temporary files of the block are in one folder, which is gone with it; after it they are where they were."""
    before = tempfile.gettempdir()
    with scratch() as folder:
        Path(tempfile.mkdtemp(), "full").write_text("of something")
        assert Path(tempfile.gettempdir()) == folder
    assert (folder.exists(), tempfile.gettempdir()) == (False, before)


async def test_scratch_of_the_killed() -> None:
    """Even a SIGKILL leaves nothing behind."""
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, stdout=subprocess.PIPE)
    said, _ = await asyncio.wait_for(killed.communicate(), 30)
    assert killed.returncode == -signal.SIGKILL
    folder = Path(said.decode().strip())
    assert folder.name.startswith("supervise-lab-")
    await eventually(lambda: not folder.exists())


@pytest.mark.parametrize("early_thread", [False, True])
def test_ctrl_c(early_thread: bool) -> None:  # noqa: FBT001 - with or without
    """A Ctrl-C ends the work, also when a library's thread takes it, and does not reach what the work has started."""
    script = PRESSED.replace("EARLY_THREAD", str(early_thread))
    done = subprocess.run(
        (sys.executable, "-c", script), capture_output=True, text=True, check=False, timeout=30, start_new_session=True
    )
    assert (done.stdout.split(), done.stderr, done.returncode) == (["None", "None"], "", 0)


async def test_work_that_ends() -> None:
    """Work that nobody interrupts has its result, or its error."""

    async def fail() -> None:
        raise AsteriskError("it is gone")

    with Keyboard() as keyboard:
        assert await until_told(asyncio.sleep(0, "done"), keyboard) == "done"
        with pytest.raises(AsteriskError, match="it is gone"):
            await until_told(fail(), keyboard)


async def test_terminated() -> None:
    """SIGTERM ends the work in good order."""
    steps: list[str] = []

    async def work() -> str:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            return await asyncio.sleep(30, "too late")
        finally:
            steps.append("in good order")

    began = time.monotonic()
    with Keyboard() as keyboard:
        assert await until_told(work(), keyboard) is None
    assert steps == ["in good order"]
    assert time.monotonic() - began < 10


async def test_errors_of_the_ending() -> None:
    """What fails because its program was interrupted as well is no error; any other error is."""

    async def fail(problem: Exception) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        await eventually(lambda: keyboard.told)
        raise problem

    with Keyboard() as keyboard:
        assert await until_told(fail(AsteriskError("it is gone")), keyboard) is None
        assert await until_told(fail(ExceptionGroup("two", [AsteriskError("gone")])), keyboard) is None
        with pytest.raises(ValueError, match="ours"):
            await until_told(fail(ValueError("ours")), keyboard)
        with pytest.raises(ExceptionGroup):
            await until_told(fail(ExceptionGroup("two", [AsteriskError("gone"), ValueError("ours")])), keyboard)


async def test_the_terminal_goes() -> None:
    """The end of the terminal ends the work, even if nobody sends a signal."""
    ours, theirs = os.openpty()
    before = os.dup(0)
    os.dup2(theirs, 0)
    try:
        with Keyboard() as keyboard:
            assert not keyboard.told
            os.close(theirs)
            os.close(ours)
            assert await until_told(asyncio.sleep(30, "too late"), keyboard) is None
    finally:
        os.dup2(before, 0)
        os.close(before)
