"""The SIP accounts of the lab's phones, and how they stand in Asterisk's configuration."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from supervise.lab.errors import ConfigurationError

CONTEXTS = ("customers", "agents", "supervisors", "strangers")
"""The kinds of phone that ``asterisk-conf/lab/extensions.conf`` knows."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
_SECRET = re.compile(r"[!-:<-~]{1,128}")  # printable, and no semicolon: there a comment begins
_WORDS = re.compile(r"[^\x00-\x1f\x7f;\"\\<>\[\]]{1,80}")


@dataclass(frozen=True, slots=True)
class Account:
    """A phone that may sign in.

    Attributes:
        user: the name of its endpoint, and its extension.
        secret: its SIP password.
        context: one of CONTEXTS, which says what it can dial.
        codecs: what it may speak, the best first (Asterisk's names: ulaw, alaw, g722, opus).
        name: what the other phone's display shows; the user if empty.
        options: further options of its endpoint (see pjsip.conf), such as ``{"rtp_timeout": "5"}``.
    """

    user: str
    secret: str
    context: str = "agents"
    codecs: tuple[str, ...] = ("ulaw",)
    name: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what would become another line, another section or a comment in pjsip.conf."""
        _check("user", self.user, _NAME)
        _check("context", self.context, _NAME)
        _check("name", self.name or self.user, _WORDS)
        for codec in self.codecs:
            _check("codec", codec, _NAME)
        for option, value in self.options.items():
            _check("option", option, _NAME)
            _check(f"value of {option}", value, _WORDS)
        if not _SECRET.fullmatch(self.secret):  # never shown, not even here
            raise ConfigurationError(
                f"the secret of account {self.user} is empty or has characters that cannot stand there"
            )


def accounts_conf(accounts: Iterable[Account]) -> str:
    """The file ``accounts.conf`` that ``asterisk-conf/lab/pjsip.conf`` includes.

    Raises:
        ConfigurationError: a user comes twice.
    """
    accounts = list(accounts)
    users = [account.user for account in accounts]
    if twice := {user for user in users if users.count(user) > 1}:
        raise ConfigurationError(f"more than one account for {', '.join(sorted(twice))}")
    return "\n".join(_sections(account) for account in accounts)


def _sections(account: Account) -> str:
    user = account.user
    endpoint = {
        "context": account.context,
        "allow": ",".join(account.codecs),
        "auth": user,
        "aors": user,
        "callerid": f'"{account.name or user}" <{user}>',
        **account.options,
    }
    return (
        _section(user, "phone", endpoint)
        + _section(user, "secret", {"username": user, "password": account.secret})
        + _section(user, "place", {})
    )


def _section(name: str, template: str, options: Mapping[str, str]) -> str:
    lines = (f"{option} = {value}" for option, value in options.items())
    return "\n".join([f"[{name}]({template})", *lines, ""])


def _check(what: str, value: str, pattern: re.Pattern[str]) -> None:
    if not pattern.fullmatch(value):
        raise ConfigurationError(f"{value!r} cannot be the {what} of an account")
