"""What outlives a restart of the controller: sign-ins and raised hands; and signing people out from the machine."""

import asyncio
import stat
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from supervise.domain.board.board import Hand
from supervise.web.board import BoardSettings
from supervise.web.entry.signins import How, SignIn, SignIns
from supervise.web.entry.store import Store, StoreError
from tests.support.board import PASSWORD, BoardUnderTest, Browser

pytestmark = pytest.mark.unit

NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the board keeps what it knows."""
    return tmp_path / "journal.db.board"


def board(file: Path) -> BoardUnderTest:
    """A board that keeps what it knows in a file."""
    return BoardUnderTest(settings=BoardSettings(store=file, tokens=file.with_name("tokens.json")))


@asynccontextmanager
async def same_browser(at: BoardUnderTest, cookie: str) -> AsyncIterator[Browser]:
    """The browser of before, at the board of after: all that it has kept is its cookie."""
    async with aiohttp.ClientSession(at.url, cookies={"supervise": cookie}) as session:
        browser = Browser(session, at.url)
        status, me = await browser.ask("GET", "/api/me")
        browser.headers["X-CSRF-Token"] = me.get("csrf", "") if status == 200 else ""
        yield browser


def cookie_of(browser: Browser) -> str:
    """What a browser keeps."""
    return next(cookie.value for cookie in browser.session.cookie_jar if cookie.key == "supervise")


async def test_a_sign_in_outlives_a_restart_and_a_sign_out_does_too(file: Path) -> None:
    """Who was signed in goes on as if nothing had been; who has signed out stays outside."""
    async with board(file) as at, at.browser("hilda") as stays, at.browser("hilda") as leaves:
        kept, gone = cookie_of(stays), cookie_of(leaves)
        assert (await leaves.ask("POST", "/api/signout", {}))[0] == 204
    async with board(file) as at:
        async with same_browser(at, kept) as browser:
            assert (await browser.ask("GET", "/api/me"))[1]["id"] == "hilda"
            async with browser.live() as socket:
                assert (await socket.until("hello"))["me"]["csrf"] == browser.headers["X-CSRF-Token"]
            assert (await browser.ask("POST", "/api/signout", {"everywhere": True}))[0] == 204
        async with same_browser(at, gone) as browser:
            assert (await browser.ask("GET", "/api/me"))[0] == 401
    async with board(file) as at, same_browser(at, kept) as browser:
        assert (await browser.ask("GET", "/api/me"))[0] == 401


async def test_a_raised_hand_outlives_a_restart(file: Path) -> None:
    """With its reason and since when; one that was taken down does not come back."""
    async with board(file) as at, at.browser("anna") as browser:
        assert (await browser.ask("PUT", "/api/hand", {"reason": "refund"}))[0] == 204
        since = (await browser.ask("GET", "/api/mine"))[1]["hand"]["since"]
    async with board(file) as at, at.browser("anna") as browser:
        hand = (await browser.ask("GET", "/api/mine"))[1]["hand"]
        assert hand == {"since": since, "reason": "refund", "answered_by": None}
        assert (await browser.ask("DELETE", "/api/hand"))[0] == 204
    async with board(file) as at, at.browser("anna") as browser:
        assert (await browser.ask("GET", "/api/mine"))[1]["hand"] is None


async def test_the_file_gives_nobody_anything(file: Path) -> None:
    """No id, no token against forgery and no hash of a password is in it, and nobody else may read it."""
    async with board(file) as at, at.browser("hilda") as browser:
        kept = file.read_bytes() + file.with_name(file.name + "-wal").read_bytes()
        secrets = [cookie_of(browser), browser.headers["X-CSRF-Token"], PASSWORD, "argon2"]
        assert [secret for secret in secrets if secret.encode() in kept] == []
        assert b"hilda" in kept
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("whom", ["hilda", "--everybody"])
async def test_people_are_signed_out_from_the_machine(file: Path, tmp_path: Path, whom: str) -> None:
    """The command ends sign-ins in the file; a running controller closes what is open within two seconds."""
    settings = tmp_path / "supervise.toml"
    settings.write_text(f'journal = "{tmp_path / "journal.db"}"\n')
    async with board(file) as at, at.browser("hilda") as hilda, at.browser("anna") as anna, hilda.live() as socket:
        await socket.until("mine")
        _, told = await _run("list", "--settings", str(settings))
        assert sorted(line.split(":")[0] for line in told.splitlines()) == ["anna", "hilda"]
        _, told = await _run("end", whom, "--settings", str(settings))
        assert told.startswith("1 " if whom == "hilda" else "2 ")
        assert (await socket.until("bye"))["again_in"] is None
        assert (await hilda.ask("GET", "/api/me"))[0] == 401
        assert (await anna.ask("GET", "/api/me"))[0] == (200 if whom == "hilda" else 401)


async def _run(*words: str) -> tuple[int, str]:
    """The command, in a process of its own as it is used; its exit code and what it says."""
    command = (sys.executable, "-m", "supervise", "signins", *words)
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=STDOUT)
    told, _ = await process.communicate()
    return process.returncode or 0, told.decode()


async def test_who_is_to_be_signed_out_has_to_be_said(tmp_path: Path) -> None:
    """Nobody named, both named, and a file that is not there are told, and nothing is done."""
    settings = tmp_path / "supervise.toml"
    settings.write_text(f'journal = "{tmp_path / "journal.db"}"\n')
    for words in ((), ("hilda", "--everybody")):
        assert (await _run("end", *words, "-s", str(settings)))[0] == 2
    code, told = await _run("end", "hilda", "-s", str(settings))
    assert code == 1
    assert "there is no such file" in told


async def test_nobody_is_signed_out_before_the_policy_is_there(file: Path) -> None:
    """A browser that is back before the policy was read is told to come again, and is not signed out."""
    async with board(file) as at, at.browser("hilda") as browser:
        kept = cookie_of(browser)
    async with board(file) as at:
        loaded = at.floor.source.policy
        at.floor.source.policy = type(loaded).nobody()
        async with same_browser(at, kept) as browser:
            assert (await browser.ask("GET", "/api/me"))[0] == 503
            assert (await browser.ask("POST", "/api/signin", {"name": "hilda", "password": PASSWORD}))[0] == 503
            at.floor.source.policy = loaded
            assert (await browser.ask("GET", "/api/me"))[0] == 200


def test_what_has_lasted_too_long_is_swept(file: Path) -> None:
    """In memory and in the file, also where nobody comes back to it."""
    now = [NOW]
    sign_ins = SignIns(lambda: now[0])
    sign_ins.keeper = store = Store(file)
    sign_ins.begin("hilda", How.PASSWORD, "proof")
    now[0] += timedelta(hours=2)
    sign_ins.begin("anna", How.PASSWORD, "proof")
    sign_ins.sweep()
    store.close()
    again = Store(file)
    assert [one.person for one in again.sign_ins().values()] == ["anna"]
    fresh = SignIns(lambda: NOW + timedelta(days=2))
    fresh.keeper = again
    fresh.restore(again.sign_ins())
    assert fresh.keys() == ()
    again.close()
    last = Store(file)
    assert last.sign_ins() == {}
    last.close()


def test_a_file_that_is_none_is_put_aside(file: Path) -> None:
    """The board begins with nobody signed in; what was there is kept for whoever wants to look at it."""
    file.write_bytes(b"this is no database at all" * 100)
    store = Store(file)
    assert store.sign_ins() == {}
    store.close()
    assert file.with_name(file.name + ".broken").read_bytes().startswith(b"this is no")


def test_a_place_that_cannot_be_had_is_named(tmp_path: Path) -> None:
    """The error says which file."""
    with pytest.raises(StoreError, match="nowhere"):
        Store(tmp_path / "nowhere" / "journal.db.board")


async def test_a_disk_that_is_full_stops_nobody(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """People sign in and out as ever; what could not be written is said in the log."""
    told: list[str] = []
    monkeypatch.setattr("supervise.web.entry.store.log.warning", lambda event, **_: told.append(event))
    async with board(file) as at, at.browser(None) as browser:
        assert at.board._store is not None
        at.board._store._base.execute("PRAGMA query_only = ON")
        assert (await browser.sign_in("hilda"))[0] == 200
        assert (await browser.ask("GET", "/api/me"))[0] == 200
    assert told == ["board.not-stored"]


def test_hands_are_kept_as_they_are(file: Path) -> None:
    """Since when, why, and who is coming."""
    store = Store(file)
    store.put_hand("anna", Hand(NOW, "refund ✋", "hilda"))
    store.close()
    again = Store(file)
    assert again.hands() == {"anna": Hand(NOW, "refund ✋", "hilda")}
    again.put(SignIn("hilda", How.OIDC, "", NOW, NOW, "proof", key=b"k"))
    again.close()
