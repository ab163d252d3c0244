"""Tokens for programs: made once, kept as hashes, bounded by scopes, gone when revoked."""

import stat
from pathlib import Path

import aiohttp
import pytest
from typer.testing import CliRunner

from supervise.cli_token import token_app as app
from supervise.web.entry.signins import Scope
from supervise.web.entry.tokens import TokenFile, TokensError
from tests.support.board import BoardUnderTest, Socket

pytestmark = pytest.mark.unit


async def ask(at: BoardUnderTest, text: str, method: str, path: str, **options: object) -> int:
    """The status of what a program with a token asks."""
    headers = {"Authorization": f"Bearer {text}", "Idempotency-Key": "program-1"}
    async with (
        aiohttp.ClientSession(at.url) as session,
        session.request(method, path, headers=headers, json=options or None) as answer,
    ):
        return answer.status


async def test_a_token_acts_for_its_person_within_its_scopes() -> None:
    """Reading is no leave to begin a session."""
    async with BoardUnderTest() as at:
        text = TokenFile(at.tokens).make("wallboard", "hilda", [Scope.READ], None)
        assert await ask(at, text, "GET", "/api/agents") == 200
        assert await ask(at, text, "POST", "/api/sessions", agent="anna", mode="monitor") == 403
        assert not at.floor.board.rung


async def test_a_revoked_token_counts_no_more_and_a_new_one_does_at_once() -> None:
    """The controller reads the file again when it is another one."""
    async with BoardUnderTest() as at:
        file = TokenFile(at.tokens)
        text = file.make("script", "hilda", [Scope.READ, Scope.SUPERVISE], None)
        assert await ask(at, text, "POST", "/api/sessions", agent="anna", mode="monitor") == 202
        assert file.revoke("script")
        assert await ask(at, text, "GET", "/api/agents") == 401


async def test_a_revoked_token_closes_what_it_opened() -> None:
    """A program that is connected is let go within two seconds."""
    async with BoardUnderTest() as at:
        text = TokenFile(at.tokens).make("wall", "hilda", [Scope.READ], None)
        headers = {"Authorization": f"Bearer {text}"}
        async with (
            aiohttp.ClientSession(at.url, headers=headers) as session,
            session.ws_connect("/api/live") as connected,
        ):
            socket = Socket(connected)
            await socket.until("mine")
            TokenFile(at.tokens).revoke("wall")
            assert (await socket.until("bye", within=3.0))["reason"] == "expired"


async def test_a_token_of_somebody_who_left_counts_no_more() -> None:
    """A token is no more than its person."""
    async with BoardUnderTest() as at:
        text = TokenFile(at.tokens).make("old", "gone", [Scope.READ], None)
        assert await ask(at, text, "GET", "/api/agents") == 401


@pytest.mark.parametrize("text", ["", "svt_", "svt_wrong", "\u00e9" * 40, "x" * 4000])
async def test_what_is_no_token_is_nobody(text: str) -> None:
    """Anything else is answered like no token at all."""
    async with BoardUnderTest() as at:
        TokenFile(at.tokens).make("real", "hilda", [Scope.READ], None)
        assert await ask(at, text, "GET", "/api/agents") == 401


def test_the_file_has_no_secret_and_is_for_nobody_else(tmp_path: Path) -> None:
    """Only hashes are kept, in a file that others cannot read."""
    path = tmp_path / "tokens.json"
    text = TokenFile(path).make("real", "hilda", [Scope.READ], 30)
    assert text not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_broken_file_lets_nobody_in_and_is_named(tmp_path: Path) -> None:
    """It is not taken for an empty one."""
    path = tmp_path / "tokens.json"
    path.write_text("[{}]")
    with pytest.raises(TokensError, match=r"tokens\.json"):
        TokenFile(path).all()


def test_the_commands_make_list_and_revoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any ARI password in the environment."""
    monkeypatch.chdir(tmp_path)
    run = CliRunner()
    made = run.invoke(app, ["make", "wall", "--for", "hilda", "--scope", "read", "--days", "7"])
    assert made.exit_code == 0, made.output
    assert made.output.startswith("svt_")
    assert "wall: for hilda, read, until" in run.invoke(app, ["list"]).output
    assert run.invoke(app, ["revoke", "wall"]).exit_code == 0
    assert run.invoke(app, ["revoke", "wall"]).exit_code == 1
