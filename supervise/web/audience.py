"""Everybody who looks at the board: one person with all their browsers, and what these were told last."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from supervise import __version__
from supervise.domain.board.board import Facts, Watched
from supervise.domain.board.sight import Eyes, moment
from supervise.domain.rights.decisions import Occasion
from supervise.domain.rights.policy import Policy
from supervise.domain.sessions.session import Ending, Stage
from supervise.floor.house import House
from supervise.web import saying, shapes
from supervise.web.shapes import Json
from supervise.web.views import Rows, View, snapshot
from supervise.web.wire import Wire

MOST_WIRES = 20
"""Connections of one person at a time."""


@dataclass(eq=False)
class Seat:
    """One person who looks, with all their connections.

    Attributes:
        person: their name in the policy.
        view: what they see of those they have nothing to do with.
        own: the rows that were made for them alone.
        wires: their connections, the oldest first.
        told: the last message of each type, as it was sent.
        own_names: whose rows are for them alone.
        with_me: the sessions about them that they know of.
        sessions: their own sessions, by id, with whether their end was told.
        hands: the raised hands that they may answer.
    """

    person: str
    view: View
    own: Rows = field(default_factory=dict)
    wires: list[Wire] = field(default_factory=list)
    told: dict[str, bytes] = field(default_factory=dict)
    with_me: tuple[Watched, ...] = ()
    sessions: dict[str, bool] = field(default_factory=dict)
    hands: frozenset[str] = frozenset()
    own_names: frozenset[str] = frozenset()

    @property
    def rows(self) -> Rows:
        """All rows they see."""
        return {**{name: text for name, text in self.view.rows.items() if name not in self.own_names}, **self.own}

    def snapshot(self) -> bytes:
        """The message with all rows they see."""
        return snapshot(
            (*(text for name, text in self.view.rows.items() if name not in self.own_names), *self.own.values())
        )

    async def tell(self, text: bytes) -> None:
        """Tell all their connections."""
        for wire in self.wires:
            await wire.tell(text)

    async def tell_if_new(self, message: Json) -> None:
        """Tell a message that is whole for its type, if it is another one than last time."""
        text = shapes.dumped(message).encode()
        kind = str(message["type"])
        if self.told.get(kind) != text:
            self.told[kind] = text
            await self.tell(text)

    def add(self, wire: Wire) -> None:
        """One more connection; with too many, the oldest is closed."""
        self.wires.append(wire)
        for oldest in self.wires[: max(0, len(self.wires) - MOST_WIRES)]:
            oldest.end("too-many", None)


class Toasts:
    """Makes toasts: what has just happened, in a sentence."""

    def __init__(self, house: House) -> None:
        """None yet."""
        self._house = house
        self._count = 0

    def _toast(self, kind: str, who: str, says: str, mode: str | None = None) -> Json:
        self._count += 1
        policy = self._house.source.policy
        at = moment(self._house.now())
        about = shapes.person(policy, who)
        return {
            "type": "toast",
            "id": str(self._count),
            "at": at,
            "kind": kind,
            "who": about,
            "mode": mode,
            "says": says.format(name=about["name"]),
        }

    def of_visits(self, before: Iterable[Watched], now: Iterable[Watched]) -> Iterator[Json]:
        """What an agent is told of those who are with them: only of those whom they may know of."""
        were = {each.session.id: each for each in before}
        are = {each.session.id: each for each in now}
        told = self._house.source.policy.house.session.notice_of
        for id_, each in are.items():
            name, mode = each.session.supervisor.name, each.session.stance.mode
            if id_ not in were and Occasion.ENTER in told:
                yield self._toast("entered", name, saying.DOES[mode], mode)
            elif id_ in were and were[id_].session.stance.mode is not mode and Occasion.MODE in told:
                yield self._toast("changed", name, saying.DOES[mode], mode)
        if Occasion.LEAVE in told:
            for id_, each in were.items():
                if id_ not in are:
                    yield self._toast("left", each.session.supervisor.name, saying.LEFT)

    def of_end(self, watched: Watched) -> Json | None:
        """What a supervisor is told of the end of their session, unless they ended it themselves."""
        ending = watched.session.ending
        if watched.session.stage is not Stage.CLOSED or ending in (None, Ending.LEFT, Ending.SUPERVISOR_GONE):
            return None
        return self._toast("ended", watched.session.agent.name, "{name}: " + saying.ENDINGS[Ending(ending)])

    def of_hand(self, agent: str, reason: str) -> Json:
        """What those who may answer are told of a raised hand; braces in the words are words."""
        words = reason.replace("{", "{{").replace("}", "}}")
        return self._toast("hand", agent, "{name} asks for help" + (f": {words}" if words else "."))

    def of_answer(self, supervisor: str) -> Json:
        """What an agent is told of an answer."""
        return self._toast("answered", supervisor, "{name} is coming.")


def hello(house: House, words: Json) -> bytes:
    """The first message of a connection; `words` are those of ``GET /api/me``."""
    policy = house.source.policy
    return shapes.dumped(
        {
            "type": "hello",
            "now": moment(house.now()),
            "version": __version__,
            "me": words,
            "reasons": [{"code": code, "name": name} for code, name in policy.reasons.items()],
            "teams": [{"id": name, "name": team.display} for name, team in policy.teams.items()],
            "long": {"call_s": 600, "hold_s": 60},
        }
    ).encode()


def hands_of(everybody: Iterable[Facts], person: str, policy: Policy, house: House) -> frozenset[str]:
    """The agents with a raised hand that somebody may answer and nobody has answered yet."""
    eyes = Eyes(person, policy, house.now())
    return frozenset(
        facts.person.name
        for facts in everybody
        if facts.hand is not None and not facts.hand.answered_by and eyes.answers(facts)
    )
