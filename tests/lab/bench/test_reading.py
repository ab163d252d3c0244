import struct
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pytest

from supervise.lab.bench.plan import Side, Switch, Visit
from supervise.lab.bench.reading import CONTROL, DIAL, HANG_UP, NEXT_CALL, Reader, Sample
from supervise.lab.bench.skip import missed
from supervise.lab.bench.visit import Lane, NextCall, Played
from supervise.lab.hearing.ear import Window
from supervise.lab.phone_errors import MeasuringError
from supervise.lab.phones.call import Line
from supervise.lab.sound import Samples, Voice, speak
from supervise.lab.wire.rtp import RtpPacket, rtp
from tests.lab.hearing.test_hearing import AGENT, CUSTOMER, HUB, MS, START, SUPERVISOR, Station, Tape, encoded, packets

pytestmark = pytest.mark.unit

FRAMES = 200
FRAME = 160

KEY_DOWN = START + 1000 * MS
KEY_UP = KEY_DOWN + 180 * MS
AROUND = Window(KEY_DOWN - 300 * MS, KEY_DOWN + 660 * MS)


def relay(tape: Tape, speaker: Station, sound: Samples) -> None:
    """Send a voice to the hub."""
    tape.packets += packets(encoded("PCMU", sound), speaker.rtp_address, HUB)


def hear(tape: Tape, listener: Station, frames: list[bytes], *, delay: int = 10) -> None:
    """Let a listener get frames from the hub, one each 20 ms; an empty one is a pause."""
    made = packets(frames, HUB, listener.rtp_address, start=START + delay * MS)
    tape.packets += [packet for packet in made if packet.payload]


def voices() -> tuple[Samples, Samples]:
    """Four seconds of agent and customer."""
    return speak(Voice.AGENT, 8000, FRAMES), speak(Voice.CUSTOMER, 8000, FRAMES, first=9)


def spied(gap: range, *, skipped: int = 0, words: range = range(0), loudness: float = 0.2) -> int | None:
    """What a supervisor missed who got no frames in `gap`, not the next `skipped`, and `words` over others."""
    tape = Tape()
    agent, customer = voices()
    relay(tape, AGENT, agent)
    both = agent + customer
    noise = np.random.default_rng(1).normal(0, loudness, len(both)).astype(np.float32)
    for frame in words:
        both[frame * FRAME : (frame + 1) * FRAME] += noise[frame * FRAME : (frame + 1) * FRAME]
    frames = encoded("PCMU", np.clip(both, -1, 1))
    heard = [b"" if number in gap else frame for number, frame in enumerate(frames)]
    del heard[gap.stop : gap.stop + skipped]
    hear(tape, SUPERVISOR, heard, delay=100)
    return missed(tape, (Voice.AGENT, AGENT.rtp_address), SUPERVISOR.rtp_address, KEY_UP, AROUND)


@pytest.mark.parametrize("words", [range(0), range(66, 78)])
@pytest.mark.parametrize("lost", [0, 1, 3])
def test_missed(lost: int, words: range) -> None:
    """What a supervisor misses in a switch is counted to the frame, also when words are spoken over what follows."""
    assert spied(range(60, 60 + lost), words=words) == lost


def test_missed_without_a_pause() -> None:
    """Frames that were dropped count as well where the sound went on without a pause."""
    assert spied(range(60, 60), skipped=4) == 4


def test_unreadable() -> None:
    """Where words cover everything, nothing is claimed."""
    assert spied(range(0), words=range(FRAMES), loudness=0.7) is None


@dataclass
class Recorder(Tape):
    """A tape that knows one INVITE."""

    def invited_ns(self, call_id: str) -> int | None:
        """When it went out."""
        return START + 500 * MS if call_id == "known" else None


