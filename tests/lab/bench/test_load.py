import os
import time
from xml.etree import ElementTree as ET

import pytest

from supervise.lab.bench.cpu import cpu_seconds
from supervise.lab.bench.load import AGENTS, SUPERVISORS, packets_sent
from supervise.lab.phones.sipp import ANSWER, REGISTER, call

pytestmark = pytest.mark.unit

SHOWN = """
                                             ...........Receive......... .........Transmit..........
 BridgeId ChannelId ........ UpTime.. Codec.   Count    Lost Pct  Jitter   Count    Lost Pct  Jitter RTT....
 ===========================================================================================================

          340-00000014       00:00:03 ulaw      116       0    0   0.000    117       0    0   0.000   0.000
 08a51c89 140-00000005       00:00:05 ulaw      113       0    0   0.000      0       0    0   0.002   0.000
 08a51c89 242-00000004       00:10:05 ulaw    20242       0    0   0.000  20243       1    0   0.002   0.000

Objects found: 3
"""


def test_packets_sent() -> None:
    """Asterisk's own table says how much sound each phone was sent, in a bridge or not."""
    assert packets_sent(SHOWN) == {"340": 117, "140": 0, "242": 20243}


@pytest.mark.parametrize(
    ("scenario", "steps"),
    [
        (REGISTER, ["send", "recv", "recv", "send", "recv", "recv"]),
        (ANSWER, ["recv", "send", "recv", "recv", "send"]),
        (
            call(),
            ["send", "recv", "recv", "send", "send", "recv", "recv", "recv", "recv", "send", "pause", "send", "recv"],
        ),
    ],
)
def test_scenarios(scenario: str, steps: list[str]) -> None:
    """What SIPp plays is well-formed, in the right order, and no line of a message begins or ends with a blank."""
    root = ET.fromstring(scenario)  # noqa: S314 - our own words
    assert [step.tag for step in root] == steps
    messages = [step.text or "" for step in root if step.tag == "send"]
    assert all(line == line.strip() for message in messages for line in message.splitlines())


def test_a_scenario_with_sound() -> None:
    """An agent plays a file over and over from a port of their own; who echoes has the echo's port."""
    assert 'rtp_stream="/tone.ulaw,-1,0"' in call("/tone.ulaw")
    assert "[rtpstream_audio_port]" in call("/tone.ulaw")
    assert "[media_port]" in call()


def test_enough_people() -> None:
    """There is an agent for each supervisor of the largest measurement."""
    assert len(AGENTS) == len(SUPERVISORS) == len({*AGENTS, *SUPERVISORS}) / 2 == 40


def test_processor_time() -> None:
    """A process's clock runs while it works, as its own count of its time does."""
    before, own = cpu_seconds(os.getpid()), time.process_time()
    while time.process_time() - own < 0.05:
        pass
    assert cpu_seconds(os.getpid()) - before == pytest.approx(time.process_time() - own, abs=0.02)
