"""Signing in by OIDC and by a trusted proxy, TLS with an own certificate: what is believed, and what is not."""

import ipaddress
import ssl
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from joserfc.jwk import OctKey, RSAKey
from pydantic import HttpUrl, SecretStr

from supervise.domain.records import Deed
from supervise.web.board import BoardSettings
from supervise.web.entry.door import DoorSettings, TrustedProxy
from supervise.web.entry.oidc import OidcSettings
from supervise.web.server import WebError, WebServer, tls_of
from tests.support.board import BoardUnderTest, Browser
from tests.support.provider import CLIENT, SECRET, Provider

pytestmark = pytest.mark.unit


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    """A provider that knows the board."""
    async with Provider() as provider:
        yield provider


def by_oidc(provider: Provider, **further: Any) -> BoardSettings:
    """A board whose people sign in there."""
    issuer, secret = HttpUrl(provider.issuer), SecretStr(SECRET)
    return BoardSettings(oidc=OidcSettings(issuer=issuer, client_id=CLIENT, client_secret=secret, **further))


async def go(browser: Browser) -> str:
    """Go to the provider and come back; where that ends."""
    place = "/api/signin/oidc"
    for _ in range(3):
        async with browser.session.get(place, allow_redirects=False) as answer:
            assert answer.status == 302, await answer.text()
            place = answer.headers["Location"]
            if place.startswith("/"):
                return place
    raise AssertionError(f"never came back: {place}")


async def test_somebody_of_the_policy_is_signed_in(provider: Provider) -> None:
    """There and back, and the board knows who it is; a cookie of before counts no more."""
    async with BoardUnderTest(settings=by_oidc(provider, label="Company")) as at, at.browser(None) as browser:
        assert (await browser.ask("GET", "/api/signin"))[1]["oidc"] == "Company"
        assert await go(browser) == "/"
        status, me = await browser.ask("GET", "/api/me")
        assert (status, me["id"], me["sign_in"]) == (200, "hilda", "oidc")
        signed = [record for record in at.floor.journal.records if record.deed is Deed.SIGN_IN]
        assert [(record.supervisor, record.reason, record.detail["how"]) for record in signed] == [
            ("hilda", "in", "oidc")
        ]


async def test_who_is_not_in_the_policy_stays_outside(provider: Provider) -> None:
    """The provider vouches for who somebody is; whether they may come in is the policy's."""
    provider.person = "stranger"
    async with BoardUnderTest(settings=by_oidc(provider)) as at, at.browser(None) as browser:
        assert await go(browser) == "/signin?problem=unknown"
        assert (await browser.ask("GET", "/api/me"))[0] == 401


LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "another-board"},
    "several audiences, another party": {"aud": [CLIENT, "other"], "azp": "other"},
    "expired": {"exp": int(time.time()) - 600},
    "of the future": {"iat": int(time.time()) + 6000},
    "another nonce": {"nonce": "replayed"},
    "no name": {"preferred_username": None},
    "a name that is none": {"preferred_username": ["hilda"]},
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_that_is_not_for_us_is_not_believed(provider: Provider, lie: str) -> None:
    """Issuer, audience, time and nonce have to be right, each of them."""
    provider.claims = LIES[lie]
    async with BoardUnderTest(settings=by_oidc(provider)) as at, at.browser(None) as browser:
        assert await go(browser) == "/signin?problem=provider"
        assert (await browser.ask("GET", "/api/me"))[0] == 401


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({"sub": "1", "preferred_username": "hilda"}, "/"),
        ({"sub": "2", "preferred_username": "hilda"}, "/signin?problem=provider"),
        ({"preferred_username": "hilda"}, "/signin?problem=provider"),
        ({"sub": "1"}, "/signin?problem=provider"),
    ],
)
async def test_a_name_that_is_told_apart_is_believed_of_the_same_person(
    provider: Provider, told: dict[str, Any], place: str
) -> None:
    """A provider may have the name at its userinfo endpoint alone; of somebody else it counts for nothing there."""
    provider.withheld, provider.userinfo = frozenset({"preferred_username"}), told
    async with BoardUnderTest(settings=by_oidc(provider)) as at, at.browser(None) as browser:
        assert await go(browser) == place


async def test_a_signature_of_somebody_else_is_not_believed(provider: Provider) -> None:
    """Another key, or one made from what is public, signs nothing."""
    provider.key = RSAKey.generate_key(2048, parameters={"kid": "one"})
    async with BoardUnderTest(settings=by_oidc(provider)) as at, at.browser(None) as browser:
        assert await go(browser) == "/signin?problem=provider"
    provider.key, provider.algorithm = OctKey.import_key("known-to-everybody-known-to-everybody"), "HS256"
    provider.published = provider.key
    async with BoardUnderTest(settings=by_oidc(provider)) as at, at.browser(None) as browser:
        assert await go(browser) == "/signin?problem=provider"


async def test_a_provider_that_calls_itself_otherwise_is_not_asked(provider: Provider) -> None:
    """Its metadata has to be that of the issuer in the settings."""
    provider.described = {"issuer": "https://evil.example"}
    async with BoardUnderTest(settings=by_oidc(provider)) as at, at.browser(None) as browser:
        assert await go(browser) == "/signin?problem=provider"


