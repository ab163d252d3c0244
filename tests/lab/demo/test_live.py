import asyncio
import io
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from supervise.domain.records import Deed, Record
from supervise.domain.words import Mode, Visibility
from supervise.history.journal import HistoryJournal
from supervise.history.storage.place import JournalPlace
from supervise.lab.demo.live import Live
from supervise.lab.demo.policy import POLICY
from tests.history.helpers import eventually

pytestmark = pytest.mark.unit


async def test_the_live_log(tmp_path: Path) -> None:
    """What is written into the journal is told at once in people's names; what was there before is passed over."""
    policy, journal = tmp_path / "policy.yaml", tmp_path / "journal.db"
    policy.write_text(POLICY)
    told = io.StringIO()
    live = Live(Console(file=told, width=200))
    async with HistoryJournal(JournalPlace(str(journal))) as book:
        await book.write(record(Deed.OPENED))
        await live.follow(journal, policy, printing=False)
        following = asyncio.create_task(live.follow(journal, policy))
        await book.write(record(Deed.VISIBILITY))
        await eventually(lambda: "Hilda Lead is visible to Anna Agent now" in told.getvalue())
        policy.write_text("people: [")
        book.note(Record(Deed.POLICY, at=datetime.now(UTC), detail={"problem": f"{policy}:1:9: broken"}))
        await eventually(lambda: "stays in force: policy.yaml:1:9: broken" in told.getvalue())
        await book.write(record(Deed.CLOSED))
        await eventually(lambda: "Hilda Lead has left" in told.getvalue())
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
    assert "monitors" not in told.getvalue()


def record(deed: Deed) -> Record:
    """Hilda with Anna, visible."""
    return Record(
        deed,
        at=datetime.now(UTC),
        node="pbx",
        session="0" * 32,
        supervisor="hilda",
        agent="anna",
        mode=Mode.MONITOR,
        muted=True,
        visibility=Visibility.VISIBLE,
        reason="left" if deed is Deed.CLOSED else "",
    )


def test_the_controllers_warnings() -> None:
    """A warning in the controller's log is told, of a traceback the last line; what the journal says better is not."""
    told = io.StringIO()
    live = Live(Console(file=told, width=200))
    live.take_log({"event": "serving", "level": "info"})
    live.take_log({"event": "policy broken, the last good one stays", "level": "error"})
    live.take_log({"event": "floor.failed", "level": "warning", "exception": "Traceback\n  File x\nValueError: [no]"})
    assert told.getvalue().split("  ", 1)[1] == "The controller warns: floor.failed exception=ValueError: [no]\n"
