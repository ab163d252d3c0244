"""Measures a policy of 10 000 people and 500 rules: loading, memory, decisions, explaining, comparing.

Run it by hand, on an idle machine: ``python tests/bench/bench_policy.py [--json FILE]``. It prints a table and asserts
nothing: a figure that is worse than it was is for people to judge.
"""

import argparse
import asyncio
import gc
import json
import random
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from supervise.domain.review.compare import changes
from supervise.domain.review.explain import explain
from supervise.domain.rights.limits import Usage
from supervise.domain.rights.policy import Policy
from supervise.domain.rights.rules import CallFacts, Direction, Question
from supervise.domain.words import Mode
from supervise.policyfile.load import Loaded, load
from supervise.policyfile.nodes import ReadLimits
from supervise.policyfile.watch import PolicyNews, PolicyWatch

PEOPLE, RULES, TEAMS, ROLES, NEVERS = 10_000, 500, 200, 20, 200
ROOM = ReadLimits.for_megabytes(3)
HASH = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def policy_text() -> str:
    """A policy of a large site: one lead, with a PIN, for nine agents."""
    return "\n".join([*_people(), *_rules(), *_nevers(), "house: {numbering: {country: 49}}", ""])


def _people() -> Iterator[str]:
    yield "roles:\n  agent:"
    yield from (f"  lead{role}: {{name: Lead {role}}}" for role in range(ROLES))
    yield "teams:"
    yield from (f"  t{team}: {{name: Team {team}, queues: [q{team}]}}" for team in range(TEAMS))
    yield "people:"
    for number in range(PEOPLE):
        is_lead = number % 10 == 0
        role = f"lead{number // 10 % ROLES}" if is_lead else "agent"
        pin = f"\n    pin: {HASH}" if is_lead else ""
        yield f"  p{number}:\n    name: Person {number}\n    endpoint: {10_000 + number}\n    role: {role}"
        yield f"    teams: [t{number % TEAMS}]{pin}"


def _rules() -> Iterator[str]:
    yield "rules:"
    for number in range(RULES):
        whom = (
            "own-teams",
            f"{{teams: [t{number % TEAMS}, t{number * 7 % TEAMS}]}}",
            f"{{people: [p{number * 13 % PEOPLE}, p{number * 17 % PEOPLE}]}}",
        )[number % 3]
        yield f"  - who: lead{number % ROLES}\n    may: [monitor, coach, barge, see-board]\n    whom: {whom}"
        yield f"    how: choice\n    when: {{days: mon-fri, from: 0{number % 8}:00, to: 18:00}}"
        yield f"    within: {{minutes: {number % 60 + 1}, sessions_per_call: {number % 3 + 1}}}"


def _nevers() -> Iterator[str]:
    yield "never:"
    yield from (f'  - {{numbers: ["+49{n:04}XXXX"], prefixes: ["+43{n:03}"]}}' for n in range(NEVERS))


def questions(policy: Policy, count: int) -> list[Question]:
    """Random supervisors and agents in random calls, the same ones each time."""
    chance = random.Random(1)  # noqa: S311  a benchmark keeps no secrets
    leads = [name for name, person in policy.people.items() if person.role != "agent"]
    agents = list(policy.people)
    return [
        Question(
            chance.choice(leads),
            chance.choice(agents),
            NOON,
            CallFacts(
                frozenset({f"030{chance.randrange(10**7)}"}),
                queue=f"q{chance.randrange(TEAMS)}",
                direction=Direction.INBOUND,
            ),
            Usage(),
        )
        for _ in range(count)
    ]


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """The median time that something takes."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def megabytes(file: Path) -> tuple[float, float]:
    """What a loaded policy keeps, and the most that loading takes."""
    gc.collect()
    tracemalloc.start()
    policy = load(file, ROOM).policy
    gc.collect()
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(policy.people) == PEOPLE
    return kept / 1e6, peak / 1e6


async def reload_latency(file: Path, count: int) -> list[float]:
    """Milliseconds from a written change to the policy in force."""
    text, heard, found = file.read_text(), asyncio.Event(), []

    def tell(_: PolicyNews) -> None:
        heard.set()

    watch = PolicyWatch(file, tell, limits=ROOM)
    task = asyncio.create_task(watch.run())
    await heard.wait()
    for number in range(count):
        await asyncio.sleep(1)
        heard.clear()
        began = time.perf_counter()
        beside = file.with_suffix(".new")
        beside.write_text(f"{text}reasons: {{{number}: changed}}\n")
        beside.rename(file)
        await heard.wait()
        found.append((time.perf_counter() - began) * 1000)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    file.write_text(text)
    return found


def measure(folder: Path) -> dict[str, float]:
    """Every figure."""
    file = folder / "policy.yaml"
    file.write_text(policy_text())
    small = folder / "small.yaml"
    small.write_text("people: {anna: {role: lead, endpoint: 301}}\nroles: {lead: }\n")
    loaded: Loaded = load(file, ROOM)
    policy = loaded.policy
    some = questions(policy, 20_000)
    changed = folder / "changed.yaml"
    changed.write_text(policy_text().replace("may: [monitor, coach, barge", "may: [monitor, barge", 1))
    kept, peak = megabytes(file)
    return {
        "file, MB": file.stat().st_size / 1e6,
        "load, s": seconds(lambda: load(file, ROOM)),
        "find oddities, s": seconds(lambda: load(file, ROOM).warnings) - seconds(lambda: load(file, ROOM)),
        "memory kept, MB": kept,
        "memory while loading, MB": peak,
        "all rights of a pair, a second": len(some) / seconds(lambda: [policy.rights(one) for one in some]),
        "single decisions, a second": len(some) / seconds(lambda: [policy.decide(one, Mode.COACH) for one in some]),
        "explanations, a second": 500 / seconds(lambda: [explain(policy, one, Mode.COACH) for one in some[:500]]),
        "compare two versions, s": seconds(lambda: changes(policy, load(changed, ROOM).policy, NOON), 1),
        "change to in force, 10 000 people, ms": statistics.median(asyncio.run(reload_latency(file, 5))),
        "change to in force, one person, ms": statistics.median(asyncio.run(reload_latency(small, 10))),
    }


def main() -> None:
    """Measure, and show."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder))
    table = Table("10 000 people, 500 rules", "", title="supervise policy")
    for name, figure in figures.items():
        table.add_row(name, f"{figure:,.3g}" if figure < 1000 else f"{figure:,.0f}")
    Console().print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
