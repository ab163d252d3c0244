"""Finds a way to run an Asterisk on this machine.

1. a container, when an engine answers (container.py);
2. an Asterisk 20 or later that is installed (installed.py);
3. as root, a private root file system (private.py).

SUPERVISE_ASTERISK=container|installed|private allows one of them only.
"""

import os
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from supervise.lab.asterisk.container import find_container
from supervise.lab.asterisk.installed import find_installed
from supervise.lab.asterisk.private import find_private
from supervise.lab.asterisk.ways import Way
from supervise.lab.errors import NoAsteriskError
from supervise.lab.progress import Progress

Finder = Callable[[Path, Progress], Coroutine[Any, Any, Way]]

FINDERS: Mapping[str, Finder] = {
    "container": find_container,
    "installed": find_installed,
    "private": find_private,
}


async def find_asterisk(cache: Path, progress: Progress, finders: Mapping[str, Finder] = FINDERS) -> Way:
    """The first way that works here, with all that it needs made and installed.

    Raises:
        NoAsteriskError: none does; says why for each, and what to do.
        LabError: the one that should work did not.
    """
    only = os.environ.get("SUPERVISE_ASTERISK", "")
    if only and only not in finders:
        raise NoAsteriskError(f"SUPERVISE_ASTERISK is {only!r}; it may be {', '.join(finders)}")
    reasons = []
    for name, find in finders.items():
        if only in ("", name):
            try:
                return await find(cache, progress)
            except NoAsteriskError as error:
                reasons.append(f"  {name}: {error}")
    raise NoAsteriskError("no Asterisk can be run here:\n" + "\n".join(reasons))
