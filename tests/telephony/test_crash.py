"""A controller that dies, hangs or is stopped, and an Asterisk that dies, in every mode."""

import asyncio
import os
import signal
import time
from collections.abc import Coroutine, Sequence
from datetime import datetime
from typing import Any

import pytest

from supervise.domain.records import Deed, Record
from supervise.domain.sessions.session import Ending
from supervise.domain.words import Mode
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.controlled import LogLine
from supervise.lab.hearing.ear import Window
from supervise.lab.phones.call import Call, CallState
from supervise.lab.sound import Voice
from tests.support.cable import Cable, cable
from tests.support.crew import Seen, crew, crew_plan, dial, expect_untouched
from tests.support.ledger import records, until_closed
from tests.support.spoken import spoken
from tests.support.supervising import Scene
from tests.support.witness import names

LEASE_S = 10.0
TAKE_UP_S = 2.0
"""From the restarted controller's first sight of Asterisk until a supervisor hears the call again."""

STORY = "564*"
"""Coach, barge, monitor, leave."""

NO_PART_OF_A_SESSION = ("/applications/", "sv-prompter-", "/playbacks/", "/variable?")
"""Requests that change nothing about who hears whom."""

FEWEST_REQUESTS, MOST_REQUESTS = 20, 60

LAST_REQUEST_S = 0.3
"""The answer to the last request comes a moment after the phone has been hung up by it."""

LEFT_WITHIN_S = 3.0


@pytest.fixture
def plan() -> Plan:
    """Three supervised calls."""
    return crew_plan()


@pytest.mark.steady
async def test_a_dead_controller_is_silence(centre: CallCentre) -> None:
    """After SIGKILL Asterisk alone ends everything of ours within the lease, and the calls go on frame by frame."""
    with centre.sniffer.keep():
        seen = await crew(centre)
        killed = time.time_ns()
        await centre.controller.kill()
        await asyncio.gather(*(each.scene.supervisor.until_closed(within=LEASE_S + 0.5) for each in seen))
        await asyncio.gather(*(each.expect_alone(for_ms=300, within=0.6) for each in seen))
        for each in seen:
            expect_untouched(each, killed)
    channels, _ = await names(centre)
    assert len([name for name in channels if name.startswith("PJSIP/")]) == len(channels) == 6
    await centre.controller.start()
    _expect_recovered(await until_closed(centre, count=3))


@pytest.mark.steady
async def test_a_restarted_controller_takes_up_what_it_finds(centre: CallCentre) -> None:
    """Restarted within the lease, it goes on with each phone in a new session that only monitors; the old is closed."""
    with centre.sniffer.keep():
        seen = await crew(centre)
        killed, lines = time.time_ns(), len(centre.controller.log)
        await centre.controller.kill()
        await centre.controller.start()
        connected = await centre.controller.until("asterisk.connected", since=lines)
        await asyncio.gather(*(each.expect_mode(Mode.MONITOR) for each in seen))
        assert time.time() - _moment(connected) < TAKE_UP_S
        for each in seen:
            expect_untouched(each, killed)
    openings = records(centre, Deed.OPENED)
    assert sorted(record.supervisor for record in openings) == sorted(["hilda", "lena", "sven"] * 2)
    assert {record.mode for record in openings[3:]} == {Mode.MONITOR}
    _expect_recovered(records(centre, Deed.CLOSED))
    await asyncio.gather(*(each.scene.supervisor.press("*") for each in seen))
    await asyncio.gather(*(each.scene.supervisor.until_closed() for each in seen))
    assert {record.reason for record in (await until_closed(centre, count=6))[3:]} == {Ending.LEFT}


@pytest.mark.steady
async def test_a_controller_that_hangs_for_two_seconds(centre: CallCentre) -> None:
    """Everybody stays in their mode, and a key that was pressed meanwhile counts afterwards."""
    seen = await crew(centre)
    frozen = time.time_ns()
    centre.controller.freeze()
    await asyncio.gather(*(each.scene.supervisor.press("6") for each in seen))
    await asyncio.gather(*(centre.hearing.until_keys(each.scene.supervisor, 1, frozen) for each in seen))
    await asyncio.sleep(2.0 - (time.time_ns() - frozen) / 1e9)
    await asyncio.gather(*(each.expect_mode() for each in seen))
    centre.controller.thaw()
    await asyncio.gather(*(each.expect_mode(Mode.BARGE) for each in seen))
    assert records(centre, Deed.CLOSED) == []


@pytest.mark.steady
async def test_an_orderly_stop(centre: CallCentre) -> None:
    """SIGTERM: every supervisor is told, nothing of ours is left at once, and the calls go on frame by frame."""
    async with spoken(centre) as said:
        seen = await crew(centre)
        stopped = time.time_ns()
        await centre.controller.stop()
        channels, bridges = await names(centre)
        assert (len(channels), len(bridges)) == (6, 3), f"{channels} {bridges}"
        await asyncio.gather(*(each.scene.supervisor.until_closed(within=1) for each in seen))
        await asyncio.gather(*(each.expect_alone(for_ms=500) for each in seen))
        for each in seen:
            expect_untouched(each, stopped)
        assert said.count(Ending.SHUT_DOWN) == len(seen)
    assert {record.reason for record in await until_closed(centre, count=3)} == {Ending.SHUT_DOWN}


