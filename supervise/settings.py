"""The controller's settings: one TOML file, and secrets from the environment."""

import os
import tomllib
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, ValidationError, model_validator

from supervise.domain.board.presence import MEMBERS
from supervise.domain.records import Deed
from supervise.history.storage.place import file_of, place_of
from supervise.web.entry.oidc import OidcSettings

MOST_BYTES = 64 * 1024
"""A settings file that is larger is none."""


MOST_WEBHOOKS = 16
"""Each is served by a task of its own, which looks into the journal every second."""

LEAST_SECRET = 16
"""Characters of a webhook's secret: a shorter one could be guessed from one signature."""


class SettingsError(Exception):
    """The settings cannot be used; the message names the file, each mistake, and what to do."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]

QueueMember = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9]{1,20}/\{(endpoint|extension)\}(@[A-Za-z0-9_.-]{1,40})?(/n)?$")
]
"""The interface of a queue's member, such as ``Local/{extension}@agents/n``."""


class NodeSettings(_Strict):
    """One Asterisk. The password may be in the environment instead, as ``SUPERVISE_ARI_PASSWORD_<NAME>``."""

    name: Name = "pbx"
    url: HttpUrl = HttpUrl("http://127.0.0.1:8088")
    user: str = "supervise"
    password: SecretStr = SecretStr("")


class WebhookSettings(_Strict):
    """A receiver of the journal. The secret may be in the environment, as ``SUPERVISE_WEBHOOK_SECRET_<NAME>``.

    Attributes:
        name: what the journal remembers its progress by.
        url: where to POST.
        secret: the key of the signatures.
        only_shown: only sessions that may show in the call's and the customer's history.
        deeds: only these; none given is all.
    """

    name: Name
    url: HttpUrl
    secret: SecretStr = SecretStr("")
    only_shown: bool = True
    deeds: frozenset[Deed] = frozenset()


class ProxySettings(_Strict):
    """A proxy that has signed people in already: where it says who they are, and from where it is believed."""

    header: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,60}$")] = "X-Remote-User"
    networks: tuple[IPv4Network | IPv6Network, ...] = (IPv4Network("127.0.0.1/32"),)


class WebSettings(_Strict):
    """Where the controller answers over HTTP. Names are not resolved; port 0 is any free one, and is logged.

    Attributes:
        origin: the board's address as browsers have it; needed where it has a name, as behind a proxy.
        certificate, key: PEM files; with them it answers over TLS.
        board: whether the board is served, or health and figures alone.
        idle_minutes, hours: how long a sign-in lasts.
        tokens: the file of tokens, made by ``supervise token``.
        store: the file that keeps sign-ins and raised hands over a restart; by default it stands beside the journal's
            SQLite file, and for PostgreSQL they are kept in memory alone.
        page: where the built page is; the place where `make page` puts it, if left out.
        queue_members: how people are members of queues, so that a pause is seen: interfaces with ``{endpoint}`` or
            ``{extension}`` in them.
        proxy: a trusted proxy that signs people in.
        oidc: a provider at which people sign in; its secret may be in ``SUPERVISE_OIDC_SECRET``.
    """

    address: IPv4Address | IPv6Address = IPv4Address("127.0.0.1")
    port: Annotated[int, Field(ge=0, le=65535)] = 8089
    origin: Annotated[str, Field(pattern=r"^https?://[a-z0-9.:\[\]-]+$", max_length=200)] | None = None
    certificate: Path | None = None
    key: Path | None = None
    board: bool = True
    idle_minutes: Annotated[int, Field(ge=1, le=1440)] = 60
    hours: Annotated[int, Field(ge=1, le=168)] = 12
    tokens: Path = Path("tokens.json")
    store: Path | None = None
    page: Path | None = None
    queue_members: Annotated[tuple[QueueMember, ...], Field(max_length=8)] = MEMBERS
    proxy: ProxySettings | None = None
    oidc: OidcSettings | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together")
        return self

    @property
    def secure(self) -> bool:
        """Whether browsers come over TLS: to us, or to the proxy whose address is the origin."""
        return self.certificate is not None or (self.origin or "").startswith("https:")


