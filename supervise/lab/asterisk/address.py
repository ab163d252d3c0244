"""Where the private Asterisk listens: anywhere on loopback, or where a softphone can be told to look for it."""

import ipaddress
import socket
from dataclasses import dataclass
from typing import Final

from supervise.lab.errors import ConfigurationError
from supervise.lab.machine import free_port

USUAL_PORT: Final = 5060
"""SIP's own port (RFC 3261, 19.1.2): a softphone needs not be told it."""

LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Listening:
    """Where an Asterisk is to listen.

    Attributes:
        address: of SIP and RTP.
        sip_port: the UDP port of SIP; None: one that the kernel finds free.
        ari_address: of ARI, at a port that the kernel finds free. It is full control, so it stays on loopback unless
            somebody says otherwise.
    """

    address: str = LOOPBACK
    sip_port: int | None = None
    ari_address: str = LOOPBACK


ANYWHERE: Final = Listening()
"""On loopback, at ports that the kernel finds free."""


def choose_port(address: str, wanted: int | None) -> int:
    """The UDP port for SIP: the one that is wanted, else the usual one, else one that the kernel finds free.

    Raises:
        ConfigurationError: the address is not one of this machine, or another program has the port that is wanted.
    """
    check_address(address)
    if wanted is None:
        return USUAL_PORT if _is_free(address, USUAL_PORT) else free_port(address, socket.SOCK_DGRAM)
    if not _is_free(address, wanted):
        raise ConfigurationError(
            f"another program has UDP port {wanted} of {address}; choose another with --sip-port, or leave it out"
        )
    return wanted


def check_address(address: str) -> None:
    """See to it that phones can be told the address.

    Raises:
        ConfigurationError: it is no IPv4 address, stands for all of them, or is not this machine's.
    """
    try:
        given = ipaddress.IPv4Address(address)
    except ValueError:
        raise ConfigurationError(
            f"{address!r} is no IPv4 address; say one of this machine, such as 192.0.2.7"
        ) from None
    if given.is_unspecified or given.is_multicast:
        raise ConfigurationError(f"no phone can send its sound to {address}: name one address of this machine")
    try:
        free_port(address, socket.SOCK_DGRAM)
    except OSError:
        raise ConfigurationError(f"{address} is not an address of this machine (see: ip address)") from None


def _is_free(address: str, port: int) -> bool:
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True
