"""A controller that is cut off from Asterisk for a while: a session bears that for some seconds, and no more."""

import asyncio
import time

import pytest

from supervise.domain.records import Deed
from supervise.domain.sessions.session import Ending
from supervise.domain.words import Mode
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing.ear import Window
from tests.support.cable import cable
from tests.support.crew import BOTH, crew, crew_plan, dial, expect_untouched
from tests.support.ledger import records, until_closed

pytestmark = pytest.mark.steady

LEASE_S = 10.0
BLIND_S = 5.0
"""So long a session bears a lost connection."""

SILENT_S, NOTICED_S = 5.0, 4.0
"""A cut of which nobody is told: how long it lasts here, and how long until the heartbeat misses its answer."""

SEEN_AGAIN_S = 2.0
"""From the connection's return until the controller uses it: the longest pause between two attempts, and a bit."""


@pytest.fixture
def plan() -> Plan:
    """Three supervised calls, and one more supervisor."""
    return crew_plan()


async def test_a_short_cut_is_borne(centre: CallCentre) -> None:
    """With a FIN: every session goes on and is the supervisor's again; whoever dials meanwhile is told to try later."""
    async with cable(centre) as line:
        seen = await crew(centre)
        lines = len(centre.controller.log)
        line.cut()
        await centre.controller.until("asterisk.disconnected", since=lines, within=1)
        newcomer = await centre.phone("304")
        call = await newcomer.dial("*55201")
        await newcomer.until_closed(call)
        assert "Playing 'supervise/away" in centre.asterisk.log()
        await asyncio.gather(*(each.expect_mode() for each in seen))
        line.mend()
        await centre.controller.until("asterisk.connected", since=lines, within=SEEN_AGAIN_S)
        await asyncio.gather(*(each.scene.supervisor.press("4") for each in seen))
        await asyncio.gather(*(each.expect_mode(Mode.MONITOR) for each in seen))
    assert len(records(centre, Deed.OPENED)) == len(seen)


async def test_a_silent_cut_is_noticed(centre: CallCentre) -> None:
    """Without a FIN: noticed within five seconds; whoever dials meanwhile hears nothing, and is served afterwards."""
    async with cable(centre) as line:
        seen = await crew(centre)
        lines, cut = len(centre.controller.log), time.time_ns()
        line.silence()
        newcomer = await centre.phone("304")
        await newcomer.dial("*55201")
        await centre.controller.until("asterisk.disconnected", since=lines, within=NOTICED_S)
        await asyncio.sleep(SILENT_S - (time.time_ns() - cut) / 1e9)
        await asyncio.gather(*(each.expect_mode() for each in seen))
        assert centre.hearing.heard(newcomer, Window(cut, time.time_ns())).nothing
        line.mend()
        await centre.controller.until("asterisk.connected", since=lines, within=SEEN_AGAIN_S)
        await centre.hearing.until(newcomer, hears=BOTH)
        await asyncio.gather(*(each.scene.supervisor.press("4") for each in seen))
        await asyncio.gather(*(each.expect_mode(Mode.MONITOR) for each in seen))
    assert len(records(centre, Deed.OPENED)) == len(seen) + 1


async def test_a_long_cut_is_the_end(centre: CallCentre) -> None:
    """After five seconds every session is closed in the journal; whenever the connection returns, none goes on."""
    async with cable(centre) as line:
        with centre.sniffer.keep():
            seen = await crew(centre)
            lines, cut = len(centre.controller.log), time.time_ns()
            line.cut()
            closings = await until_closed(centre, count=3, within=BLIND_S + 1)
            assert {(record.reason, record.mode) for record in closings} == {(Ending.BLIND, mode) for mode in Mode}
            line.mend()
            await centre.controller.until("asterisk.connected", since=lines, within=SEEN_AGAIN_S)
            await asyncio.gather(*(each.expect_alone(within=SEEN_AGAIN_S) for each in seen))
            gone = LEASE_S - (time.time_ns() - cut) / 1e9
            await asyncio.gather(*(each.scene.supervisor.until_closed(within=gone) for each in seen))
            for each in seen:
                expect_untouched(each, cut)
        assert len(records(centre, Deed.OPENED)) == len(seen), "nothing begins by itself"
        await dial(seen[0])
