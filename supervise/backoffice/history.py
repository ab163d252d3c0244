"""The journal for the board: sessions and refused attempts as each viewer may read them, and the export."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar

from aiohttp import web

from supervise.domain.board.sight import moment
from supervise.domain.ports import UnrecordedError
from supervise.domain.records import Deed, Record
from supervise.domain.rights.decisions import Sight
from supervise.domain.rights.policy import Policy
from supervise.domain.words import Source
from supervise.floor.house import House
from supervise.history.errors import JournalUnreadableError
from supervise.history.journal import HistoryJournal
from supervise.history.reading.reader import Entry, Query, Reader
from supervise.history.reading.rendering import Format, lines
from supervise.history.reading.sessions import Summary, summaries
from supervise.history.reading.sights import View, about, by_policy, seen
from supervise.web import saying, shapes
from supervise.web.answers import answered
from supervise.web.api import source_of
from supervise.web.asked import HistoryAsked, query
from supervise.web.entry.door import Door
from supervise.web.entry.signins import Scope
from supervise.web.errors import Problem, bad_request, not_found, unavailable
from supervise.web.shapes import Json

MOST_LOOKED_AT = 2000
"""Sessions that one page may cost, whatever is looked for; the next page goes on from there."""

LINES = 500
"""Lines of an export at a time."""

ATTEMPT = "record-"
"""How the id of something begins that belongs to no session."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Page:
    items: list[Summary]
    next: int | None


class History:
    """The routes under ``/api/history``."""

    def __init__(self, house: House, journal: HistoryJournal, door: Door) -> None:
        """Read `journal`."""
        self._house = house
        self._journal = journal
        self._door = door

    def routes(self) -> Iterable[web.RouteDef]:
        """All of them."""
        return (
            web.get("/api/history", self._list),
            web.get("/api/history/mine", self._mine),
            web.get("/api/history.csv", self._csv),
            web.get("/api/history.jsonl", self._jsonl),
            web.get("/api/history/{id}", self._one),
        )

    async def _list(self, request: web.Request) -> web.Response:
        person = self._door.viewer(request, Scope.HISTORY).person
        wanted = query(request, HistoryAsked)
        return answered(await self._page(wanted, self._view(person), person))

    async def _mine(self, request: web.Request) -> web.Response:
        """Who was with me: what the house tells agents, whatever the rules say."""
        person = self._door.viewer(request, Scope.HISTORY).person
        wanted = query(request, HistoryAsked)
        keeping, now = self._house.source.policy.house.keeping, self._house.now()
        masked = _masking(about(person, keeping, now), self._house.source.policy, person)
        return answered(await self._page(wanted.model_copy(update={"whom": person}), masked, person))

    def _view(self, person: str, right: Sight = Sight.HISTORY) -> View:
        return by_policy(self._house.source.policy, person, self._house.now(), right)

    async def _page(self, wanted: HistoryAsked, view: View, person: str) -> Json:
        policy = self._house.source.policy
        asked = _query(wanted, policy)

        def read(reader: Reader) -> _Page:
            return _read(reader, wanted, asked, view)

        page = await self._ask(read)
        return {
            "items": [entry(each, policy) for each in page.items],
            "next": None if page.next is None else str(page.next),
            "export": _exports(policy, person),
        }

    async def _one(self, request: web.Request) -> web.Response:
        person = self._door.viewer(request, Scope.HISTORY).person
        id_, policy = request.match_info["id"], self._house.source.policy
        found = await self._ask(lambda reader: list(seen(_entries(reader, id_), self._view(person))))
        if not found:
            found = await self._ask(lambda reader: list(seen(_entries(reader, id_), self._about(person))))
        if not found:
            raise not_found()
        return answered(detail(Summary(found), policy))

    def _about(self, person: str) -> View:
        policy = self._house.source.policy
        return _masking(about(person, policy.house.keeping, self._house.now()), policy, person)

    async def _ask(self, question: Callable[[Reader], T]) -> T:
        try:
            return await self._journal.ask(question)
        except JournalUnreadableError as error:
            raise unavailable(f"The journal cannot be read: {error}") from error

    # --- the export

    async def _csv(self, request: web.Request) -> web.StreamResponse:
        return await self._export(request, Format.CSV, "text/csv")

    async def _jsonl(self, request: web.Request) -> web.StreamResponse:
        return await self._export(request, Format.JSONL, "application/jsonl")

    async def _export(self, request: web.Request, how: Format, kind: str) -> web.StreamResponse:
        """The export is in the journal before its first line goes out."""
        found = self._door.viewer(request, Scope.HISTORY)
        wanted = query(request, HistoryAsked)
        policy = self._house.source.policy
        if not _exports(policy, found.person):
            raise Problem(403, "not-allowed", "The policy does not allow you to export.")
        view, asked = self._view(found.person, Sight.EXPORT), replace(_query(wanted, policy), newest_first=False)
        try:
            await self._house.journal.write(self._record(found.person, source_of(found), wanted, how))
        except UnrecordedError as error:
            raise unavailable("The journal cannot be written, so nothing is taken out of it.") from error
        answer = web.StreamResponse(headers={"Content-Disposition": f'attachment; filename="supervise.{how.value}"'})
        answer.content_type, answer.charset = kind, "utf-8"
        await answer.prepare(request)

        def begin(reader: Reader) -> Iterator[str]:
            return lines(reader.name(), seen(reader.entries(asked), view), how)

        told = await self._ask(begin)
        while text := await asyncio.to_thread(lambda: "".join(f"{line}\n" for line in islice(told, LINES))):
            await answer.write(text.encode())
        await answer.write_eof()
        return answer

    def _record(self, person: str, source: Source, wanted: HistoryAsked, how: Format) -> Record:
        filters = wanted.model_dump(exclude_defaults=True, by_alias=True)
        return Record(
            Deed.EXPORT,
            at=self._house.now(),
            supervisor=person,
            source=source,
            policy=self._house.source.policy.hash,
            reason=how.value,
            detail={name: str(value) for name, value in filters.items()},
        )


