"""Nothing that lets anybody in is in anything that is told: F70. An id is an id and no path: F65."""

from pathlib import Path

import pytest

from tests.support.board import PASSWORD
from tests.support.whole_board import LOGIN, WholeBoard

pytestmark = pytest.mark.unit

EVERYTHING = [
    *("/", "/openapi.yaml", "/healthz", "/readyz", "/metrics", "/api/signin", "/api/me", "/api/agents", "/api/calls"),
    *("/api/mine", "/api/sessions", "/api/history", "/api/history/mine", "/api/history.csv", "/api/history.jsonl"),
    *("/api/policy", "/api/policy/explain?who=hilda&whom=anna&right=monitor", "/api/health"),
    *("/api/policy/who-can?whom=anna&right=monitor", "/api/live", "/api/nothing"),
]


async def test_no_password_pin_or_hash_is_told_to_anybody(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """F70: not in a page, an answer, an export, a figure or the log, whoever asks: not the ARI password either."""
    told: list[str] = []
    async with WholeBoard(tmp_path) as at:
        cookies = []
        for person in ("hilda", "anna", "mara"):
            browser = await at.browser(person)
            cookies += [cookie.value for cookie in browser.session.cookie_jar]
            for path in EVERYTHING:
                _, answer = await browser.ask("GET", path)
                told.append(str(answer))
        await (await at.browser(None)).sign_in("hilda", "a wrong password")
        password = at.asterisk.access.password
    told += capfd.readouterr()
    text = "".join(told)
    assert "Hilda Lead" in text
    secrets = {password, PASSWORD, "a wrong password", LOGIN, "$argon2id$v", *cookies}
    assert [secret for secret in secrets if secret in text] == []


@pytest.mark.parametrize(
    "id_", ["..%2f..%2fetc%2fpasswd", "%2e%2e%2f", "%2fetc%2fpasswd", "..%5c..%5c", "journal.db", "%00", "'%20OR%201=1"]
)
async def test_an_id_leads_to_no_file_and_to_nobody_elses_session(tmp_path: Path, id_: str) -> None:
    """F65: where there is no session of that id there is nothing."""
    async with WholeBoard(tmp_path) as at:
        browser = await at.browser("mara")
        for path in ("/api/history/", "/api/sessions/", "/api/agents/"):
            status, answer = await browser.ask("GET", path + id_)
            assert status in (400, 404), (path, answer)
            assert "root:" not in str(answer)
