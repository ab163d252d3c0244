"""The end of a scenario: everybody hangs up, and Asterisk has to be as empty as before."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

from supervise.ari import Access, Ari, AriError
from supervise.lab.phone_errors import PhoneGoneError
from supervise.lab.phones.phone import Phone

EMPTY_WITHIN_S: Final = 25.0
"""A phone that has vanished is given up after twenty seconds without sound (asterisk-conf/lab/pjsip.conf)."""

_LOOK_EVERY_S: Final = 0.1


async def leave(phones: Iterable[Phone], nodes: Sequence[Access], within: float = EMPTY_WITHIN_S) -> tuple[str, ...]:
    """Hang up every call at its phone; what each Asterisk then still has, in words: nothing, if all is well."""
    for phone in phones:
        with suppress(PhoneGoneError):  # one that has vanished has no call to end
            phone.thaw()
            for call in phone.open_calls:
                await phone.hangup(call)
    found = await asyncio.gather(*(_left_in_the_end(access, within) for access in nodes))
    of_several = len(nodes) > 1
    return tuple(
        f"{what} of node {access.node}" if of_several else what
        for access, left in zip(nodes, found, strict=True)
        for what in left
    )


async def _left_in_the_end(access: Access, within: float) -> tuple[str, ...]:
    left: tuple[str, ...] = ("not asked",)
    with suppress(TimeoutError):
        async with asyncio.timeout(within), Ari(access) as ari:
            while left:
                left = await _left(ari)
                await asyncio.sleep(_LOOK_EVERY_S)
    return left


async def _left(ari: Ari) -> tuple[str, ...]:
    try:
        channels, bridges = await ari.channels.list(), await ari.bridges.list()
    except AriError as error:
        return (f"Asterisk does not say: {error}",)
    return (*(f"channel {channel.name}" for channel in channels), *(f"bridge {bridge.id}" for bridge in bridges))
