"""The private Asterisk at an address and a port that a softphone can be told."""

import ipaddress
import socket
from collections.abc import Iterable
from typing import Final

from supervise.lab.accounts import Account
from supervise.lab.asterisk import Asterisk, Way, _ClashError
from supervise.lab.errors import AsteriskError, ConfigurationError
from supervise.lab.machine import free_port

USUAL_PORT: Final = 5060
"""SIP's own port (RFC 3261, 19.1.2): a softphone needs not be told it."""

LOOPBACK: Final = "127.0.0.1"


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


class FixedAsterisk(Asterisk):
    """An `Asterisk` whose SIP address and port are known before; its ARI stays on loopback, as it is full control."""

    def __init__(self, way: Way, accounts: Iterable[Account], sip: tuple[str, int]) -> None:
        super().__init__(way, accounts, sip[0])
        self._fixed = sip

    @property
    def ari_url(self) -> str:
        """The address of ARI, without ``/ari``."""
        return f"http://{LOOPBACK}:{self._ari_port}"

    async def _start(self) -> None:
        self.sip = self._fixed
        self._ari_port = free_port(LOOPBACK, socket.SOCK_STREAM)
        try:
            await self._launch()
        except _ClashError:
            raise AsteriskError(f"another program took port {self.sip[1]} at this very moment: start again") from None

    def _configure(self) -> None:
        super()._configure()
        http = self.folder / "etc/http.conf"
        http.write_text(http.read_text().replace(f"bindaddr = {self._address}", f"bindaddr = {LOOPBACK}"))


def _is_free(address: str, port: int) -> bool:
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True
