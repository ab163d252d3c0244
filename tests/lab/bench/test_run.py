import asyncio
from collections import Counter
from pathlib import Path

import pytest

from supervise.lab.asterisk import Account, Asterisk, find_asterisk
from supervise.lab.bench.load import AGENTS, CUSTOMER, LOAD, SUPERVISORS, Load
from supervise.lab.bench.plan import DOWN, JOURNEYS, UP, Side, Switch, switches
from supervise.lab.bench.reading import CONTROL, DIAL, HANG_UP
from supervise.lab.bench.report import COMPARED
from supervise.lab.bench.run import Order, _measure
from supervise.lab.checkout import cache_folder
from supervise.lab.needs import ensure
from supervise.lab.progress import Progress

SECRET = "lab"


@pytest.mark.telephony
@pytest.mark.long
async def test_visits(tmp_path: Path) -> None:
    """Both sides make the same visits on one Asterisk, and every switch of theirs is read from the capture."""
    findings = await _measure(Order(repetitions=2, rounds=0), tmp_path)
    kinds = Counter(kind for keys in JOURNEYS for kind in switches(keys))
    for side in COMPARED:
        assert {kind: len(findings.of(side, kind)) for kind in Switch} == kinds
        assert len(findings.of(side, DIAL)) == len(findings.of(side, HANG_UP)) == 2
        heard = [sample for kind in (DIAL, *UP, *DOWN) for sample in findings.of(side, kind) if sample.ms is not None]
        assert len(heard) == sum(kinds.values()) + 2
    assert len(findings.of(Side.NOBODY, CONTROL)) == 2
    assert len(findings.as_json()["tables"]) == 3


@pytest.mark.steady
async def test_the_load(tmp_path: Path) -> None:
    """SIPp's agents talk to its customers, and its supervisors are sent their sound until they hang up."""
    await ensure(LOAD, Progress())
    accounts = [Account(CUSTOMER, SECRET, "customers")]
    accounts += [Account(user, SECRET, "agents") for user in AGENTS]
    accounts += [Account(user, SECRET, "supervisors") for user in SUPERVISORS]
    async with Asterisk(await find_asterisk(cache_folder(), Progress()), accounts) as asterisk:
        load = Load(asterisk, SECRET, tmp_path)
        async with load.calls():
            assert set(await load.sent(AGENTS)) == set(AGENTS)
            async with load.supervised(Side.CHANSPY, 3, seconds=2):
                assert set(await load.sent(SUPERVISORS)) == set(SUPERVISORS[:3])
            async with asyncio.timeout(5):
                while await load.sent(SUPERVISORS):
                    pass
