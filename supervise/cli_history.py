"""``supervise history``: who listened to whom, when, how, by which right; and whether the journal can prove it."""

import asyncio
import getpass
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, NoReturn, TextIO

import structlog
import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import SQLAlchemyError

from supervise.domain.ports import UnrecordedError
from supervise.domain.records import Deed, Record
from supervise.domain.rights.decisions import Sight
from supervise.domain.rights.house import Keeping
from supervise.domain.rights.policy import Policy
from supervise.history.bench import measure
from supervise.history.copying import copy_journal
from supervise.history.errors import HistoryError
from supervise.history.findings import anchors_in
from supervise.history.journal import HistoryJournal
from supervise.history.reading import rendering, sights
from supervise.history.reading.events import Event
from supervise.history.reading.reader import Entry, Query, Reader
from supervise.history.reading.rendering import Format, plain
from supervise.history.reading.sessions import summaries
from supervise.history.storage import outbox
from supervise.history.storage.place import JournalPlace
from supervise.history.verify import check
from supervise.policyfile.errors import PolicyFileError
from supervise.policyfile.load import load

history_app = typer.Typer(no_args_is_help=True, help="Who listened to whom, and whether the journal can prove it.")

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[WHICH]...",
        help="Conditions that must all hold: agent=, supervisor=, number=, call=, session=, node=, deed=, since=, "
        "until= (UTC, as 2026-07-01 or 2026-07-01T08:30), and shown (in the call's and the customer's history).",
    ),
]


@dataclass(frozen=True, slots=True)
class Desk:
    """Which journal is read, and on whose behalf."""

    journal: JournalPlace
    policy: Path | None
    viewer: str | None

    def view(self, right: Sight) -> sights.View:
        """Everything, for whoever has the journal itself and names nobody; else what the policy lets a person see."""
        if self.viewer is None:
            return sights.everything
        if self.policy is None:
            _fail("--as needs --policy: a person sees what the policy lets them see")
        return sights.by_policy(_policy(self.policy), self.viewer, datetime.now(UTC), right)


@history_app.callback()
def at_desk(
    context: typer.Context,
    journal: Annotated[
        str, typer.Option(envvar="SUPERVISE_JOURNAL", help="The journal's file, or postgresql://user@host/database.")
    ] = "journal.db",
    witness: Annotated[
        Path | None, typer.Option(help="The witness's file, where it is not beside the journal.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(envvar="SUPERVISE_POLICY", help="The policy that says who may see what.")
    ] = None,
    viewer: Annotated[
        str | None, typer.Option("--as", help="Show what this person may see, by the policy. Without it: everything.")
    ] = None,
) -> None:
    """Who listened to whom, when, how, by which right; and whether the journal can prove it."""
    if not structlog.is_configured():
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    context.obj = Desk(JournalPlace(journal, witness), policy, viewer)


@history_app.command("list")
def list_(
    context: typer.Context,
    which: Words = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
) -> None:
    """List sessions and refused attempts, the newest first."""
    desk: Desk = context.obj
    with _reading(desk.journal) as reader:
        found = summaries(reader, replace(query_of(which or ()), newest_first=True), desk.view(Sight.HISTORY))
        _print(rendering.session_table(islice(found, limit)))


@history_app.command()
def show(
    context: typer.Context,
    session: Annotated[str, typer.Argument(help="A session's id, or the number of one of its records.")],
) -> None:
    """Show everything about one session: each record, with the rule and the policy behind it."""
    desk: Desk = context.obj
    with _reading(desk.journal) as reader:
        named = reader.record(int(session)) if session.isdecimal() else None
        known = session if named is None else named.record.session
        entries = [named] if named is not None and not known else reader.entries(Query(session=known))
        found = list(sights.seen(entries, desk.view(Sight.HISTORY)))
        if not found:
            _fail(f"{plain(session)}: no such session, or none that may be seen")
        _print(rendering.story(found))


@history_app.command()
def export(
    context: typer.Context,
    which: Words = None,
    how: Annotated[Format, typer.Option("--format", help="For people, spreadsheets or programs.")] = Format.JSONL,
    out: Annotated[Path | None, typer.Option(help="The file to write; without one, standard output.")] = None,
) -> None:
    """Write records out, the oldest first. The export is itself recorded, before its first line."""
    desk: Desk = context.obj
    query, view = query_of(which or ()), desk.view(Sight.EXPORT)
    with _reading(desk.journal) as reader:
        name = reader.name()
        asyncio.run(_record_export(desk, {"format": how, "to": str(out or "-"), "which": " ".join(which or ())}))
        with _output(out) as file, _progress(shown=out is not None) as count:
            entries = _counted(sights.seen(reader.entries(query), view), count)
            for line in rendering.lines(name, entries, how):
                file.write(line + "\n")


@history_app.command()
def verify(
    context: typer.Context,
    log: Annotated[
        list[Path] | None, typer.Option(help="A log of the controller (JSON lines) with anchors to compare with.")
    ] = None,
) -> None:
    """Check the whole chain, and say where it was edited, removed, cut off or sealed anew. Exit 1 if it was."""
    desk: Desk = context.obj
    with _told(), _progress(shown=True) as count:
        report = check(desk.journal, (anchor for path in log or [] for anchor in anchors_in(_lines(path))), count)
    _print(rendering.report(report))
    if report.findings:
        raise typer.Exit(1)


@history_app.command("about-me")
def about_me(
    context: typer.Context, agent: Annotated[str, typer.Argument(help="The agent's name in the policy.")]
) -> None:
    """Show an agent who was with them: visible sessions, and hidden ones when the policy says so."""
    desk: Desk = context.obj
    keeping = _policy(desk.policy).house.keeping if desk.policy else Keeping()
    with _reading(desk.journal) as reader:
        view = sights.about(agent, keeping, datetime.now(UTC))
        _print(rendering.session_table(summaries(reader, Query(agent=agent), view)))


@history_app.command()
def copy(
    context: typer.Context,
    target: Annotated[str, typer.Argument(help="Where to: a file or a database without a journal in it.")],
) -> None:
    """Copy the journal to another engine: records, seals, name and all. Stop the controller first."""
    desk: Desk = context.obj
    with _told(), _progress(shown=True) as count:
        copied = copy_journal(desk.journal, JournalPlace(target), count)
    typer.echo(f"{copied} records copied; now check them: supervise history --journal {target} verify")


@history_app.command()
def undelivered(context: typer.Context) -> None:
    """List what the webhooks' receivers have not taken yet, and the dead letters that were given up."""
    desk: Desk = context.obj
    with _reading(desk.journal) as reader, reader.connection() as connection:
        for hook in outbox.names(connection):
            parcels = [p for dead in (False, True) for p in outbox.kept(connection, hook, dead=dead)]
            typer.echo(f"{plain(hook)}: served up to record {outbox.reached(connection, hook)}")
            _print(rendering.parcels(parcels))


@history_app.command()
def redeliver(context: typer.Context, hook: Annotated[str, typer.Argument(help="The webhook's name.")]) -> None:
    """Try a webhook's dead letters again; the controller begins with them within half a minute."""
    desk: Desk = context.obj

    async def revive() -> int:
        async with HistoryJournal(desk.journal) as journal:
            return await journal.run(partial(outbox.revive, hook=hook, now=datetime.now(UTC)))

    with _reading(desk.journal):
        typer.echo(f"{asyncio.run(revive())} dead letters will be tried again")


@history_app.command()
def schema() -> None:
    """Print the JSON Schema of an event, as exports and webhooks carry it."""
    typer.echo(json.dumps(Event.model_json_schema(), indent=2))


@history_app.command()
def bench(
    context: typer.Context,
    records: Annotated[int, typer.Option(min=20_000, help="How many records to fill it with.")] = 100_000,
) -> None:
    """Fill a new journal in this place, measure it, print the figures as JSON, and leave it there."""
    desk: Desk = context.obj
    with _told(), _progress(shown=True) as count:
        figures = asyncio.run(measure(desk.journal, records, count))
    typer.echo(json.dumps(figures.told(), indent=2))


def query_of(words: Sequence[str]) -> Query:
    """The query that conditions such as ``agent=ben`` make."""
    given: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if name == "shown" and not equals:
            given["shown"] = True
        elif equals and name in _CONDITIONS:
            given |= _condition(name, value)
        else:
            near = get_close_matches(name, [*_CONDITIONS, "shown"], 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_CONDITIONS)} and shown"
            raise typer.BadParameter(f"{plain(word)} is no condition; {hint}")
    return Query(**given)


