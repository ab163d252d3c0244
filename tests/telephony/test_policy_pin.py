"""PINs on the phone: asked where the rule wants one, said when wrong, locked after too many, and written nowhere."""

import pytest

from supervise.domain.records import Deed
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.sound import Voice
from supervise.policyfile.pins import hashed
from tests.support.ledger import records, until_recorded
from tests.support.ruling import HOUSE, PEOPLE, desk, policy

pytestmark = pytest.mark.telephony

PIN = "73918462"
WRONG = "50739184"

RULES = (
    "{who: lead, may: [monitor, coach], whom: own-teams, how: choice}",
    "{who: lead, may: barge, whom: own-teams, how: choice, with: pin}",
)


def asking(*rules: str, house: str = HOUSE) -> str:
    """A policy in which both leads have the PIN."""
    people = PEOPLE.replace("role: lead,", f"role: lead, pin: '{hashed(PIN)}',")
    return policy(*rules, people=people, house=house)


@pytest.fixture
def plan() -> Plan:
    """A PIN for everything."""
    return Plan(policy=asking("{who: lead, may: [monitor, coach, barge], whom: own-teams, how: choice, with: pin}"))


async def expect_untold(centre: CallCentre) -> None:
    """Neither PIN, right or wrong, stands in any log, nor in the journal, whole or in part."""
    journal = b"".join(path.read_bytes() for path in centre.controller.folder.glob("journal*"))
    logs = "\n".join(map(str, centre.controller.log)) + centre.asterisk.log()
    told = logs.encode() + journal
    for digits in (PIN, WRONG, ", ".join(PIN), "".join(f"'{digit}'" for digit in PIN)):
        assert digits.encode() not in told
    assert len(journal) > 1000
    assert "DTMF" not in centre.asterisk.log()


async def test_pin_before_the_first_sound(centre: CallCentre) -> None:
    """A wrong PIN is said and asked for again, the right one lets in; nothing of the call is heard before."""
    async with desk(centre) as at:
        phone = await centre.phone("301")
        await phone.dial("*55201")
        await at.said.until("pin-enter")
        await phone.press(WRONG + "#")
        await at.said.until("pin-enter", "pin-wrong", "pin-enter", within=10)
        await centre.hearing.until(phone, not_hears={Voice.AGENT, Voice.CUSTOMER}, for_ms=500)
        assert records(centre, Deed.OPENED) == []
        await phone.press(PIN + "#")
        await at.hears_call(phone)
        assert [record.reason for record in records(centre, Deed.PIN)] == ["pin-wrong"]
        await expect_untold(centre)


async def test_pin_for_one_mode(centre: CallCentre) -> None:
    """Only barge asks: monitor goes on meanwhile, * gives up, a wrong one is asked again, the right one barges."""
    async with desk(centre) as at:
        await at.rules(asking(*RULES))
        phone = await centre.phone("301")
        await at.admitted(phone)
        await at.said_so(phone, "6", "pin-enter")
        await phone.press("*")
        await at.hears_call(phone)
        await at.said_so(phone, "6", "pin-enter")
        await at.said_so(phone, WRONG + "#", "pin-wrong")
        await centre.hearing.until(at.customer, not_hears={Voice.SUPERVISOR}, for_ms=300)
        await phone.press(PIN + "#")
        await centre.hearing.until(at.customer, hears={Voice.SUPERVISOR, Voice.AGENT})
        await at.said_so(phone, "46", "barge")
        assert len(records(centre, Deed.OPENED)) == 1
        await expect_untold(centre)


async def test_lock(centre: CallCentre) -> None:
    """Too many wrong ones lock the phone with an alarm, for the right PIN, and after a crash; another one is not."""
    async with desk(centre) as at:
        house = HOUSE.replace("start: hidden", "start: hidden, pin: {tries: 3}")
        await at.rules(asking(RULES[1].replace("barge", "monitor"), house=house))
        phone, other = await centre.phone("301"), await centre.phone("302")
        await at.refused(phone, "*55201", "pin-locked", keys="04#" * 3)
        await centre.controller.until("pin.locked", endpoint="301", alarm=True)
        await at.refused(phone, "*55201", "pin-locked", keys=f"{PIN}#")
        reasons = [record.reason for record in await until_recorded(centre, Deed.PIN, count=4)]
        assert reasons == ["pin-wrong", "pin-wrong", "pin-locked", "pin-locked"]
        await centre.controller.kill()
        await centre.controller.start()
        await at.refused(phone, "*55201", "pin-locked", keys=f"{PIN}#")
        await other.dial("*55201")
        await other.until_established()
        await other.press(PIN + "#")
        await at.hears_call(other)
        await expect_untold(centre)
