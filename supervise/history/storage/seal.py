"""The seal of a record: the hash of what it says and of the record before it.

Whoever changes, adds or removes a record breaks every later seal. Nothing here is secret: somebody who may write to
the storage can seal the whole rest anew, which is why anchors leave the machine by the log (see docs/journal.md).
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

VERSION = 1
"""The version of the schema that new records are written in."""

SEALED = {
    1: (
        "version",
        "sequence",
        "deed",
        "at",
        "elapsed",
        "node",
        "session",
        "supervisor",
        "agent",
        "call",
        "number",
        "mode",
        "muted",
        "visibility",
        "source",
        "rule",
        "policy",
        "reason",
        "reason_code",
        "shown",
        "detail",
    ),
}
"""For each version, the columns under the seal, in order. A version's line never changes again."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def genesis(journal: str) -> bytes:
    """What stands in the place of a seal before the first record of a journal."""
    return sha256(f"supervise journal {journal}".encode()).digest()


def canonical(row: Mapping[str, Any]) -> bytes:
    """The bytes that a row is sealed by: a JSON list of its columns, in the order of its version.

    Raises:
        KeyError: the row is of a version that this program does not know.
    """
    return _encode([row[column] for column in SEALED[row["version"]]]).encode()


def seal(previous: bytes, row: Mapping[str, Any]) -> bytes:
    """The seal of a row that follows the record with the seal `previous`."""
    return sha256(previous + canonical(row)).digest()
