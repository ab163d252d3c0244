"""The phone's keys: what each does, by the words its presser hears and by who hears them."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime

import pytest

from supervise.domain.calls.naming import Kind, OurId
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.sound import Voice
from tests.support.keystorm import KeyStorm
from tests.support.quiet import expect_digital_silence, free_plan, quiet_scene, since
from tests.support.spoken import spoken
from tests.support.supervising import Scene, scene
from tests.support.witness import witness
from tests.support.words import Words, know

_TRUE_WITHIN_NS = 200_000_000
"""How soon after a key has been taken only its wish may be true."""

_SPEAKING = {Kind.PROMPTER, Kind.NOTIFIER}

_AGENT = frozenset({"201"})
_BOTH = frozenset({"101", "201"})


@dataclass(frozen=True, slots=True)
class Press:
    """A key, what is said on it, and who hears the supervisor after it."""

    key: str
    words: tuple[str, ...]
    heard_by: frozenset[str] = frozenset()


PRESSES = (
    Press("5", ("visible-first",)),
    Press("8", ("visible",)),
    Press("5", ("coach", "conf-muted")),
    Press("1", ("coach", "conf-unmuted"), _AGENT),
    Press("6", ("barge",), _BOTH),
    Press("3", ("everybody-hears-you",), _BOTH),
    Press("0", ("barge",)),
    Press("3", ("nobody-hears-you",)),
    Press("4", ("monitor",)),
    Press("7", ("hidden",)),
    Press("98", ("not-available",)),
    Press("2", ("on-the-call", "customer", "digits/1", "digits/0", "spy-agent", "digits/2")),
    Press("#", ("help",)),
)
"""Every key of a session but the one that leaves it."""

CORE = ("conf-muted", "conf-unmuted", "spy-agent", "digits/0", "digits/1", "digits/2")


@pytest.mark.telephony
async def test_every_key(centre: CallCentre) -> None:
    """Each key does what the design says: its words are heard, and exactly the right people hear the supervisor."""
    words = await know(centre, *CORE)
    start_ns = time.time_ns()
    at = await quiet_scene(centre)
    await words.until(at.supervisor, "monitor", start_ns=start_ns)
    for press in PRESSES:
        await _press(at, words, press)
    await at.supervisor.press("*")
    await at.supervisor.until_closed()
    await centre.controller.until("closed", reason="left")
    assert {press.key[0] for press in PRESSES} | {"*"} == set("0123456789*#")
    for phone in (at.agent, at.customer):
        assert centre.hearing.keys_heard(phone, since(start_ns)) == []


async def _press(at: Scene, words: Words, press: Press) -> None:
    start_ns = time.time_ns()
    await at.supervisor.press(press.key)
    await words.until(at.supervisor, *press.words, start_ns=start_ns, within=8)
    for phone in (at.agent, at.customer):
        heard = {Voice.SUPERVISOR} if phone.name in press.heard_by else set[Voice]()
        await at.centre.hearing.until(phone, hears=heard, not_hears={Voice.SUPERVISOR} - heard, for_ms=200)


@pytest.mark.steady
async def test_repeated_keys_change_nothing(centre: CallCentre) -> None:
    """A key pressed again is confirmed again and nothing else: the same channels, no record, not a frame disturbed."""
    at = await scene(centre)
    await at.supervisor.press("851")
    await centre.hearing.until(at.agent, hears={Voice.SUPERVISOR}, for_ms=200)
    before, lines = await _without_words(centre), len(centre.controller.log)
    async with spoken(centre) as said:
        start_ns = time.time_ns()
        await at.supervisor.press("551188")
        await said.until("visible", "visible")
        assert [said.count(word) for word in ("coach", "visible")] == [2, 2]
    assert await _without_words(centre) == before
    assert not [line for line in centre.controller.log[lines:] if line["event"] in {"mode", "mute", "visibility"}]
    for speaker, listener in ((at.customer, at.agent), (at.agent, at.customer)):
        fate = centre.hearing.continuity(speaker, listener, since(start_ns))
        assert fate.perfect, fate


async def _without_words(centre: CallCentre) -> list[str]:
    """Our channels and bridges, apart from those that come and go with each word."""
    async with witness(centre) as client:
        channels, bridges = await client.channels.list(), await client.bridges.list()
    ids = [each.json["id"] for each in (*channels, *bridges)]
    return sorted(id_ for id_ in ids if (ours := OurId.read(id_)) is None or ours.kind not in _SPEAKING)


@pytest.mark.steady
class TestStorm:
    """Twenty keys a second, as a broken phone sends them; Asterisk itself hands them on 125 ms apart, in order."""

    KEYS = "456" * 6 + "45"

    @pytest.fixture
    def plan(self) -> Plan:
        """Nobody is muted, so that each key is heard at once."""
        return free_plan(muted=False)

    async def test_ends_in_the_last_wish(self, centre: CallCentre) -> None:
        """Every key is taken, none is heard, and soon after the last one exactly its wish is true."""
        at = await _scene_in_which_keys_work(centre)
        start_ns = time.time_ns()
        with centre.sniffer.keep(), KeyStorm(centre, at.supervisor) as storm:
            await storm.press(self.KEYS, a_second=20)
            taken_ns = await _until_taken(centre, "mode", len(self.KEYS) - 1)  # the first asks for what is
            await centre.hearing.until(at.agent, hears={Voice.SUPERVISOR}, for_ms=400)
            sent = "".join(press.key for press in centre.hearing.keys_sent(at.supervisor, since(start_ns)))
            assert sent.endswith(self.KEYS)
            for phone in (at.agent, at.customer):
                assert centre.hearing.keys_heard(phone, since(start_ns)) == []
            expect_digital_silence(centre, at.customer, since(taken_ns + _TRUE_WITHIN_NS))

    async def test_a_key_badly_told_is_one_key(self, centre: CallCentre) -> None:
        """A key whose end is never told, or is told nine times, is taken once."""
        at = await _scene_in_which_keys_work(centre)
        with KeyStorm(centre, at.supervisor) as storm:
            await storm.press("5", a_second=1, ends=0)
            await centre.controller.until("mode", mode="coach")
            await storm.press("6", a_second=2, ends=9)
            await centre.controller.until("mode", mode="barge")
            await centre.hearing.until(at.customer, hears={Voice.SUPERVISOR}, for_ms=500)
        assert [line["mode"] for line in centre.controller.all("mode")] == ["coach", "barge"]


async def _scene_in_which_keys_work(centre: CallCentre) -> Scene:
    at, start_ns = await quiet_scene(centre), time.time_ns()
    await centre.controller.until("opened")
    await at.supervisor.press("4")
    await centre.hearing.until_keys(at.supervisor, 1, start_ns)
    return at


async def _until_taken(centre: CallCentre, event: str, count: int) -> int:
    """Wait until the controller has logged so many of an event; when it took the last."""
    end = time.monotonic() + 10
    while len(lines := list(centre.controller.all(event))) < count:
        assert time.monotonic() < end, f"{len(lines)} of {count}"
        await asyncio.sleep(0.02)
    return int(datetime.fromisoformat(lines[-1]["timestamp"]).timestamp() * 1e9)
