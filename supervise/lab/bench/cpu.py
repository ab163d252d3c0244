"""What a session costs Asterisk, and the controller, in processor time."""

import asyncio
import random
import time
from dataclasses import dataclass
from typing import Final

from supervise.lab.asterisk import Asterisk
from supervise.lab.bench.load import CALLS_A_SECOND, SUPERVISORS, Load
from supervise.lab.bench.plan import Side
from supervise.lab.controlled import ControllerProcess

LEVELS: Final = (10, 40)
"""Sessions at a time."""

_MEASURED_S: Final = 6.0
_SETTLE_S: Final = 1.0
_SPARE_S: Final = 3.0
"""How much longer the sessions last than they are looked at."""

_PACKETS_A_SECOND: Final = 50
_ENOUGH: Final = 0.9


@dataclass(frozen=True, slots=True)
class Cost:
    """One measurement.

    Attributes:
        side: who supervises; nobody is what the calls alone cost.
        sessions: how many at a time.
        asterisk, controller: processor time, in percent of one core.
        starved: how many sessions did not get nine tenths of their sound; unless there are none, the machine was busy.
    """

    side: Side
    sessions: int
    asterisk: float
    controller: float
    starved: int = 0


@dataclass(frozen=True, slots=True)
class Costs:
    """Measures what sessions cost."""

    asterisk: Asterisk
    controller: ControllerProcess
    load: Load

    async def measure(self, rounds: int, chance: random.Random) -> list[Cost]:
        """Every side at every level, and nobody, in random order, so many times over.

        Raises:
            MeasuringError: a session did not come about.
            CommandError: SIPp failed.
        """
        costs = []
        async with self.load.calls():
            for _ in range(rounds):
                todo = [(side, count) for side in (Side.OURS, Side.CHANSPY) for count in LEVELS]
                todo.append((Side.NOBODY, 0))
                chance.shuffle(todo)
                costs += [await self._cost(side, count) for side, count in todo]
        return costs

    async def _cost(self, side: Side, count: int) -> Cost:
        if side is Side.NOBODY:
            return await self._look(side, count)
        lasting = count / CALLS_A_SECOND + _SETTLE_S + _MEASURED_S + _SPARE_S
        async with self.load.supervised(side, count, lasting):
            return await self._look(side, count)

    async def _look(self, side: Side, count: int) -> Cost:
        users = SUPERVISORS[:count]
        await asyncio.sleep(_SETTLE_S)
        before, began = await self.load.sent(users), time.monotonic()
        busy = [cpu_seconds(pid) for pid in self._pids()]
        await asyncio.sleep(_MEASURED_S)
        busy = [cpu_seconds(pid) - then for pid, then in zip(self._pids(), busy, strict=True)]
        lasted, after = time.monotonic() - began, await self.load.sent(users)
        due = _ENOUGH * _PACKETS_A_SECOND * lasted
        starved = sum(after.get(user, 0) - before.get(user, 0) < due for user in users)
        asterisk, controller = (100 * seconds / lasted for seconds in busy)
        return Cost(side, count, asterisk, controller, starved)

    def _pids(self) -> tuple[int, int]:
        return self.asterisk.pid, self.controller.pid


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used, all its threads together, ended ones too.

    /proc/pid/stat counts the same in steps of 10 ms; this is the clock behind it, in nanoseconds
    (clock_getcpuclockid(3), whose arithmetic for another process's clock is in linux/posix-timers.h).
    """
    return time.clock_gettime((~pid << 3) | 2)
