"""Telling another system: signed, in order, at least once, whatever the receiver does."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from aiohttp import ClientSession, ClientTimeout, web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from structlog.testing import capture_logs

from supervise.domain.records import Deed, Record
from supervise.history.journal import HistoryJournal
from supervise.history.storage import outbox
from supervise.history.storage.place import JournalPlace
from supervise.history.telling import dispatch, webhooks
from supervise.history.telling.dispatch import Dispatcher
from supervise.history.telling.webhooks import EVENT, SIGNATURE, Hook, is_genuine, signature
from tests.history.helpers import NOON, OPENING, MovedClock, eventually

SECRET = SecretStr("between us")
SHOWN = replace(OPENING, shown=True)


@dataclass
class Receiver:
    """Another system, which answers as it is told and remembers what it has taken."""

    taken: list[tuple[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    genuine: list[bool] = field(default_factory=list)
    answer: Callable[[dict[str, str]], Awaitable[web.StreamResponse | int]] | None = None
    clock: MovedClock = field(default_factory=MovedClock)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Take an event, or whatever `answer` says."""
        body = await request.read()
        event = json.loads(body)
        self.asked.append(request.headers[EVENT])
        self.genuine.append(is_genuine(SECRET, body, request.headers[SIGNATURE], self.clock()))
        told = 200 if self.answer is None else await self.answer(event)
        if isinstance(told, web.StreamResponse):
            return told
        if told == 200:
            self.taken.append((event["session"], event["deed"]))
        return web.Response(status=told)


@dataclass
class Desk:
    """A journal, a receiver, and what goes between them."""

    journal: HistoryJournal
    receiver: Receiver
    dispatcher: Dispatcher
    clock: MovedClock
    url: str
    client: ClientSession

    async def write(self, *records: Record) -> None:
        """Put records into the journal."""
        for record in records:
            await self.journal.write(record)

    async def deliver(self, rounds: int = 50) -> None:
        """Deliver until there is nothing to do."""
        for _ in range(rounds):
            if not await self.dispatcher.step():
                return
        pytest.fail("the dispatcher does not come to rest")

    def restarted(self, hook: Hook | None = None) -> Dispatcher:
        """A dispatcher that knows only what the journal knows."""
        return Dispatcher(self.journal, hook or self.hook(), self.client, self.clock)

    def hook(self) -> Hook:
        """The receiver as the journal knows it."""
        return Hook("crm", self.url, SECRET)


@pytest.fixture
async def desk(place: JournalPlace, clock: MovedClock) -> AsyncIterator[Desk]:
    """Everything ready, and the hook known to the journal."""
    receiver = Receiver(clock=clock)
    application = web.Application()
    application.router.add_post("/hook", receiver.take)
    async with TestServer(application) as server, ClientSession() as client, HistoryJournal(place, clock) as journal:
        url = str(server.make_url("/hook"))
        ready = Desk(
            journal, receiver, Dispatcher(journal, Hook("crm", url, SECRET), client, clock), clock, url, client
        )
        await ready.deliver()
        yield ready


def story(session: str) -> tuple[Record, ...]:
    """A session's records."""
    deeds = (Deed.OPENED, Deed.MODE, Deed.MUTE, Deed.CLOSED)
    return tuple(replace(SHOWN, session=session, deed=deed) for deed in deeds)


def told(session: str) -> list[tuple[str, str]]:
    """A session's records as a receiver takes them."""
    return [(session, record.deed.value) for record in story(session)]


async def test_every_record_arrives_signed_once_and_in_order(desk: Desk) -> None:
    """A receiver that works gets each record once, in the session's order, with a signature that holds."""
    await desk.write(*story("s1"), *story("s2"))
    await desk.deliver()
    for session in ("s1", "s2"):
        assert [event for event in desk.receiver.taken if event[0] == session] == told(session)
    assert len(desk.receiver.asked) == len(set(desk.receiver.asked)) == 8
    assert all(desk.receiver.genuine)


async def test_only_what_may_show_is_told(desk: Desk) -> None:
    """A session that may not show in the customer's history is not told to a CRM; a hook for all gets it."""
    await desk.write(OPENING)
    await desk.deliver()
    assert desk.receiver.taken == []
    everything = desk.restarted(replace(desk.hook(), name="archive", only_shown=False))
    await everything.step()
    await desk.write(replace(OPENING, session="s2"))
    await everything.step()
    assert desk.receiver.taken == [("s2", "opened")]


