"""What is read from Asterisk after each connect: everything, again."""

from dataclasses import dataclass
from typing import Protocol

import structlog

from supervise.ari.client.channels import Channels
from supervise.ari.client.errors import BadAnswerError, NotFoundError, ServerFaultError
from supervise.ari.client.models import AsteriskInfo, Bridge, Channel
from supervise.ari.client.resources import Applications, Asterisk, Bridges

_ALL = "__AST_"
"""How the names of Asterisk's *all channels*, *all bridges* ... begin in an application's subscriptions."""

log = structlog.get_logger(__name__)


class Reader(Protocol):
    """The operations that a snapshot takes."""

    channels: Channels
    bridges: Bridges
    applications: Applications
    asterisk: Asterisk


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What there was at one moment; the two lists are read one after the other.

    Attributes:
        info: the Asterisk.
        channels: its channels.
        bridges: its bridges; may name channels that came or went between the two readings.
        complete: False when Asterisk could not list its channels, and those that are neither in a bridge nor in our
            application are missing.
    """

    info: AsteriskInfo
    channels: tuple[Channel, ...]
    bridges: tuple[Bridge, ...]
    complete: bool = True


async def take(ari: Reader) -> Snapshot:
    """Read everything.

    One channel whose dialplan data is not UTF-8, which a caller can dial, makes Asterisk answer 500 to every list of
    channels (``ast_ari_channels_list``, measured on 22.10.1). Then the channels are read one by one.

    Raises:
        AriError: something could not be read.
    """
    info = await ari.asterisk.get_info()
    bridges = await ari.bridges.list()
    try:
        return Snapshot(info, await ari.channels.list(), bridges)
    except ServerFaultError as error:
        reason = str(error)
    log.error("ari.channels-unlistable", error=reason)
    return Snapshot(info, await _one_by_one(ari, bridges), bridges, complete=False)


async def _one_by_one(ari: Reader, bridges: tuple[Bridge, ...]) -> tuple[Channel, ...]:
    ours = (await ari.applications.get()).channel_ids
    named = [*ours, *(channel for bridge in bridges for channel in bridge.channels)]
    found = [await _one(ari, channel) for channel in dict.fromkeys(named) if not channel.startswith(_ALL)]
    return tuple(channel for channel in found if channel is not None)


async def _one(ari: Reader, channel_id: str) -> Channel | None:
    """The channel, unless it has gone or is the one that cannot be written as JSON (200 with an empty body)."""
    try:
        return await ari.channels.get(channel_id)
    except (NotFoundError, BadAnswerError):
        return None
