"""The lab's configuration, filled in."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from supervise.lab.asterisk.accounts import CONTEXTS, Account
from supervise.lab.asterisk.rendering import Values, render
from supervise.lab.checkout import configuration
from supervise.lab.errors import ConfigurationError

pytestmark = pytest.mark.unit

VALUES = Values(
    name="lab",
    run="/srv/supervise",
    sounds="/srv/sounds",
    data=None,
    address="127.0.0.9",
    sip_port=5099,
    ari_address="127.0.0.1",
    ari_port=8099,
    ari_password="of-ari",
    witness_password="of-witness",
)


def test_every_word_is_filled_in(tmp_path: Path) -> None:
    """No file of the real configuration has a word left that no value stands for."""
    render(configuration(), tmp_path, VALUES, [Account("201", "secret")])
    texts = {path.name: path.read_text() for path in tmp_path.glob("*.conf")}
    assert not [name for name, text in texts.items() if re.search(r"^[^;]*@[A-Z_]+@", text, re.MULTILINE)]
    assert "bind = 127.0.0.9:5099" in texts["pjsip.conf"]
    assert "bindport = 8099" in texts["http.conf"]
    assert texts["ari_supervise_password.conf"] == "password = of-ari\n"
    assert "[201](phone)" in texts["accounts.conf"]
    assert "\nastdatadir" not in texts["asterisk.conf"]


def test_a_data_directory_of_its_own(tmp_path: Path) -> None:
    """An installed Asterisk gets its own data directory, with our prompts in it."""
    render(configuration(), tmp_path, replace(VALUES, data="/somewhere/data"), [])
    assert "\nastdatadir => /somewhere/data\n" in (tmp_path / "asterisk.conf").read_text()


def test_the_admins_part_is_the_labs(tmp_path: Path) -> None:
    """What an admin includes is, byte for byte, what the lab has proved."""
    render(configuration(), tmp_path, VALUES, [])
    for source in (configuration() / "supervise").iterdir():
        assert (tmp_path / "supervise" / source.name).read_bytes() == source.read_bytes()


def test_the_admins_part_has_nothing_of_a_start() -> None:
    """An admin has nothing to fill in but the password's file: no word stands in their part."""
    texts = [path.read_text() for path in (configuration() / "supervise").iterdir()]
    assert texts
    assert not [text for text in texts if re.search(r"@[A-Z_]+@", text)]


def test_a_word_without_a_value_is_an_error(tmp_path: Path) -> None:
    """A new word in a file is not forgotten in silence."""
    (tmp_path / "lab").mkdir()
    (tmp_path / "supervise").mkdir()
    (tmp_path / "lab/x.conf").write_text("a = @NONSENSE@\n")
    with pytest.raises(ConfigurationError, match=r"x\.conf.*@NONSENSE@"):
        render(tmp_path, tmp_path / "etc", VALUES, [])


def test_the_contexts_are_there() -> None:
    """The kinds of phone that an account may name are contexts of the dialplan."""
    dialplan = (configuration() / "lab/extensions.conf").read_text()
    assert [context for context in CONTEXTS if f"\n[{context}]\n" not in dialplan] == []


def test_no_catch_all() -> None:
    """Our dialplan takes digits of fixed lengths only: a catch-all would take calls that are not ours."""
    dialplan = (configuration() / "supervise/extensions_supervise.conf").read_text()
    patterns = re.findall(r"^exten => (_\S+?),", dialplan, re.MULTILINE)
    assert patterns
    assert not [pattern for pattern in patterns if "." in pattern or "!" in pattern]


def test_keys_are_not_logged() -> None:
    """The keys of a supervisor are commands and PINs: no log takes them."""
    logger = (configuration() / "lab/logger.conf").read_text()
    assert not [line for line in logger.splitlines() if "=>" in line and "dtmf" in line.lower()]
