"""Music beside a seat: whispered to who is on hold, in the class that they would hear else, or begun by the seat."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from supervise.ari.client.client import Ari
from supervise.ari.client.expected import Expected
from supervise.ari.seat_music import SeatMusic
from supervise.domain.sessions.seat_music import Music
from tests.ari.fake_ari import APP, FakeAri
from tests.support.seated import AGENT, CUSTOMER, SEAT, SESSION, held_call

pytestmark = pytest.mark.unit


class Present(Expected):
    """Whatever is waited for is there."""

    @contextmanager
    def expecting(self, id_: str) -> Iterator[asyncio.Future[bool]]:
        """At once."""
        with super().expecting(id_) as future:
            self.come(id_)
            yield future


@pytest.mark.parametrize(
    ("own", "asked", "heard"), [("jazz", "rock", "jazz"), ("", "rock", "rock"), ("", "", None)], ids=str
)
async def test_the_class_is_the_one_without_us(own: str, asked: str, heard: str | None) -> None:
    """The channel of the one on hold says it, else the phone of the one who holds; and only the first one hears it."""
    async with FakeAri() as fake, Ari(fake.access) as ari:
        book = held_call(AGENT, CUSTOMER)
        fake.operations.start_delay = -1
        book.hold(AGENT, held=True, music=asked)
        fake.switch.new_channel(CUSTOMER, "PJSIP/101-00000001").variables["CHANNEL(musicclass)"] = own
        music = SeatMusic(ari, book, Present())
        await music.begin(SESSION, Music.WHISPERED)
        (whisper,) = music.leased()
        snoop = next(each for each in fake.asked if "whisper" in each.query)
        assert (snoop.segments[1], snoop.query["spy"], snoop.query["whisper"]) == (CUSTOMER, "none", "out")
        assert [each.query.get("mohClass") for each in fake.asked if each.segments[-1] == "moh"] == [heard]
        assert list(music.whispering(SESSION.id)) == [whisper]
        assert not list(music.leased())


async def test_the_seat_tells_of_a_hold() -> None:
    """Our half is told of it, once holds go through it; a seat that has gone tells nobody."""
    async with FakeAri() as fake, Ari(fake.access) as ari:
        music = SeatMusic(ari, held_call(CUSTOMER), Expected())
        await music.begin(SESSION, Music.BEGUN)
        fake.switch.new_channel(str(SEAT), "Local/seat@supervise-seat-00000000;1").stasis = APP
        fake.asked.clear()
        await music.begin(SESSION, Music.BEGUN)
        asked = [(each.segments[-1], each.query.get("variable")) for each in fake.asked]
        assert asked == [("variable", "HOLD_INTERCEPT(remove)"), ("hold", None)]
