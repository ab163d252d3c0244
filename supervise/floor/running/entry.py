"""Digits that a supervisor types in the middle of a session: a PIN, a reason code. The call goes on meanwhile."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from supervise.domain.rights.decisions import Refusal
from supervise.domain.sessions import happenings as h
from supervise.floor.running.gate import CANCEL_KEY, END_KEY, MOST_DIGITS, Ask, Gate

PATIENCE = 20.0
"""Seconds for all digits; then the keys mean what they mean in a session again."""

Wish = h.ModeAsked | h.VisibilityAsked | h.ActionAsked | h.FollowAsked | h.AgentAsked
"""What may ask for a PIN or a reason code first."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer was given to what had to be asked for `wish`; right when there is no refusal."""

    wish: Wish
    ask: Ask
    refusal: Refusal | None


@dataclass(slots=True)
class _Typing:
    wish: Wish
    ask: Ask
    timer: asyncio.TimerHandle
    digits: str = ""


class Entry:
    """Takes keys while something is being typed."""

    def __init__(self, gate: Gate, tell: Callable[[Answered], None], moved: Callable[[], None]) -> None:
        """Nothing is being typed; `tell` gets what came of it, `moved` hears that another thing is asked."""
        self._gate = gate
        self._tell = tell
        self._moved = moved
        self._typing: _Typing | None = None
        self._checking: set[asyncio.Task[None]] = set()

    @property
    def asking(self) -> Ask | None:
        """What is being typed."""
        return None if self._typing is None else self._typing.ask

    def begin(self, wish: Wish, ask: Ask) -> None:
        """From now on, keys are digits of an answer."""
        self.cancel()
        timer = asyncio.get_running_loop().call_later(PATIENCE, self.cancel)
        self._typing = _Typing(wish, ask, timer)
        self._moved()

    def take(self, digit: str) -> bool:
        """Take a key; False when nothing is being typed, and the key means something else."""
        typing = self._typing
        if typing is None:
            return False
        if digit == CANCEL_KEY:
            self.cancel()
            return True
        if digit != END_KEY:
            typing.digits += digit
        if digit == END_KEY or len(typing.digits) >= MOST_DIGITS:
            self._end(typing)
        return True

    def give(self, ask: Ask, digits: str) -> bool:
        """Take an answer from elsewhere than the phone; False when that is not what is being typed."""
        typing = self._typing
        if typing is None or typing.ask is not ask:
            return False
        typing.digits = digits
        self._end(typing)
        return True

    def _end(self, typing: _Typing) -> None:
        self.cancel()
        task = asyncio.create_task(self._check(typing))
        self._checking.add(task)
        task.add_done_callback(self._checking.discard)

    def cancel(self) -> None:
        """Nothing is being typed any more."""
        if self._typing is not None:
            self._typing.timer.cancel()
            self._typing = None
            self._moved()

    async def _check(self, typing: _Typing) -> None:
        refusal = await self._gate.answer(typing.ask, typing.digits)
        self._tell(Answered(typing.wish, typing.ask, refusal))
