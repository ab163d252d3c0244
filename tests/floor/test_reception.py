"""The conversation before a session: who is it, whose call do they mean, the menu, the PIN, and the last decision."""

import pytest

from supervise.domain.records import Deed
from supervise.domain.sessions.session import Ending
from supervise.floor.running.gate import END_KEY
from tests.support.fake_board import SPEECH
from tests.support.fake_floor import AGENT, ALL, CALL, CUSTOMER, PEOPLE, PIN, PIN_HASH, FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit

WITH_PIN = ALL.replace("}", ", with: pin}")


@pytest.mark.parametrize(
    ("digits", "endpoint", "reason"),
    [
        ("*55201", "401", "unknown-supervisor"),
        ("*5520x", "301", "no-such-agent"),
        ("*55299", "301", "no-such-agent"),
        ("*55202", "301", "not-on-a-call"),
        ("*55302", "301", "peer"),
        ("*55201", "202", "not-allowed"),
    ],
)
@in_virtual_time
async def test_refusals(digits: str, endpoint: str, reason: str) -> None:
    """Each is said and written, and the phone is hung up without a session."""
    async with FakeFloor() as at:
        at.dial(digits, endpoint)
        await at.later()
        assert at.board.words == [reason]
        assert at.journal.reasons(Deed.REFUSED) == [reason]
        assert at.sessions == []


@in_virtual_time
async def test_menu_offers_the_calls_and_takes_a_key() -> None:
    """The one call that may be monitored is offered under 1, and 1 begins it."""
    async with FakeFloor() as at:
        phone = at.dial("*55")
        await at.later()
        assert at.board.words[:5] == ["menu-intro", "menu-for", "digits:201", "menu-press", "digits:1"]
        at.press(phone, "1")
        await at.later()
        assert [session.agent.name for session in at.sessions] == ["anna"]


@in_virtual_time
async def test_menu_takes_an_extension() -> None:
    """0 asks for an extension; # ends it, and so does being quiet."""
    for end in (END_KEY, ""):
        async with FakeFloor() as at:
            phone = at.dial("*55")
            await at.later()
            at.press(phone, "0")
            await at.later()
            at.press(phone, "201" + end)
            await at.later(25)
            assert [session.agent.name for session in at.sessions] == ["anna"]


@in_virtual_time
async def test_menu_that_nobody_answers_ends() -> None:
    """A phone that is put down beside its cradle is not served for ever."""
    async with FakeFloor() as at:
        at.dial("*55")
        await at.later(300)
        assert at.board.words[-1] == "goodbye"
        assert list(at.floor.lines) == []


@in_virtual_time
async def test_hanging_up_during_the_menu_leaves_nothing() -> None:
    """Neither a task nor a line nor a word remains."""
    async with FakeFloor() as at:
        phone = at.dial("*55")
        await at.later()
        said = list(at.board.words)
        at.hang_up(phone)
        await at.later(30)
        assert at.board.words == said
        assert (list(at.floor.lines), len(at.floor._errands)) == ([], 0)


@in_virtual_time
async def test_a_wrong_pin_is_asked_for_again_and_the_right_one_lets_in() -> None:
    """Nothing begins before the right one."""
    async with FakeFloor(policy(WITH_PIN)) as at:
        phone = at.dial()
        await at.later()
        at.press(phone, "000#")
        await at.later(2 * SPEECH)
        assert at.board.words == ["pin-enter", "pin-wrong", "pin-enter"]
        assert at.sessions == []
        at.press(phone, PIN + "#")
        await at.later()
        assert len(at.sessions) == 1
        assert at.journal.reasons(Deed.PIN) == ["pin-wrong"]


@in_virtual_time
async def test_too_many_wrong_pins_lock_the_phone_for_a_while() -> None:
    """The fifth ends the call; the right one helps only when the lock is over."""
    async with FakeFloor(policy(WITH_PIN)) as at:
        phone = at.dial()
        for _ in range(5):
            await at.later(2 * SPEECH)
            at.press(phone, "000#")
        await at.later()
        assert at.board.words[-1] == "pin-locked"
        for minutes, sessions in ((14, 0), (1, 1)):
            await at.later(minutes * 60)
            phone = at.dial()
            await at.later()
            at.press(phone, PIN + "#")
            await at.later()
            assert len(at.sessions) == sessions


@in_virtual_time
async def test_the_pin_is_in_no_record() -> None:
    """Neither the right one nor a wrong one."""
    async with FakeFloor(policy(WITH_PIN)) as at:
        phone = at.dial()
        await at.later()
        at.press(phone, "86420#")
        await at.later(2 * SPEECH)
        at.press(phone, PIN + "#")
        await at.later()
        told = repr(at.journal.records)
        assert "86420" not in told
        assert PIN not in told


@in_virtual_time
async def test_the_decision_counts_when_the_pin_was_typed() -> None:
    """A right that goes while somebody types is gone."""
    async with FakeFloor(policy(WITH_PIN)) as at:
        phone = at.dial()
        await at.later()
        at.rule(policy())
        at.press(phone, PIN + "#")
        await at.later()
        assert at.board.words[-1] == "not-allowed"
        assert at.sessions == []


