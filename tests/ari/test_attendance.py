"""Who can be reached and who wants calls, from a fake Asterisk's endpoints and devices to the board."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from supervise.ari import Ari, Connected
from supervise.ari.attendance import BATCH, Attendance, batches
from supervise.ari.client.decoding import decode
from supervise.ari.client.transport import Request
from supervise.domain.board.presence import Phones, PresenceBook
from tests.ari.consumer import QUICK
from tests.ari.fake_ari import FakeAri, Status
from tests.ari.fake_switch import now
from tests.support.whole_board import WholeBoard

pytestmark = pytest.mark.unit


async def test_phones_and_devices_are_read_at_the_start_and_followed(tmp_path: Path) -> None:
    """What stood before us is asked for by name; what changes is told by events."""
    at = WholeBoard(tmp_path)
    at.asterisk.switch.device_states["Custom:DND301"] = "INUSE"
    async with at, (await at.browser("hilda")).live() as socket:

        def stands(why: str) -> Any:
            return lambda message: any(row["id"] == "hilda" and row["why"] == why for row in _rows(message))

        snapshot = await socket.until("snapshot")
        if not stands("do-not-disturb")(snapshot):
            await socket.until("rows", stands("do-not-disturb"))
        switch = at.asterisk.switch
        switch.event("DeviceStateChanged", device_state={"name": "Custom:DND301", "state": "NOT_INUSE"})
        await socket.until("rows", stands(""))
        switch.event("DeviceStateChanged", device_state={"name": "PJSIP/301", "state": "UNAVAILABLE"})
        await socket.until("rows", stands("not-registered"))


def _rows(message: dict[str, Any]) -> list[dict[str, Any]]:
    return list(message["rows"] if message["type"] == "snapshot" else message["set"])


@asynccontextmanager
async def attending(fake: FakeAri, book: PresenceBook) -> AsyncIterator[Attendance]:
    """One that is connected, and closed afterwards."""
    async with Ari(fake.access, tuning=QUICK) as ari:
        assert isinstance(await anext(ari.events()), Connected)
        yield Attendance(ari, book)


async def test_devices_are_told_by_name_and_never_given_back(fake: FakeAri) -> None:
    """All devices at once, or one given back, can make Asterisk deaf; all endpoints can crash it."""
    async with attending(fake, PresenceBook()) as attendance:
        await attendance.read(["Custom:DND200", "Queue:sales_pause_PJSIP/200"])

    asked = ["deviceState:Custom:DND200", "deviceState:Queue:sales_pause_PJSIP/200"]
    assert fake.apps["supervise"].sources == ["channel:", "bridge:", *asked]
    assert fake.paths("DELETE") == []


async def test_only_what_is_new_is_asked_to_be_told(fake: FakeAri) -> None:
    """Asterisk keeps what was asked for by name when the connection is lost."""
    book = PresenceBook()
    async with attending(fake, book) as attendance:
        await attendance.read(["Custom:DND200"])
    fake.asked.clear()
    fake.switch.device_states["Custom:DND201"] = "INUSE"
    async with attending(fake, book) as attendance:
        await attendance.read(["Custom:DND200", "Custom:DND201"])

    assert [path for path in fake.paths("POST") if "DND" in path] == [
        "POST /ari/applications/supervise/subscription?eventSource=deviceState%3ACustom%3ADND201"
    ]
    assert book.phones((), "201").do_not_disturb


class Overtaken(Ari):
    """Events overtake the answers."""

    def overtake(self, attendance: Attendance, told: dict[str, bytes]) -> None:
        """Whenever something has been answered, and before that arrives, this is told."""
        self._attendance, self._told = attendance, told

    async def send(self, request: Request) -> bytes:
        """Ask, and be told something meanwhile."""
        answer = await super().send(request)
        if request.segments[0] in self._told:
            self._attendance.fold(decode(self._told[request.segments[0]]))
        return answer


async def test_what_is_told_while_it_is_asked_for_is_newer_than_the_answer(fake: FakeAri) -> None:
    """An answer that was on its way meanwhile takes nothing back."""
    book = PresenceBook()
    fake.switch.device_states["Custom:DND200"] = "NOT_INUSE"
    at = {"application": "supervise", "timestamp": now()}
    device = {**at, "type": "DeviceStateChanged", "device_state": {"name": "Custom:DND200", "state": "INUSE"}}
    async with Overtaken(fake.access, tuning=QUICK) as ari:
        attendance = Attendance(ari, book)
        ari.overtake(attendance, {"deviceStates": json.dumps(device).encode()})
        assert isinstance(await anext(ari.events()), Connected)
        await attendance.read(["Custom:DND200"])

    assert book.phones(("200",), "200").do_not_disturb


async def test_of_devices_that_are_not_told_nothing_is_said(fake: FakeAri) -> None:
    """What was true once would stand there for ever."""
    book = PresenceBook()
    fake.switch.device_states["Custom:DND200"] = "INUSE"
    async with attending(fake, book) as attendance:
        await attendance.read(["PJSIP/200"])
        fake.on("POST", "/subscription", Status(400, "Invalid event source URI scheme"))
        with capture_logs() as logs:
            await attendance.read(["PJSIP/200", "Custom:DND200"])

    assert book.phones(("200",), "200") == Phones(registered=True)
    assert "devices.untold" in {line["event"] for line in logs}


async def test_a_queue_with_a_comma_in_its_name_takes_nothing_from_others(fake: FakeAri) -> None:
    """A list of sources cannot name it."""
    async with attending(fake, PresenceBook()) as attendance:
        await attendance.read(["Queue:a,b_pause_PJSIP/200", "Custom:DND200"])

    assert "deviceState:Custom:DND200" in fake.apps["supervise"].sources


@pytest.mark.parametrize("name", ["Custom:DND1", "Queue:" + "\N{SNOWMAN}" * 80 + "_pause_PJSIP/200"])
async def test_however_many_devices_there_are_each_is_asked_for_once(fake: FakeAri, name: str) -> None:
    """As many with one request as Asterisk takes; a line that is too long would not be sent."""
    devices = [f"{name}{number}" for number in range(1000)]
    assert [device for batch in batches(devices) for device in batch] == devices
    assert all(0 < len(batch) <= BATCH for batch in batches(devices))
    async with attending(fake, PresenceBook()) as attendance:
        await attendance.read(devices)

    assert {f"deviceState:{device}" for device in devices} <= set(fake.apps["supervise"].sources)
