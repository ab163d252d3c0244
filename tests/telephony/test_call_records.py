"""What supervision leaves in CEL, the queue's log, recordings and hints, as docs/calls.md says."""

import asyncio
import csv
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from supervise.domain.words import Mode
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing import marks
from supervise.lab.sound import Voice
from tests.support.moving import barge, moving_plan
from tests.support.odd import Odd, until_logged
from tests.support.spoken import spoken
from tests.support.witness import names

pytestmark = pytest.mark.telephony

RATE = 8000
PEOPLE = ("PJSIP/101", "PJSIP/201")


@pytest.fixture
def plan() -> Plan:
    """Leads who may do everything."""
    return moving_plan()


@pytest.mark.parametrize("dialled", ["201", "501"])
async def test_events_of_a_call(centre: CallCentre, dialled: str) -> None:
    """Monitor and coach leave nothing in the call, a barge enters it, a move is the agent's exit and entry."""
    news = _News(centre)
    async with spoken(centre) as said:
        customer, agent = await centre.call(dialled=dialled)
        supervisor = await centre.phone("301")
        await news.until("BRIDGE_ENTER", "PJSIP/101")
        await supervisor.dial("*55201")
        await centre.hearing.until(supervisor, hears={Voice.AGENT, Voice.CUSTOMER})
        await supervisor.press("5")
        await centre.hearing.until(agent, hears={Voice.SUPERVISOR})
        assert not [event for event in news.read() if event[1].startswith(PEOPLE)]
        await supervisor.press("6")
        await centre.hearing.until(customer, hears={Voice.SUPERVISOR})
        assert await news.until("BRIDGE_ENTER", "Local/seat@") == []
        for keys, kind in (("91", "BRIDGE_EXIT"), ("92", "BRIDGE_ENTER"), ("93", "BRIDGE_EXIT")):
            said.forget()
            await supervisor.press(keys)
            before = await news.until(kind, "PJSIP/201")
            assert not [event for event in before if event[1].startswith(PEOPLE)]
            await asyncio.wait_for(
                said.until({"91": "agent-on-hold", "92": "agent-in-call"}.get(keys, "agent-removed")), 6
            )
        await news.until("CHAN_END", "PJSIP/201")
        await supervisor.press("*")
        await customer.until_closed()
        assert await news.until("BRIDGE_EXIT", "PJSIP/101") == []


async def test_events_of_a_take_over(centre: CallCentre) -> None:
    """The agent leaves the call before the supervisor's phone enters it, and is back before that leaves it."""
    async with barge(centre, dialled="501") as at:
        news = _News(centre)
        await at.supervisor.press("94")
        assert await news.until("BRIDGE_EXIT", "PJSIP/201") == []
        assert await news.until("BRIDGE_ENTER", "PJSIP/301") == []
        await at.agent.until_closed(within=8)
        log = centre.asterisk.folder / "log/queue_log"
        assert sum("COMPLETEAGENT" in line for line in log.read_text().splitlines()) == 1
        await at.supervisor.press("*50")
        await at.supervisor.until_closed(within=8)
        await news.until("BRIDGE_ENTER", "PJSIP/201")
        await news.until("BRIDGE_EXIT", "PJSIP/301")
        assert sum("COMPLETE" in line for line in log.read_text().splitlines()) == 1


@pytest.mark.parametrize("mode", Mode)
async def test_call_records(centre: CallCentre, mode: Mode) -> None:
    """Supervision adds no row to the customer's, but one for a barge, which names the seat."""
    customer, agent = await centre.call()
    at = Odd(centre, agent, [customer], await centre.phone("301"))
    await at.join(mode)
    await at.supervisor.hangup()
    await customer.hangup()
    file = centre.asterisk.folder / "log/cdr-csv/Master.csv"
    seats = ["Local/seat@supervise-seat"] if mode is Mode.BARGE else []
    rows = await _rows(file, 1 + len(seats))
    assert {row[1] for row in rows} == {"101"}
    assert sorted(row[6].rpartition("-")[0] for row in rows) == [*seats, "PJSIP/201"]


async def _rows(file: Path, count: int, within: float = 5.0) -> list[list[str]]:
    """The rows of a file, when there are so many."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while True:
        rows = list(csv.reader(file.read_text().splitlines())) if file.exists() else []
        if len(rows) >= count:
            return rows
        assert loop.time() < end, f"not {count} rows, but {rows}"
        await asyncio.sleep(0.05)


async def test_no_keys_in_the_events(centre: CallCentre) -> None:
    """The lab's CEL has no DTMF: with ALL the keys of a supervisor, and so their PIN, would stand in it."""
    async with barge(centre) as at:
        await at.press("91", "agent-on-hold")
        assert "DTMF" not in {event[0] for event in _News(centre, since=0).read()}


