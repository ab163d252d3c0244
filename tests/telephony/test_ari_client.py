"""The client against a real Asterisk: what the unit tests' fake is trusted to do like it."""

import asyncio
import os
import signal
from typing import Protocol

import aiohttp
import pytest
from yarl import URL

from supervise.ari import (
    Access,
    Ari,
    BadAnswerError,
    Connected,
    Disconnected,
    ExistsError,
    Loss,
    NotFoundError,
    NotInStasisError,
    RefusedError,
    Replaced,
    ServerFaultError,
    Tuning,
)
from supervise.ari.client.events import (
    NOISE,
    ChannelDestroyed,
    ChannelEnteredBridge,
    ChannelLeftBridge,
    StasisEnd,
    StasisStart,
)
from tests.ari.consumer import Consumer, consuming

pytestmark = pytest.mark.telephony

AGENT, EAR, ROOM = "ari-agent-00000001", "ari-ear-0000000001", "ari-room-000000001"
ECHO = "Local/600@agents/n"


class Telephony(Protocol):
    """The part of the `asterisk` fixture that this module needs."""

    ari_url: str
    ari_user: str
    ari_password: str
    pid: int

    async def restart(self) -> None:
        """Stop and start it on the same ports."""


def access(asterisk: Telephony, app: str = "ari-tests") -> Access:
    """How to reach it, with an application of this module's own."""
    return Access("lab", asterisk.ari_url, asterisk.ari_user, asterisk.ari_password, app)


async def gone(consumer: Consumer, *channels: str) -> None:
    """Wait until Asterisk says that these channels exist no more."""
    await consumer.until(lambda: set(channels) <= {each.channel.id for each in consumer.of(ChannelDestroyed)})


async def test_snoop_lives_and_dies_as_the_client_tells(asterisk: Telephony) -> None:
    """Connect, snoop, room, hang up: each step is answered, told as an event, and leaves nothing behind."""
    async with consuming(access(asterisk), Tuning()) as consumer:
        first = await consumer.told(Connected)
        ari = consumer.ari
        await ari.channels.originate_with_id(AGENT, ECHO, app_args="agent", caller_id="Ann <201>")
        agent = await consumer.told(StasisStart)
        answered = await ari.channels.snoop_channel_with_id(AGENT, EAR, app_args="ear,s1")
        ear = await consumer.told(StasisStart, 2)
        await ari.bridges.create_with_id(ROOM, name="a room")
        await ari.bridges.add_channel(ROOM, EAR, absorb_dtmf=True, inhibit_connected_line_updates=True)
        entered = await consumer.told(ChannelEnteredBridge)
        await ari.bridges.destroy(ROOM)
        await consumer.told(ChannelLeftBridge)
        await ari.channels.hangup(EAR)
        await consumer.told(StasisEnd)
        await ari.channels.hangup(AGENT)
        await gone(consumer, AGENT, EAR)
        left = {channel.id for channel in await ari.channels.list()} & {AGENT, EAR}
        assert (ari.counters.unknown, ari.counters.malformed) == (0, 0)

    assert first.snapshot.info.system.version.split(".")[0] >= "20"
    assert (agent.channel.caller.name, agent.channel.caller.number) == ("Ann", "201")
    assert answered.name.startswith(f"Snoop/{AGENT}-")
    assert (ear.channel.id, ear.args) == (EAR, ("ear", "s1"))
    assert entered.bridge.channels == (EAR,)
    assert left == set()


async def test_snapshot_has_the_calls_that_were_there_before(asterisk: Telephony) -> None:
    """A client that connects late finds the channels, their Stasis arguments and the bridge in its first item."""
    async with Ari(access(asterisk)) as early, consuming(access(asterisk), Tuning()) as consumer:
        await consumer.told(Connected)
        await early.channels.originate_with_id(AGENT, ECHO, app_args="agent,s1")
        await consumer.told(StasisStart)
        await early.bridges.create_with_id(ROOM)
        await early.bridges.add_channel(ROOM, AGENT)
        await consumer.told(ChannelEnteredBridge)
        async with consuming(access(asterisk, "ari-late"), Tuning()) as late:
            snapshot = (await late.told(Connected)).snapshot
        await early.bridges.destroy(ROOM)
        await early.channels.hangup(AGENT)
        await gone(consumer, AGENT)

    assert snapshot.complete
    data = {channel.id: channel.dialplan.app_data for channel in snapshot.channels}
    assert data[AGENT] == "ari-tests,agent,s1"
    assert {bridge.id: bridge.channels for bridge in snapshot.bridges}[ROOM] == (AGENT,)


async def test_filter_keeps_the_noise_out(asterisk: Telephony) -> None:
    """A second application without filter gets the variables that ours is spared."""
    plain = access(asterisk, "ari-unfiltered")
    noise = 0
    async with (
        consuming(access(asterisk), Tuning()) as consumer,
        aiohttp.ClientSession(headers=plain.headers) as session,
    ):
        await consumer.told(Connected)
        async with session.ws_connect(plain.events_url) as unfiltered, Ari(plain) as other:
            await other.applications.subscribe(["channel:", "bridge:"])
            await consumer.ari.channels.originate_with_id(AGENT, ECHO)
            await consumer.told(StasisStart)
            await consumer.ari.channels.hangup(AGENT)
            kind = ""
            while kind != "ChannelDestroyed":
                kind = (await unfiltered.receive_json(timeout=5))["type"]
                noise += kind in NOISE
        await consumer.told(ChannelDestroyed)
        counted = consumer.ari.counters

    assert noise > 0
    assert counted.events > 0
    assert counted.unknown == 0


