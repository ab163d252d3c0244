"""Programs of the machine, run and ended."""

import asyncio

import pytest

from supervise.lab.commands import run, started, succeeds, tail
from supervise.lab.errors import CommandError

pytestmark = pytest.mark.unit


async def test_what_it_printed_comes_back() -> None:
    """Output and errors come back together, and each new line is told as it comes."""
    said: list[str] = []
    assert await run("sh", "-c", "echo one; echo two >&2", within=5, said=said.append) == "one\ntwo\n"
    assert said[-1] == "two"


async def test_a_failure_has_its_reason() -> None:
    """A failing program's last words are in the error."""
    with pytest.raises(CommandError, match="failed with 3\nbecause") as failed:
        await run("sh", "-c", "echo because; exit 3", within=5)
    assert failed.value.output == "because\n"


async def test_what_is_missing_is_an_error_of_ours() -> None:
    """A program that does not exist is told like any other failure."""
    with pytest.raises(CommandError, match="no-such-program"):
        await run("no-such-program", within=5)


async def test_it_may_not_take_for_ever() -> None:
    """A program that hangs is ended, and so is one that ignores being asked."""
    with pytest.raises(CommandError, match="not done within"):
        await run("sh", "-c", "echo going; exec sleep 60", within=0.2)


async def test_nobody_outlives_the_body() -> None:
    """A program still running when its block ends is ended."""
    async with started("sleep", "60") as process:
        assert process.returncode is None
    assert process.returncode is not None


async def test_output_is_bounded() -> None:
    """Of endless output the end is kept."""
    output = await run("sh", "-c", "yes | head -c 3000000; echo end", within=20)
    assert len(output) == 20_000
    assert output.endswith("end\n")


async def test_cancelled_means_ended() -> None:
    """Cancelling the wait ends the program."""
    task = asyncio.create_task(run("sleep", "60", within=50))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_succeeds() -> None:
    """Yes, no, and not there at all."""
    assert await succeeds(("true",), within=5)
    assert not await succeeds(("false",), within=5)
    assert not await succeeds(("no-such-program",), within=5)


def test_tail() -> None:
    """The last lines of a text, however short it is."""
    assert tail("a\nb\nc\n", 2) == "b\nc"
    assert tail("") == ""