class Settings(_Strict):
    """All settings, each with the default of a controller beside its Asterisk.

    Attributes:
        policy: the policy file, or a folder of files.
        policy_megabytes: how large a policy may be; one holds about 2 000 people.
        journal: the journal's SQLite file, or a PostgreSQL URL.
        witness: the file that remembers the newest record; by default it stands beside SQLite's file, and there is
            none for PostgreSQL.
        app: the name of the Stasis application, as in ``extensions_supervise.conf``.
        web: where figures, health and the board are served; not at all where there is no ``[web]``.
        webhook: who is told of the journal's records.
        node: every Asterisk.
    """

    policy: Path = Path("policy.yaml")
    policy_megabytes: Annotated[int, Field(ge=1, le=64)] = 1
    journal: str = "journal.db"
    witness: Path | None = None
    app: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$")] = "supervise"
    web: WebSettings | None = None
    webhook: Annotated[tuple[WebhookSettings, ...], Field(max_length=MOST_WEBHOOKS)] = ()
    node: tuple[NodeSettings, ...] = (NodeSettings(),)

    @property
    def store(self) -> Path | None:
        """The file that keeps sign-ins and raised hands over a restart; None where there is none.

        Raises:
            UnknownPlaceError: the journal's place is none.
        """
        if self.web is not None and self.web.store is not None:
            return self.web.store
        journal = file_of(place_of(self.journal))
        return None if journal is None else journal.with_name(journal.name + ".board")


def read_settings(file: Path | None, environment: Mapping[str, str] = os.environ, *, secrets: bool = True) -> Settings:
    """Read the settings; without a file all are the defaults, and without `secrets` no password needs to be there.

    Raises:
        SettingsError: the file cannot be read or has mistakes, or a password is missing.
    """
    values = {} if file is None else _parse(file)
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, mistake['loc']))}: {mistake['msg']}" for mistake in error.errors()]
        raise SettingsError("\n".join(f"{file}: {line}" for line in lines)) from error
    _expect_different_names("node", [node.name for node in settings.node])
    _expect_different_names("webhook", [hook.name for hook in settings.webhook])
    if not secrets:
        return settings
    with_secrets = {
        "node": tuple(_with_password(node, environment) for node in settings.node),
        "webhook": tuple(_with_secret(hook, environment) for hook in settings.webhook),
        "web": _with_provider(settings.web, environment),
    }
    return settings.model_copy(update=with_secrets)


def _expect_different_names(what: str, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SettingsError(f"{what} {', '.join(twice)}: each needs a name of its own")


def _parse(file: Path) -> dict[str, object]:
    try:
        raw = file.read_bytes()[: MOST_BYTES + 1]
        if len(raw) > MOST_BYTES:
            raise SettingsError(f"{file}: larger than {MOST_BYTES} bytes")
        return tomllib.loads(raw.decode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from error


def _with_provider(web: WebSettings | None, environment: Mapping[str, str]) -> WebSettings | None:
    secret = environment.get("SUPERVISE_OIDC_SECRET")
    if web is None or web.oidc is None or not secret:
        return web
    return web.model_copy(update={"oidc": web.oidc.model_copy(update={"client_secret": SecretStr(secret)})})


def _with_password(node: NodeSettings, environment: Mapping[str, str]) -> NodeSettings:
    variable = _variable("SUPERVISE_ARI_PASSWORD", node.name)
    password = environment.get(variable) or node.password.get_secret_value()
    if not password:
        raise SettingsError(f"node {node.name}: no password for ARI; set {variable}, or `password` in the settings")
    return node.model_copy(update={"password": SecretStr(password)})


def _with_secret(hook: WebhookSettings, environment: Mapping[str, str]) -> WebhookSettings:
    variable = _variable("SUPERVISE_WEBHOOK_SECRET", hook.name)
    secret = environment.get(variable) or hook.secret.get_secret_value()
    if len(secret) < LEAST_SECRET:
        needed = f"a secret of at least {LEAST_SECRET} characters"
        raise SettingsError(f"webhook {hook.name}: needs {needed}; set {variable}, or `secret` in the settings")
    return hook.model_copy(update={"secret": SecretStr(secret)})


def _variable(prefix: str, name: str) -> str:
    """The environment's variable for something of this name."""
    return f"{prefix}_{name.upper().replace('-', '_')}"
