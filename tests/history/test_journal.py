"""The journal as the floor uses it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervise.domain.records import Deed, Record
from supervise.domain.words import Mode, Source, Visibility
from supervise.history.errors import JournalClosedError, SessionOverError
from supervise.history.journal import HistoryJournal
from supervise.history.reading.reader import Query
from supervise.history.storage.place import JournalPlace
from supervise.history.storage.rows import DETAILS, TEXT, record_of, row_of

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
OPENING = Record(
    Deed.OPENED,
    NOON,
    node="pbx1",
    session="s1",
    supervisor="anna",
    agent="bert",
    call="1751371200.7",
    number="+493012345",
    mode=Mode.MONITOR,
    muted=True,
    visibility=Visibility.HIDDEN,
    source=Source.PHONE,
    rule="policy.yaml:12",
    policy="c0ffee",
    detail={"dialled": "*55201"},
    elapsed=timedelta(0),
    reason_code="7",
    shown=True,
)
CLOSING = replace(OPENING, deed=Deed.CLOSED, at=NOON + timedelta(minutes=3), elapsed=timedelta(minutes=3))


async def records(journal: HistoryJournal, query: Query | None = None) -> list[Record]:
    """All that a query finds."""
    return [entry.record async for entry in journal.read(query or Query())]


async def test_what_was_written_is_read_back_whole(place: JournalPlace) -> None:
    """Every field of a record survives the way to the disk and back, through another journal object."""
    async with HistoryJournal(place) as journal:
        await journal.write(OPENING)
    async with HistoryJournal(place) as journal:
        assert await records(journal) == [OPENING]


async def test_order_is_the_order_of_writing(place: JournalPlace) -> None:
    """Records are numbered without a gap in the order they were handed in, whatever their clocks say."""
    async with HistoryJournal(place) as journal:
        times = [NOON + timedelta(hours=jump) for jump in (0, 5, -3, 1)]
        await asyncio.gather(*(journal.write(Record(Deed.POLICY, at)) for at in times))
        found = [(entry.sequence, entry.record.at) async for entry in journal.read()]
        backwards = [entry.sequence async for entry in journal.read(Query(newest_first=True))]
    assert found == list(enumerate(times, start=1))
    assert backwards == [4, 3, 2, 1]


async def test_a_query_longer_than_a_page_is_complete(place: JournalPlace) -> None:
    """Pages join without a lost or a doubled record."""
    async with HistoryJournal(place) as journal:
        await asyncio.gather(*(journal.write(Record(Deed.PIN, NOON, agent=f"a{n % 2}")) for n in range(1201)))
        assert [entry.sequence async for entry in journal.read()] == list(range(1, 1202))
        assert len(await records(journal, Query(agent="a0"))) == 601


@pytest.mark.parametrize(
    "query",
    [
        Query(session="s1"),
        Query(agent="bert"),
        Query(supervisor="anna"),
        Query(call="1751371200.7"),
        Query(number="+493012345"),
        Query(node="pbx1"),
        Query(deeds=frozenset({Deed.OPENED})),
        Query(until=NOON + timedelta(seconds=1)),
        Query(agent="bert", since=NOON, until=NOON + timedelta(seconds=1)),
    ],
)
async def test_each_condition_finds_the_one_record(place: JournalPlace, query: Query) -> None:
    """Every condition of a query finds what has it and nothing else."""
    other = Record(
        Deed.REFUSED, NOON + timedelta(days=1), node="pbx2", session="s2", supervisor="cleo", agent="dora", call="9.9"
    )
    async with HistoryJournal(place) as journal:
        await journal.write(OPENING)
        await journal.write(other)
        assert await records(journal, query) == [OPENING]


async def test_hostile_text_is_bounded_and_storable(place: JournalPlace) -> None:
    """NULs, half surrogate pairs, escapes, quotes and ten kilobytes of name neither break a write nor grow the file."""
    texts = ["a\0b", "\ud83d half", "x" * 10_000, "'; DROP TABLE records; --", "\x1b[31mred", "Zoë 🎧"]
    async with HistoryJournal(place) as journal:
        for text in texts:
            await journal.write(Record(Deed.REFUSED, NOON, agent=text, detail={text: text}))
        kept = [record.agent for record in await records(journal)]
    assert [len(text) for text in kept] == [3, 6, TEXT, 25, 8, 5]
    assert kept[3:] == texts[3:]
    assert not {"\0", "\ud83d"} & set("".join(kept))


async def test_a_session_has_one_opening_and_one_closing(place: JournalPlace) -> None:
    """Writing an opening or a closing again changes nothing; opening a session that is over is refused."""
    async with HistoryJournal(place) as journal:
        for record in (OPENING, OPENING, CLOSING, CLOSING):
            await journal.write(record)
        with pytest.raises(SessionOverError):
            await journal.write(OPENING)
        assert await records(journal) == [OPENING, CLOSING]


async def test_a_crash_leaves_no_session_open(place: JournalPlace) -> None:
    """A start closes what a crash left open, marks it so, and leaves alone what goes on or is another node's."""
    async with HistoryJournal(place) as journal:
        for session, node in (("s1", "pbx1"), ("s2", "pbx1"), ("s3", "pbx2"), ("s4", "pbx1")):
            await journal.write(replace(OPENING, session=session, node=node))
        await journal.write(replace(CLOSING, session="s4"))
    async with HistoryJournal(place) as journal:
        later = NOON + timedelta(hours=1)
        written = await journal.recover(later, alive=lambda: {"s2"}, nodes={"pbx1"})
        again = await journal.recover(later, alive=lambda: {"s2"}, nodes={"pbx1"})
        closed = [r for r in await records(journal) if r.deed is Deed.CLOSED and r.session != "s4"]
    assert [(r.session, r.at, r.reason) for r in closed] == [("s1", later, "recovered")]
    assert written == closed
    assert again == []


