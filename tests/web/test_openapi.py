"""The contract for machines: every route is in it, and no request that it describes is answered otherwise."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import content_type_conformance, response_schema_conformance

from supervise.web.entry.signins import Scope
from supervise.web.entry.tokens import TokenFile
from tests.support.whole_board import WholeBoard

pytestmark = pytest.mark.unit

CONTRACT = Path(__file__).parents[2] / "supervise" / "web" / "openapi.yaml"

Seen = dict[str, set[int]]
"""Which statuses the bearer of each token has got."""


class Running:
    """A controller with its board in a thread of its own, for a client that blocks."""

    def __init__(self, folder: Path) -> None:
        """Nothing runs yet."""
        self.at = WholeBoard(folder)
        self.tokens = folder / "tokens.json"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.at.__aenter__(), self._loop).result(20)
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        asyncio.run_coroutine_threadsafe(self.at.__aexit__(None, None, None), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One controller for the whole module."""
    with Running(tmp_path_factory.mktemp("board")) as found:
        yield found


def contract() -> dict[str, Any]:
    """The contract as it is shipped."""
    return dict(yaml.safe_load(CONTRACT.read_text()))


def test_every_route_is_in_the_contract_and_the_other_way_round(running: Running) -> None:
    """No route is undocumented, none is made up; how one comes back from OIDC is between the browser and us."""
    web = running.at.controller.web
    assert web is not None
    served = {
        (route.method.lower(), route.resource.canonical)
        for route in web.application.router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/api/") and route.method != "HEAD"
    }
    outside = {("get", "/api/live"), ("get", "/api/signin/oidc"), ("get", "/api/signin/oidc/back")}
    verbs = {"get", "put", "post", "patch", "delete"}
    described = {(verb, path) for path, item in contract()["paths"].items() for verb in item if verb in verbs}
    assert served - outside == described


def test_the_api_answers_as_it_is_described(running: Running) -> None:
    """Schemathesis makes requests of the contract, right ones and wrong ones: no 5xx, no answer of another shape.

    Each is made by somebody who may do much and by somebody who may do other things: to make it up takes longest.
    """
    file = TokenFile(running.tokens)
    seen: Seen = {file.make(f"attack-{each}", each, tuple(Scope), None): set() for each in ("hilda", "mara")}
    schema: Any = schemathesis.openapi.from_dict(contract())
    schema.config.update(base_url=running.at.url)
    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in operations:
        if operation.path not in ("/api/signout", "/api/signin"):
            for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
                _attack(operation, mode, seen)
    for statuses in seen.values():
        assert {200, 204, 400, 404} <= statuses


def _attack(operation: Any, mode: Any, seen: Seen) -> None:
    """A few requests of one operation, made up from its description."""
    try:
        strategy = operation.as_strategy(generation_mode=mode)
    except Unsatisfiable:
        return

    @settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def attack(case: Any) -> None:
        for token, statuses in seen.items():
            answer = case.call(headers={"Authorization": f"Bearer {token}"})
            statuses.add(answer.status_code)
            assert answer.status_code < 500, (case, answer.text)
            case.validate_response(answer, checks=[response_schema_conformance, content_type_conformance])

    with suppress(Unsatisfiable):
        attack()
