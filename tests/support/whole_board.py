"""A whole controller with its board, a journal on disk and a policy in a file, beside a fake Asterisk."""

from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
from argon2 import PasswordHasher
from pydantic import HttpUrl, SecretStr

from supervise.controller import Controller
from supervise.settings import NodeSettings, Settings, WebSettings
from tests.ari.fake_ari import FakeAri
from tests.support.board import PASSWORD, Browser

LOGIN = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
RULES = """\
rules:
  - who: lead
    may: [monitor, coach, barge, see-board, see-history, answer-hand, export]
    whom: own-teams
    how: choice
"""

POLICY = f"""\
people:
  hilda: {{name: Hilda Lead, role: lead, endpoint: "301", login: '{LOGIN}'}}
  anna: {{name: Anna Agent, role: agent, endpoint: "201", login: '{LOGIN}'}}
  mara: {{name: Mara Admin, role: admin, endpoint: "100", login: '{LOGIN}'}}
teams: {{support: {{leads: [hilda], members: [anna]}}}}
roles: {{lead: , agent: , admin: {{admin: yes}}}}
{RULES}
"""


class WholeBoard:
    """Used as ``async with WholeBoard(folder)``.

    Attributes:
        controller: the controller.
        asterisk: what it sees: anna talks with customer 101.
        policy: the policy's file.
    """

    def __init__(self, folder: Path, web: WebSettings | None = None) -> None:
        """Nothing runs yet."""
        self.policy = folder / "policy.yaml"
        self.policy.write_text(POLICY)
        self.asterisk = FakeAri()
        self._folder = folder
        self._web = web or WebSettings(port=0, tokens=folder / "tokens.json")
        self._sessions: list[aiohttp.ClientSession] = []

    async def __aenter__(self) -> Self:
        """Begin."""
        await self.asterisk.__aenter__()
        switch = self.asterisk.switch
        switch.endpoints |= {"PJSIP/201": "online", "PJSIP/301": "online"}
        switch.new_channel("customer", "PJSIP/101-00000001", caller=("Bob", "101"))
        switch.new_channel("agent", "PJSIP/201-00000002", caller=("Anna", "201"))
        switch.call("call", "agent", "customer")
        access = self.asterisk.access
        node = NodeSettings(name="pbx", url=HttpUrl(access.url), user=access.user, password=SecretStr(access.password))
        settings = Settings(
            policy=self.policy, journal=str(self._folder / "journal.db"), app=access.app, web=self._web, node=(node,)
        )
        self.controller = Controller(settings)
        await self.controller.__aenter__()
        await self.controller.recovering
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        for session in self._sessions:
            await session.close()
        await self.controller.__aexit__(kind, error, trace)
        await self.asterisk.__aexit__(kind, error, trace)

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self.controller.web is not None
        return self.controller.web.url

    async def browser(self, name: str | None) -> Browser:
        """Somebody's browser."""
        session = aiohttp.ClientSession(self.url, cookie_jar=aiohttp.CookieJar(unsafe=True))
        self._sessions.append(session)
        browser = Browser(session, self.url)
        if name is not None:
            status, answer = await browser.sign_in(name)
            assert status == 200, answer
        return browser
