"""The oracle beside the sound: whom a phone is heard to hear is whom it must hear by channels, bridges and snoops.

What a test states is held against it in both directions. So where a test states a whole picture, each voice is either
heard by the sound and by the oracle, or by neither. What may differ, and why:

* Hold music takes the place of a phone that holds, and channels do not say who holds: whether a phone that holds is
  not heard, or hears nobody, is left to the sound.
* Who is muted at their phone, or whose phone sends nothing, is connected and says nothing.
* The microphone of a supervisor whom we have muted is not shown by Asterisk either: the journal says it.
* Of a phone with two calls only the latest is listened to, and the oracle sees both.
* Prompts, tones and announcements are nobody's voice, to either of the two.
"""

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
from supervise.domain.records import Deed
from supervise.domain.sessions.truth import DIRECTIONS, half_of
from supervise.domain.words import Mode
from supervise.lab.callcentre import CallCentre
from supervise.lab.hearing import Hearing
from supervise.lab.hearing.ear import Window
from supervise.lab.phone_errors import PhoneError
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.ledger import records

LOOKS, BETWEEN = 20, 0.1
"""How often Asterisk is asked, and the seconds between, until it says what the sound said: calls go on changing."""

SENDING_MS = 300
"""A phone that has sent nothing for so long says nothing."""


@asynccontextmanager
async def beside_the_sound(centre: CallCentre) -> AsyncIterator[None]:
    """Hold whatever a test waits to be heard, or not to be heard, on whatever phone, against the oracle."""
    user, password = centre.asterisk.witness
    until = Hearing.until
    async with Ari(Access("pbx", centre.asterisk.ari_url, user, password, "oracle")) as ari:

        async def then_ask(self: Hearing, phone: Any, **wanted: Any) -> Any:
            heard = await until(self, phone, **wanted)
            if isinstance(phone, Phone):
                await _agreed(centre, ari, phone, set(wanted.get("hears", ())), set(wanted.get("not_hears", ())))
            return heard

        with patch.object(Hearing, "until", then_ask):
            yield


async def _agreed(centre: CallCentre, ari: Ari, phone: Phone, voices: set[Voice], unheard: set[Voice]) -> None:
    """An Asterisk that does not answer, since the test has stopped it, says nothing and is not asked."""
    told = frozenset[Voice]()
    for _ in range(LOOKS):
        try:
            told = await heard_by(centre, ari, phone)
        except AriError:
            return
        if told >= voices and not told & _judged(centre, phone, unheard):
            return
        await asyncio.sleep(BETWEEN)
    raise AssertionError(f"{phone.name} heard {voices} and not {unheard}; by channels, bridges and snoops {told}")


def _judged(centre: CallCentre, phone: Phone, unheard: Collection[Voice]) -> set[Voice]:
    """The voices of which the sound and the oracle must both say that they are not heard."""
    if len(phone.open_calls) != 1 or _holds(phone):
        return set()
    return {voice for voice in unheard if any(each.voice is voice and _speaks(centre, each) for each in centre.phones)}


def _holds(phone: Phone) -> bool:
    return any(call.held for call in phone.open_calls)


def _speaks(centre: CallCentre, phone: Phone) -> bool:
    """Whether a phone sends its voice, and nothing keeps it from being heard that channels do not show."""
    if not phone.open_calls or _holds(phone) or any(call.muted for call in phone.open_calls):
        return False
    try:
        return centre.hearing.sent(phone, Window.last(SENDING_MS)).packets > 0
    except PhoneError:
        return False


async def heard_by(centre: CallCentre, ari: Ari, phone: Phone) -> frozenset[Voice]:
    """The voices that a phone hears by what Asterisk has at this moment."""
    book = CallBook()
    Folder(book).replace(await take(ari))
    heard = hearing(flow_of(book, muted_by_us(centre, book)))
    speakers = {each.user: each.voice for each in centre.phones if isinstance(each.voice, Voice)}
    mine = [channel.id for channel in book.channels() if channel.endpoint == phone.user]
    voices = (_endpoint(book, voice) for channel in mine for voice in heard.get(channel, ()))
    return frozenset(speakers[endpoint] for endpoint in voices if endpoint in speakers)


def muted_by_us(centre: CallCentre, book: CallBook) -> frozenset[str]:
    """The supervisors' channels whose microphone is closed, by the latest record of the session in whose room they are.

    Who talks with the agent alone is not muted, whatever they are in the call.
    """
    rooms = ((room, OurId.read(room)) for room in book.all_bridges())
    sessions = {id_.session: room for room, id_ in rooms if id_ is not None}
    latest = {record.session: record for record in records(centre) if record.session in sessions} if sessions else {}
    closed = [
        session
        for session, record in latest.items()
        if record.deed is not Deed.CONSULT and (record.muted or record.mode is Mode.MONITOR)
    ]
    members = (channel for session in closed for channel in book.members_of(sessions[session]))
    return frozenset(channel for channel in members if OurId.read(channel) is None)


def flow_of(book: CallBook, muted: frozenset[str] = frozenset()) -> Flow:
    """Everything in an Asterisk as a flow of sound."""
    channels = {channel.id: channel for channel in book.channels()}
    halves = {id_: half for id_ in channels if (half := half_of(id_, book)) in channels}
    taps = {id_: tap for id_, channel in channels.items() if (tap := _tap(channel, channels)) is not None}
    bridges = frozenset[str]().union(*(book.talking_in(id_) for id_ in channels))
    return Flow({bridge: book.members_of(bridge) for bridge in bridges}, halves, taps, muted)


def _tap(channel: Channel, channels: Mapping[str, Channel]) -> Tap | None:
    """A Snoop channel is named after the channel that it is on."""
    ours = OurId.read(channel.id)
    if ours is None or ours.kind not in DIRECTIONS or channel.tapped not in channels:
        return None
    return Tap(channel.tapped, *DIRECTIONS[ours.kind])


def _endpoint(book: CallBook, channel: str) -> str:
    found = book.channel(channel)
    return "" if found is None else found.endpoint
