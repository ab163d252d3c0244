"""The REST half of the board: agents, calls, sessions, hands. Every change is decided about when it is asked for."""

import re
from collections import OrderedDict
from collections.abc import Iterable

from aiohttp import web

from supervise.domain.board.board import Hand, Watched
from supervise.domain.board.panel import Act, choosing, may
from supervise.domain.board.sight import Eyes, Leave
from supervise.domain.ports import UnrecordedError
from supervise.domain.rights.decisions import Action, Refusal
from supervise.domain.sessions import happenings as h
from supervise.domain.words import Mode, Source
from supervise.floor.arriving.deciding import TurnedAway
from supervise.floor.desk import Desk, Invitation, Ringing
from supervise.floor.house import House
from supervise.floor.running.shown import Wished
from supervise.web import asked, saying, shapes
from supervise.web.answers import answered
from supervise.web.entry.door import Door
from supervise.web.entry.signins import How, Scope, SignIn
from supervise.web.errors import Problem, bad_request, not_found, unavailable
from supervise.web.live import Live
from supervise.web.lookout import Lookout
from supervise.web.shapes import Json

MOST_KEYS = 1000
"""Idempotency keys that are remembered, of everybody together."""

_KEY = re.compile(r"[A-Za-z0-9._-]{8,80}")

_MOMENTARY = frozenset(
    {
        Refusal.NOT_ON_A_CALL,
        Refusal.BUSY,
        Refusal.PRIVATE,
        Refusal.FAILED,
        Refusal.NOT_AVAILABLE,
        Refusal.BARGE_FIRST,
        Refusal.ELSEWHERE,
    }
)
"""Why something that the policy allows is not possible just now: what is true now is told with it."""

_UNSEEN = frozenset({Refusal.BLIND, Refusal.UNRECORDED})

WISHES: dict[str, h.Happening] = {
    Act.HOLD: h.ActionAsked(Action.HOLD_AGENT),
    Act.BRING_BACK: h.BackAsked(),
    Act.REMOVE: h.ActionAsked(Action.REMOVE_AGENT),
    Act.TAKE_OVER: h.ActionAsked(Action.TAKE_OVER),
}
"""What each action upon the call wishes of a session."""


