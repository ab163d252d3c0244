"""What a waiting person sees."""

import asyncio
from io import StringIO

import pytest
from rich.console import Console

from supervise.lab.progress import Progress

pytestmark = pytest.mark.unit


def console(*, terminal: bool) -> tuple[Console, StringIO]:
    """A console, and what it shows."""
    shown = StringIO()
    return Console(file=shown, force_terminal=terminal, width=60), shown


async def eventually_shown(shown: StringIO, words: str) -> None:
    """Wait until the words are on the console."""
    async with asyncio.timeout(5):
        while words not in shown.getvalue():  # noqa: ASYNC110 - a console tells nobody that it has printed
            await asyncio.sleep(0.001)


async def test_what_is_quick_is_not_mentioned() -> None:
    """A step of less than two seconds leaves no line."""
    to, shown = console(terminal=False)
    async with Progress(to).step("Counting"):
        pass
    assert shown.getvalue() == ""


async def test_plain_lines_where_there_is_no_terminal() -> None:
    """In a log each line is whole: the step with its detail, and in the end how long it took."""
    to, shown = console(terminal=False)
    async with Progress(to, patience=0.01).step("Counting " + "[all] " * 20) as step:
        step.detail = "sheep"
        await eventually_shown(shown, "sheep")
    first, last = shown.getvalue().splitlines()
    assert first == f"Counting {'[all] ' * 20}: sheep (0 s) ..."
    assert last == f"Counting {'[all] ' * 20}: done in 0 s"


async def test_a_terminal_shows_what_is_going_on() -> None:
    """On a terminal the line lives, and the last word stays."""
    to, shown = console(terminal=True)
    async with Progress(to, patience=0.01).step("Counting") as step:
        step.detail = "sheep"
        await eventually_shown(shown, "sheep")
    assert "done in" in shown.getvalue()


async def test_a_failure_is_not_called_done() -> None:
    """A step that breaks says so."""
    to, shown = console(terminal=False)
    with pytest.raises(ZeroDivisionError):
        async with Progress(to, patience=0).step("Dividing"):
            raise ZeroDivisionError
    assert shown.getvalue().endswith("Dividing: failed after 0 s\n")
