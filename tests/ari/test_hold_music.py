"""Before a tap comes to a call that is on hold its bridge is changed without the music's end, and only there."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest
import pytest_asyncio

from supervise.ari.client.client import Ari
from supervise.ari.hold_music import HoldMusic
from supervise.domain.calls.calls import CallBook, Channel
from tests.ari.fake_ari import FakeAri, Status
from tests.ari.fake_operations import Asked
from tests.ari.fake_switch import FakeChannel

pytestmark = pytest.mark.unit

AGENT, CUSTOMER, THIRD = "pbx-1.1", "pbx-1.2", "pbx-1.3"


@dataclass(frozen=True, slots=True)
class Held:
    """A call of an agent who has put the customer on hold, in a bridge that a tap would change."""

    fake: FakeAri
    book: CallBook
    music: HoldMusic

    def lines(self) -> list[str]:
        """Which lines of the dialplan were asked for."""
        return [each.query["endpoint"] for each in self.fake.asked if "endpoint" in each.query]

    def on_keeping(self, also: Callable[[], None] = lambda: None) -> None:
        """Let the bridge change as soon as the dialplan runs, then its channel end; and something else meanwhile."""

        def play(_: FakeChannel, asked: Asked) -> None:
            self.fake.switch.bridges["call"].technology = ""
            also()
            asyncio.get_running_loop().call_later(0.01, self.music.ended, asked.query["otherChannelId"])

        self.fake.operations.on_originate = play


@pytest_asyncio.fixture
async def held() -> AsyncIterator[Held]:
    """Somebody has put somebody on hold."""
    async with FakeAri() as fake, Ari(fake.access) as ari:
        book = CallBook()
        for channel, name in ((AGENT, "PJSIP/201-00000001"), (CUSTOMER, "PJSIP/101-00000002")):
            fake.switch.new_channel(channel, name)
            book.see(Channel(channel, name))
            book.entered("call", channel)
        fake.switch.call("call", AGENT, CUSTOMER)
        fake.switch.bridges["call"].technology = "native_rtp"
        fake.switch.channels[CUSTOMER].variables["CHANNEL(onhold)"] = "1"
        fake.switch.channels[AGENT].variables["CHANNEL(onhold)"] = "0"
        book.hold(AGENT, held=True)
        held = Held(fake, book, HoldMusic(ari, book))
        held.on_keeping()
        yield held


@pytest.mark.parametrize("tapped", [AGENT, CUSTOMER])
async def test_the_bridge_is_changed_once(held: Held, tapped: str) -> None:
    """The lines name who is on hold, and end as soon as the bridge has changed; then there is nothing left to do."""
    await held.music.keep(tapped)
    assert held.lines() == ["Local/keep@supervise-music/n"]
    names = [each.body["variables"]["SUPERVISE_TARGET"] for each in held.fake.asked if each.body]
    assert names == ["PJSIP/101-00000002"]
    assert [each.method for each in held.fake.asked][-1] == "DELETE"
    await held.music.keep(tapped)
    assert len(held.lines()) == 1


async def test_where_nobody_holds_nothing_is_asked(held: Held) -> None:
    """It costs an ordinary call not one request."""
    held.book.hold(AGENT, held=False)
    await held.music.keep(AGENT)
    assert not held.fake.asked


async def test_in_a_bridge_of_three_there_is_no_music(held: Held) -> None:
    """Asterisk tells nobody of a hold there."""
    held.book.see(Channel(THIRD, "PJSIP/102-00000003"))
    held.book.entered("call", THIRD)
    await held.music.keep(AGENT)
    assert not held.fake.asked


async def test_after_a_reconnect_asterisk_is_asked(held: Held) -> None:
    """A hold of which no event told is one too; whose call has begun since then is known again."""
    held.book.hold(AGENT, held=False)
    held.music.connected()
    await held.music.keep(AGENT)
    assert held.lines() == ["Local/keep@supervise-music/n"]
    held.fake.asked.clear()
    for channel in (AGENT, CUSTOMER):
        held.music.ended(channel)
    await held.music.keep(AGENT)
    assert not held.fake.asked


@pytest.mark.parametrize("told", [True, False])
async def test_an_end_of_the_hold_that_was_kept_back_is_told(held: Held, *, told: bool) -> None:
    """Nobody is left with music; and where they have heard of it by themselves, the call is let be."""

    def resume() -> None:
        held.book.hold(AGENT, held=False)
        held.music.unheld(AGENT)
        if told:
            held.fake.switch.channels[CUSTOMER].variables["CHANNEL(onhold)"] = "0"

    held.on_keeping(resume)
    await held.music.keep(AGENT)
    assert held.lines()[1:] == ([] if told else ["Local/tell@supervise-music/n"])


async def test_the_tap_comes_nevertheless(held: Held) -> None:
    """Who listens to a call is not kept from it by music."""
    held.fake.on("POST", "/channels/", Status(500))
    await held.music.keep(AGENT)
    await held.music.keep("gone")