@in_virtual_time
async def test_a_pin_proves_one_person_only() -> None:
    """A phone that has become somebody else's while its reason was typed has to be proved anew."""
    rule, reasons = ALL.replace("}", ", with: [pin, reason]}"), "reasons: {'1': complaint}\n"
    people = PEOPLE.replace('"301"', '"other"').replace('"302"', f"\"301\", pin: '{PIN_HASH}'")
    async with FakeFloor(policy(rule, further=reasons)) as at:
        phone = at.dial()
        await at.later()
        at.press(phone, PIN + "#")
        await at.later()
        assert at.board.words[-1] == "reason-needed"
        at.rule(policy(rule, further=reasons, people=people))
        at.press(phone, "1#")
        await at.later()
        assert at.board.words[-1] == "pin-enter"
        at.press(phone, PIN + "#")
        await at.later()
        assert [session.supervisor.name for session in at.sessions] == ["sven"]


@in_virtual_time
async def test_a_call_that_ends_meanwhile_is_no_call() -> None:
    """Somebody who types their PIN too slowly learns that the call is over."""
    async with FakeFloor(policy(WITH_PIN)) as at:
        phone = at.dial()
        await at.later()
        at.board.book.left(CALL, CUSTOMER)
        at.press(phone, PIN + "#")
        await at.later()
        assert at.board.words[-1] == "not-on-a-call"


@in_virtual_time
async def test_star_instead_of_a_pin_leaves() -> None:
    """Who has none says goodbye."""
    async with FakeFloor(policy(WITH_PIN)) as at:
        at.press(at.dial(), "*")
        await at.later()
        assert at.board.words[-1] == "goodbye"


@pytest.mark.parametrize("channel", [AGENT, CUSTOMER])
@pytest.mark.parametrize("mark", ["yes", None])
@in_virtual_time
async def test_a_private_call_is_refused(channel: str, mark: str | None) -> None:
    """Whoever carries the mark, and where nobody can tell."""
    async with FakeFloor() as at:
        at.board.marked[channel] = mark
        at.dial()
        await at.later()
        assert at.board.words == ["private"]


@in_virtual_time
async def test_an_agents_mark_counts_where_the_policy_says_so() -> None:
    """Where agents may not mark, the value `agent` is none."""
    for words, house in ((["private"], ""), (["monitor"], ", private: {agents_may_mark: no}")):
        async with FakeFloor(policy(ALL, house=house)) as at:
            at.board.marked[AGENT] = "agent"
            at.dial()
            await at.later()
            assert at.board.words == words


@in_virtual_time
async def test_the_customer_is_told_before_anything_begins() -> None:
    """Everybody but the agent hears the announcement, the supervisor is asked to wait, then the session begins."""
    async with FakeFloor(policy(ALL, house=", tell_customer: {announcement: custom/hi}")) as at:
        at.dial()
        await at.later(SPEECH / 2)
        assert at.board.words == ["wait"]
        assert at.sessions == []
        await at.later(SPEECH)
        assert at.board.announced == [((CUSTOMER,), "custom/hi")]
        assert len(at.sessions) == 1
        assert at.journal.reasons(Deed.NOTICE) == ["announcement"]


@in_virtual_time
async def test_no_announcement_no_session() -> None:
    """It is said in words."""
    async with FakeFloor(policy(ALL, house=", tell_customer: {announcement: custom/hi}")) as at:
        at.board.unheard = True
        at.dial()
        await at.later(2 * SPEECH)
        assert at.board.words == ["wait", "untold"]
        assert at.journal.reasons(Deed.REFUSED) == ["untold"]


@in_virtual_time
async def test_who_joins_during_the_announcement_hears_it_too() -> None:
    """It is played once more, for the newcomer alone, before anything begins."""
    async with FakeFloor(policy(ALL, house=", tell_customer: {announcement: custom/hi}")) as at:
        at.dial()
        await at.later(SPEECH / 2)
        at.come("second", "102")
        at.connect(CALL, "second")
        await at.later(SPEECH)
        assert at.sessions == []
        await at.later(SPEECH)
        assert [channels for channels, _ in at.board.announced] == [(CUSTOMER,), ("second",)]
        assert len(at.sessions) == 1


@in_virtual_time
async def test_words_that_cannot_be_played_end_the_call() -> None:
    """A menu that nobody hears is no menu."""
    async with FakeFloor() as at:
        at.board.unplayable = True
        at.dial("*55")
        await at.later()
        assert at.board.words == ["failed"]
        assert at.journal.reasons(Deed.REFUSED) == ["failed"]


@in_virtual_time
async def test_being_stopped_during_the_menu_is_said() -> None:
    """A controller that goes tells whoever is in the menu."""
    async with FakeFloor() as at:
        at.dial("*55")
        await at.later()
        await at.floor.close()
        assert at.board.words[-1] == Ending.SHUT_DOWN
