"""Reads what baresip prints: its log, and every SIP message it sends or receives (its option ``-s``).

The control port tells neither the text of a SIP MESSAGE, nor the RTP port of a call, nor its tags; the trace does.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from supervise.lab.wire.rtp import Address, SipPacket

_BEGIN: Final = b"\x1b[36;1m#"
_END: Final = b"\x1b[;m"
_ENDS: Final = re.compile(rb"\S+ (\S+):(\d+) -> (\S+):(\d+)")
_MOST_LINES: Final = 2000
"""How many lines one message may have before the trace is taken for something else."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of baresip's own log."""

    text: str


async def read(output: asyncio.StreamReader) -> AsyncIterator[SipPacket | LogLine]:
    """Messages and log lines as they come, until baresip ends."""
    while line := await output.readline():
        if line.rstrip() == _BEGIN:
            message = await _message(output)
            if message:
                yield message
        elif text := line.decode(errors="replace").strip():
            yield LogLine(text)


async def _message(output: asyncio.StreamReader) -> SipPacket | None:
    ends = _ENDS.match(await output.readline())
    text: list[bytes] = []
    while (line := await output.readline()) and len(text) < _MOST_LINES:
        if _END in line:
            text.append(line.partition(_END)[0])
            break
        text.append(line)
    if not ends:
        return None
    return SipPacket(time.time_ns(), _address(ends[1], ends[2]), _address(ends[3], ends[4]), b"".join(text))


def _address(host: bytes, port: bytes) -> Address:
    return host.decode(), int(port)
