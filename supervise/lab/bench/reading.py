"""What came of the visits, read from the captured RTP."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from supervise.lab.bench.plan import DOWN, UP, Side, Switch, switches
from supervise.lab.bench.skip import missed
from supervise.lab.bench.visit import SETTLE_S, SWITCH_S, Lane, NextCall, Played
from supervise.lab.hearing import Hearing, Listener
from supervise.lab.hearing.continuity import Continuity
from supervise.lab.hearing.ear import Window
from supervise.lab.phone_errors import MeasuringError
from supervise.lab.sound import Voice
from supervise.lab.wire.rtp import KeyPress
from supervise.lab.wire.sniffer import Sniffer

_BEFORE_NS: Final = 300_000_000
_AFTER_NS: Final = int(SETTLE_S * 1e9)
_KEY_NS: Final = int(SWITCH_S * 1e9)

DIAL: Final = "dial"
HANG_UP: Final = "hang-up"
NEXT_CALL: Final = "next call, waited for"
CONTROL: Final = "no supervisor"


@dataclass(frozen=True, slots=True)
class Lost:
    """Frames of 20 ms that somebody should have heard around a moment, and did not.

    Attributes:
        agent, customer: frames of the other that never came to them.
        silent: 20 ms stretches in which one of the two heard nothing of the other, frames lost or not.
        supervisor: frames of agent or customer, whichever is more, that they missed; None where that is not asked or
            cannot be read.
    """

    agent: int
    customer: int
    silent: int
    supervisor: int | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement.

    Attributes:
        side: who supervised.
        what: a `Switch`, or dial, hang-up, no supervisor.
        lost: around it.
        ms: from the end of the key (its first packet with the end bit) to the changed sound: the first frame of the
            supervisor, or after a switch down, the last; of a dial, from the INVITE to the first frame of agent or
            customer; of a next call, from the first frame of the agent that reaches the customer to the first frame of
            either that reaches the supervisor. None where nothing of the kind is measured, or nothing was heard.
        from_down_ms: the same from the first packet of the key.
    """

    side: Side
    what: str
    lost: Lost
    ms: float | None = None
    from_down_ms: float | None = None


class Reader:
    """Reads visits out of a capture."""

    def __init__(self, sniffer: Sniffer) -> None:
        """Read from `sniffer`."""
        self._sniffer = sniffer
        self._hearing = Hearing(sniffer)

    def samples(self, lane: Lane, played: Played) -> Iterator[Sample]:
        """All measurements of a visit.

        Raises:
            MeasuringError: a key, or the INVITE, is not in the capture.
        """
        side = played.visit.side
        if played.supervisor is None:
            yield Sample(side, CONTROL, self._lost(lane, played.whole))
            return
        around_dial = Window(played.dialled_ns - _BEFORE_NS, played.dialled_ns + _AFTER_NS)
        yield Sample(side, DIAL, self._lost(lane, around_dial), self._dial_ms(played, played.supervisor))
        yield from self._switches(lane, played, played.supervisor)
        around_end = Window(played.left_ns - _BEFORE_NS, played.left_ns + _AFTER_NS)
        yield Sample(side, HANG_UP, self._lost(lane, around_end))

    def next_call(self, call: NextCall) -> Sample:
        """How much of a call a supervisor missed who had waited for it."""
        window = Window(call.dialled_ns, call.looked_ns)
        begun = self._hearing.first_heard(call.customer, Voice.AGENT, window)
        joined = self._first_of_call(call.supervisor, window)
        late = None if begun is None or joined is None else _ms(joined - begun)
        return Sample(Side.OURS, NEXT_CALL, Lost(0, 0, 0), late)

    def _first_of_call(self, supervisor: Listener, window: Window) -> int | None:
        """When the first frame of agent or customer reached a supervisor."""
        heard = (self._hearing.first_heard(supervisor, voice, window) for voice in (Voice.AGENT, Voice.CUSTOMER))
        return min((moment for moment in heard if moment is not None), default=None)

    def _dial_ms(self, played: Played, supervisor: Listener) -> float | None:
        invited = self._sniffer.invited_ns(played.call_id)
        if invited is None:
            raise MeasuringError(f"the INVITE {played.call_id} is not in the capture")
        heard = self._first_of_call(supervisor, Window(invited, invited + _AFTER_NS))
        return None if heard is None else _ms(heard - invited)

    def _switches(self, lane: Lane, played: Played, supervisor: Listener) -> Iterator[Sample]:
        keys = self._hearing.keys_sent(supervisor, played.whole)
        if "".join(key.key for key in keys) != played.visit.keys:
            raise MeasuringError(f"the capture has other keys than {played.visit.keys}: {keys}")
        for key, kind in zip(keys, switches(played.visit.keys), strict=True):
            lost = self._lost_in_switch(lane, supervisor, key)
            changed = self._changed(lane, kind, key)
            yield Sample(
                played.visit.side,
                kind,
                lost,
                None if changed is None else _ms(changed - key.up_ns),
                None if changed is None else _ms(changed - key.down_ns),
            )

    def _changed(self, lane: Lane, kind: Switch, key: KeyPress) -> int | None:
        """When the sound changed for those whom the switch is about."""
        after = Window(key.down_ns, key.down_ns + _KEY_NS)
        around = Window(key.down_ns - _BEFORE_NS, after.end_ns)
        phones: dict[Voice, Listener] = {Voice.AGENT: lane.agent, Voice.CUSTOMER: lane.customer}
        if kind in UP:
            return self._hearing.first_heard(phones[UP[kind]], Voice.SUPERVISOR, after)
        moments = (self._hearing.last_heard(phones[listener], Voice.SUPERVISOR, around) for listener in DOWN[kind])
        return max((moment for moment in moments if moment is not None), default=None)

    def _lost(self, lane: Lane, window: Window) -> Lost:
        to_agent = self._hearing.continuity(lane.customer, lane.agent, window)
        to_customer = self._hearing.continuity(lane.agent, lane.customer, window)
        return Lost(never_came(to_agent), never_came(to_customer), to_agent.silent + to_customer.silent)

    def _lost_in_switch(self, lane: Lane, supervisor: Listener, key: KeyPress) -> Lost:
        around = Window(key.down_ns - _BEFORE_NS, key.down_ns + _KEY_NS)
        speakers = ((Voice.AGENT, lane.agent.rtp_address), (Voice.CUSTOMER, lane.customer.rtp_address))
        found = [missed(self._sniffer, each, supervisor.rtp_address, key.up_ns, around) for each in speakers]
        readable = [frames for frames in found if frames is not None]
        return replace(self._lost(lane, around), supervisor=max(readable, default=None))


def never_came(continuity: Continuity) -> int:
    """Frames that were not heard; one under a beep cannot be read, but it did come."""
    return max(0, continuity.lost - continuity.damaged - continuity.repeated)


def _ms(nanoseconds: int) -> float:
    return nanoseconds / 1e6
