"""Fills the lab's configuration files: each ``@WORD@`` in them stands for a value that differs from start to start."""

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from supervise.lab.asterisk.accounts import Account, accounts_conf
from supervise.lab.errors import ConfigurationError

_WORD = re.compile(r"@([A-Z_]+)@")


@dataclass(frozen=True, slots=True)
class Values:
    """What differs between two starts of the lab's Asterisk.

    Attributes:
        name: its system name, the beginning of every unique id.
        run: the folder that it runs in, as it sees it itself.
        sounds: the folder with prompts and music, as it sees it itself.
        data: its data directory, where that is not the one it was built with.
        address: the address of SIP and RTP.
        sip_port: the UDP port of SIP.
        ari_address: the address of ARI.
        ari_port: the TCP port of ARI.
        ari_password: of the controller's ARI user.
        witness_password: of the tests' ARI user.
    """

    name: str
    run: str
    sounds: str
    data: str | None
    address: str
    sip_port: int
    ari_address: str
    ari_port: int
    ari_password: str
    witness_password: str

    def words(self) -> dict[str, str]:
        """The values by the words that stand for them."""
        return {
            "NAME": self.name,
            "RUN": self.run,
            "SOUNDS": self.sounds,
            "DATA_DIRECTORY": f"astdatadir => {self.data}" if self.data else "; astdatadir => as built",
            "ADDRESS": self.address,
            "SIP_PORT": str(self.sip_port),
            "ARI_ADDRESS": self.ari_address,
            "ARI_PORT": str(self.ari_port),
            "ARI_PASSWORD": self.ari_password,
            "WITNESS_PASSWORD": self.witness_password,
        }


def render(configuration: Path, target: Path, values: Values, accounts: Iterable[Account]) -> None:
    """Write the complete configuration into `target`, replacing what is there.

    Our part for admins (``supervise/``) is copied as it stands: what the lab proves is what they include.

    Raises:
        ConfigurationError: a file has a word that no value stands for.
    """
    target.mkdir(parents=True, exist_ok=True)
    shutil.copytree(configuration / "supervise", target / "supervise", dirs_exist_ok=True)
    words = values.words()
    for source in sorted((configuration / "lab").glob("*.conf")):
        (target / source.name).write_text(_fill(source, words))
    (target / "accounts.conf").write_text(accounts_conf(accounts))


def _fill(source: Path, words: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        try:
            return words[match[1]]
        except KeyError:
            raise ConfigurationError(f"{source}: no value for {match[0]}") from None

    return _WORD.sub(value, source.read_text())
