"""``supervise policy``: check a policy, ask it, test it, and see what a change of it would change."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from supervise.domain.review.compare import changes
from supervise.domain.review.differences import others, protections
from supervise.domain.review.explain import decision_of, explain
from supervise.domain.rights.decisions import Refused, Right, Rights, Sight
from supervise.domain.rights.limits import Usage
from supervise.domain.rights.policy import Policy
from supervise.domain.rights.rules import STRANGER, CallFacts, Direction, Question
from supervise.domain.words import Mode, Visibility
from supervise.policyfile import telling
from supervise.policyfile.build import RIGHTS
from supervise.policyfile.errors import PolicyFileError
from supervise.policyfile.expectations import in_zone, read_expectations
from supervise.policyfile.jsonschema import json_schema
from supervise.policyfile.load import Loaded, load
from supervise.policyfile.nodes import ReadLimits
from supervise.policyfile.pins import hashed, password_problem, pin_problem
from supervise.policyfile.words import closest

policy_app = typer.Typer(no_args_is_help=True, help="Check a policy, ask it, test it, compare two versions.")

FAILED, BROKEN = 1, 2
"""What was asked for is not so; a file cannot be used, or the question makes no sense."""

_MOMENTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"]

File = Annotated[Path, typer.Argument(help="The policy: a YAML file, or a folder of them.")]
InForce = Annotated[Path, typer.Option("--policy", envvar="SUPERVISE_POLICY", help="The policy: a file or a folder.")]
Queue = Annotated[str, typer.Option(help="The queue that the call came through.")]
Megabytes = Annotated[int, typer.Option(min=1, max=100, help="How large a file may be, for thousands of people.")]
Who = Annotated[str, typer.Option(help="The supervisor's name, endpoint or extension.")]
Whom = Annotated[str, typer.Option(help="The agent's name, endpoint or extension.")]
ModeOption = Annotated[Mode | None, typer.Option(help="A mode.")]
RightOption = Annotated[str | None, typer.Option("--right", help="Any right by its name, such as hold-agent.")]
At = Annotated[datetime | None, typer.Option(formats=_MOMENTS, help="When, in the zone of the house; now by default.")]


@policy_app.command()
def check(
    file: File = Path("policy.yaml"),
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings are errors.")] = False,
    megabytes: Megabytes = 1,
) -> None:
    """Say everything that is wrong or odd with a policy, each with its line and column."""
    loaded = _loaded(file, megabytes)
    for warning in loaded.warnings:
        typer.echo(str(warning), err=True)
    policy = loaded.policy
    counts = f"{len(policy.people)} people, {len(policy.teams)} teams, {len(policy.rules)} rules"
    typer.echo(f"{file}: {counts}, {len(loaded.warnings)} warnings, sha256 {policy.hash}")
    if strict and loaded.warnings:
        raise typer.Exit(FAILED)


@policy_app.command("explain")
def explain_(  # noqa: PLR0913  each is an option of the command line
    *,
    policy: InForce = Path("policy.yaml"),
    who: Who,
    whom: Whom,
    mode: ModeOption = None,
    right: RightOption = None,
    how: Annotated[Visibility | None, typer.Option(help="Visible or hidden; whichever is allowed by default.")] = None,
    at: At = None,
    number: Annotated[
        list[str] | None, typer.Option(help="The number of another party; '' for a withheld one.")
    ] = None,
    endpoint: Annotated[list[str] | None, typer.Option(help="The endpoint of another party.")] = None,
    queue: Queue = "",
    direction: Annotated[Direction | None, typer.Option(help="Where the call came from.")] = None,
    private: Annotated[bool, typer.Option("--private", help="The call is marked private.")] = False,
    used: Annotated[
        tuple[int, int, int, int],
        typer.Option(help="Sessions there are: on the call, of the supervisor, with the agent today, this month."),
    ] = (0, 0, 0, 0),
    megabytes: Megabytes = 1,
) -> None:
    """Explain one decision: the rule that made it, every rule that did not, and what would have to change.

    The exit code is 0 for yes, 1 for no.
    """
    rules = _loaded(policy, megabytes).policy
    others_ = frozenset(endpoint or ()) if number or endpoint else STRANGER
    call = CallFacts(frozenset(number or ()), others_, queue, direction, private)
    question = Question(_name(rules, who), _name(rules, whom), _moment(rules, at), call, Usage(*used))
    explanation = explain(rules, question, _right(mode, right), how)
    for line in telling.explained(explanation):
        typer.echo(line)
    if isinstance(explanation.decision, Refused):
        raise typer.Exit(FAILED)


@policy_app.command()
def who_can(  # noqa: PLR0913  each is an option of the command line
    *,
    policy: InForce = Path("policy.yaml"),
    whom: Whom,
    mode: ModeOption = None,
    right: RightOption = None,
    at: At = None,
    queue: Queue = "",
    megabytes: Megabytes = 1,
) -> None:
    """List everybody who has a right towards an agent, with the rule that gives it."""
    rules = _loaded(policy, megabytes).policy
    wanted, agent, moment = _right(mode, right), _name(rules, whom), _moment(rules, at)
    table = Table("who", "role", "how", "rule")
    for name, person in rules.people.items():
        decision = decision_of(rules, Question(name, agent, moment, CallFacts(endpoints=STRANGER, queue=queue)), wanted)
        if not isinstance(decision, Refused):
            table.add_row(name, person.role, telling.conditions(decision), decision.rule)
    _show(table, f"Nobody can {wanted} {agent} at that time.")


@policy_app.command()
def what_can(
    *,
    policy: InForce = Path("policy.yaml"),
    who: Who,
    at: At = None,
    queue: Queue = "",
    megabytes: Megabytes = 1,
) -> None:
    """Show all that a supervisor may do, agents with the same rights in one row."""
    rules = _loaded(policy, megabytes).policy
    supervisor, moment = _name(rules, who), _moment(rules, at)
    rows: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for agent in rules.people:
        question = Question(supervisor, agent, moment, CallFacts(endpoints=STRANGER, queue=queue))
        rows[_row(rules, question, rules.rights(question))].append(agent)
    table = Table("agents", *Mode, "further", "sees")
    for cells, agents in sorted(rows.items(), key=lambda row: row[1][0]):
        if set(cells) - {"-", ""}:
            table.add_row(telling.names(agents), *cells)
    _show(table, f"{supervisor} can do nothing at that time.")


def _row(policy: Policy, question: Question, rights: Rights) -> tuple[str, ...]:
    modes = [telling.cell(rights, mode) for mode in Mode]
    further = [action for action, decision in rights.actions.items() if not isinstance(decision, Refused)]
    sees = [sight for sight in Sight if not isinstance(policy.may_see(question, sight), Refused)]
    return (*modes, ", ".join(further), ", ".join(sees))


@policy_app.command("test")
def hold_against(
    file: Annotated[Path, typer.Argument(help="A YAML file of expectations.")],
    *,
    policy: Annotated[Path | None, typer.Option(help="The policy, instead of the one that the file names.")] = None,
    megabytes: Megabytes = 1,
) -> None:
    """Hold expectations against a policy. The exit code is 0 if all are met, 1 if one is not, 2 if a file is broken."""
    with _telling_problems():
        expectations = read_expectations(file)
        place = policy or expectations.policy
        if place is None:
            raise typer.BadParameter("the file names no policy", param_hint="--policy")
        outcomes = expectations.against(_loaded(place, megabytes).policy)
    failed = [outcome for outcome in outcomes if not outcome.met]
    for outcome in failed:
        because = f", because: {outcome.because}" if outcome.because else ""
        typer.echo(f"{outcome.place}: expected {outcome.wanted}{because}")
        for line in telling.explained(outcome.explanation):
            typer.echo(f"    {line}".rstrip())
    typer.echo(f"{len(outcomes)} expectations, {len(failed)} not met")
    if failed:
        raise typer.Exit(FAILED)


@policy_app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="The policy as it was.")],
    new: Annotated[Path, typer.Argument(help="The policy as it is to be.")],
    *,
    at: At = None,
    megabytes: Megabytes = 1,
) -> None:
    """Say whose rights grow (+) and whose shrink (-). The exit code is 0 if nobody's do, 1 if some do."""
    before, after = (_loaded(path, megabytes).policy for path in (old, new))
    if before.hash == after.hash:
        typer.echo("Both say the same.")
        return
    with Console(stderr=True).status("Comparing everybody's rights ..."):
        found = list(telling.told(changes(before, after, _moment(after, at)), after.house.zone))
        found += telling.protected(protections(before, after))
        found += [f"~ {line}" for line in others(before, after)]
    for line in found:
        typer.echo(line)
    if found:
        raise typer.Exit(FAILED)
    typer.echo("They are written differently, and nobody's rights differ.")


