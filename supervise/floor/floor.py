"""The floor: which line news belongs to, and what becomes of the lines when a node is found or lost."""

import asyncio
from collections.abc import Collection
from functools import partial

from supervise.domain.calls.calls import Channel
from supervise.domain.calls.naming import OurId, is_rung
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions.handing import Sent
from supervise.domain.sessions.offering import Asker, Offer
from supervise.domain.sessions.session import Ending
from supervise.domain.words import Mode
from supervise.floor.arriving.asking import Askers
from supervise.floor.board import Board
from supervise.floor.desk import Desk
from supervise.floor.errands import Errands, logged
from supervise.floor.house import Arrival, House
from supervise.floor.line import Line
from supervise.floor.lines import Lines
from supervise.floor.nodes import Nodes
from supervise.floor.rounds import Rounds
from supervise.floor.usage import UsageCounter


class Floor:
    """All lines of all nodes. Its methods that take news never wait (`supervise.domain.ports.Listener`).

    Attributes:
        nodes: the Asterisks, and which of them can be seen.
        lines: those that are served now.
        desk: for whoever clicks instead of dialling.
        rounds: what is done for all lines every now and then.
    """

    def __init__(self, house: House) -> None:
        """Serve nobody yet."""
        self.nodes = Nodes()
        self.lines = Lines()
        self._house = house
        self._usage = UsageCounter(house, self.lines.runners)
        self.desk = Desk(house, self.nodes.boards, self._usage, self.lines)
        self.desk.blind = self.nodes.is_blind
        self.rounds = Rounds(house, self.nodes, self.lines, self)
        self._askers = Askers(self._offers)
        self._errands = Errands()

    # --- news

    def arrived(self, node: str, channel: Channel, digits: str) -> None:
        """A phone has dialled a feature code, or somebody has picked up one that was rung.

        One that was rung for nobody any more is hung up: it would begin otherwise than it was clicked.
        """
        invited = self.desk.arrival(channel)
        if invited is None and is_rung(channel.id):
            self._errands.begin(self.nodes.boards[node].dismiss(channel.id, ()))
            return
        self._receive(node, invited or Arrival(channel.id, channel.endpoint, digits, self._house.new_session_id()))

    def _receive(self, node: str, arrival: Arrival) -> None:
        if self.lines.at(node, arrival.channel) is not None:
            return
        line = Line(self._house, self.nodes.boards[node], self._usage, arrival)
        self.lines.add(line)
        self._errands.begin(self._serve(line), line)

    async def _serve(self, line: Line) -> None:
        try:
            await line.serve()
        except Exception:
            await line.stop(Ending.FAILED)
            raise
        finally:
            self.lines.remove(line)

    def sent(self, node: str, sent: Sent) -> None:
        """Somebody calls a supervisor who is in a session; what is not that session's own rings their phone."""
        if not any(line.takes(sent) for line in self.lines.on(node)):
            self._errands.begin(self.nodes.boards[node].let_go(sent.channel.id))

    def enters(self, node: str, channel: str, conference: str) -> None:
        """Whoever is about to come into a conference is not heard over it before they have been decided about."""
        runners = [line.runner for line in self.lines.on(node) if line.runner is not None]
        supervising = [runner for runner in runners if runner.is_in(conference)]
        for runner in supervising:
            runner.expect()
        sessions = [runner.session for runner in supervising]
        self._errands.begin(logged(self.nodes.boards[node].let_in(channel, sessions)))

    def asks(self, node: str, asker: Asker) -> None:
        """An agent asks to whom they can hand their call over, or has sent their customer there."""
        self._askers.begin(self.nodes.boards[node], asker)

    def _offers(self, node: str, asker: Asker) -> tuple[Offer, ...]:
        """The supervisors of an agent's call who may be named to them, by extension."""
        lines = self.lines.on(node) if asker.endpoint else []
        return tuple(sorted(offer for line in lines if (offer := line.offered_to(asker.endpoint)) is not None))

    def pressed(self, node: str, channel: str, digit: str) -> None:
        """A supervisor has pressed a key, or an agent who asks."""
        line = self.lines.at(node, channel)
        if line is not None:
            line.press(digit)
        else:
            self._askers.press(node, channel, digit)

    def tap_ready(self, node: str, tap: OurId) -> None:
        """A channel of ours is there; one that no session waits for is not left behind."""
        line = self.lines.of(tap.session)
        if line is not None:
            line.put(h.TapReady(tap))
        else:
            self._errands.begin(self.nodes.boards[node].remove(tap))

    def tap_lost(self, node: str, tap: OurId) -> None:
        """A channel of ours has ended."""
        line = self.lines.of(tap.session)
        if line is not None and line.board.node == node:
            line.put(h.TapLost(tap))

    def supervisor_gone(self, node: str, channel: str) -> None:
        """A supervisor's phone has hung up."""
        self.desk.gone(channel)
        self._askers.gone(node, channel)
        line = self.lines.at(node, channel)
        if line is None:
            for each in self.lines.on(node):
                each.consult_gone(channel)
            return
        if line.session is not None:
            if not line.gone and self.rounds.leases.ran_out(node, asyncio.get_running_loop().time()):
                self._house.figures.lapsed()
            line.gone = True
            line.put(h.SupervisorGone())
        else:
            self._errands.cancel(line)

    def unreached(self, node: str, channel: str, *, busy: bool) -> None:
        """A phone that was called back into a call has ended; where a session waits for its answer, there is none."""
        for line in self.lines.on(node):
            line.put(h.AgentUnreached(channel, busy))

    def calls_moved(self, node: str, channels: Collection[str]) -> None:
        """Somebody came or went around these channels."""
        for line in self.lines.on(node):
            line.moved(channels)
            if line.runner is None:
                continue
            line.runner.handover.look()
            if not line.runner.concerns(channels):
                continue
            line.runner.check_call()
            self._errands.begin(line.runner.look_after_moving())

    def marked(self, node: str, channel: str, variable: str) -> None:
        """A variable has been set; the one that makes calls private is looked at, on every channel of those calls."""
        if variable != self._house.source.policy.house.private_variable:
            return
        for line in self.lines.on(node):
            if line.runner is not None and channel in line.runner.privacy.watched:
                self._errands.begin(line.runner.look_at_marks())

    def rights_changed(self) -> None:
        """The policy is another one, or time has passed: every running session is decided anew."""
        for line in self.lines:
            line.put(h.RightsChanged())
        self._errands.begin(self.rounds.look_at_marks())

    # --- seeing and being blind

    def connected(self, node: str) -> None:
        """Asterisk can be seen: go on with what is still there, take up or take down what is left over."""
        if self.nodes.found(node):
            self._house.figures.reconnected(node)
        self.rounds.leases.renewed(node, asyncio.get_running_loop().time())
        board = self.nodes.boards[node]
        self.read_again(board)
        self._errands.begin(self.rounds.leftovers.clear(board, self.rounds.leftovers.orphans(board)))
        for channel, digits in board.strays():
            self._errands.begin(board.renew([channel.id]))
            session = self._house.new_session_id()
            found = Arrival(channel.id, channel.endpoint, digits, session, at_most=Mode.MONITOR)
            self._receive(node, self.desk.arrival(channel) or found)

    def disconnected(self, node: str) -> None:
        """Asterisk cannot be seen: nothing new may begin, and soon nothing may go on."""
        self.nodes.lost(node, partial(self._end_all, node))

    def _end_all(self, node: str) -> None:
        for line in self.lines.on(node):
            line.put(h.GoneBlind())

    def read_again(self, board: Board) -> None:
        """What happened while nobody looked is in the book now: the lines are told."""
        for line in self.lines.on(board.node):
            if board.book.channel(line.arrival.channel) is None:
                self.supervisor_gone(board.node, line.arrival.channel)
                continue
            session = line.session
            if line.runner is None or session is None:
                continue
            line.runner.check_call()
            for tap in session.present:
                if board.book.channel(str(tap)) is None:
                    line.put(h.TapLost(tap))
            if session.recall and board.book.channel(session.recall) is None:
                line.put(h.AgentUnreached(session.recall))

    # --- the end

    async def close(self) -> None:
        """End every session in good order."""
        lines = list(self.lines)
        await self._askers.close()
        await self._errands.close()
        await asyncio.gather(*(line.stop(Ending.SHUT_DOWN) for line in lines))
        await asyncio.gather(*(logged(board.show(frozenset())) for board in self.nodes.in_sight()))
