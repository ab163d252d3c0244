"""Which call to a supervisor's extension is their session's own, and what the session makes of it."""

from dataclasses import replace
from functools import partial

import pytest

from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import Kind, OurId
from supervise.domain.records import Deed
from supervise.domain.rights.decisions import Action, Allowed, Refusal, Refused, Rights, SessionRules
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.handing import Decided, Sending, Sent, brought_into, recognise
from supervise.domain.sessions.session import Ending, Stage
from supervise.domain.words import Mode, Visibility
from tests.support.world import CONSULT, Outcome, World, new_session

pytestmark = pytest.mark.unit

AGENT = Channel("agent", "PJSIP/201-00000001")
CUSTOMER = Channel("customer", "PJSIP/101-00000000")
OTHERS = frozenset({CUSTOMER.id})
DECIDED = Decided(AGENT, OTHERS)
ANYBODY = frozenset(Visibility)


def book(*, held: bool = False, agent_there: bool = True) -> CallBook:
    """The call, before or after its agent has gone."""
    made = CallBook()
    made.see(CUSTOMER)
    made.entered("call", CUSTOMER.id)
    if agent_there:
        made.see(AGENT)
        made.entered("call", AGENT.id)
        made.hold(AGENT.id, held=held)
    return made


def channel(name: str, id_: str = "new") -> Channel:
    """A channel that has come."""
    return Channel(id_, name)


@pytest.mark.parametrize(
    ("sent", "held", "is_it"),
    [
        pytest.param(Sent(CUSTOMER, "301", AGENT.name), False, Sending.BLIND, id="the customer, sent by the agent"),
        pytest.param(Sent(CUSTOMER, "301", "PJSIP/202-00000009"), False, None, id="sent by somebody else"),
        pytest.param(Sent(CUSTOMER, "301"), False, None, id="sent by nobody"),
        pytest.param(
            Sent(channel("Local/301@agents-00000001;2"), "301", AGENT.name),
            False,
            Sending.BLIND,
            id="a Local channel that stands for the agent",
        ),
        pytest.param(
            Sent(channel("PJSIP/102-00000007"), "301", AGENT.name), False, None, id="an older call of the agent"
        ),
        pytest.param(Sent(channel("PJSIP/201-00000008"), "301"), True, Sending.CONSULT, id="the agent asks first"),
        pytest.param(Sent(channel("PJSIP/201-00000008"), "301"), False, None, id="the agent, without a hold"),
        pytest.param(Sent(channel("PJSIP/202-00000008"), "301"), True, None, id="another agent"),
        pytest.param(
            Sent(CUSTOMER, "301", "PJSIP/201-00000008"), True, Sending.BLIND, id="the customer, in the place of a line"
        ),
        pytest.param(
            Sent(channel("Local/_attended@transfer-00000001;1"), "301", "PJSIP/201-00000008"),
            True,
            None,
            id="a Local channel, in the place of another call's line",
        ),
        pytest.param(
            Sent(channel("Local/301@agents-00000001;2"), "301", "", AGENT.name),
            False,
            Sending.CONSULT,
            id="the agent asks first, by Asterisk's keys",
        ),
        pytest.param(
            Sent(channel("Local/301@agents-00000001;2"), "301", "", "PJSIP/202-00000009"),
            True,
            None,
            id="another agent, by Asterisk's keys",
        ),
        pytest.param(Sent(channel("PJSIP/201-00000008"), "301", "", AGENT.name), True, None, id="keys, over no Local"),
        pytest.param(Sent(channel("PJSIP/2010-0000008"), "301"), True, None, id="an endpoint that begins alike"),
    ],
)
def test_a_call_that_is_handed_over_is_told_from_any_other(sent: Sent, held: bool, is_it: Sending | None) -> None:  # noqa: FBT001 - a table's column
    """By who sent it, which Asterisk says, and by whose call it is."""
    assert recognise(new_session(), DECIDED, sent, book(held=held)) is is_it


@pytest.mark.parametrize(("line", "is_it"), [("PJSIP/201-00000008", Sending.BLIND), ("PJSIP/201-00000007", None)])
def test_a_local_channel_in_the_place_of_a_line_that_has_gone(line: str, is_it: Sending | None) -> None:
    """No consultation could be begun, for the agent had let go: it is this call's if they have asked by that line."""
    sent = Sent(channel("Local/_attended@transfer-00000001;2"), "301", line)
    decided = replace(DECIDED, lines={"PJSIP/201-00000008"})
    assert recognise(new_session(), decided, sent, book(agent_there=False)) is is_it