async def test_a_session_that_begins_meanwhile_is_not_closed(place: JournalPlace) -> None:
    """Whoever goes on is asked for when the openings have been read: one may have begun while they were."""
    running = set[str]()
    async with HistoryJournal(place) as journal:
        await journal.write(replace(OPENING, session="left by a crash"))
        unclosed = journal._reader.unclosed

        def slowly() -> list[Record]:
            asyncio.run_coroutine_threadsafe(begin(), loop).result()
            return unclosed()

        async def begin() -> None:
            running.add("new")
            await journal.write(replace(OPENING, session="new"))

        loop, journal._reader.unclosed = asyncio.get_running_loop(), slowly  # type: ignore[method-assign]  # to be slow
        written = await journal.recover(NOON, alive=lambda: running)
    assert [record.session for record in written] == ["left by a crash"]


async def test_limits_count_openings_since_a_moment(place: JournalPlace) -> None:
    """What a limit counts are the sessions opened since a moment, of an agent, a supervisor, or both."""
    async with HistoryJournal(place) as journal:
        for hour in range(5):
            await journal.write(replace(OPENING, session=f"s{hour}", at=NOON + timedelta(hours=hour)))
            await journal.write(replace(CLOSING, session=f"s{hour}", at=NOON + timedelta(hours=hour)))
        await journal.write(replace(OPENING, session="other", agent="dora"))
        since = NOON + timedelta(hours=2)
        assert await journal.sessions(since=since, agent="bert") == 3
        assert await journal.sessions(since=NOON, supervisor="anna") == 6
        assert await journal.sessions(since=NOON, supervisor="anna", agent="dora") == 1
        assert await journal.sessions(since=since, supervisor="zoe") == 0


async def test_a_session_counts_for_each_agent_it_was_about(place: JournalPlace) -> None:
    """Once for each, however often its supervisor goes from one to the other."""
    turned = replace(OPENING, deed=Deed.TARGET, reason="chosen")
    async with HistoryJournal(place) as journal:
        await journal.write(OPENING)
        for agent in ("dora", OPENING.agent, "dora"):
            await journal.write(replace(turned, agent=agent))
        await journal.write(replace(turned, agent="emil", reason="agent-left"))
        await journal.write(replace(turned, agent="fred", reason="customer"))
        counts = [await journal.sessions(since=NOON, agent=a) for a in ("dora", OPENING.agent, "emil", "fred")]
        assert counts == [1, 1, 1, 0]


async def test_a_closed_journal_takes_nothing(place: JournalPlace) -> None:
    """Before it is opened and after it is closed, a journal refuses records."""
    journal = HistoryJournal(place)
    with pytest.raises(JournalClosedError):
        await journal.write(OPENING)
    async with journal:
        assert journal.healthy
    assert not journal.healthy
    with pytest.raises(JournalClosedError):
        await journal.write(OPENING)


async def test_notes_are_durable_when_the_journal_closes(place: JournalPlace) -> None:
    """What was noted and not waited for is on the disk once the journal is closed."""
    async with HistoryJournal(place) as journal:
        for number in range(700):
            journal.note(Record(Deed.REFUSED, NOON, number=str(number)))
    async with HistoryJournal(place) as journal:
        assert [record.number for record in await records(journal)] == [str(number) for number in range(700)]


async def test_a_moment_needs_a_time_zone_and_an_opening_a_session(place: JournalPlace) -> None:
    """Records that mean nothing are the caller's mistake and are refused as such."""
    async with HistoryJournal(place) as journal:
        with pytest.raises(ValueError, match="no time zone"):
            await journal.write(Record(Deed.POLICY, datetime(2026, 7, 1, 12)))  # noqa: DTZ001 - the mistake itself
        with pytest.raises(ValueError, match="needs a session"):
            await journal.write(Record(Deed.OPENED, NOON))


TEXTS = st.text(max_size=TEXT * 2)


@pytest.mark.unit
@given(
    st.builds(
        Record,
        deed=st.sampled_from([deed for deed in Deed if deed not in (Deed.OPENED, Deed.CLOSED)]),
        at=st.datetimes(timezones=st.just(UTC)),
        number=TEXTS,
        agent=TEXTS,
        mode=st.none() | st.sampled_from(Mode),
        muted=st.none() | st.booleans(),
        visibility=st.none() | st.sampled_from(Visibility),
        source=st.none() | st.sampled_from(Source),
        detail=st.dictionaries(TEXTS, TEXTS, max_size=DETAILS + 5),
        elapsed=st.none() | st.timedeltas(),
    )
)
def test_cleaning_twice_is_cleaning_once(record: Record) -> None:
    """Whatever a record holds, what is kept of it is a record that is kept unchanged."""
    kept = record_of(row_of(record))
    assert record_of(row_of(kept)) == kept
    assert len(kept.agent) <= TEXT
    assert len(kept.detail) <= DETAILS
