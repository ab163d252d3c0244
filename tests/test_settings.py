"""The settings: what they default to, and what is said about mistakes."""

from pathlib import Path

import pytest

from supervise.domain.records import Deed
from supervise.settings import LEAST_SECRET, Settings, SettingsError, read_settings

pytestmark = pytest.mark.unit

PASSWORD = {"SUPERVISE_ARI_PASSWORD_PBX": "secret"}
HOOK = '[[webhook]]\nname = "crm"\nurl = "https://crm.example.org/supervise"\n'
SECRET = "s" * LEAST_SECRET


def read(folder: Path, text: str, environment: dict[str, str] | None = None) -> Settings:
    """Read settings with this text, and an ARI password in the environment."""
    file = folder / "supervise.toml"
    file.write_text(text)
    return read_settings(file, {**PASSWORD, **(environment or {})})


def test_without_a_file_all_are_defaults() -> None:
    """One node on this machine, nobody listens, nobody is told."""
    settings = read_settings(None, PASSWORD)
    assert (settings.node[0].name, settings.web, settings.webhook) == ("pbx", None, ())
    assert settings.node[0].password.get_secret_value() == "secret"


def test_an_empty_web_table_listens_on_this_machine_alone(tmp_path: Path) -> None:
    """The table alone is enough."""
    web = read(tmp_path, "[web]\n").web
    assert web is not None
    assert (str(web.address), web.port) == ("127.0.0.1", 8089)


def test_a_webhooks_secret_may_come_from_the_environment(tmp_path: Path) -> None:
    """The environment counts before the file; only what may show goes out unless it is told otherwise."""
    text = HOOK + f'secret = "{"x" * LEAST_SECRET}"\ndeeds = ["opened", "closed"]\n'
    (hook,) = read(tmp_path, text, {"SUPERVISE_WEBHOOK_SECRET_CRM": SECRET}).webhook
    assert (hook.secret.get_secret_value(), hook.only_shown) == (SECRET, True)
    assert hook.deeds == {Deed.OPENED, Deed.CLOSED}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HOOK, "webhook crm: needs a secret of at least 16 characters; set SUPERVISE_WEBHOOK_SECRET_CRM"),
        (HOOK + 'secret = "short"\n', "webhook crm: needs a secret of at least 16 characters"),
        (2 * (HOOK + f'secret = "{SECRET}"\n'), "webhook crm: each needs a name of its own"),
        (2 * '[[node]]\nname = "a"\npassword = "b"\n', "node a: each needs a name of its own"),
        (HOOK + 'deeds = ["dancing"]\n', "webhook.0.deeds"),
        ('[[webhook]]\nname = "crm"\nurl = "file:///etc/passwd"\n', "webhook.0.url"),
        ('[web]\naddress = "everywhere"\n', "web.address"),
        ("[web]\nport = 70000\n", "web.port"),
        ('[web]\nqueue_members = ["PJSIP/{endpoint}", "Local/{name}@x"]\n', "web.queue_members.1"),
        ('colour = "blue"\n', "colour"),
        ("nonsense", "supervise.toml"),
        ("a = '" + 70_000 * "b" + "'", "larger than"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, said: str) -> None:
    """Every mistake is said with where it stands."""
    with pytest.raises(SettingsError, match=said):
        read(tmp_path, text)


def test_no_password_says_which_variable() -> None:
    """A node without a password cannot be reached, and the message says what to set."""
    with pytest.raises(SettingsError, match="SUPERVISE_ARI_PASSWORD_PBX"):
        read_settings(None, {})


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    """Neither a password nor a webhook's secret is in what the settings look like."""
    text = repr(read(tmp_path, HOOK, {"SUPERVISE_WEBHOOK_SECRET_CRM": SECRET}))
    assert SECRET not in text
    assert "'secret'" not in text
