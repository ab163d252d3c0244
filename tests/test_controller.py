"""The controller as a whole: the real journal and the real client, against a fake Asterisk."""

from pathlib import Path

import pytest
from aiohttp import ClientSession
from pydantic import HttpUrl, SecretStr

from supervise.controller import Controller
from supervise.settings import NodeSettings, Settings, WebSettings
from supervise.web.server import WebError
from tests.ari.fake_ari import PASSWORD, FakeAri
from tests.history.helpers import eventually
from tests.support.fake_centre import POLICY

pytestmark = pytest.mark.unit


def settings(folder: Path, url: str, port: int = 0) -> Settings:
    """A controller of one node, all of whose files are in a folder."""
    (folder / "policy.yaml").write_bytes(POLICY)
    node = NodeSettings(name="pbx", url=HttpUrl(url), password=SecretStr(PASSWORD))
    return Settings(
        policy=folder / "policy.yaml", journal=str(folder / "journal.db"), web=WebSettings(port=port), node=(node,)
    )


async def test_ready_follows_the_journal_and_the_nodes(tmp_path: Path) -> None:
    """Ready is 200 while new sessions are possible, and else says what is missing; alive is alive all the time."""
    async with FakeAri() as asterisk, Controller(settings(tmp_path, asterisk.access.url)) as controller:
        assert controller.web is not None
        url = controller.web.url
        async with ClientSession() as client:

            async def ready() -> tuple[int, str]:
                async with client.get(url + "/readyz") as answer:
                    return answer.status, await answer.text()

            await eventually(lambda: not controller.floor.blind())
            assert await ready() == (200, "ok\n")
            asterisk.refuse = 503
            await asterisk.cut()
            await eventually(lambda: bool(controller.floor.blind()))
            assert await ready() == (503, "node pbx: not connected\n")
            async with client.get(url + "/healthz") as answer:
                assert answer.status == 200
            async with client.get(url + "/metrics") as answer:
                assert 'supervise_records_total{deed="policy"} 1.0' in await answer.text()


async def test_a_taken_address_ends_the_start(tmp_path: Path) -> None:
    """A controller whose address is taken does not run half."""
    async with FakeAri() as asterisk, Controller(settings(tmp_path, asterisk.access.url)) as controller:
        assert controller.web is not None
        port = int(controller.web.url.rsplit(":", 1)[1])
        with pytest.raises(WebError):
            await Controller(settings(tmp_path, asterisk.access.url, port)).__aenter__()
