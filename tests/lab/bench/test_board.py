"""The board's benchmark measures what it says."""

import pytest

from supervise.lab.bench import board as bench
from supervise.lab.bench.board_server import Load

pytestmark = pytest.mark.unit


def test_it_tells_how_long_a_change_takes_to_the_browsers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every browser that reads gets every change, and the ones that do not hold nobody up."""
    monkeypatch.setattr(bench, "_SETTLED", 0.5)
    load = Load(sockets=20, agents=20, changes=10, stalled=10, seconds=2, sessions=2)
    measured = bench.bench_board(load)
    assert len(measured.first) == 18
    assert len(measured.delays) > 18 * 10
    assert 0 < min(measured.delays) <= max(measured.delays) < 5000
    assert measured.snapshot > 1000
    assert len(measured.lines()) == 4
