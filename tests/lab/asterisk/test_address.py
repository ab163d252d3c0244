import socket

import pytest

from supervise.lab.asterisk.address import USUAL_PORT, choose_port
from supervise.lab.demo.centre import Spot
from supervise.lab.errors import ConfigurationError

pytestmark = pytest.mark.unit

HERE = "127.0.0.1"


@pytest.fixture
def taken() -> socket.socket:
    """A UDP port that another program has."""
    other = socket.socket(type=socket.SOCK_DGRAM)
    other.bind((HERE, 0))
    return other


def test_the_wanted_port(taken: socket.socket) -> None:
    """A port that is free is taken as it was wanted."""
    with taken:
        port = taken.getsockname()[1]
    assert choose_port(HERE, port) == port


def test_a_taken_port(taken: socket.socket) -> None:
    """A wanted port that another program has is an error that says what to do."""
    with taken, pytest.raises(ConfigurationError, match="choose another with --sip-port"):
        choose_port(HERE, taken.getsockname()[1])


def test_no_wish() -> None:
    """Without a wish it is SIP's usual port, or one that is free when another program has that."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        port = choose_port(HERE, None)
        probe.bind((HERE, port))
        assert choose_port(HERE, None) not in {port, 0}
        assert port == USUAL_PORT or choose_port(HERE, None) != USUAL_PORT


@pytest.mark.parametrize("address", ["", "here", "::1", "0.0.0.0", "224.0.0.1", "192.0.2.77"])  # noqa: S104 - refused
def test_useless_addresses(address: str) -> None:
    """What no phone could send its sound to is refused before anything is started."""
    with pytest.raises(ConfigurationError):
        choose_port(address, None)


@pytest.mark.parametrize(
    ("address", "phones", "loopback"),
    [("127.0.0.1", HERE, True), ("127.0.0.2", HERE, True), ("192.0.2.7", "192.0.2.7", False)],
)
def test_the_phones_address(address: str, phones: str, *, loopback: bool) -> None:
    """Our phones use the address that the kernel would send from, or Asterisk would not know their sound."""
    spot = Spot((address, 5060), "lab")
    assert (spot.phones, spot.on_loopback) == (phones, loopback)
