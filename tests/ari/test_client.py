import asyncio
import json
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from supervise.ari import Ari, Connected, Disconnected, Loss, Replaced, World
from supervise.ari.client.events import NOISE, ChannelCreated, ChannelDtmfReceived, ChannelHold, StasisStart
from tests.ari.consumer import QUICK, consuming, digits, eventually
from tests.ari.fake_ari import Body, Delay, FakeAri, Never, Status
from tests.ari.fake_operations import FakeApp

pytestmark = pytest.mark.unit

PREPARING = [
    "PUT /ari/applications/supervise/eventFilter",
    "POST /ari/applications/supervise/subscription?eventSource=channel%3A%2Cbridge%3A",
    "GET /ari/applications/supervise",
    "GET /ari/asterisk/info?only=system%2Cstatus",
    "GET /ari/bridges",
    "GET /ari/channels",
]


async def test_connected_is_told_with_everything_there_is(fake: FakeAri) -> None:
    """The first item says which Asterisk it is and has all channels and bridges, read after subscribing."""
    async with consuming(fake.access) as consumer:
        connected = await consumer.told(Connected)

        assert consumer.ari.connected
    snapshot = connected.snapshot
    assert (connected.node, snapshot.info.system.version, snapshot.complete) == ("fake", "22.10.1", True)
    assert {channel.id for channel in snapshot.channels} == {"agent", "customer"}
    assert [bridge.channels for bridge in snapshot.bridges] == [("agent", "customer")]
    assert fake.paths() == PREPARING


async def test_events_are_told_in_order(fake: FakeAri) -> None:
    """What a phone did comes as it was done."""
    async with consuming(fake.access) as consumer:
        await consumer.told(Connected)
        fake.switch.press("agent", "0123456789")
        fake.switch.hold("agent")
        await consumer.told(ChannelHold)

        assert digits(consumer.items) == "0123456789"


async def test_noise_is_not_sent(fake: FakeAri) -> None:
    """Types that nothing reads stay in Asterisk."""
    async with consuming(fake.access) as consumer:
        await consumer.told(Connected)
        channel = fake.switch.channels["agent"].json()
        for name in NOISE:
            fake.switch.event(name, channel=channel)
        fake.switch.press("agent", "1")
        await consumer.told(ChannelDtmfReceived)

        assert fake.apps["supervise"].disallowed == list(NOISE)
        assert (fake.sent, consumer.ari.counters.unknown) == (1, 0)


async def test_events_that_come_while_everything_is_read_follow_it(fake: FakeAri) -> None:
    """Nothing is lost between subscribing and the snapshot, and nothing is told before it."""
    fake.on("GET", "/channels$", Delay(0.1))
    async with consuming(fake.access) as consumer:
        await eventually(lambda: "GET /ari/channels" in fake.paths())
        fake.switch.press("agent", "123")
        await consumer.until(lambda: len(consumer.items) == 4)

    assert isinstance(consumer.items[0], Connected)
    assert digits(consumer.items[1:]) == "123"


@pytest.mark.parametrize("forgets", [True, False])
@pytest.mark.parametrize("fin", [True, False])
async def test_lost_connection_is_told_and_made_again_with_everything(
    fake: FakeAri, *, fin: bool, forgets: bool
) -> None:
    """Closed or broken, with or without the application's memory: told, then connected, subscribed and read anew."""
    fake.forgets = forgets
    async with consuming(fake.access) as consumer:
        await consumer.told(Connected)
        fake.asked.clear()
        await fake.cut(fin=fin)
        lost = await consumer.told(Disconnected)
        fake.switch.new_channel("late", "PJSIP/300")
        again = await consumer.told(Connected, 2)
        fake.switch.press("late", "5")
        await consumer.told(ChannelDtmfReceived)

        assert consumer.ari.counters.connects == 2
    assert lost.loss is (Loss.CLOSED if fin else Loss.BROKEN)
    assert "late" in {channel.id for channel in again.snapshot.channels} or consumer.of(ChannelCreated)
    assert fake.paths() == PREPARING


async def test_events_before_a_loss_are_told_before_it(fake: FakeAri) -> None:
    """What arrived before the connection ended is not thrown away."""
    async with consuming(fake.access) as consumer:
        await consumer.told(Connected)
        fake.switch.press("agent", "12")
        await fake.cut()
        await consumer.told(Disconnected)

    assert [type(item) for item in consumer.items[:4]] == [
        Connected,
        ChannelDtmfReceived,
        ChannelDtmfReceived,
        Disconnected,
    ]


async def test_silent_peer_is_found(fake: FakeAri) -> None:
    """An Asterisk that neither answers nor closes is noticed by the heartbeat alone, in one and a half of its times."""
    async with consuming(fake.access) as consumer:
        await consumer.told(Connected)
        before = asyncio.get_running_loop().time()
        fake.silence()
        lost = await consumer.told(Disconnected)
        took = asyncio.get_running_loop().time() - before

        assert lost.loss is Loss.SILENT
        assert QUICK.heartbeat_seconds * 0.4 < took < QUICK.heartbeat_seconds * 1.5 + 1
        assert isinstance(await consumer.told(Connected, 2), Connected)