def test_an_agent_who_has_gone_does_not_ask() -> None:
    """A call from their phone is a new one, whatever they had on hold."""
    sent = Sent(channel("PJSIP/201-00000008"), "301")
    assert recognise(new_session(), DECIDED, sent, book(agent_there=False)) is None


@pytest.mark.parametrize("by_local", [False, True], ids=["in one bridge", "by a Local channel"])
def test_the_customer_in_the_agents_place_is_seen(*, by_local: bool) -> None:
    """Whoever is connected with the far half of what stands for the agent; the agent's own call does not count."""
    made, over = book(), OurId(Kind.CONSULT, "0" * 32, 4)
    session = replace(new_session(), consult=CONSULT, asker=CONSULT, over=over, consulting=True)
    made.see(channel("PJSIP/201-00000003", CONSULT))
    made.entered(str(session.room), str(over))
    for here in (str(over.far), CONSULT):
        made.entered("talk", here)
    assert not brought_into(session, OTHERS, made)
    assert not brought_into(replace(session, consulting=False), OTHERS, made)
    if by_local:
        for half, bridge in ((1, "call"), (2, "talk")):
            made.see(channel(f"Local/_attended@transfer-00000000;{half}", f"local{half}"))
            made.entered(bridge, f"local{half}")
    else:
        made.entered("talk", CUSTOMER.id)
    assert brought_into(session, OTHERS, made) == str(over)


@pytest.mark.parametrize(("consulting", "it_is"), [(False, Sending.BLIND), (True, Sending.CONSULTED)])
def test_who_takes_the_place_of_the_line_that_asks(*, consulting: bool, it_is: Sending) -> None:
    """The agent has let go, before the supervisor has answered or after; it may be by a Local channel."""
    made, session = book(held=True), replace(new_session(), consult=CONSULT, consulting=consulting)
    line = Channel(CONSULT, "PJSIP/201-00000003")
    made.see(line)
    for come in (CUSTOMER, channel("Local/_attended@transfer-00000001;1")):
        decided = Decided(AGENT, OTHERS, {line.name})
        assert recognise(session, decided, Sent(come, "301", line.name), made) is it_is


def test_the_customer_at_the_far_end_of_asterisks_own_consultation_is_seen() -> None:
    """The Local channel is the same one, and it is the agent's end of it where somebody else is now."""
    made = book()
    session = replace(new_session(), consult="local2", asker=AGENT.id, consulting=True)
    for half, bridge in ((1, "consult"), (2, str(session.room))):
        made.see(channel(f"Local/301@agents-00000000;{half}", f"local{half}"))
        made.entered(bridge, f"local{half}")
    assert not brought_into(session, OTHERS, made)
    made.left("consult", "local1")
    made.entered("call", "local1")
    assert brought_into(session, OTHERS, made) == "local2"


def test_the_customer_at_the_far_end_of_one_that_still_rings_is_seen() -> None:
    """The agent has let go before the answer; while they are there as well, it is they who ask."""
    made = book()
    session = replace(new_session(), consult="local2", asker=AGENT.id)
    for half in (1, 2):
        made.see(channel(f"Local/301@agents-00000000;{half}", f"local{half}"))
    made.entered("call", "local1")
    assert not brought_into(session, OTHERS, made)
    made.left("call", AGENT.id)
    assert brought_into(session, OTHERS, made) == "local2"


# --- the session


def rights(visibilities: frozenset[Visibility] | None = ANYBODY) -> Rights:
    """Every mode, and to receive transfers as visible as this, or not at all."""
    modes = {mode: Allowed("p:1", ANYBODY) for mode in Mode}
    receive = Refused(Refusal.NOT_ALLOWED) if visibilities is None else Allowed("p:1", visibilities)
    return Rights(modes, SessionRules(), "hash", {Action.RECEIVE_TRANSFER: receive})


def live(given: Rights, visibility: Visibility = Visibility.VISIBLE) -> World:
    """A session that monitors."""
    world = World(given)
    world.session = replace(world.session, visibility=visibility)
    world.begin()
    world.settle()
    return world


def test_what_is_handed_over_is_written_before_anybody_is_moved() -> None:
    """Then it is the supervisor's own, and the phone goes on."""
    world = live(rights())
    world.happen(h.Handed("customer"))
    assert [(w.deed, w.must) for w in world.written][-1] == (Deed.HANDED_OVER, True)
    world.happen(h.SupervisorGone())
    assert world.session.ending is Ending.HANDED_OVER
    assert world.supervisor_there
    assert not world.taps


