"""The agent hangs up, or transfers, at each single request of each switch: what everybody heard around it.

An agent who is on their way back into the call is in it at some of these requests, and not yet at others.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from supervise.domain.records import Deed
from supervise.domain.sessions.session import Ending
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.errors import LabError
from supervise.lab.hearing.ear import Window
from supervise.lab.phones.call import CallState
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.cable import cable
from tests.support.lanes import BEFORE_NS, LAST_REQUEST_S, REMOVE, Fuse, Lane, lanes, plan_of_lanes
from tests.support.ledger import records, until_closed

pytestmark = pytest.mark.steady

MOST_REQUESTS = 20


@dataclass(frozen=True, slots=True)
class Switch:
    """A switch, by what is dialled before it and the keys that ask for it.

    Attributes:
        requests: so many it has at least.
        speaks: whose phones may hear the supervisor before or after it.
        transfers: whether the agent can transfer the call in the middle of it; who is on hold cannot.
        before: the keys by which the supervisor takes the agent out of the call before it.
    """

    name: str
    code: str
    keys: str
    requests: int
    speaks: frozenset[Voice]
    transfers: bool = True
    before: str = ""

    def __str__(self) -> str:
        """Its name."""
        return self.name


_AGENT, _ALL = frozenset({Voice.AGENT}), frozenset({Voice.AGENT, Voice.CUSTOMER})

SWITCHES = (
    Switch("monitor to coach", "*55", "5", 4, _AGENT),
    Switch("monitor to barge", "*55", "6", 4, _ALL),
    Switch("coach to barge", "*56", "6", 4, _ALL),
    Switch("barge to coach", "*57", "5", 4, _ALL),
    Switch("barge to monitor", "*57", "4", 4, _ALL),
    Switch("hold", "*57", "91", 1, _ALL, transfers=False),
    Switch("remove", "*57", "93", 1, _ALL, transfers=False),
    Switch("take over", "*57", "94", 3, _ALL, transfers=False),
    Switch("bring back", "*57", "92", 6, _ALL, before="91"),
    Switch("call back", "*57", "92", 4, _ALL, before=REMOVE),
)


@pytest.fixture
def plan() -> Plan:
    """Phones for several calls at once."""
    return plan_of_lanes()


@pytest.mark.long
@pytest.mark.timeout(240)
async def test_at_each_request_of_each_switch(centre: CallCentre) -> None:
    """The session ends with its reason, and nobody hears one frame of, or by, somebody they must not."""
    work, counted = _work(), Counter[Switch]()
    async with cable(centre) as line, lanes(centre, line) as made:
        async with asyncio.TaskGroup() as group:
            for lane in made:
                group.create_task(_go_through(lane, work, counted))
        closings = await until_closed(centre, count=len(records(centre, Deed.OPENED)))
    assert {switch: counted[switch] for switch in SWITCHES if counted[switch] < switch.requests} == {}
    assert {record.reason for record in closings} <= {
        Ending.CALL_ENDED,
        Ending.CALL_CHANGED,
        Ending.SUPERVISOR_GONE,
        Ending.TAKEN_OVER,
    }


def _work() -> Iterator[tuple[Switch, bool]]:
    """Each switch, with a hang-up and with a transfer; the longest first."""
    return iter([(s, True) for s in SWITCHES if s.transfers] + [(s, False) for s in SWITCHES])


async def _go_through(lane: Lane, work: Iterator[tuple[Switch, bool]], counted: Counter[Switch]) -> None:
    for switch, transfer in work:
        number = 0
        while await _happens(lane, switch, number, transfer=transfer):
            number += 1
            assert number < MOST_REQUESTS
        counted[switch] = max(counted[switch], number)


async def _happens(lane: Lane, switch: Switch, number: int, *, transfer: bool) -> bool:
    try:
        return await (_transfers if transfer else _hangs_up)(lane, switch, number)
    except (AssertionError, LabError) as error:
        error.add_note(f"{switch}, {'transfer' if transfer else 'hang-up'} after {number} requests")
        raise


async def _hangs_up(lane: Lane, switch: Switch, number: int) -> bool:
    """Let the agent hang up with that request; False when the switch has not so many."""
    acted: list[asyncio.Task[None]] = []
    began = await _switch(lane, switch, Fuse(number, lambda: acted.append(asyncio.create_task(_hang_up(lane.agent)))))
    if acted:
        act_ns = time.time_ns()
        await acted[0]
        await _expect_heard(lane, began, act_ns)
        _expect_private(lane, switch, began)
    await lane.end()
    return bool(acted)


async def _transfers(lane: Lane, switch: Switch, number: int) -> bool:
    """Let the agent transfer the call, to somebody of whom nothing was decided, with that request."""
    acted: list[asyncio.Task[bool]] = []
    began = await _switch(lane, switch, Fuse(number, lambda: acted.append(asyncio.create_task(_transfer(lane)))))
    if acted:
        act_ns = time.time_ns()
        hearing = lane.centre.hearing
        if await acted[0]:
            await hearing.until(lane.customer, hears={Voice.OTHER}, not_hears={Voice.SUPERVISOR}, for_ms=100, within=8)
            await lane.supervisor.until_closed(within=8)
            lane.expect_steady(Window(began - BEFORE_NS, act_ns))
            lane.expect_unheard(lane.supervisor, Voice.OTHER, began)
            lane.expect_unheard(lane.stranger, Voice.SUPERVISOR, began)
        else:
            assert switch.before, "Asterisk did not let the agent transfer their call"
            await _expect_heard(lane, began, act_ns)
        _expect_private(lane, switch, began)
    await lane.end()
    return bool(acted)


async def _switch(lane: Lane, switch: Switch, fuse: Fuse) -> int:
    """Bring a session to where the switch begins, and press its keys; when that was."""
    await lane.begin(switch.code, switch.before)
    began = time.time_ns()
    lane.fuse = fuse
    await lane.supervisor.press(switch.keys)
    await asyncio.wait([waiting := asyncio.create_task(fuse.burnt.wait())], timeout=LAST_REQUEST_S)
    waiting.cancel()
    return began


async def _hang_up(agent: Phone) -> None:
    """Who is being called back answers first."""
    await agent.hangup(await agent.until_established(await agent.until_called()))


async def _transfer(lane: Lane) -> bool:
    """Whether it was a call that could be transferred: who is not in it yet has none."""
    call = await lane.agent.until_established(await lane.agent.until_called())
    return await lane.agent.try_transfer(lane.stranger.user, call)


async def _expect_heard(lane: Lane, began: int, act_ns: int) -> None:
    """The customer had somebody until the hang-up, and until now where they are not alone by that."""
    before_ns = began - BEFORE_NS
    goes_on = await _goes_on(lane)
    lane.expect_steady(lane.until_now(lane.customer, before_ns) if goes_on else Window(before_ns, act_ns))


async def _goes_on(lane: Lane) -> bool:
    """Either the hang-up has ended the call, or the agent was out before it and the two others go on."""
    loop = asyncio.get_running_loop()
    end = loop.time() + 5
    while not lane.free():
        if loop.time() > end - 4 and _moved(lane) and lane.customer.call.state is not CallState.CLOSED:
            await lane.centre.hearing.until(lane.customer, hears={Voice.SUPERVISOR}, for_ms=100)
            return True
        assert loop.time() < end, f"{lane.customer.call.state}, {lane.supervisor.call.state}"
        await asyncio.sleep(0.02)
    return False


def _moved(lane: Lane) -> bool:
    deeds = records(lane.centre, Deed.HOLD_AGENT, Deed.REMOVE_AGENT, Deed.TAKE_OVER)
    return any(record.session in lane.ids for record in deeds)


def _expect_private(lane: Lane, switch: Switch, began: int) -> None:
    """Nobody heard themselves, nor the supervisor who was to hear them neither before nor after the switch."""
    for phone in (lane.customer, lane.agent, lane.supervisor):
        assert isinstance(phone.voice, Voice)
        lane.expect_unheard(phone, phone.voice, began)
        if phone.voice not in (*switch.speaks, Voice.SUPERVISOR):
            lane.expect_unheard(phone, Voice.SUPERVISOR, began)
