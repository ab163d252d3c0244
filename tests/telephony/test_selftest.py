"""The self-test on a real Asterisk: right where all is right, wrong where it is not, and gone afterwards."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from supervise.ari import Access
from supervise.checkup.selftest import Report, selftest
from supervise.checkup.stage import Stage
from supervise.lab.asterisk import Account, Asterisk, Way
from supervise.lab.callcentre import CallCentre
from supervise.lab.hearing.ear import Window

pytestmark = pytest.mark.telephony

PHONES = [Account("201", "secret")]


def access_to(asterisk: Asterisk) -> Access:
    """As the controller has it."""
    return Access("pbx", asterisk.ari_url, asterisk.ari_user, asterisk.ari_password, "supervise")


async def proven(asterisk: Asterisk) -> Report:
    """What it finds; nothing of it is left."""
    report = await selftest(access_to(asterisk), lambda _: None)
    assert "0 active channels" in await asterisk.cli("core show channels count")
    assert "supervise-selftest" not in await asterisk.cli("bridge show all")
    return report


async def test_all_is_right(way: Way) -> None:
    """On an Asterisk that does as it should, every step is right; no channel, bridge or call record is left."""
    async with Asterisk(way, PHONES) as asterisk:
        report = await proven(asterisk)
        assert report.right, report
        assert report.words
        assert [outcome.step.name for outcome in report.outcomes] == [
            *("call", "monitor", "coach", "barge"),
            "monitor again",
        ]
        assert not (asterisk.folder / "log/cdr-csv/Master.csv").exists()


async def test_a_leak_is_found(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whisper that reaches the customer, or one that reaches nobody, is told as what it is."""
    honest = Stage.listen

    async def leaking(stage: Stage, name: str, *, whisper: bool) -> None:
        await honest(stage, name, whisper=not whisper)

    monkeypatch.setattr(Stage, "listen", leaking)
    async with Asterisk(way, PHONES) as asterisk:
        report = await proven(asterisk)
        found = {outcome.step.name: outcome.problems for outcome in report.outcomes}
        assert found["call"] == found["barge"] == ()
        assert any("the agent hears the supervisor" in each for each in found["monitor"])
        assert any("packets to the agent were not silent" in each for each in found["monitor"])
        assert any("the agent does not hear the supervisor" in each for each in found["coach"])


async def test_what_is_missing_is_told(way: Way) -> None:
    """A dialplan without our parts, and an Asterisk without channels for sockets, end the test with advice."""
    async with Asterisk(way, PHONES) as asterisk:
        conf = asterisk.folder / "etc/supervise/extensions_supervise.conf"
        conf.write_text(conf.read_text().replace("[supervise-seat]", "[another]"))
        await asterisk.cli("dialplan reload")
        report = await proven(asterisk)
        assert "extensions_supervise.conf" in report.trouble
        await asterisk.cli("module unload chan_rtp.so")
        assert "chan_rtp.so" in (await proven(asterisk)).trouble


async def test_live_calls_do_not_notice(centre: CallCentre) -> None:
    """A call of others beside it loses no frame, and nothing of the test is heard in it."""
    customer, agent = await centre.call()
    window = Window.last(0)
    report = await selftest(access_to(centre.asterisk), lambda _: None)
    assert report.right, report
    window = Window(window.end_ns, Window.last(0).end_ns)
    for speaker, listener in ((customer, agent), (agent, customer)):
        fate = centre.hearing.continuity(speaker, listener, window)
        assert fate.matched > 100
        assert (fate.repeated, fate.reordered, fate.damaged) == (0, 0, 0)


async def test_its_exit_code(way: Way, tmp_path: Path) -> None:
    """For monitoring: 0 when all is right, 2 when the test could not be made, and a document for a program."""
    async with Asterisk(way, PHONES) as asterisk:
        settings = tmp_path / "supervise.toml"
        settings.write_text(f'[[node]]\nname = "pbx"\nurl = "{asterisk.ari_url}"\n')
        code, document = await command(settings, asterisk.ari_password)
        assert (code, document[0]["right"]) == (0, True), document
        await asterisk.stop()
        code, document = await command(settings, asterisk.ari_password)
        assert (code, document[0]["right"]) == (2, False)


async def command(settings: Path, password: str) -> tuple[int, Any]:
    """Its exit code and its JSON."""
    words = (sys.executable, "-m", "supervise", "selftest", "--json", "--settings", str(settings))
    environment = {**os.environ, "SUPERVISE_ARI_PASSWORD_PBX": password}
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE, env=environment)
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, json.loads(output)
