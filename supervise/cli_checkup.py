"""``supervise doctor`` and ``supervise selftest``: is this Asterisk fit for supervision, and does it work on it?"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from supervise.ari import Access
from supervise.checkup.facts import Facts
from supervise.checkup.findings import Finding, Level, worst
from supervise.checkup.gather import gather
from supervise.checkup.judging import diagnose
from supervise.checkup.selftest import Report
from supervise.checkup.selftest import selftest as prove
from supervise.checkup.tones import Voice
from supervise.checkup.verdict import HEARD_DB, Outcome
from supervise.policyfile.errors import PolicyFileError
from supervise.policyfile.load import load
from supervise.settings import Settings, SettingsError, read_settings

SettingsFile = Annotated[
    Path | None, typer.Option("--settings", "-s", help="The settings (TOML); without it, all defaults.")
]
AsJson = Annotated[bool, typer.Option("--json", help="For a program: one JSON document.")]
OnlyNode = Annotated[str | None, typer.Option("--node", help="One Asterisk of several; all by default.")]

COULD_NOT = 2
"""The exit code of a self-test that could not be made."""

_SIGNS = {
    Level.ERROR: "[bold red]ERROR  [/]",
    Level.WARNING: "[bold yellow]warning[/]",
    Level.NOTE: "[cyan]note   [/]",
    Level.FINE: "[green]fine   [/]",
}


def doctor(settings: SettingsFile = None, node: OnlyNode = None, *, as_json: AsJson = False) -> None:
    """Look at an Asterisk over ARI and say what is wrong with it, each thing with the line to change.

    The exit code is 1 when supervision does not work or is not safe, else 0.
    """
    wanted = settings_from(settings)
    console = Console(highlight=False)
    phones = _phones_of(wanted.policy, console if not as_json else None)
    told = [(facts, diagnose(facts)) for facts in asyncio.run(_ask_all(accesses(wanted, node), phones))]
    if as_json:
        typer.echo(json.dumps([_plain(facts, findings) for facts, findings in told], indent=2))
    else:
        for facts, findings in told:
            _print(console, facts, findings)
    if any(worst(findings) is Level.ERROR for _, findings in told):
        raise typer.Exit(1)


def selftest(settings: SettingsFile = None, node: OnlyNode = None, *, as_json: AsJson = False) -> None:
    """Make a call of our own on an Asterisk, supervise it in every mode, and prove who heard whom.

    Safe beside live calls: nothing but channels of our own is touched, and they are gone at the end. It takes about ten
    seconds. The exit code is 0 when all is right, 1 when somebody heard what they were not to hear or did not hear what
    they were, 2 when the test could not be made.
    """
    wanted = settings_from(settings)
    console = Console(highlight=False, quiet=as_json)
    reports = [asyncio.run(_prove(access, console)) for access in accesses(wanted, node)]
    if as_json:
        typer.echo(json.dumps([_plain_report(report) for report in reports], indent=2))
    if any(report.trouble for report in reports):
        raise typer.Exit(COULD_NOT)
    if not all(report.right for report in reports):
        raise typer.Exit(1)


async def _prove(access: Access, console: Console) -> Report:
    console.print(f"[bold]{access.node}[/] at {access.url}")
    report = await prove(access, lambda outcome: console.print(_outcome_line(outcome)))
    for problem in (problem for outcome in report.outcomes for problem in outcome.problems):
        console.print(f"  [bold red]{escape(problem)}[/]")
    if not report.words:
        console.print("  [yellow]the spoken words are missing: supervise prompts .../sounds/en/supervise[/]")
    if report.trouble:
        console.print(f"  [bold red]the test could not be made: {escape(report.trouble)}[/]", soft_wrap=True)
    elif report.right:
        console.print(
            f"  [bold green]Asterisk {escape(report.version)}: everybody heard exactly whom they were to hear.[/]"
        )
    return report


def _outcome_line(outcome: Outcome) -> str:
    heard = {
        listener: [speaker for (one, speaker), level in outcome.levels.items() if one is listener and level >= HEARD_DB]
        for listener in Voice
    }
    words = "; ".join(f"{listener} hears {', '.join(speakers) or 'nobody'}" for listener, speakers in heard.items())
    sign = "[bold red]WRONG[/]" if outcome.problems else "[green]right[/]"
    return f"  {sign} {outcome.step.name:<14} {words} [dim]({outcome.took_ms:.0f} ms)[/]"


def _plain_report(report: Report) -> dict[str, object]:
    return {
        "node": report.node,
        "version": report.version,
        "right": report.right,
        "trouble": report.trouble,
        "words": report.words,
        "steps": [
            {
                "step": outcome.step.name,
                "problems": outcome.problems,
                "levels_db": {
                    f"{one} hears {other}": round(level, 1) for (one, other), level in outcome.levels.items()
                },
                "leaked_packets": outcome.leaked,
                "took_ms": round(outcome.took_ms),
            }
            for outcome in report.outcomes
        ],
    }


def settings_from(file: Path | None) -> Settings:
    """The settings; what is wrong with them is an error of the option."""
    try:
        return read_settings(file)
    except SettingsError as error:
        raise typer.BadParameter(str(error), param_hint="--settings") from error


def accesses(settings: Settings, node: str | None) -> list[Access]:
    """How each Asterisk of the settings is reached, or one of them."""
    nodes = [each for each in settings.node if node in {None, each.name}]
    if not nodes:
        names = ", ".join(each.name for each in settings.node)
        raise typer.BadParameter(f"the settings have no node {node}, but {names}", param_hint="--node")
    return [
        Access(each.name, str(each.url).rstrip("/"), each.user, each.password.get_secret_value(), settings.app)
        for each in nodes
    ]


async def _ask_all(ways: list[Access], phones: frozenset[str]) -> list[Facts]:
    return [await gather(access, phones) for access in ways]


def _phones_of(policy: Path, console: Console | None) -> frozenset[str]:
    """The endpoints that the policy names; without a policy that can be used, none."""
    try:
        people = load(policy).policy.people.values()
    except PolicyFileError as error:
        if console is not None:
            first = str(error).splitlines()[0]
            console.print(
                f"[cyan]note   [/] the policy cannot be used, so all phones are looked at alike: {escape(first)}"
            )
        return frozenset()
    return frozenset(endpoint for person in people for endpoint in person.endpoints)


def _print(console: Console, facts: Facts, findings: tuple[Finding, ...]) -> None:
    version = f", Asterisk {facts.version}" if facts.version else ""
    console.print(f"[bold]{facts.node}[/] at {facts.url}{version}")
    for line in _lines(findings):
        console.print(line, soft_wrap=True)
    counts = {level: sum(finding.level is level for finding in findings) for level in Level}
    errors, warnings = counts[Level.ERROR], counts[Level.WARNING]
    console.print(f"{errors} errors, {warnings} warnings\n", style="bold red" if errors else "bold")


def _lines(findings: tuple[Finding, ...]) -> Iterator[str]:
    for finding in findings:
        yield f"  {_SIGNS[finding.level]} {escape(finding.seen)}"
        if finding.change:
            yield f"          -> {escape(finding.change)}"


def _plain(facts: Facts, findings: tuple[Finding, ...]) -> dict[str, object]:
    return {
        "node": facts.node,
        "url": facts.url,
        "version": facts.version,
        "worst": worst(findings),
        "findings": [asdict(finding) for finding in findings],
    }
