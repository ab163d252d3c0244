"""The doctor on a real Asterisk: one that is right, and ones that are deliberately wrong."""

import asyncio
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from supervise.ari import Access
from supervise.checkup.findings import Finding, Level
from supervise.checkup.gather import gather
from supervise.checkup.judging import diagnose
from supervise.lab.asterisk import Account, Asterisk, Way

pytestmark = pytest.mark.telephony

PHONES = [Account("201", "secret"), Account("301", "secret", "supervisors")]


def access_to(asterisk: Asterisk) -> Access:
    """As the controller has it."""
    return Access("pbx", asterisk.ari_url, asterisk.ari_user, asterisk.ari_password, "supervise")


async def told(access: Access) -> dict[str, Finding]:
    """What the doctor finds wrong, by the findings' codes; that no controller runs is right, and Debian's build."""
    findings = diagnose(await gather(access, ["201", "301"]))
    right = {"controller", "debian-late-packets"}
    return {each.code: each for each in findings if each.level is not Level.FINE and each.code not in right}


async def rewrite(asterisk: Asterisk, name: str, old: str, new: str) -> None:
    """Change a file of its configuration, which must have what is replaced."""
    file = asterisk.folder / "etc" / name
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


async def test_the_lab_is_healthy(way: Way) -> None:
    """The doctor finds nothing wrong with the lab's Asterisk, which has our files as an admin includes them."""
    async with Asterisk(way, PHONES) as asterisk:
        assert await told(access_to(asterisk)) == {}
        assert "0 active channels" in await asterisk.cli("core show channels count")


async def test_what_it_prints(way: Way, tmp_path: Path) -> None:
    """The command tells the same to a program, and its exit code is 0 only where supervision works."""
    async with Asterisk(way, PHONES) as asterisk:
        settings = tmp_path / "supervise.toml"
        settings.write_text(f'[[node]]\nname = "pbx"\nurl = "{asterisk.ari_url}"\n')
        code, document = await doctor(settings, asterisk.ari_password)
        assert (code, document[0]["worst"]) == (0, "note")
        code, document = await doctor(settings, "wrong")
        assert (code, document[0]["findings"][0]["code"]) == (1, "reach")


async def doctor(settings: Path, password: str) -> tuple[int, Any]:
    """Its exit code and its JSON."""
    command = (sys.executable, "-m", "supervise", "doctor", "--json", "--settings", str(settings))
    environment = {**os.environ, "SUPERVISE_ARI_PASSWORD_PBX": password}
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=environment)
    output, _ = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode or 0, json.loads(output)


async def test_wrong_phones(way: Way) -> None:
    """Keys as tones, sound past Asterisk, and a trunk that may dial our codes without a password are found."""
    wrong = Account("301", "secret", "supervisors", options={"dtmf_mode": "inband", "direct_media": "yes"})
    async with Asterisk(way, [PHONES[0], wrong]) as asterisk:
        await rewrite(
            asterisk, "accounts.conf", "[201](phone)", "[trunk](phone)\ncontext = supervisors\n\n[201](phone)"
        )
        await asterisk.cli("module reload res_pjsip.so")
        found = await told(access_to(asterisk))
        assert sorted(found) == ["direct-media", "in-band", "no-auth"]
        assert found["in-band"].seen.startswith("301 ")
        assert found["no-auth"].seen.startswith("trunk ")


async def test_wrong_files(way: Way) -> None:
    """Includes that are missing, a user who may only read, and a module that does not run are found, one by one."""
    async with Asterisk(way, PHONES) as asterisk:
        access = access_to(asterisk)
        await rewrite(asterisk, "http.conf", "#include supervise/http_supervise.conf", "enabled = yes")
        await asterisk.cli("module reload http")
        assert sorted(await told(access)) == ["session_keep_alive", "sessionlimit"]

        await asterisk.cli("module unload app_bridgeaddchan.so")
        assert "module-app_bridgeaddchan" in await told(access)

        await rewrite(asterisk, "extensions.conf", "include => supervise-features", "")
        await asterisk.cli("dialplan reload")
        found = await told(access)
        assert "include => supervise-features" in found["features"].change

        await rewrite(asterisk, "supervise/ari_supervise.conf", "read_only = no", "read_only = yes")
        await asterisk.cli("module reload res_ari.so")
        assert (await told(access))["user"].level is Level.ERROR


async def test_wrong_lines(way: Way) -> None:
    """Keys in the channel events and in a log, a short patience, and doors left open are found, each with its line."""
    async with Asterisk(way, PHONES) as asterisk:
        access = access_to(asterisk)
        await rewrite(asterisk, "cel.conf", "events = CHAN_START", "events = DTMF\nevents = CHAN_START")
        await rewrite(asterisk, "logger.conf", "[logfiles]", "[logfiles]\nfull => notice,dtmf")
        await rewrite(asterisk, "asterisk.conf", "live_dangerously = no", "live_dangerously = yes")
        await rewrite(asterisk, "supervise/ari_supervise.conf", "websocket_write_timeout = 5000", "allowed_origins = *")
        (asterisk.folder / "etc" / "rtp.conf").write_text("[general]\nstrictrtp = no\n")
        found = await told(access)
        assert sorted(found) == [
            *("allowed_origins", "cel-keys", "live_dangerously", "log-keys", "strictrtp", "websocket_write_timeout")
        ]
        assert found["cel-keys"].seen.startswith("cel.conf, [general], events: DTMF,CHAN_START")

        await asterisk.cli("module unload res_pjsip_header_funcs.so")
        assert "load = res_pjsip_header_funcs.so" in (await told(access))["auto-answer"].change


async def test_the_last_line_counts(way: Way) -> None:
    """Where a line stands twice, as on FreePBX with its own before the admin's, the last one is what is judged."""
    async with Asterisk(way, PHONES) as asterisk:
        ours = "#include supervise/http_supervise.conf"
        await rewrite(asterisk, "http.conf", ours, f"sessionlimit = 100\nsession_keep_alive = 15000\n{ours}")
        await asterisk.cli("module reload http")
        assert await told(access_to(asterisk)) == {}
        await rewrite(asterisk, "http.conf", ours, f"{ours}\nsessionlimit = 100")
        assert list(await told(access_to(asterisk))) == ["sessionlimit"]


async def test_ways_not_to_arrive(way: Way) -> None:
    """A wrong password, a path too much, and an Asterisk without ARI are told apart."""
    async with Asterisk(way, PHONES) as asterisk:
        access = access_to(asterisk)
        assert "password" in (await told(replace(access, password="wrong")))["reach"].seen
        assert "without ARI" in (await told(replace(access, url=f"{access.url}/pbx")))["reach"].seen
        await asterisk.stop()
        assert "nobody answers" in (await told(access))["reach"].seen
