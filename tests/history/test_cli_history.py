"""``supervise history`` as a person types it."""

import asyncio
import csv
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from supervise.cli_history import history_app
from supervise.domain.records import Deed, Record
from supervise.domain.words import Mode, Source, Visibility
from supervise.history.journal import HistoryJournal
from supervise.history.storage import outbox
from supervise.history.storage.outbox import Parcel
from supervise.history.storage.place import JournalPlace
from tests.history.helpers import NOON

pytestmark = pytest.mark.unit

OPENED = Record(
    Deed.OPENED,
    NOON,
    node="pbx1",
    session="s1",
    supervisor="anna",
    agent="ben",
    call="1.7",
    number="+4930123",
    mode=Mode.MONITOR,
    muted=True,
    visibility=Visibility.VISIBLE,
    source=Source.PHONE,
    rule="policy.yaml:12",
    policy="c0ffee",
    elapsed=timedelta(0),
)
STORY = (
    OPENED,
    replace(OPENED, deed=Deed.MODE, mode=Mode.COACH, elapsed=timedelta(seconds=9)),
    replace(OPENED, deed=Deed.CLOSED, reason="left", mode=Mode.COACH, elapsed=timedelta(seconds=65)),
    Record(Deed.REFUSED, NOON, supervisor="=2+5", agent="\x1b[31mben", reason="not-allowed"),
)


@pytest.fixture
def path(sqlite_place: JournalPlace) -> str:
    """A journal with one session and one refused attempt of somebody who means harm."""

    async def fill() -> None:
        async with HistoryJournal(sqlite_place) as journal:
            for record in STORY:
                await journal.write(record)

    asyncio.run(fill())
    return sqlite_place.text


def run(path: str, *words: str) -> Result:
    """What a command prints and how it ends."""
    return CliRunner().invoke(history_app, ["--journal", path, *words])


def test_list_shows_a_session_in_a_line(path: str) -> None:
    """Who, whom, how long, in which modes, and how it ended; the newest first."""
    lines = run(path, "list").stdout.splitlines()
    expected = "1 2026-07-01 12:00:00 0:01:05 anna ben +4930123 monitor coach visible left"
    assert " ".join(lines[2].split()) == expected
    assert "not-allowed" in lines[1]


def test_a_terminal_is_not_obeyed(path: str) -> None:
    """Escapes in a name are shown as what they are not."""
    assert "\x1b" not in run(path, "list").stdout
    assert "\x1b" not in run(path, "export", "--format", "csv").stdout


def test_conditions_narrow(path: str) -> None:
    """Conditions hold together, and what matches none of them is not listed."""
    assert len(run(path, "list", "agent=ben", "since=2026-07-01T12:00").stdout.splitlines()) == 2
    assert len(run(path, "list", "agent=ben", "until=2026-07-01").stdout.splitlines()) == 1
    assert len(run(path, "list", "shown").stdout.splitlines()) == 1
    assert len(run(path, "list", "--limit", "1").stdout.splitlines()) == 2


@pytest.mark.parametrize("words", [["agnt=ben"], ["since=yesterday"], ["deed=opend"], ["ben"]])
def test_a_mistaken_condition_is_explained(path: str, words: list[str]) -> None:
    """A condition that is none ends in words about it and not in an empty list."""
    result = run(path, "list", *words)
    assert result.exit_code == 2
    assert words[0].split("=")[0] in result.output


@pytest.mark.parametrize("which", ["s1", "2"])
def test_show_tells_everything(path: str, which: str) -> None:
    """A session is shown whole, by its id or by any of its records."""
    shown = run(path, "show", which).stdout
    assert [
        word for word in ("opened", "mode", "closed", "rule policy.yaml:12 of policy c0ffee") if word not in shown
    ] == []


def test_show_says_when_there_is_nothing(path: str) -> None:
    """A session that is not there is an error in words."""
    result = run(path, "show", "nope")
    assert (result.exit_code, "no such session" in result.output) == (2, True)


def test_a_spreadsheet_does_not_calculate(path: str, tmp_path: Path) -> None:
    """No cell of an export begins as a formula does, and the file is its owner's alone."""
    out = tmp_path / "out.csv"
    assert run(path, "export", "--format", "csv", "--out", str(out)).exit_code == 0
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert not [cell for row in rows for cell in row.values() if cell[:1] in tuple("=+-@")]
    assert [row["deed"] for row in rows] == ["opened", "mode", "closed", "refused", "export"]
    assert out.stat().st_mode & 0o077 == 0


