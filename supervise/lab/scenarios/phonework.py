"""What a phone does in a step by itself, and the calls in which it hears something."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from supervise.lab.phone_errors import PhoneError
from supervise.lab.phones.call import Line
from supervise.lab.phones.phone import Phone


async def _answer(phone: Phone) -> None:
    await phone.answer()


async def _freeze(phone: Phone) -> None:
    phone.freeze()


async def _thaw(phone: Phone) -> None:
    phone.thaw()


async def _join(phone: Phone) -> None:
    calls = phone.open_calls
    if len(calls) != 2:  # noqa: PLR2004 - the two that are joined
        raise PhoneError(f"only two calls of a phone can be joined, and {phone.name} has {len(calls)}")
    await phone.transfer_to_call(*calls)


BY_ITSELF: Final[Mapping[str, Callable[[Phone], Awaitable[None]]]] = {
    "answer": _answer,
    "hang_up": Phone.hangup,
    "mute": Phone.mute,
    "unmute": Phone.unmute,
    "hold": Phone.hold,
    "resume": Phone.resume,
    "freeze": _freeze,
    "thaw": _thaw,
    "vanish": Phone.vanish,
    "join": _join,
}
"""The deeds that want no more than to know whose."""


def lines_of(phone: Phone) -> list[Line]:
    """All calls of a phone that got as far as sound."""
    return [phone.line(call) for call in phone.calls if call.rtp_address is not None]


def lines_to_hear(phone: Phone) -> list[Line]:
    """The calls in which it may hear something now: the open ones, or the last where none is open."""
    calls = phone.open_calls or phone.calls[-1:]
    return [phone.line(call) for call in calls if call.rtp_address is not None]
