"""Asking somebody on the phone who is in no room: words, and the keys that answer them."""

import asyncio

from supervise.domain.ports import OrderFailedError, Switchboard
from supervise.floor.running.gate import CANCEL_KEY, END_KEY

PATIENCE = 20.0
"""Seconds that a menu waits for a key after its words."""

MOST_KEYS = 64
"""Nobody presses more in a conversation."""


class HungUpError(Exception):
    """Whoever was asked has left."""


class Dialogue:
    """Words to one channel, and its keys."""

    def __init__(self, board: Switchboard, channel: str) -> None:
        """Nothing has been said yet."""
        self._board = board
        self._channel = channel
        self._keys: asyncio.Queue[str] = asyncio.Queue(maxsize=MOST_KEYS)

    def press(self, digit: str) -> None:
        """Take a key; keys beyond what anybody presses in a conversation are dropped."""
        if not self._keys.full():
            self._keys.put_nowait(digit)

    async def key(self) -> str:
        """The next key, whenever it comes."""
        return await self._keys.get()

    async def ask(self, words: tuple[str, ...]) -> str:
        """Say words until a key is pressed; empty when none was.

        Raises:
            OrderFailedError: Asterisk did not play the words.
        """
        saying = asyncio.create_task(self._board.say_alone(self._channel, words))
        pressing = asyncio.create_task(self._keys.get())
        try:
            await asyncio.wait((saying, pressing), return_when=asyncio.FIRST_COMPLETED)
            if saying.done():
                await saying
                await asyncio.wait((pressing,), timeout=PATIENCE)
            return pressing.result() if pressing.done() else ""
        finally:
            await cancel(saying, pressing)

    async def ask_digits(self, words: tuple[str, ...], most: int) -> str:
        """Digits up to #, or as many as there may be.

        Raises:
            HungUpError: they pressed *, or nothing.
            OrderFailedError: Asterisk did not play the words.
        """
        digits = await self.ask(words)
        while digits and digits[-1] not in (END_KEY, CANCEL_KEY) and len(digits) < most:
            digits += await self._next_key()
        if not digits or digits[-1] == CANCEL_KEY:
            raise HungUpError
        return digits.rstrip(END_KEY)

    async def _next_key(self) -> str:
        try:
            return await asyncio.wait_for(self._keys.get(), PATIENCE)
        except TimeoutError:
            return END_KEY


async def cancel(*tasks: asyncio.Task[str] | asyncio.Task[None]) -> None:
    """End tasks, and take what they ended with, so that no error is lost in a task that nobody asks."""
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception) and not isinstance(result, OrderFailedError):
            raise result
