"""Whether the machine kept time: on one that does not, a missing frame says nothing about a switch."""

from supervise.lab.hearing import ear
from supervise.lab.hearing.continuity import Continuity
from supervise.lab.hearing.ear import Window
from tests.support.supervising import Scene

LATEST_MS = 50.0
"""Between two frames of a phone. They are 20 ms apart; on an idle machine hardly ever 30."""

LONGEST_MS = 60.0
"""From one phone of the call to the other: 20 ms to be mixed, and as much again for a frame that was late once.

A bridge that mixes keeps what lateness has added, and some day throws it away.
"""

_USUAL_MS = 45.0


def kept_time(at: Scene, window: Window) -> bool:
    """Whether agent and customer sent, and got, every frame in time.

    A switch that stops or delays the call makes this false too, each time: a test that waits for a machine that keeps
    time must not wait for ever.
    """
    pairs = ((at.agent, at.customer), (at.customer, at.agent))
    fates = [at.centre.hearing.continuity(speaker, listener, window) for speaker, listener in pairs]
    in_step = all(fate.delays_ms and max(fate.delays_ms) < LONGEST_MS for fate in fates)
    return in_step and all(_longest_gap_ms(at, phone.rtp_address, window) < LATEST_MS for phone, _ in pairs)


def _longest_gap_ms(at: Scene, address: tuple[str, int], window: Window) -> float:
    sniffer = at.centre.sniffer
    both = (way(address, window.start_ns, window.end_ns) for way in (sniffer.arrived, sniffer.left))
    return max(ear.arrivals(packets, sniffer.codec).longest_gap_ms for packets in both)


def lost_by_switch(fate: Continuity) -> int:
    """The frames lost, without those that a fresh tap skips because the one before it had come to be late.

    A tap is 20 to 45 ms late. What a busy machine adds to that stays until the tap is exchanged.
    """
    return fate.lost - int(max(0.0, max(fate.delays_ms, default=0.0) - _USUAL_MS) / 20)


def told(fate: Continuity) -> str:
    """What became of a voice, without each frame's delay."""
    return (
        f"matched {fate.matched}, lost {fate.lost}, repeated {fate.repeated}, reordered {fate.reordered}, silent "
        f"{fate.silent}, damaged {fate.damaged}, delay from {fate.delays_ms[0]:.0f} to {fate.delays_ms[-1]:.0f} ms"
    )
