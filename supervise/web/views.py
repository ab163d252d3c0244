"""The board as it is sent. People whom the policy cannot tell apart see the same rows, which are made once for all.

Two things differ between people of one kind: the rows that are about themselves, about calls they are in or about whom
they supervise, which are made for each; and how many sessions they have, which a limit may count: those with as many
see the same.
"""

import asyncio
from collections.abc import Hashable, Iterable, Iterator, Mapping

from supervise.domain.board.sight import Eyes
from supervise.domain.review.kinds import Likeness, kinds
from supervise.domain.rights.people import Person
from supervise.domain.rights.policy import Policy
from supervise.floor.house import House
from supervise.web import shapes
from supervise.web.lookout import Lookout

BREATH = 50
"""So many rows are made before anything else is let run: a key on a phone must not wait for a board."""

Rows = dict[str, bytes]
"""The rows that are to be seen, as JSON, by whom they are about."""

Difference = dict[str, bytes | None]
"""The rows that are another than before; None for those that are to be seen no more."""


class View:
    """What people of one kind see of everybody they have nothing to do with."""

    def __init__(self, key: Hashable, kind: tuple[str, ...], sessions: int) -> None:
        """Nothing is seen yet; `kind` are the people whose view it is."""
        self.key = key
        self.kind = kind
        self.viewer = kind[0]
        self.sessions = sessions
        self.rows: Rows = {}


class Views:
    """All views that somebody looks at."""

    def __init__(self, house: House, lookout: Lookout) -> None:
        """Nobody looks."""
        self._house = house
        self._lookout = lookout
        self._views: dict[Hashable, View] = {}
        self._likeness = Likeness(Policy.nobody())
        self._kinds: dict[str, tuple[str, ...]] = {}
        self._first: dict[str, str] = {}
        self._policy: Policy | None = None

    def eyes(self, viewer: str, sessions: int = 0) -> Eyes:
        """Somebody's eyes, now."""
        return Eyes(viewer, self._house.source.policy, self._house.now(), sessions)

    def row(self, name: str, eyes: Eyes) -> bytes | None:
        """One row as JSON; None where it is not to be seen."""
        facts = self._lookout.facts(name)
        seen = None if facts is None else eyes.row(facts)
        return None if seen is None else shapes.dumped(shapes.row(seen, eyes.policy)).encode()

    def key(self, viewer: str, sessions: int) -> Hashable:
        """Which view is theirs."""
        policy = self._house.source.policy
        if policy is not self._policy:
            self._policy, self._likeness = policy, Likeness(policy)
            self._kinds = {some[0]: some for some in map(_names, kinds(policy.people, self._likeness))}
            self._first = {name: first for first, some in self._kinds.items() for name in some}
        likeness = self._likeness.of(viewer)
        return (policy.hash, likeness, viewer if likeness is None else "", sessions)

    def _kind(self, viewer: str) -> tuple[str, ...]:
        """Everybody whom the policy cannot tell from a viewer."""
        return self._kinds.get(self._first.get(viewer, ""), (viewer,))

    async def view(self, viewer: str, sessions: int) -> View:
        """The view of somebody with so many sessions of their own."""
        key = self.key(viewer, sessions)
        found = self._views.get(key)
        if found is None:
            found = View(key, self._kind(viewer), sessions)
            await self.refresh(found, self._lookout.everybody())
            found = self._views.setdefault(key, found)
        return found

    async def refresh(self, view: View, names: Iterable[str]) -> Difference:
        """Look at these people again; what is another than before. With everybody, those who have gone are noticed."""
        found: Difference = {}
        for number, name in enumerate(tuple(names), 1):
            viewer = self._stand_in(view, name)
            text = None if viewer is None else self.row(name, self.eyes(viewer, view.sessions))
            if text != view.rows.get(name):
                found[name] = text
            if number % BREATH == 0:
                await asyncio.sleep(0)
        for name in view.rows.keys() - self._lookout.everybody().keys():
            found[name] = None
        apply(found, view.rows)
        return found

    def _stand_in(self, view: View, name: str) -> str | None:
        """Somebody of the view's kind who has nothing to do with a person; None where there is nobody, and no need."""
        facts = self._lookout.facts(name)
        involved = personal(name, self._lookout, self._house.source.policy)
        if facts is not None:
            involved |= {each.session.supervisor.name for each in facts.with_them}
        return next((each for each in view.kind if each not in involved), None)

    def forget(self, used: Iterable[View]) -> None:
        """Let go of the views that nobody uses."""
        keep = {id(view) for view in used}
        self._views = {key: view for key, view in self._views.items() if id(view) in keep}

    def __iter__(self) -> Iterator[View]:
        """All of them."""
        return iter(tuple(self._views.values()))


def personal(viewer: str, lookout: Lookout, policy: Policy) -> frozenset[str]:
    """Whose rows are for this viewer alone: their own, of colleagues they talk with, and of whom they supervise."""
    facts = lookout.facts(viewer)
    if facts is None:
        return frozenset({viewer})
    names = {viewer, *(each.session.agent.name for each in facts.theirs)}
    if facts.talk is not None:
        people = (policy.person_by_endpoint(party.endpoint) for party in facts.talk.call.parties)
        names |= {person.name for person in people if person is not None}
    return frozenset(names)


def _names(people: Iterable[Person]) -> tuple[str, ...]:
    return tuple(person.name for person in people)


def apply(difference: Difference, rows: Rows) -> None:
    """Let rows become others."""
    for name, text in difference.items():
        if text is None:
            rows.pop(name, None)
        else:
            rows[name] = text


def between(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Difference:
    """What makes one set of rows another."""
    found: Difference = {name: text for name, text in after.items() if before.get(name) != text}
    return found | dict.fromkeys(before.keys() - after.keys())


def snapshot(rows: Iterable[bytes]) -> bytes:
    """The message with all rows."""
    return b'{"type":"snapshot","rows":[' + b",".join(rows) + b"]}"


def rows(difference: Difference) -> bytes:
    """The message with some rows."""
    put = b",".join(text for text in difference.values() if text is not None)
    gone = shapes.dumped([name for name, text in difference.items() if text is None]).encode()
    return b'{"type":"rows","set":[' + put + b'],"gone":' + gone + b"}"
