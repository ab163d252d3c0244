"""Signing in at a real OpenID provider, in a real browser, with the provider's own pages."""

import asyncio
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from pydantic import HttpUrl, SecretStr

from supervise.web.board import BoardSettings
from supervise.web.entry.oidc import OidcSettings
from tests.support.board import BoardUnderTest
from tests.support.looking import Looking

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SCRIPT = Path(__file__).parents[1] / "support" / "provider.mjs"
PACKAGES = Path(__file__).parents[2] / "supervise" / "web" / "page"
CLIENT, SECRET = "supervise", "a secret between the two"


@asynccontextmanager
async def board_with_provider(
    tmp_path: Path, *, secret: str = SECRET, name: str = "at-userinfo"
) -> AsyncIterator[BoardUnderTest]:
    """A board whose people sign in at a provider of their own, with this secret; `name` says where it tells names."""
    command = ("node", SCRIPT, PACKAGES, CLIENT, SECRET, name)
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        port = int((await process.stdout.readline()).split()[1])
        issuer = HttpUrl(f"http://127.0.0.1:{port}")
        oidc = OidcSettings(issuer=issuer, client_id=CLIENT, client_secret=SecretStr(secret), label="Company")
        async with BoardUnderTest(settings=BoardSettings(oidc=oidc, tokens=tmp_path / "tokens.json")) as at:
            process.stdin.write(f"{at.url}/api/signin/oidc/back\n".encode())
            assert await process.stdout.readline() == b"ready\n"
            yield at
    finally:
        process.kill()
        await process.wait()


async def _go_as(page: Page, name: str) -> None:
    """From the board's page to the provider's, through both of its questions, and back."""
    await page.goto("/signin")
    await page.get_by_role("link", name="Company").click()
    await page.get_by_placeholder("Enter any login").fill(name)
    await page.get_by_placeholder("and password").fill("any")
    await page.get_by_role("button", name="Sign-in").click()
    await page.get_by_role("button", name="Continue").click()


@pytest.mark.parametrize("name", ["at-userinfo", "in-the-token"])
async def test_somebody_signs_in_where_their_house_does(looking: Looking, tmp_path: Path, name: str) -> None:
    """They come back signed in, wherever the provider tells their name; the browser has no password of theirs."""
    async with board_with_provider(tmp_path, name=name) as at:
        page = await looking.page(at.url)
        await _go_as(page, "hilda")
        await expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
        await expect(page.locator("[data-row=anna]")).to_be_visible()
        assert await page.evaluate("fetch('/api/me').then((a) => a.json()).then((me) => me.sign_in)") == "oidc"


async def test_who_is_not_in_the_policy_is_told_so(looking: Looking, tmp_path: Path) -> None:
    """The provider vouches for who they are; the board says that it knows nobody of that name."""
    async with board_with_provider(tmp_path) as at:
        page = await looking.page(at.url)
        await _go_as(page, "stranger")
        await expect(page).to_have_url(f"{at.url}/signin?problem=unknown")
        await expect(page.get_by_role("alert")).to_contain_text("the policy here knows nobody of that name")
        await looking.picture(page, "signin-unknown")


async def test_a_wrong_secret_lets_nobody_in(looking: Looking, tmp_path: Path) -> None:
    """The provider does not give the board its token, and the page says that it did not work."""
    async with board_with_provider(tmp_path, secret="another secret") as at:
        page = await looking.page(at.url)
        await _go_as(page, "hilda")
        await expect(page.get_by_role("alert")).to_contain_text("The provider did not vouch for you.")
