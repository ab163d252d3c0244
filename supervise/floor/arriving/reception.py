"""The conversation before a session: who is it, whose call do they mean, may they, and the menu."""

import asyncio
from collections.abc import Collection

import structlog

from supervise.domain import reception as rules
from supervise.domain.keypad import EXTENSION_LENGTH, Dialled
from supervise.domain.ports import OrderFailedError, Switchboard
from supervise.domain.reception import AGAIN_KEY, EXTENSION_KEY, LEAVE_KEY, MORE_KEY, PAGE
from supervise.domain.rights.decisions import Action, Refusal, Refused
from supervise.domain.rights.people import Person
from supervise.floor.arriving.attempt import Attempt
from supervise.floor.arriving.deciding import Admitted, Decider, Outcome, TurnedAway
from supervise.floor.arriving.dialogue import Dialogue, HungUpError, cancel
from supervise.floor.arriving.waiting import Next
from supervise.floor.house import House
from supervise.floor.running.customer import CustomerNotices
from supervise.floor.running.gate import MOST_DIGITS, Ask
from supervise.floor.usage import UsageCounter

TICK_SECONDS = 5.0
"""Between two ticks for somebody who waits; then what nobody tells is looked at as well, such as a private mark."""

WAIT_KEY = "1"

SEVERAL = 2
"""So many calls of one agent are offered for a choice."""

MOST_ROUNDS = 10
"""How often a menu is heard before somebody who chooses nothing is asked to call again."""

log = structlog.get_logger(__name__)


