"""Keys with which a supervisor chooses one of the agents in the call; the call goes on meanwhile."""

import asyncio
from collections.abc import Callable

from supervise.domain.keypad import TWICE_SECONDS
from supervise.domain.reception import EXTENSION_KEY, PAGE
from supervise.domain.rights.decisions import Refused
from supervise.domain.sessions import happenings as h
from supervise.domain.words import Mode
from supervise.floor.running.call_agents import CallAgents
from supervise.floor.running.gate import CANCEL_KEY, END_KEY, MOST_DIGITS

PATIENCE = 20.0
"""Seconds for all keys; then they mean what they mean in a session again."""


class Choosing:
    """Takes keys while somebody is being chosen."""

    def __init__(self, agents: CallAgents, tell: Callable[[h.AgentAsked | h.UnknownAsked], None]) -> None:
        """Nobody is being chosen; `tell` gets what came of it, and must not wait."""
        self._agents = agents
        self._tell = tell
        self._offered: dict[str, h.AgentAsked] = {}
        self._typed: str | None = None
        self._began = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> tuple[str, ...]:
        """Offer the other agents of the call who may be monitored; the words to be said."""
        self.cancel()
        agents = [each for each in self._agents.choices() if not isinstance(each.rights.modes[Mode.MONITOR], Refused)]
        if not agents:
            return ("no-other-agent",)
        loop = asyncio.get_running_loop()
        self._began, self._timer = loop.time(), loop.call_later(PATIENCE, self.cancel)
        asked = [h.AgentAsked(each.agent, each.extension) for each in agents[:PAGE]]
        self._offered = {str(number): each for number, each in enumerate(asked, 1)}
        return tuple(word for key, each in self._offered.items() for word in _offer(key, each.extension))

    def take(self, digit: str) -> bool:
        """Take a key; False when nobody is being chosen, and the key means something else."""
        if self._timer is None:
            return False
        if self._typed is not None:
            self._type(digit)
        elif digit == EXTENSION_KEY:
            # The last key of 9 0 may have arrived a second time.
            again = asyncio.get_running_loop().time() - self._began < TWICE_SECONDS
            self._typed = None if again else ""
        else:
            self._choose(digit, self._offered.get(digit))
        return True

    def _type(self, digit: str) -> None:
        if digit not in (END_KEY, CANCEL_KEY):
            self._typed = f"{self._typed}{digit}"[:MOST_DIGITS]
            return
        asked = (each for each in self._offered.values() if each.extension == self._typed)
        self._choose(digit, next(asked, None))

    def _choose(self, digit: str, asked: h.AgentAsked | None) -> None:
        """The star chooses nobody."""
        self.cancel()
        if digit != CANCEL_KEY:
            self._tell(asked or h.UnknownAsked())

    def cancel(self) -> None:
        """Nobody is being chosen any more."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._typed, self._offered = None, None, {}


def _offer(key: str, extension: str) -> tuple[str, ...]:
    return ("menu-for", "agent", f"digits:{extension}", "menu-press", f"digits:{key}")
