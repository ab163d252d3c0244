"""Marks are told at once: over an application of their own, of the channels that are watched, and of nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from supervise.ari import Ari
from supervise.ari.marks import EVENTS, Marks, access_for
from tests.ari.consumer import QUICK, eventually
from tests.ari.fake_ari import FakeAri, Status

pytestmark = pytest.mark.unit


@asynccontextmanager
async def watching(fake: FakeAri) -> AsyncIterator[tuple[Marks, list[tuple[str, str]]]]:
    """Marks, and what they have told."""
    told: list[tuple[str, str]] = []
    async with Ari(access_for(fake.access), only=EVENTS, tuning=QUICK) as ari:
        marks = Marks(ari)
        marks.told = lambda channel, variable: told.append((channel, variable))
        task = asyncio.create_task(marks.run())
        yield marks, told
        task.cancel()
        await asyncio.wait([task])


async def until_watched(marks: Marks, channel: str) -> None:
    """Wait until a channel is watched."""
    for _ in range(200):
        if await marks.watch([channel]):
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"{channel} is not watched")


def set_variable(fake: FakeAri, channel: str, variable: str) -> None:
    """What Asterisk tells when a variable is set."""
    fake.switch.event("ChannelVarset", channel=fake.switch.channel(channel).json(), variable=variable, value="yes")


async def test_what_is_watched_is_told_and_nothing_else(fake: FakeAri) -> None:
    """Other channels' variables, and other events of the same channel, do not come."""
    fake.switch.new_channel("one", "PJSIP/101-1")
    fake.switch.new_channel("two", "PJSIP/102-2")
    async with watching(fake) as (marks, told):
        await until_watched(marks, "one")
        set_variable(fake, "two", "CARD")
        fake.switch.event("ChannelHold", channel=fake.switch.channel("one").json())
        set_variable(fake, "one", "CARD")
        await eventually(lambda: told == [("one", "CARD")])


async def test_each_channel_is_subscribed_once(fake: FakeAri) -> None:
    """Looking again costs no request; after a lost connection everything is watched anew."""
    fake.switch.new_channel("one", "PJSIP/101-1")
    async with watching(fake) as (marks, told):
        await until_watched(marks, "one")
        asked = len(fake.paths("POST"))
        assert await marks.watch(["one"])
        assert len(fake.paths("POST")) == asked
        await fake.cut()
        await eventually(lambda: len(fake.paths("PUT")) == 2)
        await until_watched(marks, "one")
        set_variable(fake, "one", "CARD")
        await eventually(lambda: told == [("one", "CARD")])


async def test_what_cannot_be_watched_is_said_to_be_so(fake: FakeAri) -> None:
    """Then the floor asks as often as it did without."""
    fake.switch.new_channel("one", "PJSIP/101-1")
    async with watching(fake) as (marks, _):
        await until_watched(marks, "one")
        fake.on("POST", "/applications/supervise-marks/subscription", Status(500, "scripted"))
        fake.switch.new_channel("two", "PJSIP/102-2")
        assert not await marks.watch(["one", "two"])
