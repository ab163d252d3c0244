"""What a way to run Asterisk is; `finding` chooses between those that there are."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

PID = "@PID@"
"""Stands for Asterisk's process id in a console command."""


@dataclass(frozen=True, slots=True)
class Place:
    """How one Asterisk is run in one folder.

    Attributes:
        run: that folder, as Asterisk sees it.
        sounds: the folder with prompts and music, as Asterisk sees it.
        start: the command that runs Asterisk in the foreground. It ends when this Python ends, however that happens.
        console: what to put in front of ``-rx COMMAND``; PID in it stands for Asterisk's process id.
        data: a data directory of its own, if it needs one.
        owner: who must own the folder (user and group id), if not ourselves.
    """

    run: str
    sounds: str
    start: tuple[str, ...]
    console: tuple[str, ...]
    data: str | None = None
    owner: tuple[int, int] | None = None


class Way(Protocol):
    """A way to run Asterisk, with all that it needs made and installed."""

    @property
    def label(self) -> str:
        """What it is, for people."""

    def settle(self, folder: Path) -> Place:
        """Put what this way needs besides the configuration into a run's new folder, and say how it is run there."""
