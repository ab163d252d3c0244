"""A phone that answers every call with *302 Moved Temporarily*, to somebody else's extension."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from supervise.lab.callcentre import CallCentre
from supervise.lab.wire.rtp import Address
from tests.support.witness import witness

_COPIED = ("Via", "From", "To", "Call-ID", "CSeq")


class _Forwarding(asyncio.DatagramProtocol):
    def __init__(self, target: str) -> None:
        self._target = target
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        text = data.decode(errors="replace")
        if not text.startswith("INVITE ") or self._transport is None:
            return
        lines = [line for line in text.split("\r\n") if line.partition(":")[0] in _COPIED]
        copied = "".join(f"{line};tag=forwards\r\n" if line.startswith("To:") else f"{line}\r\n" for line in lines)
        answer = f"SIP/2.0 302 Moved Temporarily\r\n{copied}Contact: <{self._target}>\r\nContent-Length: 0\r\n\r\n"
        self._transport.sendto(answer.encode(), addr)


@asynccontextmanager
async def forwarding(centre: CallCentre, to: str) -> AsyncIterator[None]:
    """Let the phone that 680 and 681 ring (`asterisk-conf/lab/extensions.conf`) send its calls to an extension."""
    host, port = centre.asterisk.sip
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Forwarding(f"sip:{to}@{host}:{port}"), local_addr=(host, 0)
    )
    try:
        mine = transport.get_extra_info("sockname")[1]
        async with witness(centre) as client:
            await client.asterisk.setGlobalVar(variable="FORWARDING", value=f"sip:202@{host}:{mine}")
        yield
    finally:
        transport.close()
