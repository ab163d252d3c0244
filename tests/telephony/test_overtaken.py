"""The agent transfers the call in the very moment in which they are to be held, removed or replaced."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from supervise.domain.records import Deed, Record
from supervise.domain.sessions.session import Ending
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.sound import Voice
from tests.support.cable import Cable, cable
from tests.support.handing import LONGEST_BUSY_MS, Handing, supervised, third
from tests.support.ledger import records, until_closed, until_recorded
from tests.support.moving import moving_plan
from tests.support.witness import eventually_channels

pytestmark = pytest.mark.telephony

MOVER = "sv-mover"
"""What takes the agent out: as long as Asterisk has not got this request, the transfer is first."""

STEPS = ("SUPERVISE_PEER", "direction=in", "context=supervise-own")
"""The requests of a take-over from then on: with them the supervisor's own phone goes into the call."""

SUPERVISOR, STRANGER = "301", "203"

FOLLOW_CUSTOMER = "97"


@pytest.fixture
def plan() -> Plan:
    """Leads who may do everything."""
    return moving_plan()


@pytest.mark.parametrize("to", [SUPERVISOR, STRANGER])
async def test_a_transfer_between_two_requests_of_a_take_over(centre: CallCentre, to: str) -> None:
    """The call is the supervisor's own, with nobody else in it; the transfer is refused, and no phone rings for it."""
    async with cable(centre) as line:
        for step in STEPS:
            async with _barge(centre, step) as at:
                stopped = _when_answered(line, step)
                assert not await _transfers(at, line, "94", to, stopped)
                await _is_taken_over(at)


async def test_a_transfer_in_the_moment_of_the_first_request(centre: CallCentre) -> None:
    """Whichever Asterisk does first, the customer has the supervisor, and nobody else."""
    async with cable(centre) as line, _barge(centre, MOVER) as at:
        await _transfers(at, line, "94", SUPERVISOR, _when_answered(line, MOVER))
        since_ns = time.time_ns()
        (closing,) = await until_closed(centre)
        if closing.reason == Ending.TAKEN_OVER:
            await _is_taken_over(at)
        else:
            await at.is_theirs(longest=LONGEST_BUSY_MS, since_ns=since_ns)


async def test_a_transfer_to_the_supervisor_that_is_first(centre: CallCentre) -> None:
    """Whatever key they have pressed: it was not done, and the call is theirs on the leg that they have."""
    async with cable(centre) as line:
        for keys in ("91", "93", "94"):
            async with _barge(centre, keys) as at:
                assert await _transfers(at, line, keys, SUPERVISOR, _before(line, MOVER))
                await at.is_theirs(longest=LONGEST_BUSY_MS, since_ns=time.time_ns())
                at.unheard(at.customer, Voice.CUSTOMER, at.began_ns)
                await centre.hearing.until(at.supervisor, hears={Voice.CUSTOMER}, not_hears={Voice.SUPERVISOR})
                assert _told(at)[2:] == [(Deed.REFUSED, "failed"), (Deed.HANDED_OVER, ""), (Deed.CLOSED, "handed-over")]


async def test_a_transfer_to_a_stranger_that_is_first(centre: CallCentre) -> None:
    """The key was not done, and the session goes on by its rule: it ends, or they are decided about anew, and first."""
    stranger = await third(centre)
    async with cable(centre) as line:
        for keys in ("91", "93", "94"):
            async with _barge(centre, keys) as at:
                assert await _transfers(at, line, keys, STRANGER, _before(line, MOVER))
                await until_closed(centre, count=len(records(centre, Deed.OPENED)))
                assert _told(at)[2:] == [(Deed.REFUSED, "failed"), (Deed.CLOSED, "call-ended")]
                await centre.hearing.until(at.customer, hears={Voice.OTHER}, not_hears={Voice.SUPERVISOR})
                at.unheard(at.supervisor, Voice.OTHER, at.began_ns)
                at.unheard(stranger, Voice.SUPERVISOR, at.began_ns)
        async with _barge(centre, FOLLOW_CUSTOMER) as at:
            await at.supervisor.press(FOLLOW_CUSTOMER)
            await at.said.until("follow-customer")
            assert await _transfers(at, line, "94", STRANGER, _before(line, MOVER))
            await centre.hearing.until(at.supervisor, hears={Voice.CUSTOMER, Voice.OTHER}, within=8)
            *_, anew = await until_recorded(centre, Deed.OPENED, count=5)
            assert anew.agent == "cleo"
            at.unheard(stranger, Voice.SUPERVISOR, at.began_ns)
            assert at.first_heard_ns(at.supervisor, Voice.OTHER) > anew.at.timestamp() * 1e9


