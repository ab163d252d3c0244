"""Asterisk's REST interface (ARI): its events as typed values, its operations as typed methods.

Method names are Asterisk's own operation nicknames in snake case, so that every page about ARI reads true here.
docs/decisions/0001-an-ari-client-of-our-own.md says why this is not a library.
"""

from supervise.ari.client.client import SOURCES, Ari, World
from supervise.ari.client.counters import Counters
from supervise.ari.client.errors import (
    AriError,
    BadAnswerError,
    ConnectionLostError,
    ExistsError,
    NotFoundError,
    NotInStasisError,
    RefusedError,
    ServerFaultError,
    TimedOutError,
    UnauthorizedError,
    UnsendableError,
)
from supervise.ari.client.stream import Connected, Disconnected, Item, Loss, Replaced
from supervise.ari.client.transport import Access
from supervise.ari.client.tuning import Tuning
from supervise.ari.snapshot import Snapshot

__all__ = [
    "SOURCES",
    "Access",
    "Ari",
    "AriError",
    "BadAnswerError",
    "Connected",
    "ConnectionLostError",
    "Counters",
    "Disconnected",
    "ExistsError",
    "Item",
    "Loss",
    "NotFoundError",
    "NotInStasisError",
    "RefusedError",
    "Replaced",
    "ServerFaultError",
    "Snapshot",
    "TimedOutError",
    "Tuning",
    "UnauthorizedError",
    "UnsendableError",
    "World",
]
