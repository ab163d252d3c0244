"""The policy changes while somebody listens: cut, or lowered to what is still allowed, within half a second."""

import pytest

from supervise.domain.records import Deed
from supervise.domain.sessions.session import Ending
from supervise.domain.words import Mode
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.sound import Voice
from tests.support.ledger import records, until_closed, until_recorded
from tests.support.ruling import ALL, BOTH, desk, policy, replace_policy

pytestmark = pytest.mark.telephony

SILENT_WITHIN_MS = 500
"""From the change of the file to the last frame that was heard at a phone."""

CODES = {Mode.MONITOR: "*55", Mode.COACH: "*56", Mode.BARGE: "*57"}


@pytest.fixture
def plan() -> Plan:
    """Two leads who may do everything, hidden and unmuted."""
    return Plan(policy=policy(ALL))


async def test_revoked_in_each_mode(centre: CallCentre) -> None:
    """With every right gone the supervisor neither hears nor is heard, is told so, and the call goes on."""
    async with desk(centre) as at:
        phone = await centre.phone("301")
        for mode in Mode:
            await at.admitted(phone, f"{CODES[mode]}201")
            hearers = [listener for listener, least in ((at.agent, 2), (at.customer, 3)) if mode.right >= least]
            for listener in hearers:
                await centre.hearing.until(listener, hears={Voice.SUPERVISOR})
            at.said.forget()
            changed = await at.rules(policy())
            assert await at.silent_after(changed, phone, *BOTH) < SILENT_WITHIN_MS
            for listener in hearers:
                assert await at.silent_after(changed, listener, Voice.SUPERVISOR) < SILENT_WITHIN_MS
            await at.said.until("revoked")
            await centre.hearing.until(at.customer, hears={Voice.AGENT}, for_ms=300)
            closing = (await until_closed(centre, count=mode.right))[-1]
            assert (closing.reason, closing.mode) == (Ending.REVOKED, mode)
            assert closing.policy == records(centre, Deed.POLICY)[-1].policy
            await at.rules(policy(ALL))


async def test_lowered(centre: CallCentre) -> None:
    """Barge becomes coach, coach becomes monitor: whoever may no longer hear the supervisor does not; it is said."""
    async with desk(centre) as at:
        phone = await centre.phone("301")
        await at.admitted(phone, "*57201")
        await centre.hearing.until(at.customer, hears={Voice.SUPERVISOR, Voice.AGENT})
        at.said.forget()
        changed = await at.rules(policy(ALL.replace(", barge", "")))
        assert await at.silent_after(changed, at.customer, Voice.SUPERVISOR) < SILENT_WITHIN_MS
        await at.said.until("lowered", "coach")
        await centre.hearing.until(at.agent, hears={Voice.SUPERVISOR, Voice.CUSTOMER})
        at.said.forget()
        changed = await at.rules(policy(ALL.replace(", coach, barge", "")))
        assert await at.silent_after(changed, at.agent, Voice.SUPERVISOR) < SILENT_WITHIN_MS
        await at.said.until("lowered", "monitor")
        await at.hears_call(phone)
        assert [record.mode for record in records(centre, Deed.MODE)] == [Mode.COACH, Mode.MONITOR]


async def test_hidden_no_longer_allowed(centre: CallCentre) -> None:
    """Who is hidden where nobody may be any more is cut off; so is a phone that has become somebody else's."""
    async with desk(centre) as at:
        phone = await centre.phone("301")
        await at.admitted(phone)
        changed = await at.rules(policy(ALL.replace("choice", "visible")))
        assert await at.silent_after(changed, phone, *BOTH) < SILENT_WITHIN_MS
        await until_closed(centre)
        await at.admitted(phone)
        swapped = (
            policy(ALL)
            .replace('endpoint: ["301", "303"]', 'endpoint: "302"')
            .replace('lead, endpoint: "302"}\n  anna', 'lead, endpoint: "301"}\n  anna')
        )
        changed = await at.rules(swapped)
        assert await at.silent_after(changed, phone, *BOTH) < SILENT_WITHIN_MS
        await until_closed(centre, count=2)
        await at.admitted(phone)
        assert records(centre, Deed.OPENED)[-1].supervisor == "sven"


@pytest.mark.fresh
async def test_broken_and_vanished(centre: CallCentre) -> None:
    """Neither a broken file nor none takes any right or gives one, nor does SIGHUP; a good one counts again at once."""
    async with desk(centre) as at:
        phone, second = await centre.phone("301"), await centre.phone("302")
        await at.admitted(phone)
        for spoil in (lambda: replace_policy(centre, "rules: [{who: nobody"), centre.controller.policy.unlink):
            seen = len(centre.controller.log)
            spoil()
            await centre.controller.until("policy broken, the last good one stays", since=seen, level="error")
            await at.hears_call(phone)
            await at.admitted(second)
            await second.hangup()
        kept = [record for record in await until_recorded(centre, Deed.POLICY, count=3) if record.reason == "kept-out"]
        assert len(kept) == 2
        assert {record.policy for record in records(centre)} == {kept[0].policy}
        seen = len(centre.controller.log)
        centre.controller.reload()
        await at.hears_call(phone)
        assert centre.controller.find("policy in force", since=seen) is None
        changed = replace_policy(centre, policy())
        centre.controller.reload()
        assert await at.silent_after(changed, phone, *BOTH) < SILENT_WITHIN_MS
