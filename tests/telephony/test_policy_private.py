"""Private calls: marked by the dialplan or by the agent's own code, before a session and in the middle of one."""

import time

import pytest

from supervise.domain.sessions.session import Ending
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing.ear import Window
from supervise.lab.sound import Voice
from tests.support.ledger import until_closed
from tests.support.marking import mark
from tests.support.ruling import ALL, BOTH, HOUSE, desk, policy

pytestmark = pytest.mark.telephony

SILENT_WITHIN_MS = 500

ENDING = HOUSE.replace("start: hidden", "start: hidden, private: {mid_session: end}")
"""A house whose sessions end with the mark; tests/telephony/test_private_pause.py has the other one."""


@pytest.fixture
def plan() -> Plan:
    """Agents have the codes *58 and *59."""
    return Plan(policy=policy(ALL, house=ENDING), agents_mark_private=True)


async def test_marked_by_the_dialplan(centre: CallCentre) -> None:
    """A marked call is refused; `no` is no mark; marked in the middle of a barge nobody hears anything any more."""
    async with desk(centre) as at:
        phone = await centre.phone("301")
        await mark(centre, at.customer, "yes")
        await at.refused(phone, "*55201", "private")
        await mark(centre, at.customer, "no")
        await at.admitted(phone, "*57201")
        await centre.hearing.until(at.customer, hears={Voice.SUPERVISOR, Voice.AGENT})
        at.said.forget()
        marked = await mark(centre, at.customer, "bank")
        assert await at.silent_after(marked, phone, *BOTH) < SILENT_WITHIN_MS
        assert await at.silent_after(marked, at.customer, Voice.SUPERVISOR) < SILENT_WITHIN_MS
        assert await at.silent_after(marked, at.agent, Voice.SUPERVISOR) < SILENT_WITHIN_MS
        await at.said.until("private")
        assert [record.reason for record in await until_closed(centre)] == [Ending.PRIVATE]


async def test_marked_by_the_agent(centre: CallCentre) -> None:
    """The agent's *58 ends a session, the customer hears no key, the agent loses nothing; *59 lets it begin again."""
    async with desk(centre) as at:
        phone = await centre.phone("301")
        await at.admitted(phone)
        with centre.sniffer.keep():
            began = time.time_ns()
            await at.agent.press("*58")
            keys = await centre.hearing.until_keys(at.agent, 3, began)
            assert await at.silent_after(keys[-1].up_ns, phone, *BOTH) < SILENT_WITHIN_MS
            window = Window(began, time.time_ns())
            assert centre.hearing.keys_heard(at.customer, window) == []
            fate = centre.hearing.continuity(at.customer, at.agent, window)
            assert (fate.lost, fate.repeated, fate.silent) == (0, 0, 0)
        await at.said.until("private")
        assert [record.reason for record in await until_closed(centre)] == [Ending.PRIVATE]
        await at.refused(phone, "*55201", "private")
        await at.agent.press("*59")
        await centre.hearing.until_keys(at.agent, 6, began)
        await at.admitted(phone)


async def test_whose_mark_counts(centre: CallCentre) -> None:
    """Where agents may not mark, theirs counts for nothing; the dialplan's mark on their phone is not to be lifted."""
    house = HOUSE.replace("start: hidden", "start: hidden, private: {agents_may_mark: no, mid_session: end}")
    async with desk(centre) as at:
        phone, began = await centre.phone("301"), time.time_ns()
        await at.rules(policy(ALL, house=house))
        await at.agent.press("*58")
        await centre.hearing.until_keys(at.agent, 3, began)
        await at.admitted(phone)
        await at.rules(policy(ALL, house=ENDING))
        assert [record.reason for record in await until_closed(centre)] == [Ending.PRIVATE]
        await mark(centre, at.agent, "yes")
        with centre.sniffer.keep():
            began = time.time_ns()
            await at.agent.press("*59*58*59")
            await centre.hearing.until_keys(at.agent, 9, began)
        await at.refused(phone, "*55201", "private")
