"""The oracle beside the sound: whatever a phone is heard to hear must follow from channels, bridges and snoops."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

from supervise.ari import Access, Ari
from supervise.ari.client.errors import AriError
from supervise.ari.folding import Folder
from supervise.ari.snapshot import take
from supervise.domain.calls.audioflow import Flow, Tap, hearing
from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import OurId
from supervise.domain.sessions.truth import DIRECTIONS, half_of
from supervise.lab.callcentre import CallCentre
from supervise.lab.hearing import Hearing
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice

LOOKS, BETWEEN = 20, 0.1
"""How often Asterisk is asked, and the seconds between, until it says what the sound said: calls go on changing."""


@asynccontextmanager
async def beside_the_sound(centre: CallCentre) -> AsyncIterator[None]:
    """Hold every voice that a test waits for, on whatever phone, against the oracle."""
    user, password = centre.asterisk.witness
    until = Hearing.until
    async with Ari(Access("pbx", centre.asterisk.ari_url, user, password, "oracle")) as ari:

        async def then_ask(self: Hearing, phone: Any, **wanted: Any) -> Any:
            heard = await until(self, phone, **wanted)
            if isinstance(phone, Phone):
                await _explained(centre, ari, phone, wanted.get("hears", ()))
            return heard

        with patch.object(Hearing, "until", then_ask):
            yield


async def _explained(centre: CallCentre, ari: Ari, phone: Phone, voices: Collection[Voice]) -> None:
    """An Asterisk that does not answer, since the test has stopped it, explains nothing and is not asked."""
    told: frozenset[Voice] = frozenset()
    for _ in range(LOOKS if voices else 0):
        try:
            told = await heard_by(centre, ari, phone)
        except AriError:
            return
        if told >= set(voices):
            return
        await asyncio.sleep(BETWEEN)
    assert not voices, f"{phone.name} heard {set(voices)}, and by channels, bridges and snoops only {told}"


async def heard_by(centre: CallCentre, ari: Ari, phone: Phone) -> frozenset[Voice]:
    """The voices that a phone hears, as far as nobody is muted, by what Asterisk has at this moment."""
    book = CallBook()
    Folder(book).replace(await take(ari))
    heard = hearing(flow_of(book))
    speakers = {each.user: each.voice for each in centre.phones if isinstance(each.voice, Voice)}
    mine = [channel.id for channel in book.channels() if channel.endpoint == phone.user]
    voices = (_endpoint(book, voice) for channel in mine for voice in heard.get(channel, ()))
    return frozenset(speakers[endpoint] for endpoint in voices if endpoint in speakers)


def flow_of(book: CallBook) -> Flow:
    """Everything in an Asterisk as a flow of sound."""
    channels = {channel.id: channel for channel in book.channels()}
    halves = {id_: half for id_ in channels if (half := half_of(id_, book)) in channels}
    taps = {id_: tap for id_, channel in channels.items() if (tap := _tap(channel, channels)) is not None}
    return Flow({bridge: book.members_of(bridge) for bridge in book.all_bridges()}, halves, taps)


def _tap(channel: Channel, channels: Mapping[str, Channel]) -> Tap | None:
    """A Snoop channel is named after the channel that it is on."""
    ours, on = OurId.read(channel.id), channel.name.removeprefix("Snoop/").rpartition("-")[0]
    if ours is None or ours.kind not in DIRECTIONS or on not in channels:
        return None
    return Tap(on, *DIRECTIONS[ours.kind])


def _endpoint(book: CallBook, channel: str) -> str:
    found = book.channel(channel)
    return "" if found is None else found.endpoint
