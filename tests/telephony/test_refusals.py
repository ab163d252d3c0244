"""Who may not, hears why and nothing else, and it is in the journal; whoever they say that they are."""

import asyncio
import time
from dataclasses import dataclass

import pytest

from supervise.domain.records import Deed, Record
from supervise.domain.rights.decisions import Refusal
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing import Listener
from supervise.lab.hearing.ear import Window
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.ledger import records, until_recorded
from tests.support.rawsip import Claim, lying_phone
from tests.support.spoken import Spoken, spoken
from tests.support.supervising import Scene
from tests.support.witness import names

pytestmark = pytest.mark.telephony

POLICY = """\
people:
  hilda: {name: Hilda Lead, role: lead, endpoint: "301"}
  sven: {name: Sven Second, role: lead, endpoint: "302"}
  toni: {name: Toni Trainee, role: trainee, endpoint: "303"}
  olga: {name: Olga Boss, role: boss, endpoint: "304"}
  anna: {name: Anna Agent, role: agent, endpoint: "201"}
  ben: {name: Ben Agent, role: agent, endpoint: "202"}
  cleo: {name: Cleo Agent, role: agent, endpoint: "203"}
teams:
  support: {leads: [hilda, sven], members: [anna, ben, cleo, toni]}
roles: {lead: , trainee: , boss: , agent: }
rules:
  - {who: lead, may: [monitor, coach, barge], whom: everybody, how: choice}
  - {who: boss, may: [monitor, coach, barge], whom: everybody, how: choice}
never:
  - {numbers: ["102"], why: A line that is nobody's business}
house:
  start: hidden
  start_muted: no
  visible_before: {coach: not-required, barge: not-required}
  tell_agent: {by: [tone]}
"""

HILDA = '"Hilda Lead" <sip:301@127.0.0.1>'
FORGED = {
    "P-Asserted-Identity": HILDA,
    "P-Preferred-Identity": HILDA,
    "Remote-Party-ID": f"{HILDA};party=calling;screen=yes",
    "Diversion": HILDA,
}

NUMBERS_THAT_ARE_NONE = (
    "*55&PJSIP/x",
    "*55201&PJSIP/301",
    "*55;x",
    "*55201;x",
    "*55,201",
    "*55201,1",
    "*55${SHELL(id)}",
    "*55%24%7BEPOCH%7D",
    "*55|201",
    "*55 201",
    "*55%20201",
    "*55201%0d%0aX",
    "*55201/301",
    "*55+201",
    "*55201@x",
    "*55%D9%A2%D9%A0%D9%A1",
    "*55%FF%FE",
    "*55" + "2" * 4096,
    "*551",
    "*55123456789",
    "*58201",
    "seat",
    "s",
)
"""Dialled by somebody who may everything: Asterisk finds no such extension, or no SIP in it at all."""

NUMBERS_CUT_SHORT = {"*55201%00": "*55201", "*55201%00&PJSIP/301": "*55201", "*55-201": "*55-201"}
"""What Asterisk makes of some others: it ends a number at a NUL, and takes no notice of dashes in a pattern."""

NO_SUCH_NUMBER = (0, 400, 404, 416, 484)
"""The statuses of an INVITE whose number is none; 0 is no answer at all."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody dials, and is refused."""

    phone: str
    number: str
    reason: Refusal
    supervisor: str
    agent: str = ""


FIRST = (
    Attempt("401", "*55201", Refusal.UNKNOWN_SUPERVISOR, "401"),
    Attempt("303", "*55201", Refusal.NOT_ALLOWED, "toni", "anna"),
    Attempt("301", "*55302", Refusal.PEER, "hilda", "sven"),
    Attempt("304", "*55203", Refusal.NOT_ON_A_CALL, "olga", "cleo"),
    Attempt("201", "*55201", Refusal.ONESELF, "anna", "anna"),
)
SECOND = (
    Attempt("401", "*55", Refusal.UNKNOWN_SUPERVISOR, "401"),
    Attempt("303", "*57203", Refusal.NOT_ALLOWED, "toni", "cleo"),
    Attempt("301", "*56299", Refusal.NO_SUCH_AGENT, "hilda", "299"),
    Attempt("304", "*55202", Refusal.PROTECTED, "olga", "ben"),
    Attempt("201", "*55202", Refusal.NOT_ALLOWED, "anna", "ben"),
)
"""The trainee hears the same of somebody who is on a call, of one who is not, and of one whose call is protected."""


@pytest.fixture
def plan() -> Plan:
    """Two calls at most, and phones of every kind."""
    users = ("101", "102", "103", "201", "202", "203", "301", "302", "303", "304", "401")
    return Plan(users=users, policy=POLICY)


async def test_refusals_are_spoken_and_recorded(centre: CallCentre) -> None:
    """Each reason is heard by whom it concerns, and is in the journal; nobody hears anything of a call."""
    await asyncio.gather(centre.call("101", "201"), centre.call("102", "202"), centre.call("103", "302"))
    phones = {phone.user: phone for phone in centre.phones}
    others = await asyncio.gather(*(centre.phone(user) for user in ("301", "303", "304", "401")))
    phones |= {phone.user: phone for phone in others}
    async with spoken(centre) as said:
        for attempts in (FIRST, SECOND):
            await asyncio.gather(*(_is_refused(centre, phones[attempt.phone], attempt) for attempt in attempts))
            _expect_said(said, attempts)
    refused = await until_recorded(centre, Deed.REFUSED, count=len(FIRST + SECOND))
    assert {_told(record) for record in refused} == {
        (each.supervisor, each.agent, each.reason.value, each.phone, each.number) for each in FIRST + SECOND
    }
    assert records(centre, Deed.OPENED) == []