class Api:
    """The routes under ``/api`` that are about the board."""

    def __init__(self, house: House, desk: Desk, lookout: Lookout, live: Live, door: Door) -> None:
        """Serve from these."""
        self._house = house
        self._desk = desk
        self._lookout = lookout
        self._live = live
        self._door = door
        self._begun: OrderedDict[tuple[str, str], tuple[asked.SessionAsked, str]] = OrderedDict()

    def routes(self) -> Iterable[web.RouteDef]:
        """All of them."""
        return (
            web.get("/api/agents", self._agents),
            web.get("/api/agents/{agent}", self._agent),
            web.get("/api/calls", self._calls),
            web.get("/api/mine", self._mine),
            web.get("/api/sessions", self._sessions),
            web.post("/api/sessions", self._begin),
            web.get("/api/sessions/{session}", self._session),
            web.patch("/api/sessions/{session}", self._change),
            web.delete("/api/sessions/{session}", self._leave),
            web.post("/api/sessions/{session}/reason", self._reason),
            web.post("/api/sessions/{session}/{action}", self._act),
            web.put("/api/hand", self._raise_hand),
            web.delete("/api/hand", self._take_hand_down),
            web.post("/api/hands/{agent}/answer", self._answer_hand),
            web.get("/api/live", self._connect),
        )

    # --- the board

    def _eyes(self, person: str) -> Eyes:
        self._lookout.refresh()
        mine = [each for each in self._desk.sessions() if each.session.supervisor.name == person]
        return Eyes(person, self._house.source.policy, self._house.now(), len(mine))

    def _row(self, agent: str, eyes: Eyes) -> Json | None:
        facts = self._lookout.facts(agent)
        seen = None if facts is None else eyes.row(facts)
        return None if seen is None else shapes.row(seen, eyes.policy)

    async def _agents(self, request: web.Request) -> web.Response:
        eyes = self._eyes(self._door.viewer(request).person)
        rows = [row for name in self._lookout.everybody() if (row := self._row(name, eyes)) is not None]
        return answered(
            {"rows": sorted(rows, key=lambda row: (str(row["group"]), str(row["order"]), str(row["name"])))}
        )

    async def _agent(self, request: web.Request) -> web.Response:
        row = self._row(request.match_info["agent"], self._eyes(self._door.viewer(request).person))
        if row is None:
            raise not_found()
        return answered(row)

    async def _calls(self, request: web.Request) -> web.Response:
        eyes = self._eyes(self._door.viewer(request).person)
        rows = [row for name in self._lookout.everybody() if (row := self._row(name, eyes)) is not None]
        found = [
            {"agent": {"id": row["id"], "name": row["name"]}, "call": row["call"], "supervisors": row["supervisors"]}
            for row in rows
            if row["call"] is not None
        ]
        return answered({"calls": found})

    async def _mine(self, request: web.Request) -> web.Response:
        person = self._door.viewer(request).person
        self._eyes(person)
        own = self._live.mine(person)
        if own is None:
            raise not_found()
        return answered(own)

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        found = self._door.viewer(request)
        if found.how is not How.TOKEN:
            self._door.check_origin(request)
        if request.headers.get("Upgrade", "").lower() != "websocket":
            raise Problem(400, "bad-request", "This is a WebSocket; connect with subprotocol supervise.1.")
        return await self._live.connect(request, found)

    # --- sessions

    async def _sessions(self, request: web.Request) -> web.Response:
        person = self._door.viewer(request).person
        self._eyes(person)
        return answered({"sessions": self._live.sessions(person)})

    async def _session(self, request: web.Request) -> web.Response:
        return answered(self._one(request.match_info["session"], self._door.viewer(request).person))

    def _one(self, session: str, person: str) -> Json:
        """A session of somebody's own, ringing and just ended ones among them.

        Raises:
            Problem: there is none.
        """
        self._eyes(person)
        for each in self._live.sessions(person):
            if each["id"] == session:
                return each
        raise not_found()

    async def _begin(self, request: web.Request) -> web.Response:
        found = self._door.viewer(request, Scope.SUPERVISE)
        wanted = await asked.body(request, asked.SessionAsked)
        key = request.headers.get("Idempotency-Key", "")
        if not _KEY.fullmatch(key):
            raise bad_request("Idempotency-Key: 8 to 80 letters, digits, dots, dashes or underscores")
        known = self._begun.get((found.person, key))
        if known is None:
            known = await self._begin_new(found, key, wanted)
        elif known[0] != wanted:
            raise Problem(409, "stale", "This Idempotency-Key was used for another session.")
        try:
            return answered(self._one(known[1], found.person), status=202)
        except Problem as error:
            raise Problem(409, "over", "That session is over.") from error

    async def _begin_new(self, found: SignIn, key: str, wanted: asked.SessionAsked) -> tuple[asked.SessionAsked, str]:
        invitation = Invitation(
            found.person,
            wanted.agent,
            wanted.mode,
            source_of(found),
            wanted.visibility,
            wanted.call,
            wanted.phone,
            wanted.reason,
            wanted.wait,
        )
        try:
            begun = await self._desk.begin(invitation)
        except UnrecordedError as error:
            raise unavailable(saying.REFUSALS[Refusal.UNRECORDED]) from error
        if isinstance(begun, TurnedAway):
            raise self._refused(begun.refused.reason, self._row(wanted.agent, self._eyes(found.person)))
        return self._remember(found, key, wanted, begun)

    def _remember(
        self, found: SignIn, key: str, wanted: asked.SessionAsked, begun: Ringing
    ) -> tuple[asked.SessionAsked, str]:
        self._begun[found.person, key] = wanted, begun.arrival.session
        while len(self._begun) > MOST_KEYS:
            self._begun.popitem(last=False)
        self._take_hand_up(found.person, wanted.agent)
        return wanted, begun.arrival.session

    def _refused(self, refusal: Refusal, now: Json | None) -> Problem:
        if refusal in _UNSEEN:
            return unavailable(saying.REFUSALS[refusal])
        if refusal in _MOMENTARY:
            return Problem(409, refusal, saying.REFUSALS[refusal], now)
        return Problem(403, refusal, saying.REFUSALS[refusal])

    async def _change(self, request: web.Request) -> web.Response:
        found = self._door.viewer(request, Scope.SUPERVISE)
        wanted = await asked.body(request, asked.ChangeAsked)
        session = request.match_info["session"]
        if wanted.agent is None:
            return await self._wish(request, found, _wish(wanted), wanted.version)
        watched = self._mine_live(session, found.person)
        choice = self._choice(watched, wanted.agent, wanted.mode or watched.session.wanted.mode)
        return await self._wish(request, found, choice, wanted.version)

    def _choice(self, watched: Watched, agent: str, mode: Mode) -> tuple[str | Leave, h.Happening]:
        """A mode with one agent of the call; another one than the session's is decided about for themselves."""
        if agent == watched.session.agent.name:
            return mode.value, h.ModeAsked(mode)
        for each in watched.agents:
            if each.agent.name == agent:
                return choosing(watched, each, mode), h.AgentAsked(each.agent, each.extension, mode)
        says = "They are not on this call, or not to be chosen now."
        raise Problem(409, Refusal.NOT_AVAILABLE, says, self._one(watched.session.id, watched.session.supervisor.name))

    async def _act(self, request: web.Request) -> web.Response:
        found = self._door.viewer(request, Scope.SUPERVISE)
        action = request.match_info["action"]
        if action not in WISHES and action != Act.HAND_BACK:
            raise not_found()
        wanted = await asked.body(request, asked.ActionAsked)
        if action == Act.HAND_BACK:
            return self._hand_back(request.match_info["session"], found.person)
        return await self._wish(request, found, (action, WISHES[action]), wanted.version)

    def _hand_back(self, session: str, person: str) -> web.Response:
        """What was taken over is given back; it is the supervisor's own, so nothing more is decided."""
        now = self._one(session, person)
        if not self._desk.hand_back(session, person):
            raise Problem(409, Refusal.NOT_AVAILABLE, "You have not taken this call over.", now)
        return answered(now, status=202)

    async def _reason(self, request: web.Request) -> web.Response:
        """What the phone asks for may be given here as well; a PIN is for the phone alone."""
        found = self._door.viewer(request, Scope.SUPERVISE)
        wanted = await asked.body(request, asked.ReasonAsked)
        session = request.match_info["session"]
        now = self._one(session, found.person)
        if wanted.reason not in self._house.source.policy.reasons:
            raise bad_request("reason: none of the policy's reason codes")
        if not self._desk.give_reason(session, found.person, wanted.reason):
            raise Problem(409, Refusal.NOT_AVAILABLE, "No reason is asked for now.", now)
        return answered(self._one(session, found.person), status=202)

    async def _wish(
        self, request: web.Request, found: SignIn, wish: tuple[str | Leave, h.Happening], version: int | None
    ) -> web.Response:
        """Decide about a wish, and hand it to the session, which decides once more when it takes it.

        A wish comes with the name of its button, or with what a click on it would be answered with.
        """
        session = request.match_info["session"]
        watched = self._mine_live(session, found.person)
        name, happening = wish
        if version is not None and version != watched.version:
            raise Problem(409, "stale", saying.STALE, self._one(session, found.person))
        leave = name if isinstance(name, Leave) else may(watched).get(name, Leave(Refusal.NOT_AVAILABLE))
        wished = Wished(happening, source_of(found), version)
        if not self._desk.wish(session, found.person, wished):
            raise Problem(409, "over", "That session is over.", self._one(session, found.person))
        if leave.refusal is not None:
            raise self._refused(leave.refusal, self._one(session, found.person))
        return answered(self._one(session, found.person), status=202)

    def _mine_live(self, session: str, person: str) -> Watched:
        for each in self._desk.sessions():
            if each.session.id == session and each.session.supervisor.name == person:
                return each
        raise Problem(409, "over", "That session is over, or has not begun.", self._one(session, person))

    async def _leave(self, request: web.Request) -> web.Response:
        found = self._door.viewer(request, Scope.SUPERVISE)
        session = request.match_info["session"]
        left = self._desk.wish(session, found.person, Wished(h.LeaveAsked(), source_of(found)))
        if not left and not await self._desk.give_up(session, found.person):
            self._one(session, found.person)
        return web.Response(status=204)

    # --- hands

    async def _raise_hand(self, request: web.Request) -> web.Response:
        found = self._door.viewer(request, Scope.SUPERVISE)
        wanted = await asked.body(request, asked.HandAsked)
        self._eyes(found.person)
        facts = self._lookout.facts(found.person)
        if facts is None or facts.talk is None:
            raise Problem(409, Refusal.NOT_ON_A_CALL, "You are on no call.")
        reason = "".join(filter(str.isprintable, wanted.reason))
        before = self._lookout.hands.get(found.person)
        since = before.since if before is not None else self._house.now()
        self._lookout.hands[found.person] = Hand(since, reason, before.answered_by if before is not None else "")
        self._lookout.hand_moved(found.person)
        return web.Response(status=204)

    async def _take_hand_down(self, request: web.Request) -> web.Response:
        person = self._door.viewer(request, Scope.SUPERVISE).person
        if self._lookout.hands.pop(person, None) is not None:
            self._lookout.hand_moved(person)
        return web.Response(status=204)

    async def _answer_hand(self, request: web.Request) -> web.Response:
        found = self._door.viewer(request, Scope.SUPERVISE)
        await asked.body(request, asked.Empty)
        agent = request.match_info["agent"]
        eyes, facts = self._eyes(found.person), self._lookout.facts(agent)
        if facts is None or not eyes.answers(facts):
            raise not_found()
        if facts.hand is None or facts.hand.answered_by not in ("", found.person):
            raise Problem(409, "stale", "Somebody was faster, or the hand is down.", self._row(agent, eyes))
        self._take_hand_up(found.person, agent)
        await self._live.told_answer(agent, found.person)
        return web.Response(status=204)

    def _take_hand_up(self, supervisor: str, agent: str) -> None:
        """Who comes has answered; one who may not answer hands has not."""
        facts = self._lookout.facts(agent)
        if facts is None or facts.hand is None or facts.hand.answered_by or not self._eyes(supervisor).answers(facts):
            return
        self._lookout.hands[agent] = Hand(facts.hand.since, facts.hand.reason, supervisor)
        self._lookout.hand_moved(agent)


def _wish(wanted: asked.ChangeAsked) -> tuple[str, h.Happening]:
    """The button that a change is, and what it wishes."""
    if wanted.mode is not None:
        return wanted.mode.value, h.ModeAsked(wanted.mode)
    if wanted.visibility is not None:
        return wanted.visibility.value, h.VisibilityAsked(wanted.visibility)
    if wanted.follow is not None:
        return f"follow-{wanted.follow.value}", h.FollowAsked(wanted.follow)
    muted = wanted.muted is True
    return (Act.MUTE if muted else Act.UNMUTE).value, h.MuteAsked(muted=muted)


def source_of(found: SignIn) -> Source:
    """Where a wish comes from: the page, or a program."""
    return Source.API if found.how is How.TOKEN else Source.BOARD