def test_an_export_is_recorded_before_it_is_made(path: str) -> None:
    """The export stands in the journal, with who, what and where to, and in itself."""
    events = [json.loads(line) for line in run(path, "export", "deed=export,opened").stdout.splitlines()]
    assert [event["deed"] for event in events] == ["opened", "export"]
    assert events[1]["detail"]["which"] == "deed=export,opened"


def test_no_export_without_a_record(path: str) -> None:
    """A journal that cannot be written gives nothing away."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        result = run(path, "export")
    assert result.exit_code == 2
    assert "anna" not in result.output


def test_verify_ends_with_what_it_found(path: str) -> None:
    """A whole journal ends with 0; an edited one with 1, and names the record."""
    assert run(path, "verify").exit_code == 0
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE records SET agent = 'dora' WHERE sequence = 2")
        database.commit()
    result = run(path, "verify")
    assert (result.exit_code, "EDITED: record 2" in result.stdout) == (1, True)


def test_verify_compares_with_a_log(path: str, tmp_path: Path) -> None:
    """An anchor in a log finds a journal that was sealed anew."""
    name = run(path, "verify").stdout.split()[1].rstrip(":")
    log = tmp_path / "log"
    log.write_text(json.dumps({"event": "journal-anchor", "journal": name, "record": 3, "seal": "00" * 32}) + "\n")
    result = run(path, "verify", "--log", str(log))
    assert (result.exit_code, "REWRITTEN: record 3" in result.stdout) == (1, True)


def test_a_missing_journal_is_not_an_empty_one(tmp_path: Path) -> None:
    """Where there is no journal, nothing is listed and nothing is made."""
    result = run(str(tmp_path / "nope.db"), "list")
    assert (result.exit_code, result.stdout, list(tmp_path.iterdir())) == (2, "", [])


def test_a_person_sees_what_the_policy_lets_them(path: str, tmp_path: Path) -> None:
    """With --as, the rights of the policy hold; without a policy there is nothing to hold by."""
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        "people: {anna: {role: lead, endpoint: '301'}, zoe: {role: lead, endpoint: '302'}, ben: {role: agent}}\n"
        "teams: {sales: {leads: [anna], members: [ben]}, support: {leads: [zoe]}}\n"
        "roles: {lead: , agent: }\n"
        "rules: [{who: lead, may: [see-history], whom: own-teams}]\n"
    )
    found = {
        viewer: len(run(path, "--policy", str(policy), "--as", viewer, "list").stdout.splitlines()) - 1
        for viewer in ("anna", "zoe", "nobody")
    }
    assert found == {"anna": 1, "zoe": 0, "nobody": 0}
    assert run(path, "--as", "anna", "list").exit_code == 2


def test_about_me_shows_an_agent_their_own(path: str) -> None:
    """An agent reads who was with them, and not who tried."""
    lines = run(path, "about-me", "ben").stdout.splitlines()
    assert len(lines) == 2
    assert "anna" in lines[1]


def test_a_copy_is_the_same_journal(path: str, tmp_path: Path) -> None:
    """A copied journal verifies, has the same end, and a second copy does not overwrite it."""
    other = str(tmp_path / "other.db")
    assert run(path, "copy", other).exit_code == 0
    assert run(other, "verify").stdout.splitlines()[0] == run(path, "verify").stdout.splitlines()[0]
    again = run(path, "copy", other)
    assert (again.exit_code, "already" in again.output) == (2, True)


def test_dead_letters_are_listed_and_revived(path: str) -> None:
    """What a receiver has not taken is listed with the reason, and tried again when a person says so."""

    async def fail() -> None:
        letter = Parcel(2, "s1", 30, NOON, "answered 500", dead=True)
        async with HistoryJournal(JournalPlace(path)) as journal:
            await journal.run(partial(outbox.reached, hook="crm"))
            await journal.run(partial(outbox.advance, hook="crm", sequence=4, failed=[letter]))

    asyncio.run(fail())
    assert "2  given up, 30 attempts, session s1: answered 500" in run(path, "undelivered").stdout
    assert run(path, "redeliver", "crm").stdout == "1 dead letters will be tried again\n"
    assert "due" in run(path, "undelivered").stdout


def test_the_schema_in_the_documentation_is_the_one_in_force(path: str) -> None:
    """What is written for other people's programs is what exports and webhooks carry."""
    written = Path(__file__).parents[2] / "docs" / "journal-event.schema.json"
    assert json.loads(run(path, "schema").stdout) == json.loads(written.read_text())
