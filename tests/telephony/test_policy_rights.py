"""Who may do what to whom: what the policy says, tried on the phone; a new policy counts from the next key on."""

from datetime import UTC, datetime, timedelta

import pytest

from supervise.domain.records import Deed
from supervise.domain.words import Mode
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.sound import Voice
from tests.support.ledger import records, until_recorded
from tests.support.ruling import ALL, PEOPLE, desk, policy

pytestmark = pytest.mark.telephony


@pytest.fixture
def plan() -> Plan:
    """Two leads, and agents of two teams."""
    return Plan(policy=policy(ALL))


async def test_mode(centre: CallCentre) -> None:
    """A mode that no rule allows is refused by feature code and by key; allowed since, the same key enters it."""
    async with desk(centre) as at:
        await at.rules(policy("{who: lead, may: [monitor, coach], whom: own-teams, how: choice}"))
        phone = await centre.phone("301")
        refusal = await at.refused(phone, "*57201", "not-allowed")
        assert (refusal.mode, refusal.supervisor, refusal.agent) == (Mode.BARGE, "hilda", "anna")
        await at.admitted(phone)
        await at.said_so(phone, "6", "not-allowed")
        await at.hears_call(phone)
        await centre.hearing.until(at.customer, not_hears={Voice.SUPERVISOR}, for_ms=300)
        await at.rules(policy(ALL))
        await phone.press("6")
        await centre.hearing.until(at.customer, hears={Voice.SUPERVISOR, Voice.AGENT})
        assert records(centre, Deed.MODE)[-1].rule.endswith("policy.yaml:11")


async def test_whom(centre: CallCentre) -> None:
    """Another team, one's own role, oneself, and a phone that nobody knows: each has its own refusal in words."""
    async with desk(centre) as at:
        hilda, ben, stranger = await centre.phone("301"), await centre.phone("202"), await centre.phone("401")
        await at.refused(ben, "*55201", "not-allowed")
        await ben.dial("101")
        await centre.hearing.until(ben, hears={Voice.CUSTOMER}, for_ms=100)
        await at.refused(hilda, "*55202", "not-allowed")
        await at.refused(stranger, "*55201", "unknown-supervisor")
        await at.refused(hilda, "*55209", "no-such-agent")
        await at.refused(hilda, "*55301", "oneself")
        await at.refused(hilda, "*55302", "peer")
        await at.rules(policy("{who: lead, may: monitor, whom: everybody, how: choice}"))
        await at.admitted(hilda, "*55202")


async def test_role_and_hours(centre: CallCentre) -> None:
    """Only some roles may supervise a protected agent, and outside a rule's hours it does not hold."""
    people = PEOPLE.replace('endpoint: "201"}', 'endpoint: "201", only_by: auditor}').replace(
        "sven: {name: Sven Second, role: lead", "sven: {name: Sven Second, role: auditor"
    )
    people = people.replace("roles: {lead: ,", "roles: {auditor: , lead: ,")
    rule = "{{who: [lead, auditor], may: monitor, whom: everybody, how: choice, when: {}}}"
    later = datetime.now(UTC) + timedelta(hours=2)
    closed = f"{{from: '{later:%H}:00', to: '{later + timedelta(hours=1):%H}:00', zone: UTC}}"
    open_ = f"{{from: '{later:%H}:00', to: '{later - timedelta(hours=1):%H}:00', zone: UTC}}"
    async with desk(centre) as at:
        lead, auditor = await centre.phone("301"), await centre.phone("302")
        await at.rules(policy(rule.format(closed), people=people))
        await at.refused(auditor, "*55201", "hours")
        await at.rules(policy(rule.format(open_), people=people))
        refusal = await at.refused(lead, "*55201", "protected")
        assert refusal.rule.endswith("policy.yaml:4"), "not the place of what protects her"
        await at.admitted(auditor)


async def test_never_and_direction(centre: CallCentre) -> None:
    """A person, numbers, a phone, a team are never supervised, and the refusal says where; directions are kept."""
    nevers = ("{people: anna}", "{numbers: 10X}", "{prefixes: '1'}", "{endpoints: '101'}", "{teams: support}")
    async with desk(centre) as at:
        phone = await centre.phone("301")
        for never in nevers:
            await at.rules(policy(ALL, further=f"never: [{never}]\n"))
            refusal = await at.refused(phone, "*55201", "protected")
            assert refusal.rule.endswith("policy.yaml:13"), never
        rule = "{who: lead, may: monitor, whom: own-teams, how: choice, calls: {directions: [outbound]}}"
        await at.rules(policy(rule, further="never: [{numbers: 102}, {people: ben}]\n"))
        await at.refused(phone, "*55201", "not-allowed")
        await at.customer.hangup()
        await at.agent.until_closed()
        await at.agent.dial("101")
        await centre.hearing.until(at.customer, hears={Voice.AGENT}, for_ms=100)
        await at.admitted(phone)


async def test_reason_code(centre: CallCentre) -> None:
    """A reason code is asked for where the rule wants one; an unknown one is refused, a known one is in the journal."""
    rule = "{who: lead, may: [monitor, coach], whom: own-teams, how: choice, with: reason}"
    async with desk(centre) as at:
        await at.rules(policy(rule, further="reasons: {'42': complaint}\n"))
        phone = await centre.phone("301")
        await at.refused(phone, "*55201", "reason-needed", keys="7#")
        await phone.dial("*55201")
        await at.said.until("reason-needed")
        await phone.until_established()
        await phone.press("42#")
        await at.hears_call(phone)
        await phone.press("*")
        closings = await until_recorded(centre, Deed.CLOSED)
        assert [record.reason_code for record in (*records(centre, Deed.OPENED), *closings)] == ["42", "42"]
