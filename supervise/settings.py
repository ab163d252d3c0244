"""The controller's settings: one TOML file, and secrets from the environment."""

import os
import tomllib
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, ValidationError, model_validator

from supervise.web.oidc import OidcSettings

MOST_BYTES = 64 * 1024
"""A settings file that is larger is none."""


class SettingsError(Exception):
    """The settings cannot be used; the message names the file, each mistake, and what to do."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NodeSettings(_Strict):
    """One Asterisk. The password may be in the environment instead, as ``SUPERVISE_ARI_PASSWORD_<NAME>``."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")] = "pbx"
    url: HttpUrl = HttpUrl("http://127.0.0.1:8088")
    user: str = "supervise"
    password: SecretStr = SecretStr("")


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
        page: where the built page is; the place where `make page` puts it, if left out.
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
    page: Path | None = None
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
        app: the name of the Stasis application, as in ``extensions_supervise.conf``.
        web: where figures, health and the board are served; not at all where there is no ``[web]``.
        node: every Asterisk.
    """

    policy: Path = Path("policy.yaml")
    policy_megabytes: Annotated[int, Field(ge=1, le=64)] = 1
    journal: str = "journal.db"
    app: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$")] = "supervise"
    web: WebSettings | None = None
    node: tuple[NodeSettings, ...] = (NodeSettings(),)


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
    if not secrets:
        return settings
    nodes = tuple(_with_password(node, environment) for node in settings.node)
    return settings.model_copy(update={"node": nodes, "web": _with_secret(settings.web, environment)})


def _parse(file: Path) -> dict[str, object]:
    try:
        raw = file.read_bytes()[: MOST_BYTES + 1]
        if len(raw) > MOST_BYTES:
            raise SettingsError(f"{file}: larger than {MOST_BYTES} bytes")
        return tomllib.loads(raw.decode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from error


def _with_secret(web: WebSettings | None, environment: Mapping[str, str]) -> WebSettings | None:
    secret = environment.get("SUPERVISE_OIDC_SECRET")
    if web is None or web.oidc is None or not secret:
        return web
    return web.model_copy(update={"oidc": web.oidc.model_copy(update={"client_secret": SecretStr(secret)})})


def _with_password(node: NodeSettings, environment: Mapping[str, str]) -> NodeSettings:
    name = f"SUPERVISE_ARI_PASSWORD_{node.name.upper().replace('-', '_')}"
    password = environment.get(name) or node.password.get_secret_value()
    if not password:
        raise SettingsError(f"node {node.name}: no password for ARI; set {name}, or `password` in the settings")
    return node.model_copy(update={"password": SecretStr(password)})
