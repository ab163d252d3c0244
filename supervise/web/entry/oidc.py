"""Signing in at an OpenID Connect provider: the code flow with PKCE, state and nonce."""

import base64
import hashlib
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

import aiohttp
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, ValidationError
from yarl import URL

ALGORITHMS = ["RS256", "ES256", "PS256", "EdDSA"]
"""What a provider may sign with: nothing that anybody but the provider could have made."""

PATIENCE = 10.0
MOST_BYTES = 256 * 1024
MOST_CODE = 2048
MOST_GOING = 1000
"""People who are on their way at a time."""
GOING_SECONDS = 600.0
LEEWAY = 30
KEPT_SECONDS = 3600.0
"""How long the provider's metadata and keys are kept; an unknown key is looked for at once, but once a minute."""
AGAIN_SECONDS = 60.0


class OidcError(Exception):
    """The provider cannot be reached, or what it says is not to be believed."""


class OidcSettings(BaseModel):
    """The provider.

    Attributes:
        issuer: its address, exactly as it calls itself.
        client_id, client_secret: as it has given them.
        claim: which of its claims is the name in the policy.
        label: what the button says.
        scope: what is asked for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: HttpUrl
    client_id: str
    client_secret: SecretStr = SecretStr("")
    claim: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")] = "preferred_username"
    label: Annotated[str, Field(max_length=40)] = "Sign in"
    scope: str = "openid profile"


class _Metadata(BaseModel):
    issuer: str
    authorization_endpoint: HttpUrl
    token_endpoint: HttpUrl
    jwks_uri: HttpUrl
    userinfo_endpoint: HttpUrl | None = None


@dataclass(frozen=True, slots=True)
class Going:
    """Somebody on their way to the provider and back."""

    url: str
    state: str
    nonce: str
    verifier: str
    back: str
    until: float


class Oidc:
    """Used as ``async with``."""

    def __init__(self, settings: OidcSettings) -> None:
        """Nothing is asked before somebody signs in."""
        self.settings = settings
        self._session: aiohttp.ClientSession | None = None
        self._metadata: tuple[_Metadata, float] | None = None
        self._keys: tuple[KeySet, float] | None = None
        self._going: OrderedDict[str, Going] = OrderedDict()

    async def __aenter__(self) -> Self:
        """Be ready to ask."""
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), trust_env=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Ask no more."""
        if self._session is not None:
            await self._session.close()

    @property
    def issuer(self) -> str:
        """Without the slash that parsing an address adds."""
        return str(self.settings.issuer).rstrip("/")

    async def begin(self, origin: str) -> Going:
        """Send somebody to the provider.

        Raises:
            OidcError: it cannot be reached.
        """
        metadata = await self._provider()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        back = f"{origin}/api/signin/oidc/back"
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        url = URL(str(metadata.authorization_endpoint)).update_query(
            response_type="code",
            client_id=self.settings.client_id,
            redirect_uri=back,
            scope=self.settings.scope,
            state=state,
            nonce=nonce,
            code_challenge=challenge,
            code_challenge_method="S256",
        )
        going = Going(str(url), state, nonce, verifier, back, _now() + GOING_SECONDS)
        self._going[state] = going
        while len(self._going) > MOST_GOING:
            self._going.popitem(last=False)
        return going

    async def finish(self, state: str, code: str) -> str:
        """Somebody has come back: their name. A state counts once.

        Raises:
            OidcError: they are nobody that the provider vouches for.
        """
        going = self._going.pop(state, None)
        if going is None or going.until < _now() or not 0 < len(code) <= MOST_CODE:
            raise OidcError("nobody is on their way with this state")
        answer = await self._redeem(going, code)
        claims = await self._claims(_token(answer, "id_token"), going)
        name = claims.get(self.settings.claim)
        if self.settings.claim not in claims:
            name = await self._told_apart(answer, claims)
        if not isinstance(name, str) or not name:
            raise OidcError(f"the provider's token has no claim {self.settings.claim}")
        return name

    async def _told_apart(self, answer: Mapping[str, Any], claims: Mapping[str, Any]) -> object:
        """The name where the provider has it at its userinfo endpoint alone, as the standard would have it."""
        place = (await self._provider()).userinfo_endpoint
        if place is None:
            return None
        headers = {"Authorization": f"Bearer {_token(answer, 'access_token')}"}
        told = await self._fetch("GET", str(place), headers=headers)
        if not claims.get("sub") or told.get("sub") != claims["sub"]:
            raise OidcError("the provider's userinfo is about somebody else than its token")
        return told.get(self.settings.claim)

    async def _redeem(self, going: Going, code: str) -> Mapping[str, Any]:
        metadata = await self._provider()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": going.back,
            "client_id": self.settings.client_id,
            "code_verifier": going.verifier,
        }
        secret = self.settings.client_secret.get_secret_value()
        headers = {"Authorization": aiohttp.encode_basic_auth(self.settings.client_id, secret)} if secret else {}
        return await self._fetch("POST", str(metadata.token_endpoint), data=form, headers=headers)

    async def _claims(self, token: str, going: Going) -> Mapping[str, Any]:
        """What the token claims, once its signature, issuer, audience, time and nonce are right."""
        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "values": [self.issuer, self.issuer + "/"]},
            aud={"essential": True, "value": self.settings.client_id},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": going.nonce},
        )
        try:
            decoded = jwt.decode(token, await self._key_set(), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            decoded = await self._decoded_with_new_keys(token)
        try:
            registry.validate(decoded.claims)
        except JoseError as error:
            raise OidcError(f"the provider's token is not for us: {error}") from error
        azp = decoded.claims.get("azp", self.settings.client_id)
        if azp != self.settings.client_id:
            raise OidcError("the provider's token was made for another client")
        return decoded.claims

    async def _decoded_with_new_keys(self, token: str) -> jwt.Token:
        """Providers change their keys now and then."""
        if self._keys is not None and _now() - self._keys[1] > AGAIN_SECONDS:
            self._keys = None
        try:
            return jwt.decode(token, await self._key_set(), algorithms=ALGORITHMS)
        except (JoseError, ValueError) as error:
            raise OidcError(f"the provider's token is not signed by it: {error}") from error

    async def _provider(self) -> _Metadata:
        if self._metadata is None or _now() - self._metadata[1] > KEPT_SECONDS:
            found = await self._fetch("GET", f"{self.issuer}/.well-known/openid-configuration")
            try:
                metadata = _Metadata.model_validate(found)
            except ValidationError as error:
                raise OidcError(f"{self.issuer} does not describe itself as an OpenID provider") from error
            if metadata.issuer.rstrip("/") != self.issuer:
                raise OidcError(f"{self.issuer} calls itself {metadata.issuer}; say that as the issuer")
            self._metadata = metadata, _now()
        return self._metadata[0]

    async def _key_set(self) -> KeySet:
        if self._keys is None or _now() - self._keys[1] > KEPT_SECONDS:
            found = await self._fetch("GET", str((await self._provider()).jwks_uri))
            try:
                self._keys = KeySet.import_key_set({"keys": found.get("keys", [])}), _now()
            except (JoseError, ValueError, TypeError) as error:
                raise OidcError("the provider's keys cannot be read") from error
        return self._keys[0]

    async def _fetch(self, method: str, url: str, **options: Any) -> dict[str, Any]:
        if self._session is None:
            raise RuntimeError("used with `async with`")
        try:
            async with self._session.request(method, url, allow_redirects=False, **options) as answer:
                raw = await answer.content.read(MOST_BYTES + 1)
                if answer.status != 200 or len(raw) > MOST_BYTES:  # noqa: PLR2004 - of HTTP
                    raise OidcError(f"{url} answered {answer.status}")
                found = json.loads(raw)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise OidcError(f"{url}: {type(error).__name__} {error}") from error
        if not isinstance(found, dict):
            raise OidcError(f"{url} answered no object")
        return found


def _token(answer: Mapping[str, Any], kind: str) -> str:
    token = answer.get(kind)
    if not isinstance(token, str) or not token.isprintable():
        raise OidcError(f"the provider gave no {kind}")
    return token


def _now() -> float:
    return time.monotonic()
