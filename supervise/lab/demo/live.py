"""The live log of the call centre: the journal in sentences, and what else there is to know."""

import asyncio
import time
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from supervise.domain.records import Deed
from supervise.domain.rights.policy import Policy
from supervise.history.reading.reader import Entry, Query, Reader
from supervise.history.storage.place import place_of
from supervise.lab.controlled import LogLine
from supervise.lab.demo.words import sentence
from supervise.policyfile.errors import PolicyFileError
from supervise.policyfile.load import load

_LOOK_EVERY_S: Final = 0.15

_STYLES: Final = {Deed.REFUSED: "yellow", Deed.POLICY: "magenta", Deed.CLOSED: "dim", Deed.NOTICE: "dim"}

_NO_NEWS: Final = frozenset({"level", "event", "timestamp"})


class Live:
    """Prints a line for each thing that happens, with the time of day before it."""

    def __init__(self, console: Console) -> None:
        """Print nothing yet."""
        self._console = console
        self._seen = 0
        self._policy = Policy.nobody()

    def tell(self, words: str, style: str = "") -> None:
        """Print a line."""
        now = time.strftime("%H:%M:%S")
        self._console.print(f"[dim]{now}[/]  [{style or 'default'}]{escape(words)}[/]", highlight=False)

    def take_log(self, line: LogLine) -> None:
        """Print what the controller warns of, unless the journal says it in better words."""
        if line.get("level") not in ("warning", "error") or str(line.get("event")).startswith("policy"):
            return
        details = " ".join(f"{key}={_last_line(value)}" for key, value in line.items() if key not in _NO_NEWS)
        self.tell(f"The controller warns: {line.get('event')} {details}", "yellow")

    async def follow(self, journal: Path, policy: Path, *, printing: bool = True) -> None:
        """Print what the journal gets from now on, or, without `printing`, pass over what it has."""
        reader = Reader(place_of(str(journal)))
        try:
            self._read_policy(policy)
            while True:
                for entry in reader.entries(Query(after=self._seen)):
                    self._take(entry, policy, printing=printing)
                if not printing:
                    return
                await asyncio.sleep(_LOOK_EVERY_S)
        finally:
            reader.close()

    def _take(self, entry: Entry, policy: Path, *, printing: bool) -> None:
        self._seen = entry.sequence
        if entry.record.deed is Deed.POLICY:
            self._read_policy(policy)
        words = sentence(entry.record, self._named).replace(f"{policy.parent}/", "")
        if words and printing:
            self.tell(words, _STYLES.get(entry.record.deed, ""))

    def _read_policy(self, policy: Path) -> None:
        """For people's names only; a broken file leaves the names as they were, as it leaves the rights."""
        try:
            self._policy = load(policy).policy
        except PolicyFileError:
            return

    def _named(self, name: str) -> str:
        person = self._policy.person(name)
        return person.display if person else name


def _last_line(value: object) -> str:
    """Of a traceback, what went wrong."""
    return str(value).rstrip().rpartition("\n")[2]