@pytest.mark.steady
async def test_asterisk_dies(centre: CallCentre) -> None:
    """Every session is closed in the journal, nothing begins by itself, and the next session works."""
    await crew(centre)
    lines = len(centre.controller.log)
    await centre.asterisk.kill()
    await centre.controller.until("asterisk.disconnected", since=lines, within=1)
    await centre.asterisk.restart()
    await centre.controller.until("asterisk.connected", since=lines, within=3)
    await until_closed(centre, count=3, within=8)
    assert await names(centre) == ([], [])
    await centre.hang_up_all()
    await _monitors(centre)


@pytest.mark.telephony
@pytest.mark.long
@pytest.mark.timeout(300)
async def test_killed_at_each_request(centre: CallCentre) -> None:
    """Whichever request is the last one: nobody hears what they should not, and the next controller leaves nothing."""
    async with cable(centre) as line:
        customer, agent = await centre.call()
        at = Scene(centre, customer, agent, await centre.phone("301"))
        number = 1
        while await _is_killed(at, line, number):
            number += 1
            assert number < MOST_REQUESTS
    assert number > FEWEST_REQUESTS
    await until_closed(centre)


async def _is_killed(at: Scene, line: Cable, number: int) -> bool:
    """Let a supervisor take every mode, and the controller die with that request; False when there are not so many."""
    began, fuse = time.time_ns(), _Fuse(at.centre.controller.pid, number)
    line.requested = fuse.burn
    call = await at.supervisor.dial("*55201")
    await _live(at, call, fuse)
    if not fuse.burnt.is_set():
        return False
    await at.centre.controller.kill()
    await at.centre.controller.start()
    seen = Seen(Mode.MONITOR, at)
    await (seen.expect_alone() if call.state is CallState.CLOSED else seen.expect_mode())
    _expect_private(at, began)
    if call.state is not CallState.CLOSED:
        await at.supervisor.hangup(call)
    await _only_the_call_is_left(at.centre)
    return True


class _Fuse:
    """Kills a process when so many requests that change a session have been answered."""

    def __init__(self, pid: int, length: int) -> None:
        self.burnt = asyncio.Event()
        self._pid = pid
        self._length = length

    def burn(self, request: str) -> None:
        if not any(word in request for word in NO_PART_OF_A_SESSION):
            self._length -= 1
            if self._length == 0:
                os.kill(self._pid, signal.SIGKILL)
                self.burnt.set()

    async def unless_burnt(self, coro: Coroutine[Any, Any, object]) -> None:
        """Wait for something that may never come once the process is dead."""
        waits = (asyncio.create_task(coro), asyncio.create_task(self.burnt.wait()))
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                await each
        finally:
            for each in waits:
                each.cancel()
            await asyncio.wait(waits)


async def _live(at: Scene, call: Call, fuse: _Fuse) -> None:
    """Press the keys of the story, one after the other, until the fuse has burnt or the call is over.

    A key that is down when it burns is let up first: a controller that is there again meanwhile would obey it.
    """
    began = time.time_ns()
    await fuse.unless_burnt(_begin(at, call))
    for count, key in enumerate(STORY, 1):
        if fuse.burnt.is_set():
            return
        await at.supervisor.press(key, call)
        await at.centre.hearing.until_keys(at.supervisor, count, began)
    await fuse.unless_burnt(at.supervisor.until_closed(call))
    await fuse.unless_burnt(asyncio.sleep(LAST_REQUEST_S))


async def _begin(at: Scene, call: Call) -> None:
    await at.supervisor.until_established(call)
    await at.centre.hearing.until(at.supervisor, hears={Voice.AGENT}, for_ms=60)


def _expect_private(at: Scene, since_ns: int) -> None:
    """Nobody has heard the supervisor before the key that lets them, and nobody has heard themselves."""
    hearing, until_ns = at.centre.hearing, time.time_ns()
    keys = hearing.keys_sent(at.supervisor, Window(since_ns, until_ns))
    pressed = {press.key: press.down_ns for press in keys}
    for phone, key, own in ((at.agent, "5", Voice.AGENT), (at.customer, "6", Voice.CUSTOMER)):
        before = Window(since_ns, pressed.get(key, until_ns))
        assert hearing.first_heard(phone, Voice.SUPERVISOR, before) is None, f"{phone.name} before {key}"
        assert hearing.first_heard(phone, own, Window(since_ns, until_ns)) is None, f"{phone.name} hears themselves"
    assert hearing.first_heard(at.supervisor, Voice.SUPERVISOR, Window(since_ns, until_ns)) is None


async def _only_the_call_is_left(centre: CallCentre) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + LEFT_WITHIN_S
    channels, bridges = await names(centre)
    while (len(channels), len(bridges)) != (2, 1):
        assert loop.time() < end, f"left behind: {channels}, {bridges}"
        await asyncio.sleep(0.02)
        channels, bridges = await names(centre)


async def _monitors(centre: CallCentre) -> None:
    """A new call and a new session, on phones that sign in for it: a crash forgets the latest registrations."""
    customer, agent = await centre.call("104", "204")
    await dial(Seen(Mode.MONITOR, Scene(centre, customer, agent, await centre.phone("304"))))


def _moment(line: LogLine) -> float:
    return datetime.fromisoformat(line["timestamp"]).timestamp()


def _expect_recovered(closings: Sequence[Record]) -> None:
    assert sorted(record.supervisor for record in closings) == ["hilda", "lena", "sven"]
    assert {record.reason for record in closings} == {Ending.RECOVERED}
