"""Agents who ask, by a feature code, to which supervisor they can hand their call over: a spoken list, and a key.

What they choose is told to the dialplan, which goes on as if they had dialled it. A customer whom they have sent here
hears none of it: they go to the first supervisor of the list, or back to the agent.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import structlog

from supervise.domain.keypad import EXTENSION_LENGTH
from supervise.domain.ports import OrderFailedError, Switchboard
from supervise.domain.reception import AGAIN_KEY, EXTENSION_KEY, LEAVE_KEY, MORE_KEY, PAGE, supervisors_page
from supervise.domain.sessions.offering import Asker, Offer
from supervise.floor.arriving.dialogue import Dialogue, HungUpError

MOST_ROUNDS = 3
"""How often the list is heard before somebody who chooses nothing is let go: their customer waits."""

log = structlog.get_logger(__name__)

Offers = Callable[[Asker], tuple[Offer, ...]]
"""The supervisors who may be named now, in order."""


class Asking:
    """One who asks. Keys come by `press`; the end of the channel cancels the task that runs `serve`."""

    def __init__(self, board: Switchboard, asker: Asker, offers: Offers) -> None:
        """Nothing has been said yet."""
        self._board = board
        self._asker = asker
        self._offers = offers
        self._dialogue = Dialogue(board, asker.channel.id)

    def press(self, digit: str) -> None:
        """Take a key."""
        self._dialogue.press(digit)

    async def serve(self) -> None:
        """Let them choose, and go on to whom they have chosen.

        Raises:
            OrderFailedError: nobody knows where they are; Asterisk lets them go by itself.
        """
        if self._asker.is_customer:
            await self._send_on()
            return
        try:
            chosen = await self._choose()
        except (HungUpError, OrderFailedError) as error:
            log.info("handover.unchosen", node=self._board.node, phone=self._asker.endpoint, error=str(error))
            await self._board.dismiss(self._asker.channel.id, ("goodbye",))
            return
        await self._board.go_on(self._asker, chosen)

    async def _send_on(self) -> None:
        """Whichever line the agent has let go of, the customer comes out of the call that is supervised."""
        first = next(iter(self._offers(self._asker)), Offer("", self._asker.sent_by))
        log.info("handover.sent", node=self._board.node, phone=self._asker.endpoint, to=first.extension)
        await self._board.go_on(replace(self._asker, sent_by=first.by), first.extension)

    async def _choose(self) -> str:
        """The extension that was chosen."""
        await self._board.answer(self._asker.channel.id)
        first = 0
        for _ in range(MOST_ROUNDS):
            page = supervisors_page([offer.extension for offer in self._offers(self._asker)], first)
            key = await self._dialogue.ask(page.words)
            if key in page.choices:
                return page.choices[key]
            if key == EXTENSION_KEY:
                return await self._dialogue.ask_digits(("enter-extension",), EXTENSION_LENGTH.stop - 1)
            if key == LEAVE_KEY:
                break
            first = first + PAGE if key == MORE_KEY and page.more else 0 if key == AGAIN_KEY else first
        raise HungUpError


class Askers:
    """All who ask, of every node."""

    def __init__(self, offers: Callable[[str, Asker], tuple[Offer, ...]]) -> None:
        """Nobody asks yet; `offers` says whom somebody on a node may be offered now."""
        self._offers = offers
        self._asking: dict[tuple[str, str], tuple[Asking, asyncio.Task[None]]] = {}

    def begin(self, board: Switchboard, asker: Asker) -> None:
        """Take somebody in."""
        key = (board.node, asker.channel.id)
        if key in self._asking:
            return
        asking = Asking(board, asker, lambda each: self._offers(board.node, each))
        task = asyncio.create_task(_logged(asking))
        self._asking[key] = (asking, task)
        task.add_done_callback(lambda _: self._asking.pop(key, None))

    def press(self, node: str, channel: str, digit: str) -> None:
        """Take a key of one of them; of nobody else."""
        found = self._asking.get((node, channel))
        if found is not None:
            found[0].press(digit)

    def gone(self, node: str, channel: str) -> None:
        """Their channel has ended, or has left our hands."""
        found = self._asking.get((node, channel))
        if found is not None:
            found[1].cancel()

    async def close(self) -> None:
        """End all conversations."""
        tasks = [task for _, task in self._asking.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _logged(asking: Asking) -> None:
    try:
        await asking.serve()
    except OrderFailedError as error:
        log.warning("handover.failed", error=str(error))
