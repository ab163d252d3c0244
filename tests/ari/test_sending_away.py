"""An agent is to be taken out of their call while they may be leaving it by a transfer: which of the two was first."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from supervise.ari.client.client import Ari
from supervise.ari.client.stream import Connected, Disconnected, Replaced
from supervise.ari.folding import Folder
from supervise.ari.movers import Movers
from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import Kind, OurId
from supervise.domain.ports import OvertakenError
from supervise.domain.sessions import orders as o
from tests.ari.consumer import eventually
from tests.ari.fake_ari import FakeAri
from tests.support.world import new_session

pytestmark = pytest.mark.unit

SEAT = OurId(Kind.SEAT, "0" * 32, 1)
SESSION = replace(new_session(), seat=SEAT)
AGENT, CUSTOMER = Channel("agent", "PJSIP/200-00000001"), Channel("customer", "PJSIP/trunk-00000002")
NEAR, FAR = Channel("near", "Local/301@agents-00000003;1"), Channel("far", "Local/301@agents-00000003;2")
ORDERS: list[o.HoldAgent | o.RemoveAgent] = [o.HoldAgent(SEAT), o.RemoveAgent(SEAT)]


@asynccontextmanager
async def asterisk(then: Callable[[FakeAri], None]) -> AsyncIterator[tuple[FakeAri, Movers, CallBook]]:
    """An Asterisk with a call, in which something happens when an agent is to be moved."""
    async with FakeAri() as fake, Ari(fake.access) as ari:
        for channel in (AGENT, CUSTOMER):
            fake.switch.new_channel(channel.id, channel.name)
        fake.switch.new_channel(str(SEAT.far), "Local/seat@supervise-seat-00000001;2")
        fake.switch.call("call", AGENT.id, CUSTOMER.id)
        fake.switch.enter("call", str(SEAT.far))
        fake.operations.on_originate = lambda _near, _asked: then(fake)
        book = CallBook()
        following = asyncio.create_task(_follow(ari, book))
        await eventually(lambda: len(book.members_of("call")) == len(fake.switch.bridge("call").members))
        yield fake, Movers(ari, book), book
        following.cancel()
        await asyncio.wait([following])


async def _follow(ari: Ari, book: CallBook) -> None:
    folder = Folder(book)
    async for item in ari.events():
        match item:
            case Connected(snapshot=snapshot):
                folder.replace(snapshot)
            case Disconnected() | Replaced():
                raise AssertionError("Asterisk has been lost")
            case _:
                folder.fold(item)


def comes(fake: FakeAri, *, sent_by: str = AGENT.name) -> None:
    """Put a Local channel into the call, which a transfer has made."""
    fake.switch.new_channel(NEAR.id, NEAR.name)
    fake.switch.new_channel(FAR.id, FAR.name).variables["BLINDTRANSFER"] = sent_by
    fake.switch.enter("call", NEAR.id)


def goes(fake: FakeAri) -> None:
    """Let the agent be where they were sent."""
    fake.switch.leave(AGENT.id)
    fake.switch.channel(AGENT.id).variables["SUPERVISE_OUT"] = "yes"


@pytest.mark.parametrize("order", ORDERS)
async def test_the_transfer_is_first(order: o.HoldAgent | o.RemoveAgent) -> None:
    """Somebody is in the agent's place, and the agent is not where they were sent: nobody has been moved."""

    def transfer(fake: FakeAri) -> None:
        fake.switch.hang_up(AGENT.id)
        comes(fake)

    async with asterisk(transfer) as (fake, movers, _):
        with pytest.raises(OvertakenError):
            await movers.carry_out(SESSION, order)
        assert NEAR.id in fake.switch.channels


async def test_the_transfer_is_first_and_its_bridge_is_another_one() -> None:
    """Asterisk has merged the next call with this one."""

    def transfer(fake: FakeAri) -> None:
        fake.switch.destroy("call")
        fake.switch.hang_up(AGENT.id)

    async with asterisk(transfer) as (_, movers, _book):
        with pytest.raises(OvertakenError):
            await movers.carry_out(SESSION, ORDERS[0])


@pytest.mark.parametrize("order", ORDERS)
async def test_what_is_left_of_a_transfer_that_is_second_goes_nowhere(order: o.HoldAgent | o.RemoveAgent) -> None:
    """Asterisk had begun it, and puts its channel into the call although the agent is out of it."""

    def both(fake: FakeAri) -> None:
        goes(fake)
        comes(fake)

    async with asterisk(both) as (fake, movers, _):
        await movers.carry_out(SESSION, order)
        assert NEAR.id not in fake.switch.channels
        assert CUSTOMER.id in fake.switch.channels


async def test_an_agent_who_is_held_again_says_so_a_moment_later() -> None:
    """What they said the last time has been taken back, which is no sign of a transfer that was first."""

    def again(fake: FakeAri) -> None:
        variables = fake.switch.channel(AGENT.id).variables
        variables["SUPERVISE_OUT"] = ""
        fake.switch.leave(AGENT.id)
        comes(fake)
        asyncio.get_running_loop().call_later(0.03, variables.__setitem__, "SUPERVISE_OUT", "yes")

    async with asterisk(again) as (fake, movers, _):
        await movers.carry_out(SESSION, ORDERS[0])
        assert NEAR.id not in fake.switch.channels


async def test_who_comes_by_themselves_stays() -> None:
    """Another call that joins in the same moment is none of the agent's doing; what it is is decided elsewhere."""

    def joins(fake: FakeAri) -> None:
        goes(fake)
        comes(fake, sent_by="PJSIP/202-00000009")

    async with asterisk(joins) as (fake, movers, _):
        await movers.carry_out(SESSION, ORDERS[1])
        assert NEAR.id in fake.switch.channels


async def test_what_comes_a_moment_later_goes_nowhere_either() -> None:
    """Until the agent is in the call again, and may transfer it; a phone is none of a transfer's."""
    async with asterisk(goes) as (fake, movers, book):
        assert not movers.sending.may_be_second(NEAR)
        await movers.carry_out(SESSION, o.HoldAgent(SEAT))
        comes(fake)
        assert movers.sending.may_be_second(NEAR)
        assert not movers.sending.may_be_second(CUSTOMER)
        assert movers.sending.came_second(AGENT.name)
        await eventually(lambda: bool(book.half_of(NEAR.id)))
        await movers.sending.turn_back(NEAR.id)
        assert NEAR.id not in fake.switch.channels
        movers.sending.back(AGENT.id)
        assert not movers.sending.came_second(AGENT.name)
