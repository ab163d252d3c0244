"""The board, joined together: what is served, and what has to go on for it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from supervise.domain.board.presence import MEMBERS, devices_of
from supervise.domain.ports import Secrets
from supervise.floor.desk import Desk
from supervise.floor.house import House
from supervise.web.api import Api
from supervise.web.entry.door import Door, DoorSettings
from supervise.web.entry.oidc import Oidc, OidcSettings
from supervise.web.entry.reception import Reception
from supervise.web.entry.signins import Doorkeeper, Lasting, Nowhere, SignIns
from supervise.web.entry.store import Store, StoreError
from supervise.web.entry.tokens import TokenFile
from supervise.web.guard import guard
from supervise.web.live import Live
from supervise.web.lookout import Lookout, Node
from supervise.web.server import WebServer
from supervise.web.shapes import Json
from supervise.web.static import Pages

AGAIN_SECONDS = 1.0
"""After a fault of the board's own."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BoardSettings:
    """What the board goes by.

    Attributes:
        door: who is let in.
        lasting: for how long.
        tokens: the file of tokens.
        oidc: a provider to sign in at.
        page: where the built page is; None is its own place.
        store: the file that keeps sign-ins and hands over a restart; None keeps them in memory alone.
        members: how people are members of queues, see `supervise.domain.board.presence.devices_of`.
    """

    door: DoorSettings = field(default_factory=DoorSettings)
    lasting: Lasting = field(default_factory=Lasting)
    tokens: Path = Path("tokens.json")
    oidc: OidcSettings | None = None
    page: Path | None = None
    store: Path | None = None
    members: tuple[str, ...] = MEMBERS


class Board:
    """The board on one listener.

    Attributes:
        door: who is let in; further routes ask it.
        lookout: what is true.
        live: who is connected.
    """

    def __init__(
        self, house: House, secrets: Secrets, desk: Desk, nodes: Mapping[str, Node], settings: BoardSettings
    ) -> None:
        """Nothing is served yet; `nodes` may still be filled."""
        self._house = house
        self._settings = settings
        self._nodes = nodes
        self._sign_ins = sign_ins = SignIns(house.now, settings.lasting)
        self._store: Store | None = None
        self.lookout = Lookout(house, desk, nodes)
        desk.moved = self.lookout.ring_moved
        self.door = Door(house, sign_ins, TokenFile(settings.tokens), settings.door)
        self.live = Live(house, desk, self.lookout, sign_ins)
        self.live.health = self._health
        self.live.token_lasts = lambda one: self.door.tokens.lasts(one, house.now())
        self.faults: Callable[[], Iterable[str]] = tuple
        self._blind = desk.blind
        self._oidc = None if settings.oidc is None else Oidc(settings.oidc)
        self._api = Api(house, desk, self.lookout, self.live, self.door)
        self._reception = Reception(self.door, Doorkeeper(secrets, house.now), self._oidc)

    def serve_on(self, server: WebServer) -> None:
        """Add everything to a listener that does not listen yet."""
        server.application.middlewares.insert(0, guard(secure=self._settings.door.secure))
        server.add(self._api.routes())
        server.add(self._reception.routes())
        server.add(Pages(self._settings.page).routes())

    def _health(self) -> Json:
        """What everybody is told: whether what they see is of now, and whether something new may begin."""
        nodes = [{"name": name, "connected": not self._blind(name)} for name in self._nodes]
        unseen = [str(node["name"]) for node in nodes if not node["connected"]]
        says = [f"{', '.join(unseen)} cannot be seen: what you see is from before."] if unseen else []
        says += list(self.faults())
        return {"ok": not says, "nodes": nodes, "says": " ".join(says)}

    def devices(self) -> list[str]:
        """The devices that say who wants calls, by the policy in force."""
        policy = self._house.source.policy
        found = []
        for person in policy.people.values():
            queues = frozenset[str]().union(*(policy.teams[team].queues for team in person.teams))
            found += devices_of(person.endpoints, person.extension, queues, self._settings.members)
        return found

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Know who was signed in before a restart; entered before anybody is let in.

        A file that cannot be used stops nothing: people sign in again after the next restart.
        """
        if self._settings.store is None:
            yield
            return
        try:
            self._store = store = Store(self._settings.store)
        except StoreError as error:
            log.warning("board.no-store", error=str(error))
            yield
            return
        self.lookout.hands.update(store.hands())
        self.lookout.keep_hand = store.put_hand
        self._sign_ins.keeper = store
        self._sign_ins.restore(store.sign_ins())
        try:
            yield
        finally:
            self._sign_ins.keeper, self.lookout.keep_hand = Nowhere(), lambda _, __: None
            store.close()

    async def _watch_store(self) -> None:
        """Sign-ins that were ended in the file are over."""
        if self._store is None:
            await asyncio.Event().wait()
        else:
            await self._store.watch(self._sign_ins.keys, self._ended_elsewhere)

    def _ended_elsewhere(self, keys: Collection[bytes]) -> None:
        log.info("sign-in.ended-in-the-file", count=len(keys))
        self._sign_ins.end_these(keys)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """What has to go on while it is served."""
        parts = (self.live.run, lambda: self.lookout.run(self.live.looking), self._watch_store)
        tasks = [asyncio.create_task(_kept_going(part)) for part in parts]
        try:
            if self._oidc is None:
                yield
            else:
                async with self._oidc:
                    yield
        finally:
            await self.live.close()
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task


async def _kept_going(part: Callable[[], Awaitable[None]]) -> None:
    """A fault of the board's must not end calls that are supervised: it is told, and the board begins anew."""
    while True:
        try:
            await part()
        except Exception:  # whatever it is, it is told here
            log.exception("board.broken")
        await asyncio.sleep(AGAIN_SECONDS)
