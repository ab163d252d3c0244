"""What a phone does in a step by itself."""

from types import SimpleNamespace
from typing import cast

import pytest

from supervise.lab.phone_errors import PhoneError
from supervise.lab.phones.phone import Phone
from supervise.lab.scenarios.phonework import BY_ITSELF, lines_to_hear

pytestmark = pytest.mark.unit


async def test_one_call_cannot_be_joined() -> None:
    """Whoever asks to join the calls of a phone that has not two of them is told how many it has."""
    phone = cast(Phone, SimpleNamespace(name="agent", open_calls=[object()]))
    with pytest.raises(PhoneError, match="only two calls of a phone can be joined, and agent has 1"):
        await BY_ITSELF["join"](phone)


def test_a_phone_hears_in_its_open_calls() -> None:
    """As long as a call is open those that have ended do not count, nor those without sound; then the last one does."""
    ended, ringing, held = (SimpleNamespace(rtp_address=address) for address in (("::1", 2), None, ("::1", 4)))
    phone = SimpleNamespace(calls=[ended, ringing, held], open_calls=[ringing, held], line=lambda call: call)
    assert lines_to_hear(cast(Phone, phone)) == [held]
    phone.open_calls = []
    assert lines_to_hear(cast(Phone, phone)) == [held]
