"""Accounts as they stand in pjsip.conf."""

from typing import Any

import pytest

from supervise.lab.asterisk.accounts import Account, accounts_conf
from supervise.lab.errors import ConfigurationError

pytestmark = pytest.mark.unit


def test_an_account_is_three_sections() -> None:
    """An endpoint with what the account asks for, its password, and its place of registration."""
    account = Account("201", "pa-ss", context="agents", codecs=("g722", "ulaw"), options={"rtp_timeout": "5"})
    assert accounts_conf([account]) == (
        "[201](phone)\ncontext = agents\nallow = g722,ulaw\nauth = 201\naors = 201\n"
        'callerid = "201" <201>\nrtp_timeout = 5\n'
        "[201](secret)\nusername = 201\npassword = pa-ss\n"
        "[201](place)\n"
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"user": ""},
        {"user": "2]01"},
        {"user": "201\ncontext=x"},
        {"secret": ""},
        {"secret": "a;b"},
        {"secret": "a b"},
        {"secret": "a\nb"},
        {"context": "agents,x"},
        {"codecs": ("ulaw,all",)},
        {"name": 'Ann" <999>'},
        {"options": {"rtp timeout": "5"}},
        {"options": {"rtp_timeout": "5\nallow = all"}},
    ],
)
def test_nothing_gets_out_of_its_line(fields: dict[str, Any]) -> None:
    """What would be another line, section or comment of the file is refused."""
    with pytest.raises(ConfigurationError):
        Account(**{"user": "201", "secret": "secret", **fields})


def test_a_refused_secret_is_not_shown() -> None:
    """The error about a password does not have the password in it."""
    with pytest.raises(ConfigurationError) as refused:
        Account("201", "hush;hush")
    assert "hush" not in str(refused.value)


def test_one_phone_one_account() -> None:
    """Two accounts with the same user would be one endpoint with mixed settings."""
    with pytest.raises(ConfigurationError, match="201"):
        accounts_conf([Account("201", "a"), Account("202", "b"), Account("201", "c")])