async def test_a_receiver_that_fails_gets_it_later_and_in_order(desk: Desk) -> None:
    """While a receiver fails for one session the others go on; afterwards nothing is lost and nothing overtakes."""
    failing = {"s1"}

    async def answer(event: dict[str, str]) -> int:
        return 503 if event["session"] in failing else 200

    desk.receiver.answer = answer
    await desk.write(*story("s1")[:2], *story("s2"))
    await desk.deliver()
    assert desk.receiver.taken == told("s2")
    failing.clear()
    await desk.write(*story("s1")[2:])
    desk.clock.move(timedelta(seconds=1))
    await desk.deliver()
    assert desk.dispatcher.waiting == 4
    await desk.deliver()
    assert desk.receiver.taken == told("s2")
    desk.clock.move(timedelta(seconds=1))
    await desk.deliver()
    assert desk.receiver.taken == [*told("s2"), *told("s1")]
    assert desk.dispatcher.waiting == 0


async def test_a_restart_forgets_nothing(desk: Desk) -> None:
    """What had not been delivered when the controller ended is delivered by the next."""
    desk.receiver.answer = lambda _: _later(500)
    await desk.write(*story("s1"))
    await desk.deliver()
    desk.receiver.answer = None
    desk.clock.move(timedelta(hours=1))
    desk.dispatcher = desk.restarted()
    await desk.deliver()
    assert desk.receiver.taken == told("s1")


async def test_what_never_succeeds_becomes_a_dead_letter(desk: Desk) -> None:
    """After its attempts a parcel is dead, what waited behind it goes on, and a person can revive it."""

    async def answer(event: dict[str, str]) -> int:
        return 400 if event["deed"] == "opened" else 200

    desk.receiver.answer = answer
    await desk.write(*story("s1"))
    for _ in range(outbox.MOST):
        await desk.deliver()
        desk.clock.move(outbox.LONGEST)
    await desk.deliver()
    assert desk.receiver.taken == told("s1")[1:]
    letters = await desk.journal.run(lambda connection: outbox.kept(connection, "crm", dead=True))
    assert [(letter.sequence, letter.fault) for letter in letters] == [(1, "answered 400")]
    desk.receiver.answer = None
    assert await desk.journal.run(lambda connection: outbox.revive(connection, "crm", desk.clock())) == 1
    desk.dispatcher = desk.restarted()
    await desk.deliver()
    assert desk.receiver.taken[-1] == ("s1", "opened")


async def test_a_receiver_that_is_down_is_given_a_rest(desk: Desk) -> None:
    """An outage parks a few sessions and no more, and after it everything arrives."""
    desk.receiver.answer = lambda _: _later(502)
    sessions = [f"s{number}" for number in range(dispatch.PAGE * 3)]
    await desk.write(*(replace(SHOWN, session=session) for session in sessions))
    await desk.deliver()
    assert desk.dispatcher.waiting <= dispatch.PAGE
    desk.receiver.answer = None
    desk.clock.move(timedelta(hours=1))
    await desk.deliver()
    assert sorted(desk.receiver.taken) == sorted((session, "opened") for session in sessions)


