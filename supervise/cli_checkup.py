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
from supervise.policyfile.errors import PolicyFileError
from supervise.policyfile.load import load
from supervise.settings import Settings, SettingsError, read_settings

SettingsFile = Annotated[
    Path | None, typer.Option("--settings", "-s", help="The settings (TOML); without it, all defaults.")
]
AsJson = Annotated[bool, typer.Option("--json", help="For a program: one JSON document.")]
OnlyNode = Annotated[str | None, typer.Option("--node", help="One Asterisk of several; all by default.")]

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
