from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from supervise.checkup.facts import Reach
from supervise.checkup.gather import gather, phone_of
from tests.ari.fake_ari import Body, FakeAri, Never, Status

pytestmark = pytest.mark.unit


@pytest.fixture
async def fake() -> AsyncIterator[FakeAri]:
    """A fake Asterisk."""
    async with FakeAri() as fake:
        yield fake


async def test_nobody_listens() -> None:
    """An address where nobody listens is told apart from all other failures, with the network's own words."""
    async with FakeAri() as fake:
        access = fake.access
    facts = await gather(access)
    assert facts.reach is Reach.NOBODY
    assert facts.detail
    assert access.password not in repr(facts)


async def test_a_wrong_password(fake: FakeAri) -> None:
    """A password that is not accepted is told."""
    facts = await gather(replace(fake.access, password="another"))
    assert facts.reach is Reach.REFUSED


async def test_something_else_answers(fake: FakeAri) -> None:
    """A server that is no Asterisk is told, whatever it answers."""
    for answer in (Body(b"<html>hello</html>"), Body(b"[]"), Body(b'{"system": 1}'), Status(404, "not here")):
        fake.heal()
        fake.on("GET", "/asterisk/info", answer)
        assert (await gather(fake.access)).reach is Reach.STRANGER


async def test_without_ari(fake: FakeAri) -> None:
    """Asterisk's HTTP server without ARI is told by its own name."""
    fake.on("GET", "/asterisk/info", Status(404, "", {"Server": "Asterisk/22.10.1"}))
    assert (await gather(fake.access)).reach is Reach.NO_ARI


async def test_read_only(fake: FakeAri) -> None:
    """A user who may only read is found out by a request that changes nothing."""
    fake.read_only = True
    facts = await gather(fake.access)
    assert facts.may_write is False
    assert not fake.switch.channels


async def test_everything_else_may_fail(fake: FakeAri) -> None:
    """An Asterisk that answers nothing but its version is still diagnosed, with the rest unknown."""
    for method in ("GET", "POST"):
        fake.on(method, "^/(modules|applications|endpoints|channels)|/asterisk/modules", Status(500))
    facts = await gather(fake.access, ["301"])
    assert (facts.reach, facts.version) == (Reach.FINE, "22.10.1")
    assert (facts.modules, facts.phones, facts.may_write, facts.settings) == ({}, (), None, {})
    assert facts.wanted_phones == {"301"}


async def test_refused_events(fake: FakeAri) -> None:
    """A websocket that is refused is told with its status."""
    fake.refuse = 403
    assert "403" in (await gather(fake.access)).events


async def test_a_question_that_is_never_answered(fake: FakeAri) -> None:
    """A single request without an answer costs its own bound, and the rest is asked all the same."""
    fake.on("GET", "^/endpoints", Never())
    facts = await gather(fake.access)
    assert facts.reach is Reach.FINE
    assert facts.may_write is True


def test_a_phone_of_attributes() -> None:
    """An endpoint is read from the words that Asterisk uses, and nonsense does no harm."""
    phone = phone_of(
        "301", {"auth": "301", "context": "x", "direct_media": "true", "send_pai": "yes", "rtp_timeout": "?"}
    )
    assert (phone.auth, phone.context, phone.direct_media, phone.tells_connected) == ("301", "x", True, True)
    assert not phone_of("301", {"send_pai": "yes", "send_connected_line": "no"}).tells_connected
