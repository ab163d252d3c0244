"""The spoken menu: a feature code alone, and then a few keys."""

import time

import pytest

from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.quiet import free_plan, since
from tests.support.words import Words, know

pytestmark = pytest.mark.telephony

_BOTH = {Voice.AGENT, Voice.CUSTOMER}


@pytest.fixture
def plan() -> Plan:
    """A lead of two agents."""
    return free_plan()


async def test_menu_offers_each_call(centre: CallCentre) -> None:
    """Each call is offered with its extension and a key; the key begins to monitor that call and no other."""
    words = await know(centre, "vm-for", "vm-press", "digits/0", "digits/1", "digits/2")
    await centre.call("101", "201")
    second, _ = await centre.call("401", "202")
    supervisor, start_ns = await _dial_menu(centre, words)
    offers = [["vm-for", "digits/2", "digits/0", f"digits/{n}", "vm-press", f"digits/{n}"] for n in (1, 2)]
    await words.until(supervisor, "menu-intro", *offers[0], *offers[1], "menu-other", start_ns=start_ns, within=20)
    await supervisor.press("2")
    await centre.hearing.until(supervisor, hears={Voice.AGENT, Voice.OTHER}, not_hears={Voice.CUSTOMER}, within=8)
    await centre.controller.until("opened", mode="monitor")
    await second.hangup()
    await words.until(supervisor, "call-ended", start_ns=start_ns)
    await supervisor.until_closed()


async def _dial_menu(centre: CallCentre, words: Words, code: str = "*55") -> tuple[Phone, int]:
    supervisor, start_ns = await centre.phone("301"), time.time_ns()
    await supervisor.dial(code)
    await words.until(supervisor, "menu-intro", start_ns=start_ns)
    return supervisor, start_ns


async def test_extension_may_be_entered_at_once(centre: CallCentre) -> None:
    """A key cuts the words short; 0, an extension and # begin in the mode that the feature code stands for."""
    words, (customer, agent) = await know(centre), await centre.call()
    supervisor, start_ns = await _dial_menu(centre, words, "*56")
    await supervisor.press("0201#")
    await centre.hearing.until(supervisor, hears=_BOTH, within=8)
    opened = await centre.controller.until("opened", mode="coach")
    assert opened["muted"] is True
    for phone in (customer, agent):
        await centre.hearing.until(phone, not_hears={Voice.SUPERVISOR})
    assert "menu-other" not in [said.word for said in words.heard(supervisor, since(start_ns))]


async def test_star_leaves_the_menu(centre: CallCentre) -> None:
    """The star leaves with a word of farewell and without a session."""
    words = await know(centre, "goodbye")
    await centre.call()
    supervisor, start_ns = await _dial_menu(centre, words)
    await supervisor.press("*")
    await words.until(supervisor, "goodbye", start_ns=start_ns)
    await supervisor.until_closed()
    assert centre.controller.find("opened") is None


async def test_nobody_on_a_call(centre: CallCentre) -> None:
    """With nobody to be supervised the menu says so, and takes an extension all the same, which it then refuses."""
    words, supervisor, start_ns = await know(centre), await centre.phone("301"), time.time_ns()
    await supervisor.dial("*55")
    await words.until(supervisor, "menu-empty", start_ns=start_ns)
    await supervisor.press("0202#")
    await words.until(supervisor, "not-on-a-call", start_ns=start_ns, within=8)
    await supervisor.until_closed()