class Reception:
    """Receives one arrival. Keys come by `press`; the phone's hang-up cancels the task that runs `receive`.

    Attributes:
        notices: what the other parties have been told.
        asked: when the supervisor was asked for something the last time, or arrived, by the loop's clock.
        waits_for: whose next call they wait for, while they do.
    """

    def __init__(self, house: House, board: Switchboard, usage: UsageCounter, attempt: Attempt) -> None:
        """Receive `attempt` on `board`."""
        self._house = house
        self._board = board
        self._decider = Decider(house, board, usage, attempt.arrival)
        self._attempt = attempt
        self.notices = CustomerNotices(board, attempt.arrival)
        self.asked = asyncio.get_running_loop().time()
        self._dialogue = Dialogue(board, attempt.arrival.channel)
        self._moved = asyncio.Event()
        self.waits_for: Next | None = None

    @property
    def _channel(self) -> str:
        """The supervisor's."""
        return self._attempt.arrival.channel

    def press(self, digit: str) -> None:
        """Take a key; keys beyond what anybody presses in a conversation are dropped."""
        self._dialogue.press(digit)

    async def receive(self) -> Outcome:
        """Hold the conversation.

        Raises:
            HungUpError: the supervisor left, by the key or by their phone.
            OrderFailedError: Asterisk did not play the words.
            UnrecordedError: the journal could not be asked.
        """
        supervisor = self._house.source.policy.person_by_endpoint(self._attempt.arrival.endpoint)
        if supervisor is None:
            return TurnedAway(Refused(Refusal.UNKNOWN_SUPERVISOR), self._attempt.arrival.endpoint)
        dialled = self._house.keypad.dialled(self._attempt.arrival.digits)
        if dialled is None:
            return TurnedAway(Refused(Refusal.NO_SUCH_AGENT), supervisor.name)
        if not dialled.extension:
            await self._board.answer(self._channel)
            dialled = Dialled(dialled.mode, await self._choose(supervisor))
        return await self._pass(dialled, await self._choose_call(supervisor, dialled))

    async def _pass(self, dialled: Dialled, call: str = "") -> Outcome:
        """Decide, do what has to be done first, and decide again: the decision counts when nothing is missing."""
        for _ in range(MOST_ROUNDS):
            self.asked = asyncio.get_running_loop().time()
            outcome = await self._decider.decide(dialled, call)
            if isinstance(outcome, TurnedAway):
                return outcome
            ask, untold = self._attempt.gate.asks(outcome.decision), self._untold(outcome)
            if ask is None and not untold:
                return outcome
            refusal = await (self._tell(outcome, untold) if ask is None else self._put(ask))
            if refusal is not None:
                refused = Refused(refusal, outcome.decision.rule)
                return TurnedAway(refused, outcome.supervisor.name, outcome.target.agent.name, outcome.target)
        raise HungUpError

    async def _put(self, ask: Ask) -> Refusal | None:
        """Ask for a PIN or a reason code; why that is the end, if it is."""
        await self._board.answer(self._channel)
        refusal = await self._attempt.gate.answer(ask, await self._dialogue.ask_digits((ask.value,), MOST_DIGITS))
        if refusal is not Refusal.PIN_WRONG:
            return refusal
        await self._board.say_alone(self._channel, (refusal.value,))
        return None

    def _untold(self, admitted: Admitted) -> frozenset[str]:
        """Who has to hear the announcement before the supervisor hears anything of the call."""
        return self.notices.missing(admitted.rights.rules.customer, admitted.mode, admitted.target.channel.id)

    async def _tell(self, admitted: Admitted, listeners: frozenset[str]) -> Refusal | None:
        """Play the announcement while the supervisor waits; why that is the end, if it is."""
        await self._board.answer(self._channel)
        waiting = asyncio.create_task(self._board.say_alone(self._channel, ("wait",)))
        try:
            await self.notices.announce(admitted.rights.rules.customer, listeners)
        except OrderFailedError as error:
            log.warning("announcement.failed", node=self._board.node, error=str(error))
            return Refusal.UNTOLD
        finally:
            await cancel(waiting)
        return None

    # --- waiting for a call

    def moved(self, channels: Collection[str]) -> None:
        """Somebody came or went around these channels."""
        policy, book = self._house.source.policy, self._board.book
        if self.waits_for is not None and self.waits_for.concerns(channels, book, policy):
            self._moved.set()

    async def offer_to_wait(self, turned: TurnedAway) -> Admitted | None:
        """Let somebody whose agent is on no call wait for the next one, if they may; None when they do not want to.

        Raises:
            HungUpError, OverError, OrderFailedError, UnrecordedError: as in `receive`; there is no next call.
        """
        agent = self._house.source.policy.people.get(turned.agent)
        if agent is None or not self._decider.may(Action.FOLLOW_AGENT, turned.supervisor, turned.agent):
            return None
        await self._board.answer(self._channel)
        offer = (turned.refused.reason.value, "wait-offer")
        if not self._attempt.arrival.wait and await self._dialogue.ask(offer) != WAIT_KEY:
            raise HungUpError
        return await self.wait(Next(turned.supervisor, agent.extension, self._house.now()), ())

    async def wait(self, upcoming: Next, words: tuple[str, ...]) -> Admitted:
        """Say `words`, then wait for a call that may be supervised; what may not be is refused in words, once.

        Raises:
            HungUpError, OverError, OrderFailedError, UnrecordedError: as in `offer_to_wait`.
        """
        self.waits_for = upcoming
        self._house.waited(upcoming.supervisor)
        try:
            return await self._wait(upcoming, (*words, "waiting"))
        finally:
            self.waits_for = None
            self._house.waited(upcoming.supervisor)

    async def _wait(self, upcoming: Next, said: tuple[str, ...]) -> Admitted:
        refused: set[Refused] = {Refused(Refusal.NOT_ON_A_CALL), Refused(Refusal.NO_SUCH_AGENT)}
        while True:
            self._moved.clear()
            dialled = upcoming.find(self._board.book, self._house.source.policy)
            outcome = None if dialled is None else await self._pass(dialled)
            if isinstance(outcome, Admitted) and upcoming.is_it([p.id for p in outcome.target.call.parties]):
                return outcome
            if isinstance(outcome, TurnedAway) and Refused(outcome.refused.reason) not in refused:
                refused.add(Refused(outcome.refused.reason))
                self._attempt.refused(outcome)
                said = (outcome.refused.reason.value, *said)
            if await self._pass_time(said):
                said = ("tick",)

    async def _until_moved(self) -> None:
        await self._moved.wait()

    async def _pass_time(self, words: tuple[str, ...]) -> bool:
        """Say something, and return when something has moved, or after a while; whether it was said to its end."""
        saying = asyncio.create_task(self._board.say_alone(self._channel, words))
        waiting = asyncio.create_task(self._until_moved())
        pressing = asyncio.create_task(self._dialogue.key())
        try:
            await asyncio.wait((saying, waiting, pressing), return_when=asyncio.FIRST_COMPLETED)
            if saying.done():
                await saying
                await asyncio.wait((waiting, pressing), timeout=TICK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if pressing.done() and pressing.result() == LEAVE_KEY:
                raise HungUpError
            return saying.done()
        finally:
            await cancel(saying, pressing, waiting)

    # --- the menu

    async def _choose(self, supervisor: Person) -> str:
        """Offer the calls that may be monitored now, page by page; the extension that was chosen."""
        first = 0
        for _ in range(MOST_ROUNDS):
            now = self._house.now()
            targets = rules.supervisable(self._house.source.policy, self._board.book, supervisor.name, now)
            page = rules.menu_page(targets, first)
            key = await self._dialogue.ask(page.words)
            if key in page.choices:
                return page.choices[key].agent.extension
            if key == EXTENSION_KEY:
                return await self._ask_extension()
            if key == LEAVE_KEY:
                raise HungUpError
            first = first + PAGE if key == MORE_KEY and page.more else 0 if key == AGAIN_KEY else first
        raise HungUpError

    async def _choose_call(self, supervisor: Person, dialled: Dialled) -> str:
        """Of several calls of one agent that may be supervised, which: the agent's channel in it; empty for any."""
        for _ in range(MOST_ROUNDS):
            if self._decider.calls(dialled) < SEVERAL:
                return ""
            outcomes = await self._decider.outcomes(dialled)
            targets = [outcome.target for outcome in outcomes if isinstance(outcome, Admitted)]
            if len(targets) < SEVERAL:
                return ""
            await self._board.answer(self._channel)
            page = rules.calls_page(targets, self._house.source.policy, supervisor.name, self._house.now())
            key = await self._dialogue.ask(page.words)
            if key in page.choices:
                return page.choices[key].channel.id
            if key == LEAVE_KEY:
                raise HungUpError
        raise HungUpError

    async def _ask_extension(self) -> str:
        """An extension, as it is dialled."""
        return await self._dialogue.ask_digits(("menu-enter-extension",), EXTENSION_LENGTH.stop - 1)
