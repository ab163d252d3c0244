"""What ``extensions_supervise.conf`` does, for a fake Asterisk: seats, agents who are moved, and the leases of both.

Leases are shorter than the real ones, and so must be the time between two renewals.
"""

import asyncio

from tests.ari.fake_ari import FakeAri
from tests.ari.fake_operations import Asked
from tests.ari.fake_switch import FakeChannel

LEASE_SCALE = 0.4

TIMEOUT = "TIMEOUT(absolute)"

AGENT_LEASE_SECONDS = 7.0


class FakeDialplan:
    """Plays the dialplan's part for channels that are originated, continued or redirected."""

    def __init__(self, asterisk: FakeAri, agent: str) -> None:
        """Move `agent`, and let seats join their bridge."""
        self._switch = asterisk.switch
        self._app = asterisk.access.app
        self._agent = agent
        self._leases: dict[str, asyncio.TimerHandle] = {}
        asterisk.operations.on_originate = self._originated
        asterisk.operations.on_continue = self._continued

    # --- leases

    def lease(self, channel: str, seconds: float) -> None:
        """Asterisk ends this channel, or puts it back, so long after the last renewal; 0 takes the lease away."""
        before = self._leases.pop(channel, None)
        if before is not None:
            before.cancel()
        if seconds > 0:
            loop = asyncio.get_running_loop()
            self._leases[channel] = loop.call_later(seconds * LEASE_SCALE, self._ran_out, channel)

    def _ran_out(self, channel: str) -> None:
        self._leases.pop(channel, None)
        found = self._switch.channels.get(channel)
        if found is None:
            return
        if channel == self._agent and found.stasis:
            self._switch.leave_stasis(channel)
            self._put_back(found)
        elif channel != self._agent:
            self._switch.hang_up(channel)

    def end(self) -> None:
        """No lease runs out any more."""
        for timer in self._leases.values():
            timer.cancel()

    # --- the dialplan

    def _originated(self, near: FakeChannel, asked: Asked) -> None:
        self._switch.answer(near.id)
        if near.name.startswith("Local/hold@"):
            self._soon(self._hold, near)
        elif near.name.startswith("Local/remove@"):
            self._soon(self._remove, near)
        elif near.name.startswith("Local/"):
            self._take_seat(near, asked)
        else:
            near.variables["CHANNEL(audionativeformat)"] = "(ulaw)"
            self._agent = near.id
            self._soon(self._put_back, near)

    def _soon(self, then: object, channel: FakeChannel) -> None:
        assert callable(then)
        asyncio.get_running_loop().call_soon(then, channel)

    def _take_seat(self, near: FakeChannel, asked: Asked) -> None:
        """Answer, and join the call's bridge with the far half."""
        far = self._switch.new_channel(asked.query["otherChannelId"], near.name.replace(";1", ";2"))
        agent = self._switch.channels.get(self._agent)
        if agent is not None and agent.bridge:
            self._switch.enter(agent.bridge, far.id)
        if TIMEOUT in near.variables:
            self.lease(near.id, float(near.variables[TIMEOUT]))

    def _hold(self, mover: FakeChannel) -> None:
        agent = self._switch.channels.get(self._agent)
        if agent is not None:
            agent.variables["SUPERVISE_PEER"] = mover.variables["SUPERVISE_PEER"]
            self._switch.leave(agent.id)
            self._switch.enter_stasis(agent.id, self._app, "held")
            self.lease(agent.id, AGENT_LEASE_SECONDS)
        self._switch.hang_up(mover.id)

    def _remove(self, mover: FakeChannel) -> None:
        if self._agent in self._switch.channels:
            self._switch.leave(self._agent)
            self._switch.hang_up(self._agent)
        self._switch.hang_up(mover.id)

    def _continued(self, channel: FakeChannel, _: Asked) -> None:
        self.lease(channel.id, 0)
        self._put_back(channel)

    def _put_back(self, channel: FakeChannel) -> None:
        """``BridgeAdd()``: into the bridge of a channel, or the end where there is none."""
        peer = channel.variables.get("SUPERVISE_PEER")
        bridges = [c.bridge for c in self._switch.channels.values() if c.name == peer and c.bridge]
        if bridges:
            self._switch.enter(bridges[0], channel.id)
        else:
            self._switch.hang_up(channel.id)
