"""A call in which nobody but the supervisor speaks: whatever else is heard in it can only be a fault."""

import time

from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing import Listener, ear
from supervise.lab.hearing.ear import Sound, Window
from supervise.lab.phones.phone import Phone
from tests.support.supervising import Scene

_POLICY = """\
people:
  hilda: {{name: Hilda Lead, role: lead, endpoint: "301"}}
  anna: {{name: Anna Agent, role: agent, endpoint: "201"}}
  ben: {{name: Ben Agent, role: agent, endpoint: "202"}}
teams:
  support: {{leads: [hilda], members: [anna, ben]}}
roles: {{lead: , agent: }}
rules:
  - {{who: lead, may: [monitor, coach, barge], whom: own-teams, how: choice}}
house:
  start: {start}
  start_muted: {muted}
  visible_before: {{coach: not-required, barge: not-required}}
  tell_agent: {{by: [tone, message]}}
"""

SETTLED_NS = 60_000_000
"""What has been sent so lately may not have been read by the sniffer, or be on its way still."""


def free_plan(*, start: str = "hidden", muted: bool = True, codec: str = "ulaw") -> Plan:
    """A lead who may coach and barge whether hidden or visible."""
    return Plan(policy=_POLICY.format(start=start, muted="yes" if muted else "no"), codec=codec)


async def quiet_scene(centre: CallCentre, *, code: str = "*55", speaks: bool = True) -> Scene:
    """Agent and customer send digital silence; the supervisor, who `speaks` at full level, has joined them."""
    agent, customer = await centre.phone("201", silent=True), await centre.phone("101", silent=True)
    await customer.dial("201")
    await customer.until_established()
    await agent.until_established()
    supervisor = await centre.phone("301", silent=not speaks)
    await supervisor.dial(f"{code}201")
    await supervisor.until_established()
    return Scene(centre, customer, agent, supervisor)


def since(start_ns: int) -> Window:
    """From a moment until now, as far as everything of it has been read."""
    return Window(start_ns, time.time_ns() - SETTLED_NS)


def sound_at(centre: CallCentre, phone: Listener, window: Window) -> Sound:
    """The sound that arrived at a phone, or in one of its calls."""
    packets = centre.sniffer.arrived(phone.rtp_address, window.start_ns - ear.WARM_UP_NS, window.end_ns)
    return ear.sound(packets, centre.sniffer.codec, window)


def expect_digital_silence(centre: CallCentre, phone: Phone, window: Window) -> None:
    """Frames arrived all the time, every byte of them meant nothing, and no key was among them (G.711)."""
    heard = centre.hearing.heard(phone, window)
    due = window.milliseconds / 20
    assert heard.arrivals.packets >= 0.8 * due, f"{phone.name} got {heard.arrivals.packets} of {due:.0f} frames"
    assert heard.silent, f"{phone.name} heard: {[(voice.value, heard.cell(voice)) for voice in heard.voices]}"
    assert centre.hearing.keys_heard(phone, window) == []
