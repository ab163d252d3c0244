"""What a channel that comes by the dialplan has come for, by the arguments of Stasis."""

from unittest.mock import Mock, call

import pytest

from supervise.ari.arrivals import tell_of
from supervise.domain.calls.calls import Channel
from supervise.domain.sessions.handing import Sent
from supervise.domain.sessions.offering import Asker

pytestmark = pytest.mark.unit

HERE = Channel("here", "PJSIP/201-00000001")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("dialled", "*55201"), call.arrived("pbx", HERE, "*55201")),
        (("receive", "301"), call.sent("pbx", Sent(HERE, "301"))),
        (("receive", "301", "PJSIP/201-1", ""), call.sent("pbx", Sent(HERE, "301", "PJSIP/201-1"))),
        (("receive", "301", "", "PJSIP/201-1"), call.sent("pbx", Sent(HERE, "301", "", "PJSIP/201-1"))),
        (("choose",), call.asks("pbx", Asker(HERE))),
        (("choose", "PJSIP/201-1", ""), call.asks("pbx", Asker(HERE, "PJSIP/201-1"))),
        (("choose", "", "PJSIP/201-1"), call.asks("pbx", Asker(HERE, "", "PJSIP/201-1"))),
        (("held",), None),
        ((), None),
    ],
)
def test_what_it_has_come_for(args: tuple[str, ...], told: object) -> None:
    """What is empty at the end may be left out; what is for nothing of ours is told to nobody."""
    listener = Mock()
    tell_of(listener, "pbx", HERE, args)
    assert listener.mock_calls == ([] if told is None else [told])
    tell_of(listener, "pbx", None, args)
    assert len(listener.mock_calls) == (told is not None)
