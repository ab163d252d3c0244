"""Scenarios played with real phones: right where all is right, and wrong where it is not."""

from pathlib import Path

import pytest

from supervise.lab.asterisk import Way
from supervise.lab.callcentre import CallCentre
from supervise.lab.report.write import write_report
from supervise.lab.scenarios.play import play
from supervise.lab.scenarios.reading import read_scenario
from supervise.lab.scenarios.result import Cell, StepResult
from supervise.lab.scenarios.run import SHIPPED
from supervise.lab.scenarios.venue import LocalVenue

pytestmark = pytest.mark.telephony


async def test_the_life_of_a_session(centre: CallCentre, tmp_path: Path) -> None:
    """The first of the shipped scenarios is right in every step, and its report has all that lies behind it."""
    told: list[StepResult] = []
    result = await play(read_scenario(SHIPPED / "life.yaml"), LocalVenue(centre), told.append)
    assert result.right, result.problems
    assert tuple(told) == result.steps
    assert {track.listener for track in result.tracks} == {"customer", "agent", "lead"}
    assert all(abs(len(track.pcm) / track.rate - result.took_s) < 0.1 for track in result.tracks)
    assert sum(message.what.startswith("INVITE") for message in result.ladder) >= 3
    assert {record["deed"] for record in result.records} >= {"opened", "mode", "mute", "visibility", "closed"}
    assert write_report([result], tmp_path).stat().st_size < 500_000


async def test_a_wrong_expectation_is_wrong(centre: CallCentre, tmp_path: Path) -> None:
    """A scenario that asks for what is not so is told what was so instead, and is played to its end all the same."""
    text = (SHIPPED / "coach_at_once.yaml").read_text()
    file = tmp_path / "wrong.yaml"
    wrong = text.replace("agent: [customer, lead]}", "agent: customer}\n    within: 1")
    assert wrong != text
    file.write_text(wrong)
    result = await play(read_scenario(file), LocalVenue(centre), lambda _: None)
    assert [step.right for step in result.steps] == [True, True, False, True]
    assert any(
        each.cell is Cell.LEAKED and (each.listener, each.speaker) == ("agent", "lead")
        for each in result.steps[2].heard
    )
    assert result.steps[2].leaked > 0


async def test_what_cannot_be_done(way: Way, tmp_path: Path) -> None:
    """A step that cannot be done ends the scenario and is told; what came before it is kept."""
    file = tmp_path / "it.yaml"
    file.write_text(
        "name: x\nphones: {customer: {user: 101}, agent: {user: 201}}\n"
        "steps:\n  - call: {by: customer, to: agent}\n    hears: {agent: customer}\n"
        "  - {call: {by: agent, to: customer, number: '999'}}\n  - {hang_up: agent}\n"
    )
    async with CallCentre(way) as centre:
        result = await play(read_scenario(file), LocalVenue(centre), lambda _: None)
        await centre.hang_up_all()
    assert [step.right for step in result.steps] == [True, False]
    assert "404" in result.trouble
