"""Kinds of call that are more than one phone ringing another: each supervised in each mode."""

import time
from collections.abc import Iterable
from dataclasses import replace

import pytest

from supervise.domain.records import Deed
from supervise.domain.words import Mode
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing.ear import Window
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.elsewhere import elsewhere
from tests.support.forwarding import forwarding
from tests.support.ledger import records, until_closed
from tests.support.moving import moving_plan
from tests.support.odd import BARELY_NS, CODES, Odd, never_heard, until_logged
from tests.support.spoken import spoken
from tests.support.unbroken import Around, around

pytestmark = pytest.mark.telephony

PICKUP = (("call_group", "1"), ("pickup_group", "1"))

NEVER = 'never: [{numbers: ["102"]}]\n'


@pytest.fixture
def plan() -> Plan:
    """Leads who may do everything with the agents 201 and 203, but never with customer 102 on the call."""
    whole = moving_plan(whom="{people: [anna, cleo]}")
    return replace(whole, policy=whole.policy + NEVER, options=PICKUP)


@pytest.mark.parametrize("dialled", ["630", "631"])
@pytest.mark.parametrize("first", Mode)
async def test_local_halves(centre: CallCentre, dialled: str, first: Mode) -> None:
    """By a Local channel that goes away in mid-call or stays: the agent's own phone is what is supervised."""
    await _through_the_modes(await _called(centre, dialled), first)


@pytest.mark.parametrize("first", Mode)
async def test_forked(centre: CallCentre, first: Mode) -> None:
    """Two phones ring; the call is of the one who answers, and the other one is on none."""
    loser = await centre.phone("201", answers=False)
    async with spoken(centre) as said:
        at = await _called(centre, "620")
        await _through_the_modes(at, first)
        await at.supervisor.press("*")
        await at.supervisor.until_closed()
        await at.supervisor.dial("*55201")
        await said.until("not-on-a-call")
        assert not loser.open_calls


@pytest.mark.parametrize("first", Mode)
async def test_follow_me(centre: CallCentre, first: Mode) -> None:
    """Who takes a call by Follow-me is supervised as any agent."""
    agent, customer = await centre.phone("203"), await centre.phone("101")
    await customer.dial("650")
    await until_logged(centre, "Playing 'followme/options")
    await agent.press("1")
    await centre.hearing.until(customer, hears={Voice.AGENT}, within=8)
    await _through_the_modes(Odd(centre, agent, [customer], await centre.phone("301")), first)


@pytest.mark.parametrize("dialled", ["680", "681"])
async def test_a_phone_that_forwards(centre: CallCentre, dialled: str) -> None:
    """By 302, from Dial() and from a queue: the call is of the one who took it, and the one who sent it has none."""
    async with forwarding(centre, "203"), spoken(centre) as said:
        at = await _called(centre, dialled)
        await at.supervisor.dial("*57202")
        await said.until("not-allowed")
        await at.supervisor.until_closed(within=8)
        await _through_the_modes(at, Mode.BARGE)
        assert {record.agent for record in records(centre, Deed.OPENED)} == {"cleo"}


async def test_an_agent_who_waits_on_the_line(centre: CallCentre) -> None:
    """AgentLogin(): music while they wait is no call; who asks for them is one, in each mode. Who is moved is out."""
    agent, customer, supervisor = [await centre.phone(user) for user in ("203", "101", "301")]
    async with spoken(centre) as said:
        await agent.dial("670")
        await agent.until_established()
        await supervisor.dial("*55203")
        await said.until("not-on-a-call", within=8)
        await supervisor.hangup()
        await _asked_for(centre, customer)
        at = Odd(centre, agent, [customer], supervisor)
        await _through_the_modes(at, Mode.MONITOR)
        await customer.hangup()
        await said.until("call-ended")
        await supervisor.until_closed(within=8)
        assert agent.open_calls, "logged in still"
        await _asked_for(centre, customer)
        await at.join(Mode.BARGE)
        heard = around(centre, customer, keyed=[supervisor])
        for keys, words in (("91", "agent-on-hold"), ("92", "agent-in-call"), ("93", "agent-removed")):
            said.forget()
            await supervisor.press(keys)
            await said.until(words)
        await until_logged(centre, "Agent '203' logged out")
        await agent.until_closed(within=8)
        said.forget()
        await supervisor.press("92")
        await said.until("agent-in-call")
        await centre.hearing.until(customer, hears={Voice.AGENT, Voice.SUPERVISOR}, for_ms=200)
        heard.only(Voice.AGENT, Voice.SUPERVISOR)
        heard.never_without(Voice.AGENT, Voice.SUPERVISOR)


async def _asked_for(centre: CallCentre, customer: Phone) -> None:
    """Let a customer ask for the agent who waits on the line, and talk to them."""
    await customer.dial("671")
    await centre.hearing.until(customer, hears={Voice.AGENT}, for_ms=100, within=12)