@pytest.mark.parametrize(
    ("may", "reason"),
    [(None, Refusal.NOT_ALLOWED), (frozenset({Visibility.VISIBLE}), Refusal.VISIBLE_FIRST)],
    ids=["no right", "only the visible"],
)
@pytest.mark.parametrize("news", [h.Handed("customer"), h.Consulted("customer")], ids=["blind", "attended"])
def test_what_may_not_be_received_goes_on(
    may: frozenset[Visibility] | None, reason: Refusal, news: h.Happening
) -> None:
    """As if nobody supervised: nothing is said, and the refusal is written."""
    world = live(rights(may), Visibility.HIDDEN)
    said = list(world.said)
    world.happen(news)
    assert world.let_go == ["customer"]
    assert world.said == said
    assert (world.written[-1].deed, world.written[-1].reason) == (Deed.REFUSED, reason.value)
    assert world.session.stage is Stage.LIVE


def test_what_cannot_be_written_goes_on() -> None:
    """No record, no call of one's own; of the one that was supervised nothing is left."""
    world = live(rights())
    world.outcome = lambda order: Outcome.FAILED if isinstance(order, o.Write) and order.must else Outcome.DONE
    world.happen(h.Handed("customer"))
    assert world.let_go == ["customer"]
    assert not world.kept
    assert world.session.ending is Ending.CALL_ENDED


def test_what_asterisk_does_not_do_goes_on() -> None:
    """The customer rings the phone as any caller."""
    world = live(rights())
    world.outcome = lambda order: Outcome.FAILED if isinstance(order, o.Receive) else Outcome.DONE
    world.happen(h.Handed("customer"))
    assert world.let_go == ["customer"]
    assert world.session.ending is Ending.FAILED


def test_nobody_else_opens_the_microphone() -> None:
    """The agent's call rings until the supervisor answers it, muted or not; then only the agent hears them."""
    world = live(rights())
    world.happen(h.Consulted(CONSULT))
    assert not world.heard_by()
    world.happen(h.ConsultAnswered())
    assert world.heard_by() == {CONSULT}
    assert world.hears("supervisor") == {CONSULT}
    world.happen(h.ModeAsked(Mode.BARGE))
    assert world.said[-1] == Refusal.NOT_AVAILABLE
    assert world.heard_by() == {CONSULT}


def test_after_the_consultation_the_session_is_as_it_was() -> None:
    """The ear is a new one, and the microphone closed."""
    world = live(rights())
    world.happen(h.Consulted(CONSULT))
    world.happen(h.ConsultAnswered())
    world.room.discard(CONSULT)
    world.happen(h.ConsultEnded(CONSULT))
    world.settle()
    assert not world.heard_by()
    assert world.hears("supervisor") == {"agent", "customer"}


def test_an_agent_who_hangs_up_before_the_answer_changes_nothing() -> None:
    """Who barges goes on being heard."""
    world = live(rights())
    world.happen(h.ModeAsked(Mode.BARGE))
    world.happen(h.MuteAsked(muted=False))
    world.settle()
    world.happen(h.Consulted(CONSULT))
    world.happen(h.ConsultEnded(CONSULT))
    assert world.heard_by() == {"agent", "customer"}


def test_an_agent_who_lets_go_before_the_answer_has_sent_the_call() -> None:
    """The customer comes by a channel of their own, or by the one that rings, and there is nobody left to ask."""
    for come in ("customer", CONSULT):
        world = live(rights())
        world.happen(h.Consulted(CONSULT))
        world.outcome = partial(_only, o.Receive(come, rings=come == CONSULT))
        world.happen(h.Handed(come))
        assert (world.written[-1].deed, world.written[-1].must) == (Deed.HANDED_OVER, True)
        world.happen(h.SupervisorGone())
        assert world.session.ending is Ending.HANDED_OVER


def _only(receive: o.Receive, order: o.Order) -> Outcome:
    """No other call is received than this one, and in no other way."""
    return Outcome.FAILED if isinstance(order, o.Receive) and order != receive else Outcome.DONE


def test_what_is_not_answered_rings_the_phone() -> None:
    """The agent's call goes on in the dialplan; one that was answered is not cut by the clock."""
    world = live(rights())
    world.happen(h.Consulted(CONSULT))
    world.happen(h.ConsultUnanswered(CONSULT))
    assert world.let_go == [CONSULT]
    world.happen(h.Consulted("again"))
    world.happen(h.ConsultAnswered())
    world.happen(h.ConsultUnanswered("again"))
    assert world.heard_by() == {"again"}


@pytest.mark.parametrize("answered", [False, True])
def test_the_end_of_a_session_ends_the_consultation(*, answered: bool) -> None:
    """One that rings goes on to ring the phone, one that was answered is over."""
    world = live(rights())
    world.happen(h.Consulted(CONSULT))
    if answered:
        world.happen(h.ConsultAnswered())
    world.happen(h.CallEnded())
    assert world.let_go == [CONSULT]
    assert not world.heard_by()
