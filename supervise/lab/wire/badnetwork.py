"""A bad network where the kernel has no ``sch_netem``: packets to a host go through us, late, unevenly, or not at all.

    python -m supervise.lab.wire.badnetwork "delay 40ms 8ms loss 0.5%" eth0 172.18.0.2

The words are netem's. It makes a TUN device, routes the host's address there, and sends what comes out of it on its way
over the interface. It returns as soon as that works, and a child of it goes on until the network namespace ends. Needs
the device ``/dev/net/tun``, and the rights NET_ADMIN and NET_RAW.
"""

import asyncio
import fcntl
import os
import random
import re
import socket
import struct
import subprocess
import sys
from dataclasses import dataclass
from typing import Final, Self

DEVICE: Final = "bad0"

_TUN: Final = "/dev/net/tun"
_TUNSETIFF: Final = 0x400454CA
_IFF_TUN: Final = 0x0001
_IFF_NO_PI: Final = 0x1000
_LARGEST: Final = 65535
_SEED: Final = 20
"""The same packets are late and lost in every run, as far as packets can be the same."""

_WORDS: Final = re.compile(r"delay (?P<delay>\d+)ms(?: (?P<jitter>\d+)ms)?(?: loss (?P<loss>\d+(?:\.\d+)?)%)?")


@dataclass(frozen=True, slots=True)
class Badness:
    """What is done to packets.

    Attributes:
        delay_s, jitter_s: each is late by the one, give or take the other.
        loss: the share of them that never comes.
    """

    delay_s: float
    jitter_s: float
    loss: float

    @classmethod
    def read(cls, words: str) -> Self:
        """From words as netem has them.

        Raises:
            ValueError: they are others.
        """
        found = _WORDS.fullmatch(words)
        if found is None:
            raise ValueError(f"{words!r} is not like 'delay 40ms 8ms loss 0.5%'")
        jitter, loss = float(found["jitter"] or 0), float(found["loss"] or 0)
        return cls(float(found["delay"]) / 1000, jitter / 1000, loss / 100)

    def fate(self, chance: random.Random) -> float | None:
        """By how many seconds the next packet is late; None for never."""
        if chance.random() < self.loss:
            return None
        return max(0.0, self.delay_s + chance.uniform(-self.jitter_s, self.jitter_s))


def main() -> None:
    """Set it up, and leave a child that does it."""
    words, interface, host = sys.argv[1:]
    badness = Badness.read(words)
    tun = os.open(_TUN, os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, _TUNSETIFF, struct.pack("16sH22x", DEVICE.encode(), _IFF_TUN | _IFF_NO_PI))
    out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    out.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
    out.settimeout(0)
    address = socket.gethostbyname(host)
    own = _own_side_of(address)
    _ip("link", "set", DEVICE, "up")
    _ip("route", "add", f"{address}/32", "dev", DEVICE, "src", own)
    if os.fork() == 0:
        asyncio.run(_relay(tun, out, badness))


async def _relay(tun: int, out: socket.socket, badness: Badness) -> None:
    loop = asyncio.get_running_loop()
    chance = random.Random(_SEED)  # noqa: S311 - chance of a lab, to be repeated

    def send(packet: bytes) -> None:
        out.sendto(packet, (socket.inet_ntoa(packet[16:20]), 0))

    def take() -> None:
        packet = os.read(tun, _LARGEST)
        late = badness.fate(chance) if packet[0] >> 4 == 4 else None  # noqa: PLR2004 - IPv4; nothing else is routed here
        if late is not None:
            loop.call_later(late, send, packet)

    loop.add_reader(tun, take)
    await asyncio.Event().wait()


def _own_side_of(address: str) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((address, 9))
        return str(probe.getsockname()[0])


def _ip(*words: str) -> None:
    subprocess.run(("/sbin/ip", *words), check=True)  # noqa: S603 - our own words, and an address that was resolved


if __name__ == "__main__":
    main()
