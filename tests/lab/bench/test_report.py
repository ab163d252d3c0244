import json
from dataclasses import replace
from pathlib import Path

import pytest

from supervise.lab.bench.cpu import Cost
from supervise.lab.bench.docs import BEGIN, DOCUMENT, END, write_docs
from supervise.lab.bench.machine import Machine, Stopwatch
from supervise.lab.bench.plan import DOWN, UP, Side, Switch
from supervise.lab.bench.reading import CONTROL, DIAL, HANG_UP, NEXT_CALL, Lost, Sample
from supervise.lab.bench.report import COMPARED, Findings
from supervise.lab.errors import LabError

pytestmark = pytest.mark.unit

NOTHING = Lost(0, 0, 0, 0)
MACHINE = Machine("2026-01-02T03:04:05+00:00", "a processor", 2, "6.1", "3.11", "22.10.1", 0.5, 0.0)
COSTS = (
    Cost(Side.NOBODY, 0, 10.0, 0.5),
    *(
        Cost(side, count, 10.0 + each * count, 0.5 + 0.1 * count)
        for side, each in ((Side.OURS, 0.6), (Side.CHANSPY, 0.5))
        for count in (10, 40)
    ),
)


def good(number: int = 10) -> Findings:
    """A run in which nothing was lost; the n-th dial took n ms, the n-th switch 10 n ms."""
    samples = [Sample(Side.NOBODY, CONTROL, NOTHING) for _ in range(number)]
    samples += [Sample(Side.OURS, NEXT_CALL, NOTHING, 20.0) for _ in range(number)]
    for side in COMPARED:
        for each in range(1, number + 1):
            samples += [Sample(side, DIAL, NOTHING, float(each)), Sample(side, HANG_UP, NOTHING)]
            samples += [Sample(side, kind, NOTHING, 10.0 * each, 10.0 * each + 180) for kind in (*UP, *DOWN)]
    return Findings(MACHINE, number, samples, COSTS)


def changed(findings: Findings, what: str, **changes: object) -> Findings:
    """The run with one sample of ours, or the control's, changed."""
    samples = list(findings.samples)
    at = next(place for place, sample in enumerate(samples) if sample.what == what and sample.side is not Side.CHANSPY)
    samples[at] = replace(samples[at], **changes)  # type: ignore[arg-type]  # replace() checks the names itself
    return replace(findings, samples=samples)


def test_figures() -> None:
    """The tables have the percentiles, what was lost in all and at worst, and what a session costs beside ChanSpy."""
    findings = changed(good(100), Switch.FIRST_BARGE, lost=Lost(2, 3, 1, 4))
    up, _, lost, processor = ({row[0]: row for row in grid.rows} for grid in findings.grids())
    assert up[DIAL] == (DIAL, "100", "50 / 95 / 99", "50 / 95 / 99", "")
    assert up[NEXT_CALL] == (NEXT_CALL, "100", "20 / 20 / 20", "-", "")
    assert up[Switch.TO_COACH][2:] == ("505 / 950 / 990", "505 / 950 / 990", "685 / 685")
    assert lost[Switch.FIRST_BARGE][1:6] == ("100", "2 / 3 / 4", "4", "1", "0 / 0 / 0")
    assert processor["40"] == ("40", "0.60", "0.50", "1.20", "0.100")


def test_a_good_run() -> None:
    """A run without any doubt counts, and is JSON with all of it."""
    assert good().problems() == []
    written = json.loads(json.dumps(good().as_json()))
    assert (written["problems"], len(written["samples"]), len(written["slopes"])) == ([], len(good().samples), 4)


@pytest.mark.parametrize(
    ("findings", "problem"),
    [
        (changed(good(), CONTROL, lost=Lost(1, 0, 0)), "without any supervisor 1 frames were lost"),
        (changed(good(), CONTROL, lost=Lost(0, 0, 2)), "without any supervisor 2 frames were lost"),
        (changed(good(), DIAL, ms=None), "in 1 of 200 samples the supervisor was not heard"),
        (changed(good(), Switch.BARGE_TO_COACH, ms=None), "in 1 of 200 samples the supervisor was not heard"),
        (replace(good(), costs=[*COSTS, replace(COSTS[0], starved=3)]), "3 sessions did not get all their sound"),
        (replace(good(), machine=replace(MACHINE, steal=2.5)), "the hypervisor took 2.5 %"),
    ],
)
def test_a_bad_run(findings: Findings, problem: str) -> None:
    """A run that cannot be believed says why."""
    (told,) = findings.problems()
    assert problem in told


def test_no_processor_time() -> None:
    """Without measurements of processor time there is no such table, and the rest is as it was."""
    without = replace(good(), costs=[])
    assert [grid.title for grid in without.grids()] == [grid.title for grid in good().grids()][:3]
    assert without.as_json()["slopes"] == []


def test_docs(tmp_path: Path) -> None:
    """The tables replace what stood between the two lines, and nothing else; written twice they stand there once."""
    document = tmp_path / "benchmarks.md"
    document.write_text(f"# before\n{BEGIN}\nold\n{END}\nafter\n")
    write_docs(good(), document)
    once = document.read_text()
    write_docs(good(), document)
    assert document.read_text() == once
    assert once.startswith(f"# before\n{BEGIN}\nMade on 2026-01-02 03:04 UTC, a processor, 2 cores")
    assert once.endswith(f"|\n{END}\nafter\n")
    assert "old" not in once
    assert "| monitor to coach | 10 |" in once


def test_docs_without_a_place(tmp_path: Path) -> None:
    """A document without the two lines is left as it is."""
    document = tmp_path / "benchmarks.md"
    document.write_text("nothing here")
    with pytest.raises(LabError, match="between which"):
        write_docs(good(), document)
    assert document.read_text() == "nothing here"


def test_the_document() -> None:
    """The document of this checkout has one place for the tables."""
    _, begin, after = DOCUMENT.read_text().partition(BEGIN)
    assert begin
    assert END in after
    assert BEGIN not in after


def test_the_machine() -> None:
    """A run says on what it was made, and how much of the processor was stolen meanwhile."""
    machine = Stopwatch.start().stop("22.10.1")
    assert machine.cores > 0
    assert 0 <= machine.steal <= 100
    assert "Asterisk 22.10.1" in str(machine)