def _exports(policy: Policy, person: str) -> bool:
    known = policy.person(person)
    return known is not None and any(known.role in rule.who and Sight.EXPORT in rule.may for rule in policy.rules)


def _masking(view: View, policy: Policy, viewer: str) -> View:
    """A view whose numbers are as the viewer may read them."""

    def masked(record: Record) -> Record | None:
        found = view(record)
        return None if found is None else replace(found, number=policy.number_for(viewer, found.number))

    return masked


def _query(wanted: HistoryAsked, policy: Policy) -> Query:
    """What the journal can look for by itself; people may be given by their extension."""
    return Query(
        supervisor=_name(policy, wanted.who),
        agent=_name(policy, wanted.whom),
        since=_moment(wanted.from_, policy),
        until=_moment(wanted.to, policy),
        before=wanted.before,
        newest_first=True,
    )


def _name(policy: Policy, given: str) -> str | None:
    if not given:
        return None
    person = policy.person(given) or policy.person_by_extension(given)
    return given if person is None else person.name


def _moment(text: str, policy: Policy) -> datetime | None:
    """A day or a moment; without a zone it is in that of the house."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo is not None else found.replace(tzinfo=policy.house.zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise bad_request("from and to are days or moments, such as 2026-11-21 or 2026-11-21T13:00:00Z") from error


def _read(reader: Reader, wanted: HistoryAsked, asked: Query, view: View) -> _Page:
    """One page. What the journal cannot look for is looked for here, among so many sessions and no more.

    A number is compared as the viewer may read it, so that nobody guesses one that is masked for them.
    """
    items: list[Summary] = []
    looked = 0
    for looked, each in enumerate(summaries(reader, asked, view), 1):
        if (not wanted.number or wanted.number in each.head.number) and wanted.outcome in ("", each.outcome):
            items.append(each)
        if len(items) >= wanted.limit or looked >= MOST_LOOKED_AT:
            return _Page(items, each.sequence)
    del looked
    return _Page(items, None)


def _entries(reader: Reader, id_: str) -> Sequence[Entry]:
    if id_.startswith(ATTEMPT) and id_.removeprefix(ATTEMPT).isdecimal() and len(id_) < len(ATTEMPT) + 19:
        found = reader.record(int(id_.removeprefix(ATTEMPT)))
        return [] if found is None else [found]
    return reader.of_sessions([id_]).get(id_, []) if id_ else []


# --- in JSON


def entry(summary: Summary, policy: Policy) -> Json:
    """A session or a refused attempt in one line."""
    head, lasted = summary.head, summary.lasted
    refused = head.deed is Deed.REFUSED
    return {
        "id": head.session if head.session and not refused else f"{ATTEMPT}{summary.sequence}",
        "began": moment(summary.began.astimezone(UTC)),
        "lasted_s": None if lasted is None or refused else round(lasted.total_seconds(), 1),
        "supervisor": shapes.person(policy, head.supervisor),
        "agent": shapes.person(policy, head.agent),
        "number": head.number,
        "modes": list(summary.modes),
        "visibilities": sorted(summary.visibilities),
        "source": head.source,
        "refused": refused,
        "says": saying.outcome(summary.outcome, refused=refused),
    }


def detail(summary: Summary, policy: Policy) -> Json:
    """The same, step by step."""
    head = summary.head
    return {
        **entry(summary, policy),
        "node": head.node,
        "call": head.call,
        "reason": head.reason_code and policy.reasons.get(head.reason_code, head.reason_code),
        "policy": head.policy,
        "steps": [_step(each.record, head) for each in summary.entries],
    }


def _step(record: Record, head: Record) -> Json:
    after = record.at - head.at if record.elapsed is None or head.elapsed is None else record.elapsed - head.elapsed
    return {
        "at": moment(record.at.astimezone(UTC)),
        "after_s": round(after.total_seconds(), 3),
        "deed": record.deed,
        "mode": record.mode,
        "muted": record.muted,
        "visibility": record.visibility,
        "source": record.source,
        "rule": record.rule,
        "says": saying.outcome(record.reason, refused=record.deed is Deed.REFUSED),
    }