@pytest.mark.parametrize("keys", ["*8", "*9201"])
@pytest.mark.parametrize("first", Mode)
async def test_pick_up(centre: CallCentre, keys: str, first: Mode) -> None:
    """Who picks a call up has it, under their own name."""
    rung, customer = await centre.phone("201", answers=False), await centre.phone("101")
    await customer.dial("201")
    await rung.until_ringing()
    agent = await centre.phone("203")
    await agent.dial(keys)
    await centre.hearing.until(customer, hears={Voice.AGENT}, for_ms=100)
    await _through_the_modes(Odd(centre, agent, [customer], await centre.phone("301")), first)
    assert {record.agent for record in records(centre, Deed.OPENED)} == {"cleo"}


@pytest.mark.parametrize("mode", Mode)
async def test_a_call_that_rings_is_no_call_yet(centre: CallCentre, mode: Mode) -> None:
    """The supervisor is told, may wait, hears nothing before the agent has answered, and begins in monitor."""
    agent, customer = await centre.phone("201", answers=False), await centre.phone("101")
    supervisor = await centre.phone("301")
    async with spoken(centre) as said:
        await customer.dial("201")
        await agent.until_ringing()
        began = time.time_ns()
        await supervisor.dial(f"{CODES[mode]}201")
        await said.until("not-on-a-call", "wait-offer", within=8)
        await supervisor.press("1")
        await said.until("waiting", within=8)
        never_heard(centre, supervisor, Voice.CUSTOMER, began)
        await agent.answer()
        heard = around(centre, customer, before_ns=0)
        await Odd(centre, agent, [customer], supervisor).expect(Mode.MONITOR)
        heard.only(Voice.AGENT)
        heard.never_without(Voice.AGENT)
        never_heard(centre, agent, Voice.SUPERVISOR, began)


@pytest.mark.parametrize("first", Mode)
async def test_conference(centre: CallCentre, first: Mode) -> None:
    """In a ConfBridge all are heard, coach goes to the agent who was dialled, barge to all; who leaves is gone."""
    at = await _conference(centre)
    await _through_the_modes(at, first)
    agent, customer, _ = (heard for _, heard in at.around())
    await at.others[1].hangup()
    await Odd(centre, at.agent, at.others[:1], at.supervisor).expect(first)
    await at.supervisor.hangup()
    await centre.hearing.until(at.others[0], hears={Voice.AGENT}, not_hears={Voice.SUPERVISOR})
    for heard, phone, voice in ((agent, at.agent, Voice.CUSTOMER), (customer, at.others[0], Voice.AGENT)):
        heard.only(*at.hears(phone))
        heard.never_without(voice)


async def test_the_agent_of_a_conference_is_moved(centre: CallCentre) -> None:
    """Held, brought back and removed as in any call; the others go on, also when the supervisor has left."""
    at = await _conference(centre)
    customer, other = at.others
    async with spoken(centre) as said:
        await at.join(Mode.BARGE)
        _, *others = (heard for _, heard in at.around())
        for keys, word in (("91", "agent-on-hold"), ("92", "agent-in-call"), ("93", "agent-removed")):
            await at.supervisor.press(keys)
            await said.until(word)
            unheard = set() if keys == "92" else {Voice.AGENT}
            for phone, voice in ((customer, Voice.OTHER), (other, Voice.CUSTOMER)):
                heard = {voice, Voice.SUPERVISOR, *({Voice.AGENT} - unheard)}
                await centre.hearing.until(phone, hears=heard, not_hears=unheard)
    await at.agent.until_closed(within=8)
    await at.supervisor.press("*")
    await centre.hearing.until(customer, hears={Voice.OTHER}, not_hears={Voice.SUPERVISOR})
    _went_on(at, others)


async def test_a_conference_is_taken_over(centre: CallCentre) -> None:
    """The supervisor's phone is a member, the agent is out, and nobody is kept when the others have gone."""
    at = await _conference(centre)
    customer, other = at.others
    await at.join(Mode.BARGE)
    _, *others = (heard for _, heard in at.around())
    await at.supervisor.press("94")
    await at.agent.until_closed(within=8)
    await centre.hearing.until(customer, hears={Voice.OTHER, Voice.SUPERVISOR}, not_hears={Voice.AGENT})
    await centre.hearing.until(at.supervisor, hears={Voice.OTHER, Voice.CUSTOMER}, not_hears={Voice.AGENT})
    _went_on(at, others)
    for phone in (customer, other):
        await phone.hangup()
    await at.supervisor.until_closed()


@pytest.mark.parametrize("mode", Mode)
async def test_a_newcomer_who_is_never_supervised_ends_it(centre: CallCentre, mode: Mode) -> None:
    """Decided anew when somebody comes in: not a word of theirs is heard, and the others do not lose one."""
    agent, customer = await centre.phone("201"), await centre.phone("101")
    for phone in (agent, customer):
        await phone.dial("610")
        await phone.until_established()
    await centre.hearing.until(customer, hears={Voice.AGENT}, for_ms=100)
    at = Odd(centre, agent, [customer], await centre.phone("301"))
    await at.join(mode)
    newcomer, came = await centre.phone("102", Voice.OTHER), time.time_ns()
    before = at.around()
    await newcomer.dial("610")
    await centre.hearing.until(customer, hears={Voice.AGENT, Voice.OTHER}, not_hears={Voice.SUPERVISOR}, for_ms=400)
    never_heard(centre, at.supervisor, Voice.OTHER, came)
    never_heard(centre, newcomer, Voice.SUPERVISOR, came)
    for phone, heard in before:
        heard.only(*at.hears(phone), Voice.OTHER)
        heard.never_without(*at.hears(phone) - {Voice.SUPERVISOR})
    assert [record.reason for record in await until_closed(centre)] == ["revoked"]


