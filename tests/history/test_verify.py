"""What *verify* finds in a journal that somebody has had in their hands."""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from sqlalchemy import Connection, create_engine, select, text, update

from supervise.domain.records import Deed, Record
from supervise.history.findings import Anchor, Fault, Finding, anchors_in
from supervise.history.journal import HistoryJournal
from supervise.history.storage.chain import Link
from supervise.history.storage.place import JournalPlace
from supervise.history.storage.seal import seal
from supervise.history.storage.tables import records
from supervise.history.verify import check

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
Tamper = Callable[[Connection], object]


def tamper(place: JournalPlace, deed: Tamper) -> None:
    """Do something to the database behind the journal's back."""
    engine = create_engine(place.url)
    with engine.begin() as database:
        deed(database)
    engine.dispose()


def sql(statement: str) -> Tamper:
    """A deed in one statement."""
    return lambda database: database.execute(text(statement))


def unsealed(database: Connection) -> None:
    """Put nonsense in the place of a seal."""
    database.execute(update(records).where(records.c.sequence == 5).values(seal=bytes(32)))


def resealed(database: Connection) -> None:
    """Edit a record and seal it and all that follow anew, as somebody who knows the code would."""
    database.execute(update(records).where(records.c.sequence == 4).values(agent="nobody"))
    previous = database.scalars(select(records.c.seal).where(records.c.sequence == 3)).one()
    for row in database.execute(select(records).where(records.c.sequence > 3).order_by("sequence")).mappings().all():
        previous = seal(previous, dict(row))
        database.execute(update(records).where(records.c.sequence == row["sequence"]).values(seal=previous))


@pytest.fixture
async def kept(place: JournalPlace) -> JournalPlace:
    """A journal of ten records, closed."""
    async with HistoryJournal(place) as journal:
        for number in range(10):
            await journal.write(Record(Deed.REFUSED, NOON, agent=f"agent{number}", detail={"n": str(number)}))
    return place


def test_an_untouched_journal_is_whole(kept: JournalPlace) -> None:
    """Nothing is found in a journal that nobody touched, and the witness agrees with it."""
    report = check(kept)
    assert (report.findings, report.records, report.anchored) == ([], 10, 1)


@pytest.mark.parametrize(
    ("deed", "findings"),
    [
        (sql("UPDATE records SET agent = 'nobody' WHERE sequence = 4"), [Finding(Fault.EDITED, 4, 4)]),
        (sql("UPDATE records SET at = at + 1 WHERE sequence = 1"), [Finding(Fault.EDITED, 1, 1)]),
        (sql("UPDATE records SET shown = true WHERE sequence = 10"), [Finding(Fault.EDITED, 10, 10)]),
        (sql("UPDATE records SET detail = 'x' WHERE sequence = 2"), [Finding(Fault.EDITED, 2, 2)]),
        (
            unsealed,
            [Finding(Fault.EDITED, 5, 5), Finding(Fault.EDITED, 6, 6)],
        ),
        (sql("UPDATE journal SET id = 'other'"), [Finding(Fault.EDITED, 1, 1)]),
        (sql("DELETE FROM records WHERE sequence = 4"), [Finding(Fault.REMOVED, 4, 4)]),
        (
            sql("DELETE FROM records WHERE sequence IN (1, 2, 7)"),
            [Finding(Fault.REMOVED, 1, 2), Finding(Fault.REMOVED, 7, 7)],
        ),
        (sql("DELETE FROM records WHERE sequence > 7"), [Finding(Fault.CUT_OFF, 8, 10)]),
        (sql("DELETE FROM records"), [Finding(Fault.CUT_OFF, 1, 10)]),
        (sql("UPDATE records SET version = 99 WHERE sequence = 3"), [Finding(Fault.UNKNOWN, 3, 3)]),
        (
            sql(
                "INSERT INTO records SELECT 11, version, deed, at, elapsed, node, session, supervisor, agent, call,"
                " number, mode, muted, visibility, source, rule, policy, reason, reason_code, shown, detail, seal"
                " FROM records WHERE sequence = 10"
            ),
            [Finding(Fault.EDITED, 11, 11)],
        ),
        (resealed, [Finding(Fault.REWRITTEN, 10, 10)]),
        (
            sql("UPDATE segments SET last = 5, last_seal = (SELECT seal FROM records WHERE sequence = 5), retired = 1"),
            [Finding(Fault.REMOVED, 1, 5)],
        ),
    ],
)
def test_each_way_of_tampering_is_found_where_it_is(kept: JournalPlace, deed: Tamper, findings: list[Finding]) -> None:
    """Whatever was done to the database, verify names the fault and the records."""
    tamper(kept, deed)
    assert check(kept).findings == findings


def test_anchors_find_what_the_witness_was_made_to_forget(kept: JournalPlace) -> None:
    """Who cuts the tail and the witness is found out by the anchor that went to the log."""
    tamper(kept, sql("DELETE FROM records WHERE sequence > 7"))
    witness = kept.witness_path
    assert witness is not None
    witness.unlink()
    assert check(kept).findings == []
    name = check(kept).journal
    anchor = Anchor(name, Link(9, sha256(b"whatever").digest()))
    assert check(kept, [anchor]).findings == [Finding(Fault.CUT_OFF, 8, 9)]


def test_a_replaced_journal_is_named(kept: JournalPlace) -> None:
    """Anchors of another journal show that this one is not the one that the log speaks of."""
    report = check(kept, [Anchor("elsewhere", Link(3, b""))])
    assert report.strangers == {"elsewhere"}
    assert report.findings == []


@pytest.mark.unit
def test_anchors_are_read_from_a_log_among_anything_else() -> None:
    """Lines that are no anchor, or a broken one, are passed over."""
    good = '{"event": "journal-anchor", "journal": "j", "record": 7, "seal": "00ff"}'
    people = "2026-07-01T12:00:00Z [info     ] journal-anchor                 journal=j record=8 seal=00fe"
    colours = "\x1b[1mjournal-anchor\x1b[0m \x1b[36mjournal\x1b[0m=\x1b[35mj\x1b[0m \x1b[36mrecord\x1b[0m=9 seal=00fd\n"
    nonsense = ["", "hello", '{"event": "journal-anchor"}', "journal-anchor", good[:-3], people.replace("=8", "=x")]
    lines = [*nonsense, f"Jul 01 host supervise: {good}", people, colours]
    expected = [Link(7, b"\x00\xff"), Link(8, b"\x00\xfe"), Link(9, b"\x00\xfd")]
    assert list(anchors_in(lines)) == [Anchor("j", link) for link in expected]