_TEXTS = ("agent", "supervisor", "number", "call", "session", "node")
_CONDITIONS = (*_TEXTS, "deed", "since", "until")


def _condition(name: str, value: str) -> dict[str, Any]:
    if name in _TEXTS:
        return {name: value}
    try:
        if name == "deed":
            return {"deeds": frozenset(map(Deed, value.split(",")))}
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise typer.BadParameter(f"{name}={plain(value)}: {error}") from error
    return {name: moment if moment.tzinfo else moment.replace(tzinfo=UTC)}


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(2)


@contextmanager
def _told() -> Iterator[None]:
    """Say what is wrong with a journal in one line."""
    try:
        yield
    except (HistoryError, UnrecordedError, SQLAlchemyError, OSError) as error:
        _fail(str(error))


@contextmanager
def _reading(journal: JournalPlace) -> Iterator[Reader]:
    with _told(), closing(Reader(journal.url)) as reader:
        reader.name()  # so that what is wrong is said before the first line is printed
        yield reader


def _policy(path: Path) -> Policy:
    try:
        return load(path).policy
    except PolicyFileError as error:
        _fail(str(error))


async def _record_export(desk: Desk, what: dict[str, str]) -> None:
    """Nothing is taken away that the journal does not say."""
    record = Record(
        Deed.EXPORT,
        datetime.now(UTC),
        supervisor=desk.viewer or "",
        policy="" if desk.policy is None else _policy(desk.policy).hash,
        detail={"user": getpass.getuser(), **what},
    )
    async with HistoryJournal(desk.journal) as journal:
        await journal.write(record)


def _print(text: Iterable[str]) -> None:
    for line in text:
        typer.echo(line)


def _lines(path: Path) -> Iterator[str]:
    with _told(), path.open(encoding="utf-8", errors="replace") as file:
        yield from file


@contextmanager
def _output(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
        return
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        yield file


@contextmanager
def _progress(*, shown: bool) -> Iterator[Callable[[int], None]]:
    """A line that counts, on a terminal, beside what is written."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.completed:.0f} {task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not (shown and console.is_terminal)) as progress:
        task = progress.add_task("records", total=None)
        yield lambda count: progress.update(task, completed=count)


def _counted(entries: Iterable[Entry], count: Callable[[int], None]) -> Iterator[Entry]:
    for number, entry in enumerate(entries, start=1):
        if number % 1000 == 0:
            count(number)
        yield entry
