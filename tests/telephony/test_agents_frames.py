"""What choosing another agent costs: frame by frame, for everybody in the call."""

import time
from itertools import cycle, permutations

import pytest

from supervise.lab.asterisk import Way
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing.ear import Window
from tests.support.agents import Table, three
from tests.support.hushed import Hushed
from tests.support.moving import moving_plan
from tests.support.steadiness import kept_time, told
from tests.support.supervising import Scene

pytestmark = pytest.mark.steady

SWITCHES, MOST_SWITCHES = 6, 40
"""How many are judged, and how often it is tried on a machine that is too busy to keep time."""


@pytest.fixture
def way(way: Way) -> Way:
    """An Asterisk whose confirmations hide no frame."""
    return Hushed(way)


@pytest.fixture
def plan() -> Plan:
    """Leads who may do everything with both agents."""
    return moving_plan()


async def test_a_change_of_agents_costs_nobody_a_frame(centre: CallCentre) -> None:
    """Coaching goes from one agent to the other and back: nobody in the call loses a frame or hears one twice."""
    async with three(centre, "*56") as at:
        await at.heard_by(at.agent)
        judged = 0
        for _, (extension, phone) in zip(
            range(MOST_SWITCHES), cycle((("202", at.second), ("201", at.agent))), strict=False
        ):
            await at.offer(extension)
            start_ns = time.time_ns()
            await at.supervisor.press("1")
            await at.hears_supervisor(phone)
            judged += _whole(at, Window(start_ns, time.time_ns() - 100_000_000))
            if judged == SWITCHES:
                return
        raise AssertionError(f"the machine, or the call, was late too often: {judged} switches were in time")


def _whole(at: Table, window: Window) -> bool:
    """Hold everybody's voice against what the others heard; False where the machine did not keep time."""
    scenes = [Scene(at.centre, at.customer, agent, at.supervisor) for agent in (at.agent, at.second)]
    scenes.append(Scene(at.centre, at.second, at.agent, at.supervisor))
    if not all(kept_time(scene, window) for scene in scenes):
        return False
    for speaker, listener in permutations((at.customer, at.agent, at.second), 2):
        fate = at.centre.hearing.continuity(speaker, listener, window)
        assert fate.matched > 0
        assert (fate.lost, fate.repeated, fate.reordered) == (0, 0, 0), (speaker.name, listener.name, told(fate))
    return True