@pytest.mark.parametrize("on", ["101", "201"])
async def test_recordings(centre: CallCentre, on: str) -> None:
    """No recording has the coach; the customer's has the whole call, the agent's only what the agent hears."""
    async with barge(centre) as at:
        recording, began = await _record(centre, on), time.monotonic()
        parts: dict[str, float] = {}
        for keys, word in (("6", "barge"), ("5", "coach"), ("6", "barge"), ("91", "agent-on-hold")):
            await at.press(keys, word)
            await at.hear(at.customer, *({Voice.AGENT} if keys != "91" else set()), *_supervisor(keys))
            await centre.hearing.listen([at.customer], 800)
            parts[keys] = time.monotonic() - began
        await at.press("92", "agent-in-call")
        await at.three()
        await at.supervisor.hangup()
        await at.agent.hangup()
        await until_logged(centre, "End MixMonitor Recording")
    other = Voice.CUSTOMER if on == "201" else Voice.AGENT
    own = Voice.AGENT if on == "201" else Voice.CUSTOMER
    heard = {keys: _heard(recording, end) for keys, end in parts.items()}
    assert heard["6"] == {own, other, Voice.SUPERVISOR}
    assert heard["5"] == {own, other}
    assert heard["91"] == ({own} if on == "201" else {own, Voice.SUPERVISOR})


async def test_a_hint_and_a_queue_of_a_supervisor(centre: CallCentre) -> None:
    """Who supervises is in use for hints, and their queue calls them when they have left, and not before."""
    customer, _ = await centre.call()
    supervisor = await centre.phone("301")
    await _until_hint(centre, "301", "Idle")
    await supervisor.dial("*55201")
    await centre.hearing.until(supervisor, hears={Voice.AGENT, Voice.CUSTOMER})
    await _until_hint(centre, "301", "InUse")
    await _until_hint(centre, "*9201", "Idle")
    await supervisor.press("8")
    await _until_hint(centre, "*9201", "InUse")
    caller = await centre.phone("102", Voice.OTHER)
    await caller.dial("505")
    await caller.until_established()
    await centre.hearing.listen([caller], 3000)
    assert len(supervisor.open_calls) == 1
    await supervisor.press("*")
    await supervisor.until_closed()
    await centre.hearing.until(caller, hears={Voice.SUPERVISOR}, within=10)
    await _until_hint(centre, "*9201", "Idle")
    await caller.hangup()
    await centre.hearing.until(customer, hears={Voice.AGENT})


class _News:
    """What is written to CEL from now on."""

    def __init__(self, centre: CallCentre, since: int | None = None) -> None:
        self._file = centre.asterisk.folder / "log/cel-custom/Master.csv"
        self._read = len(list(self._rows())) if since is None else since

    def _rows(self) -> Iterator[tuple[str, str]]:
        if self._file.exists():
            with self._file.open() as file:
                yield from ((row[0], row[1]) for row in csv.reader(file))

    def read(self) -> list[tuple[str, str]]:
        """All that is new: what happened, and to which channel."""
        rows = list(self._rows())[self._read :]
        self._read += len(rows)
        return rows

    async def until(self, kind: str, channel: str, within: float = 6.0) -> list[tuple[str, str]]:
        """Wait for an event; what happened to people's channels before it, of what is new."""
        seen: list[tuple[str, str]] = []
        loop = asyncio.get_running_loop()
        end = loop.time() + within
        while True:
            rows = list(self._rows())[self._read :]
            for number, row in enumerate(rows):
                if row[0] == kind and row[1].startswith(channel):
                    self._read += number + 1
                    return [each for each in rows[:number] if each[1].startswith(PEOPLE)]
            assert loop.time() < end, f"no {kind} of {channel} within {within:g} s, but: {rows} {seen}"
            await asyncio.sleep(0.05)


def _supervisor(keys: str) -> set[Voice]:
    return set() if keys == "5" else {Voice.SUPERVISOR}


async def _record(centre: CallCentre, user: str) -> str:
    """Begin to record a phone's channel, as a queue or an admin does."""
    channels, _ = await names(centre)
    channel = next(name for name in channels if name.startswith(f"PJSIP/{user}-"))
    await centre.asterisk.cli(f"mixmonitor start {channel} {user}.wav")
    return str(centre.asterisk.folder / f"spool/monitor/{user}.wav")


def _heard(recording: str, end: float) -> set[Voice]:
    """Whose voices are in half a second of a recording, that much before a moment."""
    with wave.open(recording) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32) / np.float32(32768)
    piece = pcm[int((end - 0.7) * RATE) : int((end - 0.2) * RATE)]
    return {voice for voice in Voice if not marks.presence(piece, RATE, voice).never_audible}


async def _until_hint(centre: CallCentre, extension: str, state: str, within: float = 5.0) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while f"State:{state}" not in (told := await centre.asterisk.cli(f"core show hint {extension}")):
        assert loop.time() < end, f"{extension} is not {state}: {told}"
        await asyncio.sleep(0.1)