async def test_errors_are_what_asterisk_answers(asterisk: Telephony) -> None:
    """Each kind of refusal that sessions must tell apart comes as its own error from the real one too."""
    async with consuming(access(asterisk), Tuning()) as consumer:
        await consumer.told(Connected)
        ari = consumer.ari
        await ari.channels.originate_with_id(AGENT, ECHO)
        await consumer.told(StasisStart)
        other_half = AGENT + ";2"
        await ari.channels.snoop_channel_with_id(AGENT, EAR)
        await ari.bridges.create_with_id(ROOM)
        with pytest.raises(NotFoundError):
            await ari.channels.get("nobody")
        with pytest.raises(NotInStasisError):
            await ari.channels.mute(other_half, "in")
        with pytest.raises(NotInStasisError):
            await ari.bridges.add_channel(ROOM, other_half)
        with pytest.raises(ExistsError):
            await ari.bridges.create_with_id(ROOM)
        with pytest.raises(RefusedError) as no_rtp:
            await ari.channels.rtpstatistics(EAR)
        await ari.bridges.destroy(ROOM)
        await ari.channels.hangup(EAR)
        await ari.channels.hangup(AGENT)
        await gone(consumer, AGENT, EAR)

    assert type(no_rtp.value) is RefusedError


async def test_restarted_asterisk_is_found_again(asterisk: Telephony) -> None:
    """After a restart the client comes back by itself, and the time of start tells that it is another one."""
    async with consuming(access(asterisk), Tuning()) as consumer:
        before = await consumer.told(Connected)
        await asterisk.restart()
        await consumer.told(Disconnected)
        after = await consumer.told(Connected, 2)

    assert after.snapshot.info.status.startup_time > before.snapshot.info.status.startup_time


async def test_stopped_asterisk_is_found_silent_within_five_seconds(asterisk: Telephony) -> None:
    """An Asterisk that is frozen but keeps its connections is noticed, and taken up again when it goes on."""
    loop = asyncio.get_running_loop()
    async with consuming(access(asterisk), Tuning()) as consumer:
        await consumer.told(Connected)
        os.kill(asterisk.pid, signal.SIGSTOP)
        try:
            before = loop.time()
            lost = await consumer.told(Disconnected)
            took = loop.time() - before
        finally:
            os.kill(asterisk.pid, signal.SIGCONT)
        await consumer.told(Connected, 2)

    assert lost.loss is Loss.SILENT
    assert took < 5


async def test_second_controller_replaces_the_first(asterisk: Telephony) -> None:
    """Whoever takes the application's name last has it, and the first one stops instead of fighting."""
    async with consuming(access(asterisk), Tuning()) as first:
        await first.told(Connected)
        async with consuming(access(asterisk), Tuning()) as second:
            await second.told(Connected)
            await first.told(Replaced)
            await first.until(lambda: first.ended)

            assert second.ari.connected


async def test_wrong_password_is_refused(asterisk: Telephony) -> None:
    """The real one's answer to a wrong password is told as that."""
    wrong = Access("lab", asterisk.ari_url, asterisk.ari_user, "wrong", "ari-tests")
    async with consuming(wrong, Tuning()) as consumer:
        assert (await consumer.told(Disconnected)).loss is Loss.REFUSED


async def test_channel_that_cannot_be_listed_does_not_make_us_blind(asterisk: Telephony) -> None:
    """One channel with bytes that are no UTF-8 breaks Asterisk's list of all; the client reads one by one."""
    reached = access(asterisk)
    async with consuming(reached, Tuning()) as consumer, aiohttp.ClientSession(headers=reached.headers) as session:
        await consumer.told(Connected)
        ari = consumer.ari
        await ari.channels.originate_with_id(AGENT, ECHO)
        await ari.channels.originate_with_id(EAR, ECHO)
        await consumer.told(StasisStart, 2)
        bad = URL(f"{reached.base}/channels/{EAR}/variable?variable=CHANNEL(accountcode)&value=%FF", encoded=True)
        async with session.post(bad) as response:
            assert response.status == 204
        with pytest.raises(ServerFaultError):
            await ari.channels.list()
        with pytest.raises(BadAnswerError):
            await ari.channels.get(EAR)
        async with consuming(access(asterisk, "ari-late"), Tuning()) as late:
            await late.told(Connected)
        await ari.bridges.create_with_id(ROOM)
        await ari.bridges.add_channel(ROOM, AGENT)
        await consumer.told(ChannelEnteredBridge)
        async with consuming(access(asterisk, "ari-late"), Tuning()) as later:
            snapshot = (await later.told(Connected)).snapshot
        await ari.bridges.destroy(ROOM)
        await ari.channels.hangup(EAR)
        await ari.channels.hangup(AGENT)
        await gone(consumer, AGENT)

    assert not snapshot.complete
    assert [channel.id for channel in snapshot.channels] == [AGENT]
