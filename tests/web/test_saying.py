"""Everything that can be refused, end or be heard has a sentence."""

import pytest

from supervise.domain.board.panel import Heard
from supervise.domain.rights.decisions import Refusal
from supervise.domain.sessions.session import Ending
from supervise.domain.words import Mode
from supervise.web import saying

pytestmark = pytest.mark.unit


def test_the_history_speaks_of_people_and_to_nobody() -> None:
    """Whoever reads it, the sentence is about the supervisor: it never says you."""
    words = [saying.outcome(reason, refused=True) for reason in (*Refusal, *Ending, "stale")]
    words += [saying.outcome(ending, refused=False) for ending in Ending]
    assert [each for each in words if {"you", "your"} & set(each.lower().replace(".", "").split())] == []


def test_there_is_a_sentence_for_everything() -> None:
    """A new reason that nobody has words for shows here and not to a supervisor."""
    assert set(saying.REFUSALS) == set(saying.REFUSED) == set(Refusal)
    assert set(saying.ENDINGS) == set(saying.ENDED) == set(Ending)
    assert set(saying.HEARD) == set(Heard)
    assert set(saying.DOES) == set(Mode)
