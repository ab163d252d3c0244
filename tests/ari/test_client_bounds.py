"""The client under what no Asterisk should send: nonsense, giants, storms, and a consumer that does not keep up."""

import asyncio
import json
from dataclasses import replace

import pytest
from aiohttp import WSMsgType
from structlog.testing import capture_logs

from supervise.ari import Ari, Connected, Disconnected, Loss
from supervise.ari.client.events import ChannelDtmfReceived
from tests.ari.consumer import QUICK, consuming, digits, eventually
from tests.ari.fake_ari import FakeAri

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("message", "opcode"),
    [
        (b"{", WSMsgType.TEXT),
        (b"\xff\xfe", WSMsgType.TEXT),
        (b'{"type": "StasisStart"}', WSMsgType.TEXT),
        (b'{"type": "StasisEnd", "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", WSMsgType.TEXT),
        (b'{"type": "Dial"}', WSMsgType.BINARY),
    ],
)
async def test_malformed_message_is_counted_loud_and_survived(fake: FakeAri, message: bytes, opcode: WSMsgType) -> None:
    """One bad message costs one line in the log; the events around it arrive, over the same connection."""
    with capture_logs() as logs:
        async with consuming(fake.access) as consumer:
            await consumer.told(Connected)
            fake.switch.press("agent", "1")
            fake.raw(message, opcode)
            fake.switch.press("agent", "2")
            await consumer.told(ChannelDtmfReceived, 2)

            assert consumer.ari.counters.malformed == 1
    assert fake.connections == 1
    assert [line["log_level"] for line in logs if line["event"] == "ari.malformed-event"] == ["error"]


async def test_flood_of_malformed_messages_does_not_flood_the_log(fake: FakeAri) -> None:
    """A thousand bad messages are all counted, and make about ten lines."""
    with capture_logs() as logs:
        async with consuming(fake.access) as consumer:
            await consumer.told(Connected)
            for _ in range(1000):
                fake.raw(b"{")
            await eventually(lambda: consumer.ari.counters.malformed == 1000)

    assert len([line for line in logs if line["event"] == "ari.malformed-event"]) == 10


async def test_unknown_types_are_counted_by_name_within_bounds(fake: FakeAri) -> None:
    """Events of a later Asterisk are ignored, and the counters say which they were, without growing for ever."""
    async with consuming(fake.access) as consumer:
        await consumer.told(Connected)
        for number in range(200):
            fake.raw(json.dumps({"type": f"New{number}"}).encode())
        await eventually(lambda: consumer.ari.counters.unknown == 200)
        counted = consumer.ari.counters.unknown_types

    assert (counted["New0"], counted["others"], len(counted)) == (1, 136, 65)


async def test_message_that_is_too_large_costs_the_connection_only(fake: FakeAri) -> None:
    """A frame of 5 MB is not read: the connection is made anew, and everything read again."""
    async with consuming(fake.access) as consumer:
        await consumer.told(Connected)
        fake.raw(b'{"type": "' + b"x" * (5 * 1024 * 1024) + b'"}')
        lost = await consumer.told(Disconnected)
        await consumer.told(Connected, 2)

    assert lost.loss is Loss.OVERSIZE


async def test_slow_consumer_does_not_slow_the_reader(fake: FakeAri) -> None:
    """While nobody takes an item, every event is read off the socket at once, and waits in order."""
    async with Ari(fake.access, tuning=QUICK) as ari:
        items = ari.events()
        assert isinstance(await anext(items), Connected)
        for _ in range(200):
            fake.switch.press("agent", "0123456789")
        await eventually(lambda: ari.counters.events == 2000)
        told = [await anext(items) for _ in range(2000)]

    assert digits(told) == "0123456789" * 200


async def test_full_queue_starves_nobody(fake: FakeAri) -> None:
    """Somebody who takes thousands of waiting events without ever waiting still lets everything else run."""
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with Ari(fake.access, tuning=QUICK) as ari:
        items = ari.events()
        assert isinstance(await anext(items), Connected)
        fake.switch.press("agent", "5" * 2000)
        await eventually(lambda: ari.counters.events == 2000)
        task = asyncio.create_task(others())
        for _ in range(2000):
            await anext(items)
        task.cancel()

    assert turns > 20


async def test_consumer_that_falls_too_far_behind_starts_over(fake: FakeAri) -> None:
    """With the queue full the connection is given up; the next items are the loss and then everything, read again."""
    async with Ari(fake.access, tuning=replace(QUICK, queue=100)) as ari:
        items = ari.events()
        assert isinstance(await anext(items), Connected)
        fake.switch.press("agent", "1" * 101)
        await eventually(lambda: ari.counters.connects == 2)
        lost, again = await anext(items), await anext(items)
        fake.switch.press("agent", "2")
        after = await anext(items)

    assert isinstance(lost, Disconnected)
    assert lost.loss is Loss.OVERFLOW
    assert isinstance(again, Connected)
    assert digits([after]) == "2"
    assert ari.counters.overflows == 1


async def test_absent_consumer_costs_bounded_memory(fake: FakeAri) -> None:
    """When nobody takes anything through many losses, only the last loss and what follows it waits."""
    async with Ari(fake.access, tuning=replace(QUICK, longest_delay=0.001)) as ari:
        items = ari.events()
        for turn in range(1, 6):
            await _connects(ari, turn)
            await fake.cut()
        await _connects(ari, 6)
        waiting = [await anext(items) for _ in range(2)]

    assert [type(item) for item in waiting] == [Disconnected, Connected]


async def test_storm_is_taken_whole(fake: FakeAri) -> None:
    """Twenty thousand events in one go all arrive, in order, over one connection."""
    async with consuming(fake.access) as consumer:
        await consumer.told(Connected)
        fake.switch.press("agent", "0123456789" * 2000)
        await consumer.told(ChannelDtmfReceived, 20_000)

        assert digits(consumer.items) == "0123456789" * 2000
    assert fake.connections == 1


async def _connects(ari: Ari, count: int) -> None:
    await eventually(lambda: ari.counters.connects == count)
