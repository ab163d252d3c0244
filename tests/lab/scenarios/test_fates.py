from collections.abc import Sequence

import pytest

from supervise.lab.hearing import Hearing
from supervise.lab.hearing.ear import Window
from supervise.lab.phones.call import Line
from supervise.lab.scenarios.fates import FirstCall
from supervise.lab.scenarios.schema import StepPart
from supervise.lab.sound import Voice
from supervise.lab.wire.rtp import Address, RtpPacket

pytestmark = pytest.mark.unit

LINES = {
    "customer": Line("customer", Voice.CUSTOMER, ("127.0.0.1", 24000)),
    "agent": Line("agent", Voice.AGENT, ("127.0.0.1", 24002)),
}
VOICES = {"customer": Voice.CUSTOMER, "agent": Voice.AGENT}


class Asked:
    """Captures nothing, and remembers for which time it was asked what arrived."""

    def __init__(self) -> None:
        self.windows: list[Window] = []

    def arrived(self, _: Address, since_ns: int, until_ns: int) -> list[RtpPacket]:
        """Nothing."""
        self.windows.append(Window(since_ns, until_ns))
        return []

    def left(self, _: Address, __: int, ___: int) -> list[RtpPacket]:
        """Nothing."""
        return []

    def codec(self, _: RtpPacket) -> str:
        """Of no packet."""
        return "PCMU"


def end_of(steps: Sequence[dict[str, object]]) -> int:
    """When the call is no longer looked at: it begins at 1000, steps take 1000 each, and at last it is 9000."""
    call = FirstCall()
    call.begins(LINES, 1000)
    for number, step in enumerate(steps, 2):
        call.before(StepPart.model_validate(step), number * 1000)
    call.reaches(9000)
    asked = Asked()
    assert len(list(call.fates(Hearing(asked), VOICES))) == 2
    return max(window.end_ns for window in asked.windows)


@pytest.mark.parametrize(
    "step",
    [
        {"hang_up": "customer"},
        {"hold": "agent"},
        {"transfer": {"by": "agent", "to": "203"}},
        {"asterisk": "restart"},
        {"press": {"by": "lead", "keys": "91"}},
        {"press": {"by": "lead", "keys": "94"}},
    ],
    ids=str,
)
def test_what_parts_the_two(step: dict[str, object]) -> None:
    """What parts the two of a call ends what is held against it, and nothing after that counts."""
    assert end_of([step, {"hears": {"agent": "customer"}}]) == 2000


@pytest.mark.parametrize(
    "step",
    [
        {"hang_up": "lead"},
        {"mute": "lead"},
        {"controller": "kill"},
        {"network": "cut"},
        {"press": {"by": "lead", "keys": "92"}},
    ],
    ids=str,
)
def test_what_must_not_be_noticed(step: dict[str, object]) -> None:
    """Whatever else happens is held against the call, to the end of the last step."""
    assert end_of([step]) == 9000


def test_no_call() -> None:
    """Where nobody called anybody there is nothing to tell."""
    call = FirstCall()
    call.before(StepPart.model_validate({"asterisk": "restart"}), 1)
    assert list(call.fates(Hearing(Asked()), VOICES)) == []
