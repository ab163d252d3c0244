"""How a program that starts many others ends: on Ctrl-C in good order, and without a trace even when it is killed."""

import asyncio
import os
import signal
import subprocess
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE
from types import FrameType
from typing import Any, Final, Self, TypeVar

from supervise.lab.errors import LabError

_KEYBOARD: Final = frozenset({signal.SIGINT, signal.SIGHUP})

_STANDARD_STREAMS: Final = (0, 1, 2)

_LOOK_EVERY_S: Final = 0.1

# Its standard input ends when we close it, and also when the kernel does because we are no more. What we started dies
# at that very moment too, and may still be writing: hence several attempts.
_CARETAKER: Final = 'cat; for i in 1 2 3 4 5 6 7 8 9; do rm -rf -- "$1" && exit; sleep 0.2; done'

Result = TypeVar("Result")


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder in which all temporary files of this process are made while the block lasts, and gone after it.

    A process of its own removes it, which outlives even a SIGKILL of this one.
    """
    folder = Path(tempfile.mkdtemp(prefix="supervise-lab-"))
    before = tempfile.tempdir
    command = ("sh", "-c", _CARETAKER, "sh", str(folder))
    with subprocess.Popen(command, stdin=PIPE, stdout=DEVNULL, start_new_session=True):  # noqa: S603 - our own words
        # Leaving this block closes its standard input and waits for it.
        tempfile.tempdir = str(folder)
        try:
            yield folder
        finally:
            tempfile.tempdir = before


class Keyboard:
    """Ctrl-C and the end of the terminal, kept from the programs that are started in its ``with`` block.

    A terminal sends both to the whole group of processes. Ours are to be ended one after the other, by us: they inherit
    that these signals are blocked (execve(2)). We see them all the same: they wait, or come to a thread that was there
    before (a library's), whereupon Python runs our handler.
    """

    def __init__(self) -> None:
        self._came = False
        self._terminals = [stream for stream in _STANDARD_STREAMS if os.isatty(stream)]

    @property
    def told(self) -> bool:
        """Whether we were told to end, or the terminal has gone.

        Where no shell is between the terminal and ``make``, the kernel tells only make of the terminal's end, and make
        waits for us (tty_signal_session_leader in tty_jobctrl.c).
        """
        # What waits may be taken by another thread at any moment, before Python runs our handler: once told is told.
        self._came = self._came or bool(signal.sigpending() & _KEYBOARD) or not all(map(os.isatty, self._terminals))
        return self._came

    def _come(self, _number: int, _frame: FrameType | None) -> None:
        self._came = True

    def __enter__(self) -> Self:
        """Keep them from now on."""
        self._blocked = signal.pthread_sigmask(signal.SIG_BLOCK, _KEYBOARD)
        self._handlers = {number: signal.signal(number, self._come) for number in _KEYBOARD}
        return self

    def __exit__(self, *_: object) -> None:
        """Leave everything as it was; what has come up to now has been heard."""
        while signal.sigpending() & _KEYBOARD:
            signal.sigwait(_KEYBOARD)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._blocked)


async def until_told(work: Coroutine[Any, Any, Result], keyboard: Keyboard) -> Result | None:
    """Do `work` to its end, or, told by Ctrl-C, SIGTERM or the end of the terminal, end it early and return None."""
    told, working = asyncio.create_task(_told(keyboard)), asyncio.create_task(work)
    try:
        await asyncio.wait((told, working), return_when=asyncio.FIRST_COMPLETED)
        early = keyboard.told or not working.done()
        working.cancel()
        await asyncio.wait((working,))
        return None if early and _is_of_ending(working) else working.result()
    finally:
        told.cancel()
        await asyncio.gather(told, return_exceptions=True)


def _is_of_ending(working: asyncio.Task[Result]) -> bool:
    """Whether it was cancelled, or failed because a program that it needs has heard of the end as well."""
    if working.cancelled():
        return True
    problem = working.exception()
    others = problem.split(LabError)[1] if isinstance(problem, BaseExceptionGroup) else problem
    return problem is not None and (others is None or isinstance(others, LabError))


async def _told(keyboard: Keyboard) -> None:
    terminated = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, terminated.set)
    try:
        while not (terminated.is_set() or keyboard.told):  # noqa: ASYNC110 - nobody tells of a blocked signal
            await asyncio.sleep(_LOOK_EVERY_S)
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