async def test_blindness_is_known_before_it_is_told(fake: FakeAri) -> None:
    """`connected` is false from the moment of the loss, however far behind the consumer is."""
    async with Ari(fake.access, tuning=QUICK) as ari:
        items = ari.events()
        assert not ari.connected
        assert isinstance(await anext(items), Connected)
        assert ari.connected
        fake.refuse = 503
        await fake.cut(fin=False)
        await eventually(lambda: not ari.connected)


async def test_wrong_password_is_told_and_tried_again(fake: FakeAri) -> None:
    """While Asterisk does not accept us every attempt is told; when it does again, we are connected."""
    fake.password = "changed"
    async with consuming(fake.access) as consumer:
        assert (await consumer.told(Disconnected, 3)).loss is Loss.REFUSED
        assert not consumer.of(Connected)
        fake.password = fake.access.password
        await consumer.told(Connected)


async def test_password_changed_in_mid_work_is_told_at_the_next_connect(fake: FakeAri) -> None:
    """The standing connection works on; the one after it is refused."""
    async with consuming(fake.access) as consumer:
        await consumer.told(Connected)
        fake.password = "changed"
        await fake.cut()
        assert (await consumer.told(Disconnected, 2)).loss is Loss.REFUSED


async def test_read_only_user_is_refused(fake: FakeAri) -> None:
    """A user who may not write cannot subscribe, so there is no connection."""
    fake.read_only = True
    async with consuming(fake.access) as consumer:
        lost = await consumer.told(Disconnected)

    assert (lost.loss, "Write access denied" in lost.detail) == (Loss.REFUSED, True)


async def test_asterisk_that_is_still_loading_is_waited_for(fake: FakeAri) -> None:
    """503 or 404 on the websocket means: not yet."""
    fake.refuse = 503
    async with consuming(fake.access) as consumer:
        assert (await consumer.told(Disconnected, 2)).loss is Loss.UNREACHABLE
        fake.refuse = 404
        assert (await consumer.told(Disconnected, 4)).loss is Loss.UNREACHABLE
        fake.refuse = None
        await consumer.told(Connected)


async def test_restarted_asterisk_is_found_again_and_empty(fake: FakeAri) -> None:
    """After a restart of Asterisk the snapshot has nothing of before in it."""
    async with consuming(fake.access) as consumer:
        await consumer.told(Connected)
        await fake.restart()
        again = await consumer.told(Connected, 2)

    assert (again.snapshot.channels, again.snapshot.bridges) == ((), ())


@pytest.mark.parametrize(
    "step", ["/eventFilter", "/subscription", "/applications/supervise$", "/info", "/bridges", "/channels"]
)
@pytest.mark.parametrize("fault", [Status(404, "scripted"), Status(400, "scripted"), Body(b"nonsense"), Never()])
async def test_connection_that_cannot_be_prepared_is_none(
    fake: FakeAri, step: str, fault: Status | Body | Never
) -> None:
    """Whatever step fails before everything is read: it is told, nothing else is, and the next attempt starts over."""
    for method in ("GET", "PUT", "POST"):
        fake.on(method, step, fault, times=1)
    async with consuming(fake.access, QUICK) as consumer:
        fake.switch.press("agent", "1")
        await consumer.told(Connected)

    lost = consumer.items[0]
    assert isinstance(lost, Disconnected)
    assert lost.loss is Loss.UNPREPARED
    assert [type(item) for item in consumer.items[:2]] == [Disconnected, Connected]


async def test_subscription_that_did_not_take_is_noticed(fake: FakeAri) -> None:
    """An application that answers well but is not subscribed is no connection, and what lacks is named."""
    half = FakeApp("supervise", sources=["bridge:"], disallowed=list(NOISE[1:]))
    fake.on("GET", "/applications/supervise", Body(json.dumps(half.json()).encode()), times=1)
    async with consuming(fake.access) as consumer:
        lost = await consumer.told(Disconnected)

    assert "channel:, no filter of " + NOISE[0] in lost.detail


async def test_one_unwritable_channel_does_not_make_us_blind(fake: FakeAri) -> None:
    """When Asterisk cannot list its channels, those in bridges and in our application are read one by one."""
    fake.switch.new_channel("ringing", "PJSIP/400")
    fake.switch.new_channel("bad", "PJSIP/500")
    fake.switch.call("other", "bad")
    fake.on("GET", "/channels$", Status(500, "Allocation failed"))
    fake.on("GET", "/channels/bad$", Body(b""))
    with capture_logs() as logs:
        async with consuming(fake.access) as consumer:
            snapshot = (await consumer.told(Connected)).snapshot

    assert not snapshot.complete
    assert {channel.id for channel in snapshot.channels} == {"agent", "customer"}
    assert "ari.channels-unlistable" in {line["event"] for line in logs}


