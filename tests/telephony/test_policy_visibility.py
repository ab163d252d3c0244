"""Visible and hidden: what the rule and the house say of it, and what the agent is told."""

import pytest

from supervise.domain.records import Deed
from supervise.domain.words import Visibility
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.ledger import records
from tests.support.ruling import ALL, HOUSE, Desk, desk, policy

pytestmark = pytest.mark.telephony


@pytest.fixture
def plan() -> Plan:
    """Two leads who may do everything."""
    return Plan(policy=policy(ALL))


def house(coach: str, *, tell: str = "[message]", of: str = "[enter, mode, visibility, leave]") -> str:
    """Rules of the house that ask something of a hidden coach."""
    asked = HOUSE.replace("coach: not-required", f"coach: {coach}")
    return asked.replace("}}", f"}}, tell_agent: {{by: {tell}, of: {of}}}}}")


async def coaches(at: Desk, phone: Phone) -> None:
    """Press 5, and be heard by the agent alone."""
    await phone.press("5")
    await at.centre.hearing.until(at.agent, hears={Voice.SUPERVISOR, Voice.CUSTOMER})
    await at.centre.hearing.until(at.customer, not_hears={Voice.SUPERVISOR})


def texts(phone: Phone) -> list[str]:
    """What a phone has been sent to show."""
    return [message.text for message in phone.messages]


async def test_only_one_of_both(centre: CallCentre) -> None:
    """Only visible: it begins so, the agent is told, hiding is refused. Only hidden: nobody is told, 8 is refused."""
    async with desk(centre) as at:
        await at.rules(policy(ALL.replace("choice", "visible"), house=house("not-required", of="[enter]")))
        phone = await centre.phone("301")
        await at.admitted(phone)
        await at.agent.until_message("Hilda Lead: monitor on your call")
        await at.said_so(phone, "7", "hidden-not-allowed")
        await at.hears_call(phone)
        assert records(centre, Deed.OPENED)[-1].visibility is Visibility.VISIBLE
        await phone.hangup()
        told = len(at.agent.messages)
        await at.rules(policy(ALL.replace("choice", "hidden"), house=house("required")))
        await at.admitted(phone)
        await at.said_so(phone, "8", "visible-not-allowed")
        await at.said_so(phone, "5", "visible-first")
        await at.hears_call(phone)
        assert texts(at.agent)[told:] == []


async def test_visible_before_coach(centre: CallCentre) -> None:
    """Required: refused until 8. Automatic: 5 makes visible. Not required: a hidden coach, and nobody is told."""
    async with desk(centre) as at:
        await at.rules(policy(ALL, house=house("required")))
        phone = await centre.phone("301")
        await at.admitted(phone)
        await at.said_so(phone, "5", "visible-first")
        await at.said_so(phone, "8", "visible")
        await coaches(at, phone)
        await at.said_so(phone, "7", "visible-first")
        await at.said_so(phone, "47", "hidden")
        await at.rules(policy(ALL, house=house("automatic")))
        told = len(at.agent.messages)
        await coaches(at, phone)
        await at.agent.until_message("Hilda Lead: coach on your call")
        assert texts(at.agent)[told:] == ["Hilda Lead: coach on your call"]
        await at.said_so(phone, "4", "monitor")
        await at.said_so(phone, "7", "hidden")
        await at.rules(policy(ALL, house=house("not-required")))
        told = len(at.agent.messages)
        await coaches(at, phone)
        assert texts(at.agent)[told:] == []


async def test_told_of_what_the_house_says(centre: CallCentre) -> None:
    """Of entering only: no change of mode is told, nor the leaving; and a session's end is told by its own rules."""
    async with desk(centre) as at:
        await at.rules(policy(ALL, house=house("not-required", of="[enter]")))
        phone = await centre.phone("301")
        await at.admitted(phone)
        await at.said_so(phone, "8", "visible")
        await coaches(at, phone)
        await at.rules(policy(ALL, house=house("not-required", of="[leave]")))
        await at.said_so(phone, "4", "monitor")
        await at.rules(policy(house=house("not-required", tell="[]")))
        await at.said.until("revoked")
        await at.agent.until_message("has left your call")
        assert texts(at.agent) == ["Hilda Lead: monitor on your call", "Hilda Lead: has left your call"]