@policy_app.command("hash")
def hash_(
    *,
    password: Annotated[bool, typer.Option("--password", help="A password for the board instead of a PIN.")] = False,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read it from standard input, for scripts.")] = False,
) -> None:
    """Make the hash of a PIN or a password, to be put after 'pin:' or 'login:' in the policy."""
    secret = _secret_from_stdin() if stdin else _secret_from_terminal("password" if password else "PIN")
    problem = (password_problem if password else pin_problem)(secret)
    if problem:
        typer.echo(problem, err=True)
        raise typer.Exit(BROKEN)
    typer.echo(hashed(secret))


def _secret_from_stdin() -> str:
    return sys.stdin.readline(1000).rstrip("\r\n")


def _secret_from_terminal(what: str) -> str:
    secret = getpass(f"New {what}: ")
    if getpass(f"The same {what} again: ") != secret:
        typer.echo("They are not the same.", err=True)
        raise typer.Exit(BROKEN)
    return secret


@policy_app.command()
def schema() -> None:
    """Print the JSON Schema of the policy, for editors."""
    typer.echo(json_schema(), nl=False)


# --- what the commands share


@contextmanager
def _telling_problems() -> Iterator[None]:
    try:
        yield
    except PolicyFileError as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        raise typer.Exit(BROKEN) from None


def _loaded(path: Path, megabytes: int) -> Loaded:
    with _telling_problems():
        return load(path, ReadLimits.for_megabytes(megabytes))


def _name(policy: Policy, given: str) -> str:
    """The name of somebody who was given by name, endpoint or extension."""
    person = policy.person(given) or policy.person_by_extension(given) or policy.person_by_endpoint(given)
    if person is None:
        typer.echo(f"The policy does not know {given!r}.", err=True)
        raise typer.Exit(BROKEN)
    return person.name


def _right(mode: Mode | None, right: str | None) -> Right:
    """The right that was given in one of the two ways."""
    if (mode is None) == (right is None):
        raise typer.BadParameter("say one of --mode and --right")
    if mode is not None:
        return mode
    found = RIGHTS.get(right or "")
    if found is None:
        hint = closest(right or "", RIGHTS)
        raise typer.BadParameter(f"no right is called {right!r}{f'; did you mean {hint!r}?' if hint else ''}")
    return found


def _moment(policy: Policy, at: datetime | None) -> datetime:
    return datetime.now(UTC).astimezone(policy.house.zone) if at is None else in_zone(at, policy)


def _show(table: Table, nothing: str) -> None:
    if table.row_count:
        Console().print(table)
    else:
        typer.echo(nothing)
