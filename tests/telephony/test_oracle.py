"""Who hears whom, computed from channels, bridges and taps, is who hears whom by the sound that arrives."""

import time
from dataclasses import replace

import pytest

from supervise.ari import Access, Ari
from supervise.ari.folding import Folder
from supervise.ari.snapshot import take
from supervise.domain.calls.audioflow import hearing
from supervise.domain.calls.calls import CallBook
from supervise.domain.records import Deed
from supervise.domain.sessions.session import Person
from supervise.domain.sessions.truth import flow_around
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing.ear import Window
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.ledger import records
from tests.support.moving import Table, barge, moving_plan
from tests.support.world import new_session

pytestmark = pytest.mark.telephony

VOICES = {"101": Voice.CUSTOMER, "201": Voice.AGENT, "301": Voice.SUPERVISOR}

STEPS = [
    ("0", ["muted"], False),
    ("1", ["unmuted"], True),
    ("5", ["coach", "unmuted"], True),
    ("0", ["muted"], False),
    ("4", ["monitor"], False),
    ("6", ["barge", "unmuted"], True),
    ("91", ["agent-on-hold"], True),
    ("0", ["muted"], False),
    ("1", ["unmuted"], True),
    ("92", ["agent-in-call"], True),
    ("93", ["agent-removed"], True),
]
"""Keys, what is said on them, and whether the microphone is open then."""

LOOKS = 5
"""How often a phone is listened to until it hears all that it should: a busy machine loses a third of a second.

What it must not hear it must not hear in any of them.
"""


@pytest.fixture
def plan() -> Plan:
    """Leads who may do everything."""
    return moving_plan()


async def test_the_oracle_and_the_sound_agree(centre: CallCentre) -> None:
    """In every stance, with the agent in the call, on hold and removed, for each phone and each voice."""
    async with barge(centre) as at:
        await agree(at, mic_open=True)
        for keys, words, mic_open in STEPS:
            await at.press(keys, *words)
            await agree(at, mic_open=mic_open)


async def agree(at: Table, *, mic_open: bool) -> None:
    """Wait until everybody hears exactly whom they should by the oracle."""
    book = CallBook()
    user, password = at.centre.asterisk.witness
    async with Ari(Access("pbx", at.centre.asterisk.ari_url, user, password, "oracle")) as ari:
        Folder(book).replace(await take(ari))
    channels = {channel.endpoint: channel.id for channel in book.channels() if channel.endpoint in VOICES}
    session = replace(
        new_session(),
        id=records(at.centre, Deed.OPENED)[-1].session,
        supervisor=Person("hilda", channels["301"]),
        agent=Person("anna", channels.get("201", "gone")),
        mic_open=mic_open,
    )
    heard = hearing(flow_around(session, book))
    speakers = {id_: VOICES[endpoint] for endpoint, id_ in channels.items()}
    for phone in (at.customer, at.agent, at.supervisor):
        if phone.user not in channels:
            continue
        voices = {speakers[id_] for id_ in heard.get(channels[phone.user], ())}
        await at.centre.hearing.until(phone, hears=voices, for_ms=200)
        for _ in range(LOOKS):
            told = await _told(at, phone)
            assert told <= voices, f"{phone.name} heard {told - voices}, whom they must not"
            if told == voices:
                break
        assert told == voices, f"{phone.name} heard {told} instead of {voices}"


async def _told(at: Table, phone: Phone) -> set[Voice]:
    """Whom a phone hears in a third of a second from now on."""
    start_ns = time.time_ns()
    await at.centre.hearing.listen([phone], 300)
    window = Window(start_ns, start_ns + 300_000_000)
    return {v for v in VOICES.values() if at.centre.hearing.first_heard(phone, v, window) is not None}