async def test_who_is_announced_to_a_conference(centre: CallCentre) -> None:
    """Who may be there is heard when they have been decided about; else not one frame goes between them and barge."""
    at = await _conference(centre)
    await at.join(Mode.BARGE)
    others = {Voice.AGENT, Voice.CUSTOMER, Voice.OTHER}
    allowed, refused = await centre.phone("203", Voice.SECOND), await centre.phone("102", Voice.SECOND)
    before = at.around()
    await allowed.dial("611")
    await centre.hearing.until(allowed, hears=others | {Voice.SUPERVISOR})
    await centre.hearing.until(at.supervisor, hears=others | {Voice.SECOND})
    await allowed.hangup()
    await at.expect(Mode.BARGE)
    came = time.time_ns()
    await refused.dial("611")
    await centre.hearing.until(refused, hears=others, for_ms=400)
    heard_them = centre.hearing.heard(refused, Window(came, time.time_ns() - BARELY_NS))
    assert heard_them.voices[Voice.SUPERVISOR].never_audible
    never_heard(centre, at.supervisor, Voice.SECOND, came)
    for phone, heard in before:
        heard.only(*at.hears(phone), Voice.SECOND)
        heard.never_without(*at.hears(phone) - {Voice.SUPERVISOR})
    assert [record.reason for record in await until_closed(centre)] == ["revoked"]


@pytest.mark.parametrize("first", Mode)
async def test_page(centre: CallCentre, first: Mode) -> None:
    """Two agents who are paged and may answer: the one who was dialled is coached, and all are heard."""
    agent, other = await centre.phone("201"), await centre.phone("203", Voice.OTHER)
    customer = await centre.phone("101")
    await customer.dial("621")
    await centre.hearing.until(customer, hears={Voice.AGENT, Voice.OTHER}, within=8)
    await _through_the_modes(Odd(centre, agent, [customer, other], await centre.phone("301")), first)


async def test_in_the_hands_of_another_application(centre: CallCentre) -> None:
    """Monitor and coach work; barge is refused in words before anything is done, from outside and by the key."""
    async with elsewhere(centre), spoken(centre) as said:
        at = await _called(centre, "660", agent_dials=True)
        await at.supervisor.dial("*57201")
        await said.until("elsewhere")
        await at.supervisor.until_closed(within=8)
        await at.join(Mode.MONITOR)
        await at.switch(Mode.COACH)
        said.forget()
        _, customer = (heard for _, heard in at.around())
        await at.supervisor.press("6")
        await said.until("elsewhere")
        await at.expect(Mode.COACH)
        customer.only(Voice.AGENT)
        customer.never_without(Voice.AGENT)
        refusals = [record.reason for record in records(centre, Deed.REFUSED)]
        assert refusals == ["elsewhere", "elsewhere"]
        await centre.hang_up_all()


async def _called(centre: CallCentre, dialled: str, *, agent_dials: bool = False) -> Odd:
    """A customer who has come to an agent, on their way or on a common one."""
    agent, customer = await centre.phone("201" if agent_dials else "203"), await centre.phone("101")
    for phone in (agent, customer) if agent_dials else (customer,):
        await phone.dial(dialled)
        await phone.until_established()
    await centre.hearing.until(customer, hears={Voice.AGENT}, for_ms=100)
    return Odd(centre, agent, [customer], await centre.phone("301"))


async def _conference(centre: CallCentre) -> Odd:
    """An agent with two others in a ConfBridge."""
    agent, customer = await centre.phone("201"), await centre.phone("101")
    other: Phone = await centre.phone("401", Voice.OTHER)
    for phone in (agent, customer, other):
        await phone.dial("610")
        await phone.until_established()
    await centre.hearing.until(customer, hears={Voice.AGENT, Voice.OTHER}, for_ms=100)
    return Odd(centre, agent, [customer, other], await centre.phone("301"))


def _went_on(at: Odd, others: Iterable[Around]) -> None:
    """The others of a conference heard each other all the time, and nobody who was not in it."""
    for phone, heard, voice in zip(at.others, others, (Voice.OTHER, Voice.CUSTOMER), strict=True):
        heard.only(*at.hears(phone))
        heard.never_without(voice)


async def _through_the_modes(at: Odd, first: Mode) -> None:
    """Begin in one mode, and take every other one after it."""
    await at.join(first)
    for mode in (*(mode for mode in Mode if mode is not first), first):
        await at.switch(mode)