@asynccontextmanager
async def _barge(centre: CallCentre, note: str) -> AsyncIterator[Handing]:
    """Let a supervisor barge; a failure says in which situation it was."""
    await third(centre)
    try:
        async with supervised(centre, "*57") as at:
            yield at
    except BaseException as error:
        error.add_note(note)
        raise


def _when_answered(line: Cable, step: str) -> asyncio.Event:
    """Cut the controller off from Asterisk when a request has been carried out, and before it hears of that."""
    return _stop(line, step, lambda stop: setattr(line, "requested", stop))


def _before(line: Cable, step: str) -> asyncio.Event:
    """The same before a request comes to Asterisk."""
    return _stop(line, step, lambda stop: setattr(line, "asking", stop))


def _stop(line: Cable, step: str, place: Callable[[Callable[[str], None]], None]) -> asyncio.Event:
    stopped = asyncio.Event()

    def stop(request: str) -> None:
        if step in request and not stopped.is_set():
            line.silence()
            stopped.set()

    line.asking = line.requested = lambda _: None
    place(stop)
    return stopped


async def _transfers(at: Handing, line: Cable, keys: str, to: str, stopped: asyncio.Event) -> bool:
    """Let the supervisor press keys, and the agent transfer when the controller is cut off; whether Asterisk did it."""
    await at.supervisor.press(keys)
    async with asyncio.timeout(5):
        await stopped.wait()
    done = await at.agent.try_transfer(to, at.agent.call)
    line.mend()
    return done


async def _is_taken_over(at: Handing) -> None:
    """Customer and supervisor have heard each other and nobody else, and no phone has rung for the transfer."""
    centre = at.centre
    others = {Voice.AGENT, Voice.OTHER}
    await centre.hearing.until(at.customer, hears={Voice.SUPERVISOR}, not_hears={*others, Voice.CUSTOMER}, for_ms=300)
    await centre.hearing.until(at.supervisor, hears={Voice.CUSTOMER}, not_hears={*others, Voice.SUPERVISOR}, for_ms=300)
    await until_closed(centre, count=len(records(centre, Deed.OPENED)))
    assert _told(at) == [(Deed.OPENED, ""), (Deed.TAKE_OVER, ""), (Deed.CLOSED, Ending.TAKEN_OVER)]
    left = await eventually_channels(centre, count=2)
    assert all(name.startswith(("PJSIP/101-", "PJSIP/301-")) for name in left), left
    assert not (await third(centre)).calls, "a stranger's phone rang"
    assert not any(call.incoming for call in at.supervisor.calls), "a call rang at the supervisor's phone"
    for phone in (at.customer, at.supervisor):
        at.unheard(phone, Voice.OTHER, at.began_ns)
    at.gap(since_ns=at.began_ns, longest=LONGEST_BUSY_MS)


def _told(at: Handing) -> list[tuple[Deed, str]]:
    """What the journal says of the session, without the notices."""
    since = (
        record for record in records(at.centre) if _is_later(record, at.began_ns) and record.deed is not Deed.NOTICE
    )
    return [(record.deed, record.reason) for record in since]


def _is_later(record: Record, since_ns: int) -> bool:
    return record.at.timestamp() * 1e9 >= since_ns
