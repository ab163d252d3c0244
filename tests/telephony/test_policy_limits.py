"""Limits: sessions on a call, of one supervisor, with one agent a day, and a restart that forgets none of them."""

import pytest

from supervise.lab.callcentre import CallCentre, Plan
from tests.support.ledger import until_closed
from tests.support.ruling import HOUSE, desk, policy

pytestmark = pytest.mark.telephony


def within(limit: str) -> str:
    """Allow the leads to monitor within a limit."""
    return policy(f"{{who: lead, may: monitor, whom: own-teams, how: choice, within: {{{limit}}}}}")


@pytest.fixture
def plan() -> Plan:
    """A second session on a call is one too many."""
    return Plan(policy=within("sessions_per_call: 1"))


async def test_sessions_of_now(centre: CallCentre) -> None:
    """One on a call: a second supervisor is refused, the first stays. One at once: a second phone helps nobody."""
    async with desk(centre) as at:
        hilda, sven, second = await centre.phone("301"), await centre.phone("302"), await centre.phone("303")
        await at.admitted(hilda)
        await at.refused(sven, "*55201", "limit")
        await at.hears_call(hilda)
        await hilda.press("*")
        await until_closed(centre)
        await at.admitted(sven)
        await at.rules(within("sessions_at_once: 1"))
        await at.admitted(hilda)
        await at.refused(second, "*55201", "limit")
        await at.hears_call(hilda)
        await at.hears_call(sven)


@pytest.mark.fresh
async def test_sessions_a_day(centre: CallCentre) -> None:
    """The day's sessions with an agent are counted in the journal: a controller that was killed has not forgotten."""
    async with desk(centre) as at:
        await at.rules(within("sessions_per_agent_a_day: 2"))
        phone = await centre.phone("301")
        for count in (1, 2):
            await at.admitted(phone)
            await phone.press("*")
            await until_closed(centre, count=count)
        await at.refused(phone, "*55201", "limit")
        await centre.controller.kill()
        await centre.controller.start()
        await at.refused(phone, "*55201", "limit")
        await at.rules(within("sessions_per_agent_a_day: 3"))
        await at.admitted(phone)


async def test_limit_of_the_house(centre: CallCentre) -> None:
    """A limit of the house holds for every rule, and another agent's month is another month."""
    rule = "{who: lead, may: monitor, whom: everybody, how: choice}"
    house = HOUSE.replace("start: hidden", "start: hidden, within: {sessions_per_agent_a_month: 1}")
    async with desk(centre) as at:
        await at.rules(policy(rule, house=house))
        phone = await centre.phone("301")
        await at.admitted(phone)
        await phone.press("*")
        await until_closed(centre)
        await at.refused(phone, "*55201", "limit")
        ben, other = await centre.phone("202"), await centre.phone("102")
        await other.dial("202")
        await other.until_established()
        await ben.until_established()
        await at.admitted(phone, "*55202")
