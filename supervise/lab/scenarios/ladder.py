"""SIP messages as a ladder: who said what to whom, by the phones' names."""

from collections.abc import Iterable, Mapping

from supervise.lab.scenarios.result import Message
from supervise.lab.wire.rtp import Address, SipPacket

_NOT_OF_A_CALL = frozenset({"REGISTER", "OPTIONS", "SUBSCRIBE", "PUBLISH"})


def ladder(packets: Iterable[SipPacket], names: Mapping[Address, str]) -> tuple[Message, ...]:
    """The messages of calls, in their order; each once, however often it was seen or sent again."""
    seen: set[tuple[Address, Address, bytes]] = set()
    rungs = []
    for packet in packets:
        key = (packet.source, packet.target, packet.raw)
        ends = names.get(packet.source), names.get(packet.target)
        if key in seen or packet.method in _NOT_OF_A_CALL or ends[0] is None or ends[1] is None:
            continue
        seen.add(key)
        rungs.append(
            Message(
                packet.at_ns,
                ends[0],
                ends[1],
                _what(packet),
                packet.header("Call-ID"),
                packet.raw.decode(errors="replace"),
            )
        )
    return tuple(rungs)


def _what(packet: SipPacket) -> str:
    if packet.status:
        return f"{packet.first_line.partition(' ')[2]} ({packet.method})"
    sound = " with SDP" if packet.body.startswith("v=0") else ""
    return f"{packet.method}{sound}"
