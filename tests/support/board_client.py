"""A program that uses the board's API for somebody, with a token."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from supervise.domain.records import Deed
from supervise.history.reading.reader import Query, Reader
from supervise.history.storage.place import JournalPlace
from supervise.lab.callcentre import CallCentre
from supervise.web.entry.signins import Scope
from supervise.web.entry.tokens import TokenFile

Json = dict[str, Any]


class Client:
    """Acts for one person."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        """It has begun nothing."""
        self.session = session
        self.begun = ""

    async def ask(self, method: str, path: str, body: Json | None = None, **headers: str) -> Json:
        """Ask for something that has to work."""
        options: Json = {} if body is None else {"json": body}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(method, path, headers=named, **options) as answer:
            text = await answer.text()
            assert answer.status < 300, f"{method} {path}: {answer.status} {text}"
            return dict(await answer.json()) if text else {}

    async def until_row(self, agent: str, fits: Callable[[Json], bool]) -> Json:
        """Somebody's row as soon as it fits."""
        return await self._until(f"/api/agents/{agent}", fits)

    async def until_session(self, fits: Callable[[Json], bool]) -> Json:
        """The session as soon as it fits."""
        return await self._until(f"/api/sessions/{self.begun}", fits)

    async def _until(self, path: str, fits: Callable[[Json], bool]) -> Json:
        found: Json = {}
        try:
            async with asyncio.timeout(8):
                while True:
                    found = await self.ask("GET", path)
                    if fits(found):
                        return found
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"{path} stays {found}") from None

    async def begin(self, agent: str, mode: str, **further: str | bool) -> Json:
        """Begin a session."""
        wanted = {"agent": agent, "mode": mode, **further}
        begun = await self.ask("POST", "/api/sessions", wanted, Idempotency_Key=secrets.token_hex(8))
        self.begun = begun["id"]
        return begun

    async def change(self, **change: Any) -> Json:
        """Change it, as it is now."""
        version = (await self.ask("GET", f"/api/sessions/{self.begun}"))["version"]
        return await self.ask("PATCH", f"/api/sessions/{self.begun}", {"version": version, **change})

    async def act(self, action: str) -> Json:
        """Do something to the call, as it is now."""
        version = (await self.ask("GET", f"/api/sessions/{self.begun}"))["version"]
        return await self.ask("POST", f"/api/sessions/{self.begun}/{action}", {"version": version})

    async def leave(self) -> None:
        """Leave it."""
        await self.ask("DELETE", f"/api/sessions/{self.begun}")

    async def sessions(self) -> list[Json]:
        """All of theirs."""
        return list((await self.ask("GET", "/api/sessions"))["sessions"])

    async def deeds(self, centre: CallCentre) -> list[tuple[Deed, str]]:
        """What the journal has of the session, once it is closed, and where each wish came from."""
        reader = Reader(JournalPlace(str(centre.controller.journal)).url)
        async with asyncio.timeout(5):
            while True:
                records = [entry.record for entry in reader.entries(Query(session=self.begun))]
                if any(record.deed is Deed.CLOSED for record in records):
                    reader.close()
                    return [(record.deed, str(record.source)) for record in records]
                await asyncio.sleep(0.05)


@asynccontextmanager
async def client(centre: CallCentre, person: str) -> AsyncIterator[Client]:
    """A client for somebody in a call centre whose plan has a board."""
    text = TokenFile(centre.folder / "tokens.json").make(secrets.token_hex(4), person, tuple(Scope), None)
    headers = {"Authorization": f"Bearer {text}"}
    async with aiohttp.ClientSession(centre.controller.web_url, headers=headers) as session:
        yield Client(session)