def key(code: int, down: int, up: int) -> list[RtpPacket]:
    """A key of the supervisor, as RFC 4733 has it."""
    made = [
        rtp(
            at,
            SUPERVISOR.rtp_address,
            HUB,
            struct.pack(">BBHIIBBH", 0x80, 101, at // MS % 65536, down // MS, 9, code, flags, 8),
        )
        for at, flags in ((down, 0), (up, 0x80), (up + 20 * MS, 0x80))
    ]
    return [packet for packet in made if packet]


def coached() -> Recorder:
    """A supervisor hears the call 200 ms after the INVITE, and the agent hears them 40 ms after the end of key 5."""
    tape = Recorder()
    agent, customer = voices()
    supervisor = speak(Voice.SUPERVISOR, 8000, FRAMES, first=20)
    for station, sound in ((AGENT, agent), (CUSTOMER, customer), (SUPERVISOR, supervisor)):
        relay(tape, station, sound)
    first = (KEY_UP + 40 * MS - START) // (20 * MS)
    hear(tape, CUSTOMER, encoded("PCMU", agent), delay=0)
    hear(
        tape,
        AGENT,
        list(chain(encoded("PCMU", customer)[:first], encoded("PCMU", customer + supervisor)[first:])),
        delay=0,
    )
    hear(tape, SUPERVISOR, [b""] * 35 + encoded("PCMU", agent + customer)[35:], delay=0)
    tape.packets += key(5, KEY_DOWN, KEY_UP)
    return tape


def samples(tape: Recorder, keys: str, call_id: str = "known") -> list[Sample]:
    """What is read of a visit that began half a second after the call and ended two seconds later."""
    lane = Lane(1, CUSTOMER, AGENT, SUPERVISOR)  # type: ignore[arg-type]  # stations hear as phones do
    side = Side.OURS if keys else Side.NOBODY
    line = Line("supervisor", Voice.SUPERVISOR, SUPERVISOR.rtp_address) if keys else None
    played = Played(Visit(side, keys), 1, START + 500 * MS, START + 2500 * MS, (KEY_DOWN,), line, call_id)
    return list(Reader(tape).samples(lane, played))  # type: ignore[arg-type]  # a tape holds what a sniffer does


def test_a_visit() -> None:
    """A dial, a switch and a hang-up are read from the capture: how long they took, and that nothing was lost."""
    dial, switch, hang_up = samples(coached(), "5")
    assert [(each.side, each.what) for each in (dial, switch, hang_up)] == [
        (Side.OURS, DIAL),
        (Side.OURS, Switch.TO_COACH),
        (Side.OURS, HANG_UP),
    ]
    assert dial.ms == pytest.approx(200, abs=20)
    assert switch.ms == pytest.approx(40, abs=20)
    assert switch.from_down_ms == pytest.approx(220, abs=20)
    assert (switch.lost.agent, switch.lost.customer, switch.lost.silent, switch.lost.supervisor) == (0, 0, 0, 0)
    assert (hang_up.lost.agent, hang_up.lost.customer, hang_up.lost.silent) == (0, 0, 0)


def test_a_next_call() -> None:
    """What a waiting supervisor missed of a call runs from the agent's first frame at the customer."""
    tape = coached()
    customer, supervisor = (
        Line("a phone", voice, station.rtp_address)
        for voice, station in ((Voice.CUSTOMER, CUSTOMER), (Voice.SUPERVISOR, SUPERVISOR))
    )
    call = NextCall(START, START + 2500 * MS, customer, supervisor)
    sample = Reader(tape).next_call(call)  # type: ignore[arg-type]  # a tape holds what a sniffer does
    assert (sample.side, sample.what) == (Side.OURS, NEXT_CALL)
    assert sample.ms == pytest.approx(700, abs=20)


def test_nobody() -> None:
    """Of a call without a supervisor only what was lost is read."""
    (control,) = samples(coached(), "")
    assert (control.side, control.what, control.ms, control.lost.agent) == (Side.NOBODY, CONTROL, None, 0)


def test_other_keys() -> None:
    """A capture that does not have the keys, or the INVITE, is no measurement."""
    with pytest.raises(MeasuringError, match="other keys than 56"):
        samples(coached(), "56")
    with pytest.raises(MeasuringError, match="INVITE"):
        samples(coached(), "5", call_id="unknown")
