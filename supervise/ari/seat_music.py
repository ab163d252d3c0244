"""Music for who is on hold in a call that a seat is in: whispered to them, or begun by Asterisk for who waits alone.

Whispered, since a bridge of three passes no hold on, but sends its members something every 20 ms. Our half of the seat
could not play it: behind a voice that it has carried, Debian's Asterisk drops what has no packet's number (decision 9).

For the second our half is told of a hold, as if the phone at its end had been put on hold. That goes through the Local
channel into the bridge, where it is passed on as long as there are no more than two (``bridge_simple.c``). The music is
on the channel of the one who waits then, as without us: it goes on when the seat leaves, and ends when somebody comes.
"""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import suppress

from supervise.ari.client.client import Ari
from supervise.ari.client.errors import NotFoundError, NotInStasisError
from supervise.ari.client.expected import Expected
from supervise.ari.whispers import Whispers
from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import Kind, OurId
from supervise.domain.ports import LEASE_SECONDS
from supervise.domain.sessions.seat_music import Music, holder_in
from supervise.domain.sessions.session import Session
from supervise.domain.sessions.truth import beside


class SeatMusic:
    """The music of all sessions of one Asterisk."""

    def __init__(self, ari: Ari, book: CallBook, expected: Expected) -> None:
        """Work over `ari`; `book` knows who is beside a seat, and `expected` is told of channels that are there."""
        self._ari = ari
        self._book = book
        self._whispers = Whispers(ari, expected)
        self._whispering: dict[str, list[str]] = {}
        self._serial = itertools.count(1)

    def leased(self) -> Iterator[str]:
        """The channels whose lease is to be renewed."""
        return itertools.chain.from_iterable(self._whispering.values())

    def whispering(self, session: str) -> Sequence[str]:
        """What has whispered for a session until now, and is to be hung up."""
        return self._whispering.pop(session, [])

    async def unhold(self, seat: OurId) -> None:
        """Our half of a seat is on hold no more, and deaf to holds again; one that has gone needs nothing.

        Raises:
            AriError: nobody knows.
        """
        with suppress(NotFoundError, NotInStasisError):
            await self._ari.channels.unhold(str(seat))
            await self._ari.channels.set_channel_var(str(seat), "HOLD_INTERCEPT(set)", "")

    async def begin(self, session: Session, music: Music) -> None:
        """Begin it; where the seat or somebody has gone there is none.

        Raises:
            AriError, TimeoutError: it has not begun, or nobody knows.
        """
        if session.seat is not None:
            with suppress(NotFoundError, NotInStasisError):
                await self._begin(session, session.seat, music)

    async def _begin(self, session: Session, seat: OurId, music: Music) -> None:
        match music:
            case Music.WHISPERED:
                others = beside(seat, "", self._book)
                holder = holder_in(others, self._book)
                asked = holder.music if holder is not None else ""
                for held in (other for other in others if other != holder):
                    await self._whisper(session.id, held, await self._own_class(held) or asked or None)
            case Music.BEGUN:
                await self._ari.channels.set_channel_var(str(seat), "HOLD_INTERCEPT(remove)", "")
                await self._ari.channels.hold(str(seat))
            case Music.NONE:
                pass

    async def _whisper(self, session: str, held: Channel, moh_class: str | None) -> None:
        through = OurId(Kind.MUSIC, session, next(self._serial))
        self._whispering.setdefault(session, []).append(str(through))
        await self._whispers.open(held.id, through, LEASE_SECONDS)
        await self._ari.channels.start_moh(str(through), moh_class)

    async def _own_class(self, held: Channel) -> str:
        """Which music the channel of the one on hold wants; else it is what the phone of the other asks for."""
        with suppress(NotFoundError):
            return await self._ari.channels.get_channel_var(held.id, "CHANNEL(musicclass)")
        return ""
