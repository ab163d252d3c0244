"""What a channel that comes by the dialplan has come for, by the arguments of Stasis."""

from unittest.mock import Mock, call

import pytest

from supervise.ari.arrivals import Come, tell_of
from supervise.domain.calls.calls import Channel
from supervise.domain.sessions.handing import Sent
from supervise.domain.sessions.offering import Asker

pytestmark = pytest.mark.unit

HERE = Channel("here", "PJSIP/201-00000001")


BEFORE = "PJSIP/201-1"


@pytest.mark.parametrize(
    ("args", "replaced", "told"),
    [
        (("dialled", "*55201"), "", call.arrived("pbx", HERE, "*55201")),
        (("dialled", "*55201"), BEFORE, None),
        (("receive", "301"), "", call.sent("pbx", Sent(HERE, "301"))),
        (("receive", "301", BEFORE, ""), "", call.sent("pbx", Sent(HERE, "301", BEFORE))),
        (("receive", "301", "", BEFORE), "", call.sent("pbx", Sent(HERE, "301", "", BEFORE))),
        (("receive", "301", "", "PJSIP/9-1"), BEFORE, call.sent("pbx", Sent(HERE, "301", BEFORE))),
        (("choose",), "", call.asks("pbx", Asker(HERE))),
        (("choose", BEFORE, ""), "", call.asks("pbx", Asker(HERE, BEFORE))),
        (("choose", "", BEFORE), "", call.asks("pbx", Asker(HERE, "", BEFORE))),
        (("choose", "", ""), BEFORE, call.asks("pbx", Asker(HERE, BEFORE))),
        (("enter", "610"), "", call.enters("pbx", HERE.id, "610")),
        (("enter",), "", None),
        (("held",), "", None),
        ((), "", None),
    ],
)
def test_what_it_has_come_for(args: tuple[str, ...], replaced: str, told: object) -> None:
    """What is empty at the end may be left out; who is in the place of another has been sent by them."""
    listener = Mock()
    tell_of(listener, "pbx", Come(HERE, args, replaced))
    assert listener.mock_calls == ([] if told is None else [told])
    tell_of(listener, "pbx", Come(None, args, replaced))
    assert len(listener.mock_calls) == (told is not None)
