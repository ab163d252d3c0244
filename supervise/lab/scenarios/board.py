"""What the board says, asked as a program asks."""

import json
import urllib.request
from dataclasses import dataclass, field
from typing import Final

from supervise.lab.errors import LabError

_PATIENCE_S: Final = 2.0
_LARGEST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Board:
    """A board, and a token of somebody who may look at it."""

    url: str
    token: str = field(repr=False)


def agents_on_a_call(board: Board) -> frozenset[str]:
    """Whom it shows in a call, by the policy's names.

    Raises:
        LabError: it does not answer.
    """
    asked = urllib.request.Request(  # noqa: S310 - the address is the harness's own
        f"{board.url}/api/agents", headers={"Authorization": f"Bearer {board.token}"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=_PATIENCE_S) as answer:  # noqa: S310 - as above
            rows = json.loads(answer.read(_LARGEST))["rows"]
        return frozenset(row["id"] for row in rows if row["group"] == "on-call")
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise LabError(f"the board does not answer as it should: {error}") from error
