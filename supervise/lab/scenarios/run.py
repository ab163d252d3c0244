"""Plays scenarios one after the other, each in a call centre of its own, and tells how they go."""

import asyncio
import sys
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from supervise.lab.asterisk import Way, find_asterisk
from supervise.lab.callcentre import POLICY, CallCentre, Plan
from supervise.lab.checkout import CHECKOUT, cache_folder
from supervise.lab.demo.policy import PASSWORD
from supervise.lab.errors import LabError
from supervise.lab.needs import CROWD, PHONES, ensure
from supervise.lab.phones.crowd import AGENTS, CUSTOMERS
from supervise.lab.progress import Progress
from supervise.lab.scenarios.elsewhere import Elsewhere, Visit
from supervise.lab.scenarios.play import play
from supervise.lab.scenarios.reading import Scenario, read_scenario
from supervise.lab.scenarios.result import ScenarioResult, StepResult
from supervise.lab.scenarios.venue import LocalVenue
from supervise.policyfile.pins import hashed

SHIPPED = CHECKOUT / "tests/scenarios"
"""The scenarios that come with the product."""


def read_all(paths: Sequence[Path]) -> list[Scenario]:
    """The scenarios of these files and folders; those that come with the product, where none are named.

    Raises:
        PolicyFileError: one has mistakes.
        LabError: a folder has none.
    """
    files = [file for path in paths or [SHIPPED] for file in _files(path)]
    return [read_scenario(file) for file in files]


def _files(path: Path) -> Iterable[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(path.glob("*.yaml"))
    if not found:
        raise LabError(f"{path} has no scenario: no file in it ends in .yaml")
    return found


def run_here(scenarios: Sequence[Scenario], console: Console) -> list[ScenarioResult]:
    """Play them on this machine."""
    return asyncio.run(_run(scenarios, console))


def run_there(
    scenarios: Iterable[Scenario], elsewhere: Elsewhere, console: Console, *, forgiving: bool = False
) -> list[ScenarioResult]:
    """Play them in a call centre that is there already; where it is forgiving, lost frames are held against nobody."""
    return asyncio.run(_run_there(scenarios, elsewhere, console, forgiving=forgiving))


async def _run_there(
    scenarios: Iterable[Scenario],
    elsewhere: Elsewhere,
    console: Console,
    *,
    forgiving: bool,
) -> list[ScenarioResult]:
    results = []
    policy = with_sign_in(POLICY)
    for scenario in scenarios:
        part = scenario.part
        console.print(f"[bold]{escape(scenario.name)}[/]")
        async with Visit(elsewhere, part.codec, part.policy or policy) as visit:
            result = await play(scenario, visit, lambda step: tell_step(console, step))
        result = forgiven(result) if forgiving else result
        tell_result(console, result)
        results.append(result)
    return results


async def _run(scenarios: Sequence[Scenario], console: Console) -> list[ScenarioResult]:
    progress = Progress()
    way = await find_asterisk(cache_folder(), progress)
    await ensure(PHONES, progress)
    if any(scenario.part.crowd for scenario in scenarios):
        await ensure(CROWD, progress)
    return [await _one(scenario, way, console) for scenario in scenarios]


async def _one(scenario: Scenario, way: Way, console: Console) -> ScenarioResult:
    part = scenario.part
    plan = Plan(policy=part.policy or POLICY, codec=part.codec, agents_mark_private=part.private_codes)
    others = part.crowd.agents if part.crowd else 0
    users = tuple({*plan.users, *(phone.user for phone in part.phones.values()), *AGENTS[:others], *CUSTOMERS[:others]})
    plan = Plan(users, plan.policy, plan.codec, plan.options, plan.agents_mark_private)
    console.print(f"[bold]{escape(scenario.name)}[/]")
    async with AsyncExitStack() as stack:
        centre = await stack.enter_async_context(CallCentre(way, plan))
        result = await play(scenario, LocalVenue(centre), lambda step: tell_step(console, step))
        await centre.hang_up_all()
    tell_result(console, result)
    return result


def with_sign_in(policy: str) -> str:
    """A policy in which the lead of the call centre may sign in to the board, with the demonstration's password."""
    lead = 'role: lead, endpoint: "301"'
    return policy.replace(lead, f"{lead}, login: '{hashed(PASSWORD)}'")


def forgiven(result: ScenarioResult) -> ScenarioResult:
    """A result with its lost frames forgiven: the network was to lose some."""
    return replace(result, may_lose=sys.maxsize)


def on_a_bad_network(results: Sequence[ScenarioResult], words: str) -> list[ScenarioResult]:
    """The results with what the network lost told; where it lost nothing, it was not bad, and that is wrong."""
    dropped = sum(each.dropped for each in results)
    told = f"{words}; {dropped} packets lost"
    named = [replace(forgiven(each), versions={**each.versions, "network": told}) for each in results]
    if dropped or not named:
        return named
    return [replace(named[0], trouble=f"the network was not made worse: {told}"), *named[1:]]


def tell_step(console: Console, step: StepResult) -> None:
    """A step's line, and what was wrong with it."""
    sign = "[green]right[/]" if step.right else "[bold red]WRONG[/]"
    console.print(f"  {sign} {escape(step.what)} [dim]({step.settled_ms:.0f} ms)[/]")
    for problem in step.problems:
        console.print(f"        [red]{escape(problem)}[/]")


def tell_result(console: Console, result: ScenarioResult) -> None:
    """A scenario's last line."""
    frames = sum(fate.frames.matched for fate in result.fates)
    verdict = "[bold green]right[/]" if result.right else "[bold red]WRONG[/]"
    console.print(f"  {verdict} in {result.took_s:.0f} s; {result.lost} of {frames} frames of the call were lost\n")
    for problem in result.of_the_whole:
        console.print(f"  [red]{escape(problem)}[/]\n")