async def test_application_that_was_replaced_is_not_fought_for(fake: FakeAri) -> None:
    """When another controller takes the name, that is the last item; no attempt is made to take it back."""
    async with consuming(fake.access) as first:
        await first.told(Connected)
        async with consuming(fake.access) as second:
            await second.told(Connected)
            await first.until(lambda: first.ended)
            fake.switch.press("agent", "1")
            await second.told(ChannelDtmfReceived)

            assert first.items[-1] == Replaced("fake")
            assert not first.ari.connected
            assert not first.of(ChannelDtmfReceived)
            assert (await first.ari.channels.get("agent")).id == "agent"
    assert fake.connections == 2


async def test_waits_between_attempts_keep_their_bounds(fake: FakeAri) -> None:
    """The first attempt comes at once, later ones after what chance says of a bound that doubles up to the longest."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0)

    fake.refuse = 503
    tuning = replace(QUICK, first_delay=0.2, longest_delay=1.0)
    async with consuming(fake.access, tuning, World(sleep=sleep, chance=lambda: 0.5)) as consumer:
        lost = await consumer.told(Disconnected, 6)

    assert waits[:6] == pytest.approx([0.0, 0.1, 0.2, 0.4, 0.5, 0.5])
    assert lost.retry_in == pytest.approx(0.5)


@pytest.mark.parametrize(("lasted", "at_once"), [(6.0, True), (1.0, False)])
async def test_only_a_connection_that_lasted_is_replaced_at_once(
    fake: FakeAri, *, lasted: float, at_once: bool
) -> None:
    """An Asterisk that accepts and drops us again and again is met with growing waits, a good one without."""
    now = [0.0]
    world = World(now=lambda: now[0], chance=lambda: 1.0)
    async with consuming(fake.access, replace(QUICK, stable_seconds=5), world) as consumer:
        for turn in (1, 2, 3):
            await consumer.told(Connected, turn)
            now[0] += lasted
            await fake.cut()
            await consumer.told(Disconnected, turn)

    waits = [lost.retry_in for lost in consumer.of(Disconnected)[:3]]
    assert waits == pytest.approx([0.0, 0.0, 0.0] if at_once else [0.0, 0.01, 0.02])


async def test_reordered_and_repeated_events_are_passed_on_as_they_came(fake: FakeAri) -> None:
    """The client neither sorts nor drops: making sense of a mixed-up order is its consumer's affair."""
    async with consuming(fake.access) as consumer:
        await consumer.told(Connected)
        fake.hold_events()
        fake.switch.press("agent", "123")
        fake.flush([2, 0, 0])
        await consumer.told(ChannelDtmfReceived, 3)

    assert digits(consumer.items) == "311"


async def test_snoop_comes_into_stasis(fake: FakeAri) -> None:
    """A snoop is announced with our arguments, before its answer or after, and can then be put into a room."""
    for snoop, delay in (("ear-1", -1.0), ("ear-2", 0.01)):
        fake.operations.start_delay = delay
        async with consuming(fake.access) as consumer:
            await consumer.told(Connected)
            await consumer.ari.channels.snoop_channel_with_id("agent", snoop, whisper="out", app_args="ear,s1")
            started = await consumer.told(StasisStart)

            assert (started.channel.id, started.args) == (snoop, ("ear", "s1"))


async def test_events_have_one_consumer(fake: FakeAri) -> None:
    """Two consumers would each get half; the second is refused."""
    async with Ari(fake.access, tuning=QUICK) as ari:
        ari.events()
        with pytest.raises(RuntimeError):
            ari.events()


async def test_leaving_ends_the_iteration_and_the_connection(fake: FakeAri) -> None:
    """After the `async with` a consumer is not left waiting, and Asterisk has no connection of ours."""
    async with consuming(fake.access) as consumer:
        await consumer.told(Connected)
        await consumer.ari.__aexit__(None, None, None)
        await consumer.until(lambda: consumer.ended)
        await eventually(lambda: not fake.apps)


async def test_fault_of_our_own_reaches_the_consumer(fake: FakeAri) -> None:
    """A mistake in the client itself is raised where its events are taken, never swallowed."""

    def broken() -> float:
        raise ZeroDivisionError

    async with Ari(fake.access, tuning=QUICK, world=World(now=broken)) as ari:
        items = ari.events()
        assert isinstance(await anext(items), Connected)
        with pytest.raises(ZeroDivisionError):
            await anext(items)


async def test_message_while_closing_does_not_hold_us_up(fake: FakeAri) -> None:
    """An Asterisk that goes on sending instead of answering our close is left within a second."""
    async with consuming(fake.access) as consumer:
        await consumer.told(Connected)
        fake.silence()
        before = asyncio.get_running_loop().time()
        await consumer.ari.__aexit__(None, None, None)

        assert asyncio.get_running_loop().time() - before < 3
