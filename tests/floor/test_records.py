"""What every record of a session says."""

from dataclasses import fields

import pytest

from supervise.domain.records import Deed, Record
from supervise.domain.sessions.session import Ending
from supervise.domain.words import Mode, Source, Visibility
from tests.support.fake_board import NODE, SPEECH
from tests.support.fake_floor import AGENT, ALL, FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit

SHOWING = ALL.replace("barge]", "barge, show-in-history]")
KEYS = "51786041"
ALWAYS = {field.name for field in fields(Record)} - {"reason", "reason_code", "detail", "muted", "shown", "call"}


async def tour(at: FakeFloor, digits: str = "*55201") -> list[Record]:
    """A session through all stances, and its records."""
    phone = await at.session(digits)
    for key in KEYS:
        at.press(phone, key)
        await at.later(1)
    at.press(phone, "*")
    await at.later(1)
    return [record for record in at.journal.records if record.session]


@in_virtual_time
async def test_every_record_of_a_session_says_everything() -> None:
    """Time, node, call, number, people, source, stance, policy, rule and duration are in each, whatever the deed."""
    async with FakeFloor() as at:
        records = await tour(at)
        expected = {Deed.OPENED, Deed.MODE, Deed.MUTE, Deed.VISIBILITY, Deed.NOTICE, Deed.REFUSED, Deed.CLOSED}
        assert {record.deed for record in records} == expected
        for record in records:
            empty = [name for name in ALWAYS if getattr(record, name) in ("", None)]
            assert not empty, record
            assert (record.node, record.supervisor, record.agent) == (NODE, "hilda", "anna")
            assert (record.number, record.source, record.policy) == ("101", Source.PHONE, at.source.policy.hash)
            assert record.rule.startswith("policy.yaml:")
            assert record.call
        lasted = [record.elapsed for record in records if record.elapsed is not None]
        assert lasted == sorted(lasted)


@pytest.mark.parametrize(
    ("rule", "shown"),
    [(ALL, False), (SHOWING, True), (SHOWING.replace("how: choice", "how: visible"), False)],
    ids=["no right", "right", "only the visible"],
)
@in_virtual_time
async def test_the_right_to_show_marks_every_record(rule: str, shown: bool) -> None:  # noqa: FBT001 - pytest's way
    """From the opening to the closing a session shows in the call's history where the rule says so, else nowhere."""
    other = ALL.replace("choice", "hidden") if "visible" in rule else rule
    async with FakeFloor(policy(rule, other)) as at:
        records = await tour(at)
        assert records[0].visibility is Visibility.HIDDEN
        assert {record.shown for record in records} == {shown}


@in_virtual_time
async def test_what_has_begun_to_show_shows_to_its_end() -> None:
    """A CRM that was told of an opening is told of the closing, though the right has gone meanwhile."""
    async with FakeFloor(policy(SHOWING.replace("barge", "barge, follow-agent"))) as at:
        phone = await at.session()
        at.rule(policy(ALL.replace("barge", "barge, follow-agent")))
        for key in "596*":
            at.press(phone, key)
            await at.later(1)
        told = [(record.deed, record.shown) for record in at.journal.records if record.session]
    assert told == [(Deed.OPENED, True), (Deed.MODE, True), (Deed.TARGET, True), (Deed.CLOSED, True)]


@in_virtual_time
async def test_refused_at_the_door_never_shows() -> None:
    """An attempt is for the journal alone, and says who wanted what of whom and what was dialled."""
    async with FakeFloor(policy(SHOWING.replace("own-teams", "{people: [ben]}"))) as at:
        at.dial("*56201")
        await at.later(5)
        (record,) = at.journal.records
        assert (record.deed, record.shown, record.agent, record.mode) == (Deed.REFUSED, False, "anna", "coach")
        assert record.detail["dialled"] == "*56201"
        assert AGENT not in record.detail


@in_virtual_time
async def test_a_refusal_names_the_call_that_was_meant() -> None:
    """Where the agent was on a call, the journal has its id and the other party's number, masked as the house says."""
    house = ", mask_numbers: {for: everybody, in_journal: yes, keep: 1}"
    async with FakeFloor(policy(SHOWING.replace("own-teams", "{people: [ben]}"), house=house)) as at:
        at.dial()
        await at.later(5)
        (record,) = at.journal.records
        assert record.call
        assert record.number.endswith("1")
        assert "0" not in record.number


@pytest.mark.parametrize("phone", ["301", "999"], ids=["known", "unknown"])
@in_virtual_time
async def test_an_attempt_without_a_journal_to_ask_says_who_and_whom(phone: str) -> None:
    """Even what fails before it is decided has the names that the policy knows."""
    async with FakeFloor() as at:
        at.board.unplayable = True
        at.dial("*55", phone)
        await at.later(5)
        (record,) = at.journal.records
        assert record.supervisor == {"301": "hilda", "999": "999"}[phone]


@in_virtual_time
async def test_who_gives_up_has_tried() -> None:
    """Hanging up where a PIN is asked for, leaving the menu, and the controller's end leave one record each."""
    async with FakeFloor(policy(ALL[:-1] + ", with: pin}")) as at:
        phone = at.dial()
        await at.later(SPEECH + 1)
        at.hang_up(phone)
        await at.later()
        at.press(at.dial("*55"), "*")
        await at.later(5)
        at.dial("*56201")
        await at.later(SPEECH + 1)
    told = [(record.deed, record.reason, record.agent, record.mode) for record in at.journal.records]
    assert told == [
        (Deed.REFUSED, Ending.SUPERVISOR_GONE, "anna", Mode.MONITOR),
        (Deed.REFUSED, Ending.LEFT, "", Mode.MONITOR),
        (Deed.REFUSED, Ending.SHUT_DOWN, "anna", Mode.COACH),
    ]


@in_virtual_time
async def test_a_wrong_pin_says_where() -> None:
    """The record of a wrong PIN has node, phone and person, and never the digits."""
    async with FakeFloor(policy(ALL[:-1] + ", with: pin}")) as at:
        phone = at.dial()
        await at.later(SPEECH + 1)
        at.press(phone, "4711#")
        await at.later(1)
        (record,) = (record for record in at.journal.records if record.deed is Deed.PIN)
        assert (record.node, record.supervisor, record.source) == (NODE, "hilda", Source.PHONE)
        assert record.detail == {"endpoint": "301"}
        assert "4711" not in repr(record)
