"""Agents who ask to which supervisor they can hand their call over, on a floor without an Asterisk."""

import pytest

from supervise.domain.calls.calls import Channel
from supervise.domain.sessions.offering import Asker
from tests.support.fake_board import NODE, SPEECH
from tests.support.fake_floor import AGENT, CUSTOMER, FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit

RULE = "{who: lead, may: [monitor, coach, barge, receive-transfer], whom: own-teams, how: choice}"
LISTED = ["handover-intro", "menu-for", "digits:301", "menu-press", "digits:1", "menu-for", "digits:302"]


def ask(at: FakeFloor, endpoint: str = "201", *, keyed_by: str = "") -> str:
    """Let a phone dial the code; its channel."""
    at.come("asks", endpoint)
    known = at.board.book.channel("asks")
    assert known is not None
    at.floor.asks(NODE, Asker(known, keyed_by=keyed_by))
    return known.id


async def supervised(at: FakeFloor, *visible: str) -> None:
    """Let two supervisors be with the agent, of whom these are visible."""
    for endpoint in ("301", "302"):
        phone = await at.session(endpoint=endpoint)
        if endpoint in visible:
            at.press(phone, "8")
        await at.later()


@in_virtual_time
async def test_the_visible_are_named_and_a_key_takes_one() -> None:
    """In the order of their extensions; the dialplan goes on as if that extension had been dialled."""
    async with FakeFloor(policy(RULE)) as at:
        await supervised(at, "301", "302")
        channel = ask(at)
        said = len(at.board.words)
        await at.later()
        assert at.board.words[said : said + len(LISTED)] == LISTED
        at.press(channel, "2")
        await at.later()
        assert at.board.sent_on == [(channel, "302")]


@pytest.mark.parametrize("rule", [RULE, RULE.replace(", receive-transfer", "")], ids=["hidden", "without the right"])
@in_virtual_time
async def test_nobody_else_is_named(rule: str) -> None:
    """Who is hidden, or may be handed nothing, is not told of; a number may be dialled all the same."""
    async with FakeFloor(policy(rule)) as at:
        await supervised(at, *(() if rule is RULE else ("301", "302")))
        channel = ask(at)
        said = len(at.board.words)
        await at.later()
        assert at.board.words[said:] == ["handover-empty", "menu-other"]
        at.press(channel, "0")
        await at.later()
        at.press(channel, "302#")
        await at.later()
        assert at.board.sent_on == [(channel, "302")]


@in_virtual_time
async def test_only_the_agents_own_supervisors_are_named() -> None:
    """Another agent hears of nobody, whatever caller id they show."""
    async with FakeFloor(policy(RULE)) as at:
        await supervised(at, "301", "302")
        said = len(at.board.words)
        ask(at, "202")
        await at.later()
        assert "handover-empty" in at.board.words[said:]


@pytest.mark.parametrize(("visible", "to"), [(("302",), "302"), ((), "")], ids=["somebody", "nobody"])
@in_virtual_time
async def test_a_customer_who_is_sent_there_hears_nothing(visible: tuple[str, ...], to: str) -> None:
    """They go to the first supervisor who is visible, or to none, which takes them back to the agent."""
    async with FakeFloor(policy(RULE)) as at:
        await supervised(at, *visible)
        customer, agent = at.board.book.channel(CUSTOMER), at.board.book.channel(AGENT)
        assert customer is not None
        assert agent is not None
        said = len(at.board.words)
        at.floor.asks(NODE, Asker(customer, sent_by=agent.name))
        await at.later(0.1)
        assert at.board.sent_on == [(CUSTOMER, to)]
        assert at.board.words[said:] == []


@in_virtual_time
async def test_who_asks_by_asterisks_keys_is_the_agent() -> None:
    """Over a Local channel, at whose other end they are."""
    async with FakeFloor(policy(RULE)) as at:
        await supervised(at, "301")
        agent, local = at.board.book.channel(AGENT), Channel("local", "Local/*54@agents-00000000;2")
        assert agent is not None
        at.board.book.see(local)
        at.floor.asks(NODE, Asker(local, keyed_by=agent.name))
        await at.later()
        at.press(local.id, "1")
        await at.later()
        assert at.board.sent_on == [(local.id, "301")]


@in_virtual_time
async def test_who_chooses_nothing_is_let_go() -> None:
    """By the key, or after the third time; a channel that ends ends its conversation."""
    async with FakeFloor(policy(RULE)) as at:
        await supervised(at, "301")
        channel = ask(at)
        await at.later()
        at.press(channel, "*")
        await at.later(SPEECH)
        assert at.board.words[-1] == "goodbye"
        ask(at)
        await at.later(70)
        assert at.board.words[-1] == "goodbye"
        assert at.board.words.count("handover-intro") == 4
        at.floor.supervisor_gone(NODE, ask(at))
        said = len(at.board.words)
        await at.later(70)
        assert at.board.words[said:] == []
        assert at.board.sent_on == []