async def test_a_trainee_does_not_learn_of_calls(centre: CallCentre) -> None:
    """Who has no right to somebody hears the same whether they are on a call or not, and with whomever."""
    customer, agent = await centre.call("102", "202")
    trainee, began = await centre.phone("303"), time.time_ns()
    async with spoken(centre) as said:
        for number in ("*55202", "*55203"):
            await trainee.dial(number)
            await trainee.until_closed()
        assert {media for media, _ in said.said} == {"sound:supervise/not-allowed"}
    assert {record.reason for record in records(centre, Deed.REFUSED)} == {Refusal.NOT_ALLOWED}
    _expect_no_voice(centre, trainee, since_ns=began)
    assert customer.open_calls
    assert agent.open_calls


async def test_a_supervisor_is_nobodys_call(centre: CallCentre) -> None:
    """The leg of somebody who supervises, in monitor and in barge, is no call that others could listen to."""
    customer, agent = await centre.call()
    hilda, olga = await asyncio.gather(centre.phone("301"), centre.phone("304"))
    await hilda.dial("*55201")
    await centre.hearing.until(hilda, hears={Voice.AGENT})
    scene, began = Scene(centre, customer, agent, hilda), time.time_ns()
    for key in ("4", "6"):
        await scene.supervisor.press(key)
        if key == "6":
            await centre.hearing.until(customer, hears={Voice.SUPERVISOR})
        await olga.dial("*55301")
        await olga.until_closed()
    assert [record.reason for record in records(centre, Deed.REFUSED)] == [Refusal.NOT_ON_A_CALL] * 2
    _expect_no_voice(centre, olga, since_ns=began)


async def test_whoever_they_say_they_are(centre: CallCentre) -> None:
    """Only the endpoint that has proved itself counts: neither From nor any header that asserts an identity."""
    await centre.call()
    async with lying_phone(centre) as liar:
        began = time.time_ns()
        assert await liar.dial("*55201", Claim("301", login="401")) == 401
        assert await liar.dial("*55201", Claim("301", secret="guessed")) == 401
        assert records(centre, Deed.REFUSED) == []
        assert await liar.dial("*55201", Claim("401", headers=FORGED, name="Hilda Lead")) == 200
        await liar.until_ended()
        _expect_no_voice(centre, liar, since_ns=began)
    (record,) = await until_recorded(centre, Deed.REFUSED)
    assert _told(record) == ("401", "", Refusal.UNKNOWN_SUPERVISOR, "401", "*55201")


async def test_odd_characters_in_the_number(centre: CallCentre) -> None:
    """What is not exactly a feature code is no number; what Asterisk makes one of is decided about as that one."""
    await centre.call()
    async with lying_phone(centre) as liar:
        began = time.time_ns()
        for number in NUMBERS_THAT_ARE_NONE:
            status = await liar.dial(number, Claim("301"), within=0.5)
            assert status in NO_SUCH_NUMBER, f"{number[:40]!r}: {status}"
        assert centre.hearing.heard(liar, Window(began, time.time_ns())).arrivals.packets == 0
        for number in NUMBERS_CUT_SHORT:
            assert await liar.dial(number, Claim("303")) == 200
            await liar.until_ended()
        _expect_no_voice(centre, liar, since_ns=began)
    refused = await until_recorded(centre, Deed.REFUSED, count=len(NUMBERS_CUT_SHORT))
    assert [record.detail["dialled"] for record in refused] == list(NUMBERS_CUT_SHORT.values())
    assert records(centre, Deed.OPENED) == []
    assert len((await names(centre))[0]) == 2


async def _is_refused(centre: CallCentre, phone: Phone, attempt: Attempt) -> None:
    """Dial, hear something that is no voice of the lab, and be hung up."""
    began = time.time_ns()
    call = await phone.dial(attempt.number)
    await phone.until_established(call)
    line = phone.line(call)
    await phone.until_closed(call, within=8)
    assert not centre.hearing.heard(line, Window(began, time.time_ns())).nothing
    _expect_no_voice(centre, line, since_ns=began)


def _expect_no_voice(centre: CallCentre, listener: Listener, *, since_ns: int) -> None:
    window = Window(since_ns, time.time_ns())
    heard = [voice for voice in Voice if centre.hearing.first_heard(listener, voice, window) is not None]
    assert heard == [], f"{listener.name} heard {heard}"


def _expect_said(said: Spoken, attempts: tuple[Attempt, ...]) -> None:
    """These reasons and nothing else have been said since the last time."""
    assert said.words() == sorted(attempt.reason.value for attempt in attempts)
    said.forget()


def _told(record: Record) -> tuple[str, str, str, str, str]:
    return record.supervisor, record.agent, record.reason, record.detail["endpoint"], record.detail["dialled"]
