"""The board's benchmark measures what it says."""

from pathlib import Path

import pytest

from supervise.lab.bench import board as bench
from supervise.lab.bench.board_report import BEGIN, Measured
from supervise.lab.bench.board_server import Load
from supervise.lab.bench.machine import Stopwatch

pytestmark = pytest.mark.unit


def test_it_tells_how_long_a_change_takes_to_the_browsers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every browser that reads gets every change, and the ones that do not hold nobody up."""
    monkeypatch.setattr(bench, "_SETTLED", 0.5)
    load = Load(sockets=20, agents=20, changes=10, stalled=10, seconds=2, sessions=2, silent=0)
    measured = bench.bench_board(load)
    assert len(measured.first) == 18
    assert len(measured.delays) > 18 * 10
    assert 0 < min(measured.delays) <= max(measured.delays) < 5000
    assert measured.snapshot > 1000
    assert len(measured.storm) == 18
    assert len(measured.lines()) == 5


def test_connections_that_send_nothing_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """While they knock the others are told as ever."""
    monkeypatch.setattr(bench, "_SETTLED", 0.5)
    monkeypatch.setattr(bench, "_AT_A_TIME", 10)
    load = Load(sockets=20, agents=20, changes=10, stalled=10, seconds=2, sessions=2, silent=30)
    measured = bench.bench_board(load)
    assert measured.silent == 30
    assert measured.besieged


def test_the_table_goes_into_the_docs(tmp_path: Path) -> None:
    """Between its two lines, with the machine that it was made on."""
    document = tmp_path / "benchmarks.md"
    document.write_text(f"before\n{BEGIN}\nold\n<!-- end -->\nafter\n")
    numbers = [float(number) for number in range(100)]
    measured = Measured(Load(), numbers, numbers, storm=numbers)
    measured.write(Stopwatch.start().stop("none"), document)
    text = document.read_text()
    assert text.startswith(f"before\n{BEGIN}\nMade on ")
    assert "| change to browser | 50 ms (p50), 98 ms (p99), 99 ms (worst) of 100 |" in text
    assert text.endswith("<!-- end -->\nafter\n")
    assert "old" not in text
