"""The house rules of a policy file, and what they become."""

import pytest

from supervise.domain.rights.decisions import CustomerNotice, Follow, MidSession, Notice, Occasion, Tone, VisibleBefore
from supervise.domain.words import Mode, Visibility
from tests.policyfile.world import policy

pytestmark = pytest.mark.unit


def test_the_house_rules_of_a_session() -> None:
    """Everything that the house says about sessions reaches them."""
    rules = policy(
        """
house:
  start: visible
  start_muted: no
  visible_before: {coach: automatic, barge: not-required}
  tell_agent: {by: [spoken, board], of: [enter, leave]}
  tell_customer: {tone: 1400-every-15, announcement: custom/hello, in: [barge]}
  follow: agent
  busy_while_supervising: no
  agent_lamp: no
"""
    ).house.session
    assert rules.start_visibility is Visibility.VISIBLE
    assert rules.start_muted is False
    assert rules.visible_before == {Mode.COACH: VisibleBefore.AUTOMATIC, Mode.BARGE: VisibleBefore.NOT_REQUIRED}
    assert rules.notices == {Notice.SPOKEN, Notice.BOARD}
    assert rules.notice_of == {Occasion.ENTER, Occasion.LEAVE}
    assert rules.customer == CustomerNotice(
        Tone(hertz=1400, length=500, every=15, first=500), "custom/hello", frozenset({Mode.BARGE})
    )
    assert rules.follow is Follow.AGENT
    assert (rules.busy_while_supervising, rules.agent_lamp) == (False, False)


def test_a_tone_of_ones_own() -> None:
    """A tone can be given by frequency, length and interval."""
    customer = policy("house: {tell_customer: {tone: {hertz: 440, length: 300, every: 20}}}\n").house.session.customer
    assert customer.tone == Tone(hertz=440, length=300, every=20, first=300)


def test_the_agent_may_be_told_nothing_at_all() -> None:
    """An empty list of ways leaves nothing that tells an agent."""
    assert policy("house: {tell_agent: {by: []}}\n").house.session.notices == frozenset()


def test_numbers_are_masked_for_whom_the_house_says() -> None:
    """Some roles read the last digits only, and so does who is not in the policy."""
    found = policy("house: {mask_numbers: {for: [qa], keep: 2, in_journal: yes}}\n")
    assert found.number_for("anna", "0301234") == "0301234"
    assert found.number_for("quinn", "0301234") == "*****34"
    assert found.number_for(None, "0301234") == "*****34"
    assert found.number_for_journal("0301234") == "*****34"
    assert policy("house: {mask_numbers: {for: everybody}}\n").number_for("anna", "0301234") == "****234"


def test_keeping_and_pins() -> None:
    """What the house says of the journal and of wrong PINs is read."""
    house = policy(
        "house: {journal: {keep_days: 90, agents_see_visible: no, agents_see_hidden_after_days: 30}, "
        "pin: {tries: 3, lock_minutes: 5, all_tries_a_minute: 9}, "
        "private: {variable: CARD, agents_may_mark: no, mid_session: end}}\n"
    ).house
    assert (house.keeping.days, house.keeping.visible_to_agent, house.keeping.hidden_to_agent_after) == (90, False, 30)
    assert (house.pins.tries, house.pins.lock.total_seconds(), house.pins.everybody) == (3, 300, 9)
    assert (house.private_variable, house.agents_mark_private) == ("CARD", False)
    assert house.session.mid_session is MidSession.END
    assert policy("house: \n").house.session.mid_session is MidSession.PAUSE