async def test_a_receiver_that_hangs_costs_its_time_limit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer is a failure, as is one that never ends its headers, and it is said which."""
    monkeypatch.setattr(webhooks, "_LIMIT", ClientTimeout(total=0.1))
    release = asyncio.Event()

    async def hang(_: dict[str, str]) -> int:
        await release.wait()
        return 200

    desk.receiver.answer = hang
    await desk.write(SHOWN)
    await desk.deliver()
    release.set()
    letters = await desk.journal.run(lambda connection: outbox.kept(connection, "crm", dead=False))
    assert [letter.fault for letter in letters] == ["no answer within 0.1 s"]


@pytest.mark.parametrize("status", [301, 307, 404, 410, 500])
async def test_a_lie_is_not_believed(desk: Desk, status: int) -> None:
    """Anything but success is a failure; a redirect is not followed, wherever it points."""

    async def lie(_: dict[str, str]) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": desk.url}, body=b"ok")

    desk.receiver.answer = lie
    await desk.write(SHOWN)
    await desk.deliver()
    assert (len(desk.receiver.asked), desk.dispatcher.waiting) == (1, 1)


async def test_an_answer_without_end_is_not_read(desk: Desk) -> None:
    """A receiver that says yes and then talks for ever has said yes, and is not listened to."""
    heard = asyncio.Event()

    async def talk(_: dict[str, str]) -> web.StreamResponse:
        heard.set()
        return web.Response(body=b"x" * 50_000_000)

    desk.receiver.answer = talk
    await desk.write(SHOWN)
    await desk.deliver()
    assert (heard.is_set(), desk.dispatcher.waiting) == (True, 0)


@pytest.mark.unit
async def test_a_receiver_that_speaks_no_http_is_a_failure(sqlite_place: JournalPlace, clock: MovedClock) -> None:
    """Garbage, a closed door and no address at all are failures in words, and nothing breaks."""

    async def garble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x00\xffSSH-2.0 hello\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(garble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, ClientSession() as client, HistoryJournal(sqlite_place, clock) as journal:
        urls = [f"http://127.0.0.1:{port}/", "http://127.0.0.1:1/", "http://", "nonsense"]
        hooks = [Hook(str(number), url, SECRET) for number, url in enumerate(urls)]
        dispatchers = [Dispatcher(journal, hook, client, clock) for hook in hooks]
        for dispatcher in dispatchers:
            await dispatcher.step()
        await journal.write(SHOWN)
        for dispatcher in dispatchers:
            await dispatcher.step()
        assert [dispatcher.waiting for dispatcher in dispatchers] == [1, 1, 1, 1]


@pytest.mark.unit
async def test_a_running_dispatcher_finds_what_is_new(sqlite_place: JournalPlace, clock: MovedClock) -> None:
    """A dispatcher that runs delivers what is written while it runs, and ends when it is cancelled."""
    receiver = Receiver(clock=clock)
    application = web.Application()
    application.router.add_post("/hook", receiver.take)
    async with (
        TestServer(application) as server,
        ClientSession() as client,
        HistoryJournal(sqlite_place, clock) as journal,
    ):
        hook = Hook("crm", str(server.make_url("/hook")), SECRET)
        dispatcher = Dispatcher(journal, hook, client, clock)
        await dispatcher.step()
        running = asyncio.create_task(dispatcher.run())
        await journal.write(SHOWN)
        await eventually(lambda: bool(receiver.taken))
        running.cancel()
        await asyncio.wait([running])
    assert receiver.taken == [("s1", "opened")]


@pytest.mark.unit
async def test_a_journal_that_does_not_work_is_told_once(
    sqlite_place: JournalPlace, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it cannot be used the dispatcher goes on trying, and its log stays readable."""
    monkeypatch.setattr(dispatch, "POLL", 0.001)
    async with ClientSession() as client:
        dispatcher = Dispatcher(HistoryJournal(sqlite_place, clock), Hook("crm", "http://", SECRET), client, clock)
        steps: list[bool] = []
        step = dispatcher._step_or_wait

        async def counted() -> bool:
            steps.append(await step())
            return steps[-1]

        monkeypatch.setattr(dispatcher, "_step_or_wait", counted)
        with capture_logs() as logs:
            running = asyncio.create_task(dispatcher.run())
            await eventually(lambda: len(steps) > 3)
            running.cancel()
            await asyncio.wait([running])
    assert [line["event"] for line in logs] == ["webhook-waits"]


@pytest.mark.unit
@pytest.mark.parametrize(
    "header",
    ["", "t=1", "v1=00", "t=x,v1=00", "t=1751371200,v1=", "t=1751371200,v1=é", "nonsense", "t=1751371200,v0=00"],
)
def test_a_forged_signature_does_not_hold(header: str) -> None:
    """A header that is not what we make is no signature."""
    assert not is_genuine(SECRET, b"{}", header, NOON)


@pytest.mark.unit
def test_a_signature_holds_for_its_body_its_secret_and_its_time() -> None:
    """Another body, another secret, or a copy sent later, is not genuine."""
    header = signature(SECRET, b"{}", NOON)
    assert is_genuine(SECRET, b"{}", header, NOON + timedelta(minutes=4))
    assert not is_genuine(SECRET, b"{} ", header, NOON)
    assert not is_genuine(SecretStr("other"), b"{}", header, NOON)
    assert not is_genuine(SECRET, b"{}", header, NOON + timedelta(minutes=6))


async def _later(status: int) -> int:
    return status
