"""A small OpenID Connect provider that conforms, and can be told to lie."""

import base64
import hashlib
import secrets
import time
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "board", "client-secret"
ACCESS = "token-of-access"


class Provider:
    """Used as ``async with Provider() as provider``.

    Attributes:
        person: who signs in there.
        claims: what its tokens say beside, or instead of, what is true.
        key: what it signs with; `published` is what it says that it signs with.
        algorithm: how it signs.
        userinfo: what is told at its userinfo endpoint.
        withheld: the claims that are not in its tokens.
    """

    def __init__(self) -> None:
        """Hilda signs in, truthfully."""
        self.person = "hilda"
        self.claims: dict[str, Any] = {}
        self.key: Any = RSAKey.generate_key(2048, parameters={"kid": "one"})
        self.published: Any = self.key
        self.algorithm = "RS256"
        self.issuer = ""
        self.described: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.withheld: frozenset[str] = frozenset()
        self._codes: dict[str, dict[str, str]] = {}
        application = web.Application()
        application.add_routes(
            [
                web.get("/.well-known/openid-configuration", self._describe),
                web.get("/authorize", self._authorize),
                web.post("/token", self._token),
                web.get("/keys", self._keys),
                web.get("/userinfo", self._userinfo),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None)

    async def __aenter__(self) -> Self:
        """Listen."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.issuer = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        await self._runner.cleanup()

    async def _describe(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                **self.described,
            }
        )

    async def _keys(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": [self.published.as_dict(private=False)]})

    async def _userinfo(self, request: web.Request) -> web.Response:
        """What is told to who has the token of access."""
        if request.headers.get("Authorization") != f"Bearer {ACCESS}":
            return web.json_response({"error": "invalid_token"}, status=401)
        return web.json_response(self.userinfo)

    async def _authorize(self, request: web.Request) -> web.Response:
        """The person has signed in and agreed."""
        asked = dict(request.query)
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        place = f"{asked['redirect_uri']}?code={code}&state={asked['state']}"
        return web.Response(status=302, headers={"Location": place})

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self._codes.pop(str(form["code"]), None)
        verifier = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        right = (
            asked is not None
            and asked["code_challenge"] == base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
            and asked["redirect_uri"] == form["redirect_uri"]
            and request.headers["Authorization"] == f"Basic {basic}"
        )
        if not right or asked is None:
            return web.json_response({"error": "invalid_grant"}, status=400)
        token = self._signed(asked["nonce"])
        return web.json_response({"id_token": token, "access_token": ACCESS, "token_type": "Bearer"})

    def _signed(self, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "1",
            "iat": now,
            "exp": now + 60,
            "nonce": nonce,
            "preferred_username": self.person,
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if name not in self.withheld}
        header = {"alg": self.algorithm, "kid": "one"}
        return jwt.encode(header, claims, self.key, algorithms=[self.algorithm])