async def test_a_way_back_counts_once_and_in_one_browser(provider: Provider) -> None:
    """A code that was stolen or sent twice signs nobody in."""
    async with (
        BoardUnderTest(settings=by_oidc(provider)) as at,
        at.browser(None) as victim,
        at.browser(None) as thief,
    ):
        async with victim.session.get("/api/signin/oidc", allow_redirects=False) as going:
            place = going.headers["Location"]
        async with victim.session.get(place, allow_redirects=False) as agreed:
            back = agreed.headers["Location"].removeprefix(at.url)
        async with thief.session.get(back, allow_redirects=False) as stolen:
            assert stolen.headers["Location"] == "/signin?problem=expired"
        async with victim.session.get(back, allow_redirects=False) as right:
            assert right.headers["Location"] == "/"
        async with victim.session.get(back, allow_redirects=False) as again:
            assert again.headers["Location"] != "/"
        assert (await thief.ask("GET", "/api/me"))[0] == 401


async def test_without_a_provider_there_is_no_such_way() -> None:
    """Nothing answers where nothing was set up."""
    async with BoardUnderTest() as at, at.browser(None) as browser:
        assert (await browser.ask("GET", "/api/signin/oidc"))[0] == 404
        assert (await browser.ask("GET", "/api/signin/oidc/back?code=x&state=y"))[0] == 404


# --- a trusted proxy


def behind_proxy(network: str) -> BoardSettings:
    """A board that believes a header from these addresses."""
    proxy = TrustedProxy("X-Remote-User", (ipaddress.ip_network(network),))
    return BoardSettings(door=DoorSettings(proxy=proxy))


async def test_a_trusted_proxy_says_who_it_is() -> None:
    """With the first request, and from then on a change needs the page's own token all the same."""
    async with BoardUnderTest(settings=behind_proxy("127.0.0.0/8")) as at, at.browser(None) as browser:
        browser.headers["X-Remote-User"] = "anna"
        status, me = await browser.ask("GET", "/api/me")
        assert (status, me["id"], me["sign_in"]) == (200, "anna", "proxy")
        assert (await browser.ask("PUT", "/api/hand", {"reason": ""}))[0] == 403
        browser.headers["X-CSRF-Token"] = me["csrf"]
        assert (await browser.ask("PUT", "/api/hand", {"reason": ""}))[0] == 204
        browser.headers["X-Remote-User"] = "ben"
        assert (await browser.ask("GET", "/api/agents"))[0] == 401
        assert (await browser.ask("GET", "/api/me"))[1]["id"] == "ben"


@pytest.mark.parametrize("name", ["nobody", "", "anna, ben"])
async def test_a_name_that_is_nobodys_is_nobody(name: str) -> None:
    """Also from a trusted proxy."""
    async with BoardUnderTest(settings=behind_proxy("127.0.0.0/8")) as at, at.browser(None) as browser:
        browser.headers["X-Remote-User"] = name
        assert (await browser.ask("GET", "/api/me"))[0] == 401


async def test_nobody_else_is_believed() -> None:
    """The header from any other address is a header."""
    async with BoardUnderTest(settings=behind_proxy("10.0.0.0/8")) as at, at.browser(None) as browser:
        browser.headers["X-Remote-User"] = "hilda"
        assert (await browser.ask("GET", "/api/me"))[0] == 401


async def test_behind_a_name_only_that_origin_changes_anything() -> None:
    """With an origin in the settings it is that one, whatever the Host header says."""
    settings = BoardSettings(door=DoorSettings(origin="https://board.example", secure=True, cookie="__Host-supervise"))
    async with BoardUnderTest(settings=settings) as at, at.browser(None) as browser:
        body = {"name": "hilda", "password": "correct horse"}
        assert (await browser.ask("POST", "/api/signin", body))[0] == 403
        headers = {"Origin": "https://board.example"}
        async with browser.session.post("/api/signin", json=body, headers=headers) as answer:
            assert answer.status == 200
            words = answer.headers["Set-Cookie"]
            assert words.startswith("__Host-supervise=")
            assert "Secure" in words
            assert "Strict-Transport-Security" in answer.headers


# --- TLS


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of one's own for 127.0.0.1, and its key."""
    files = folder / "certificate.pem", folder / "key.pem"
    subject = ["-subj", "/CN=board", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*made, "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
    return files


async def test_the_listener_speaks_tls_with_an_own_certificate(tmp_path: Path) -> None:
    """And with nobody who does not."""
    files = certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=str(files[0]))
    async with WebServer("127.0.0.1", 0, tls_of(*files)) as server, aiohttp.ClientSession() as client:
        assert server.url.startswith("https://")
        async with client.get(server.url + "/nothing", ssl=trusting) as answer:
            assert answer.status == 404
        with pytest.raises(aiohttp.ClientError):
            await client.get(server.url.replace("https", "http") + "/nothing")


def test_a_certificate_that_is_none_is_named(tmp_path: Path) -> None:
    """The start fails with the names of the files."""
    (tmp_path / "key.pem").write_text("nothing")
    with pytest.raises(WebError, match=r"key\.pem"):
        tls_of(tmp_path / "certificate.pem", tmp_path / "key.pem")
