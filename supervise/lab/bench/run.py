"""The benchmark: supervise and ChanSpy beside each other, on one Asterisk, in one run."""

import asyncio
import json
import random
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from supervise.lab.asterisk import Asterisk
from supervise.lab.asterisk.accounts import Account
from supervise.lab.asterisk.finding import find_asterisk
from supervise.lab.bench.cpu import Cost, Costs
from supervise.lab.bench.docs import write_docs
from supervise.lab.bench.load import AGENTS, CUSTOMER, LOAD, SUPERVISORS, Load
from supervise.lab.bench.machine import Stopwatch
from supervise.lab.bench.plan import Visit, policy, visits
from supervise.lab.bench.reading import Reader, Sample
from supervise.lab.bench.report import Findings, Grid
from supervise.lab.bench.visit import Lane
from supervise.lab.checkout import CHECKOUT, cache_folder
from supervise.lab.controlled import ControllerProcess
from supervise.lab.ending import Keyboard, scratch, until_told
from supervise.lab.needs import PHONES, ensure
from supervise.lab.progress import Progress, Step
from supervise.lab.wire.sniffer import Sniffer

RESULT: Final = CHECKOUT / "build/bench.json"

_LANES: Final = (1, 2, 3)
"""Calls that are visited at the same time; more would get in each other's way on two cores."""

_CALM_S: Final = 1.5
"""After the calls' beginning."""

_SECRET: Final = "lab"  # noqa: S105 - the phones of a private, thrown-away Asterisk on loopback


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be measured.

    Attributes:
        repetitions: visits of each side, and calls that are waited for.
        rounds: measurements of processor time at each level; 0 for none.
        seed: of the random order.
        docs: write the tables into docs/benchmarks.md.
    """

    repetitions: int = 30
    rounds: int = 2
    seed: int = 0
    docs: bool = False


def benchmark(order: Order, console: Console, keyboard: Keyboard) -> bool:
    """Measure, show, and write build/bench.json; whether the run counts.

    Raises:
        LabError: something is missing or failed, or the capture lost packets.
    """
    with scratch() as folder:
        findings = asyncio.run(until_told(_measure(order, folder), keyboard))
    if findings is None:
        console.print("\nEnded before there was a result. Nothing of it is left.")
        return False
    _show(findings, console)
    problems = findings.problems()
    for problem in problems:
        console.print(f"[bold red]This run does not count:[/] {problem}.")
    if order.docs and not problems:
        console.print(f"Written: {write_docs(findings)}")
    return not problems


async def _measure(order: Order, folder: Path) -> Findings:
    progress, watch = Progress(), Stopwatch.start()
    way = await find_asterisk(cache_folder(), progress)
    await ensure((*PHONES, *LOAD), progress)
    chance = random.Random(order.seed)  # noqa: S311 - an order, not a secret
    rules = policy(_lane_users(2) + AGENTS, _lane_users(3) + SUPERVISORS)
    async with (
        Asterisk(way, _accounts()) as asterisk,
        ControllerProcess(asterisk, _folder(folder, "controller"), rules) as controller,
    ):
        samples = await _visit(asterisk, visits(order.repetitions, chance), progress)
        samples += await _follow(asterisk, order.repetitions, progress)
        costs: list[Cost] = []
        if order.rounds:
            measuring = Costs(asterisk, controller, Load(asterisk, _SECRET, _folder(folder, "load")))
            async with progress.step("Measuring processor time: 40 calls, and up to 40 sessions in them"):
                costs = await measuring.measure(order.rounds, chance)
        return Findings(watch.stop(f"{asterisk.version} ({way.label})"), order.repetitions, samples, costs)


def _folder(where: Path, name: str) -> Path:
    folder = where / name
    folder.mkdir()
    return folder


async def _visit(asterisk: Asterisk, todo: list[Visit], progress: Progress) -> list[Sample]:
    """Play the visits in three calls at once, then read what came of them."""
    with Sniffer() as sniffer, sniffer.keep():
        async with AsyncExitStack() as stack, progress.step(f"Playing {len(todo)} visits") as step:
            lanes = await _open(asterisk, stack)
            await asyncio.gather(*(_play(lane, todo, step) for lane in lanes))
        async with progress.step("Reading the capture"):
            return await asyncio.to_thread(_read, Reader(sniffer), lanes)


async def _play(lane: Lane, todo: list[Visit], step: Step) -> None:
    while todo:
        step.detail = f"{len(todo)} to go"
        await lane.play(todo.pop())


def _read(reader: Reader, lanes: list[Lane]) -> list[Sample]:
    return [sample for lane in lanes for played in lane.played for sample in reader.samples(lane, played)]


async def _follow(asterisk: Asterisk, count: int, progress: Progress) -> list[Sample]:
    """Let three supervisors wait for so many calls, then read how soon they were in them."""
    with Sniffer() as sniffer, sniffer.keep():
        async with AsyncExitStack() as stack, progress.step(f"Waiting for {count} next calls"):
            lanes = await _open(asterisk, stack)
            await asyncio.gather(*(lane.follow(-(-count // len(lanes))) for lane in lanes))
        reader = Reader(sniffer)
        return await asyncio.to_thread(lambda: [reader.next_call(call) for lane in lanes for call in lane.followed])


async def _open(asterisk: Asterisk, stack: AsyncExitStack) -> list[Lane]:
    lanes = await asyncio.gather(*(Lane.open(stack, number, _SECRET, asterisk.sip) for number in _LANES))
    await asyncio.sleep(_CALM_S)
    return lanes


def _lane_users(kind: int) -> tuple[str, ...]:
    return tuple(f"{kind}0{lane}" for lane in _LANES)


def _accounts() -> list[Account]:
    contexts = {
        "customers": (*_lane_users(1), CUSTOMER),
        "agents": (*_lane_users(2), *AGENTS),
        "supervisors": (*_lane_users(3), *SUPERVISORS),
    }
    return [Account(user, _SECRET, context) for context, users in contexts.items() for user in users]


def _show(findings: Findings, console: Console) -> None:
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(findings.as_json(), indent=1))
    console.print(f"\n{findings.machine}; {findings.repetitions} visits of each side", style="dim")
    for grid in findings.grids():
        console.print()
        console.print(_table(grid))
    console.print(f"\nAll of it, single samples too: {RESULT}")


def _table(grid: Grid) -> Table:
    table = Table(title=grid.title, title_justify="left", title_style="bold")
    for column, name in enumerate(grid.header):
        table.add_column(name, justify="right" if column else "left", no_wrap=not column)
    for row in grid.rows:
        table.add_row(*row)
    return table
