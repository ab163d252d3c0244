"""``supervise lab``: the call centre in a box, and what is measured in it.

The lab's libraries are an extra of the package, and slow to load. So its modules are imported by the commands that need
them, and every other command does without.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from supervise.lab.ending import Keyboard
from supervise.lab.errors import LabError
from supervise.lab.progress import Progress
from supervise.policyfile.errors import PolicyFileError
from supervise.prompts import PromptsError

lab_app = typer.Typer(no_args_is_help=True, help="A call centre in a box: try it, and measure it.")

_EXPECTED = (LabError, PromptsError, PolicyFileError)


@lab_app.command()
def setup() -> None:
    """Make everything ready that `run`, `bench` and the telephony tests need: packages, Asterisk, sounds."""
    with _telling_errors():
        from supervise.lab.setup import set_up  # noqa: PLC0415 - see above

        way = asyncio.run(set_up(Progress()))
    typer.echo(f"Ready. Asterisk: {way.label}")


@lab_app.command()
def run(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="Play the scripted part and end; the exit code is 1 if a step goes wrong.")
    ] = False,
    sip_port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, envvar="SUPERVISE_LAB_SIP_PORT", help="UDP port of SIP; 5060 if that is free."),
    ] = None,
    address: Annotated[
        str, typer.Option(envvar="SUPERVISE_LAB_ADDRESS", help="Where SIP listens, for a softphone elsewhere.")
    ] = "127.0.0.1",
) -> None:
    """Run a call centre: a script shows who hears whom, then your softphone may supervise, until Ctrl-C."""
    with _telling_errors(), Keyboard() as keyboard:
        from supervise.lab.demo.run import Wishes, demonstrate  # noqa: PLC0415 - see above

        right = demonstrate(Wishes(once, address, sip_port), Console(highlight=False), keyboard)
    if not right:
        raise typer.Exit(1)


@lab_app.command()
def scenario(  # noqa: PLR0913 - each is an option of the command line
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Files with scenarios, or folders of them; without any, those that come with the product."),
    ] = None,
    *,
    report: Annotated[
        Path, typer.Option("--report", help="The folder for report.html, report.json and junit.xml.")
    ] = Path("build/scenarios"),
    check: Annotated[bool, typer.Option("--check", help="Only say what is wrong with the files.")] = False,
    nodes: Annotated[
        str, typer.Option(help="In the harness: each node as NAME=HOST; without it everything runs on this machine.")
    ] = "",
    shared: Annotated[Path, typer.Option(help="With --nodes: the folder that the containers share.")] = Path(),
    codec: Annotated[str, typer.Option(help="With --nodes: what every phone speaks, whatever the scenarios say.")] = "",
    secure: Annotated[bool, typer.Option("--secure", help="With --nodes: over TLS, and SRTP.")] = False,
    network: Annotated[
        str, typer.Option(help="What is done to the network, in words: frames that it loses are not counted.")
    ] = "",
) -> None:
    """Play scenarios with real phones, and write who heard whom into a report; the exit code is 1 if one is wrong."""
    with _telling_errors():
        from supervise.lab.report.write import write_report  # noqa: PLC0415 - see above
        from supervise.lab.scenarios.board import Board  # noqa: PLC0415 - see above
        from supervise.lab.scenarios.elsewhere import Elsewhere  # noqa: PLC0415 - see above
        from supervise.lab.scenarios.run import on_a_bad_network, read_all, run_here, run_there  # noqa: PLC0415 - see above

        scenarios = read_all(files or [])
        if check:
            typer.echo(f"{len(scenarios)} scenarios, nothing wrong with them")
            return
        console = Console(highlight=False)
        if nodes:
            password, journal = os.environ["ARI_PASSWORD"], os.environ["JOURNAL"]
            hosts = dict(node.split("=", 1) for node in nodes.split())
            board = Board("http://controller:8089", os.environ["BOARD_TOKEN"])
            there = Elsewhere(hosts, password, shared, journal, board, codec, secure)
            results = run_there(scenarios, there, console, forgiving=bool(network))
        else:
            results = run_here(scenarios, console)
        if network:
            results = on_a_bad_network(results, network)
        typer.echo(f"Report: {write_report(results, report)}")
    if not all(result.right for result in results):
        raise typer.Exit(1)


@lab_app.command()
def harness(
    situations: Annotated[
        list[str] | None, typer.Argument(help="Overrides: docker/compose.SITUATION.yaml, such as g722 or netem.")
    ] = None,
    *,
    scenarios: Annotated[str, typer.Option(help="Files or folders of the checkout, with spaces between.")] = "",
    report: Annotated[Path, typer.Option("--report", help="The folder for the report.")] = Path("build/harness"),
    if_there: Annotated[
        bool, typer.Option("--if-there", help="Where no engine answers, say so in a line and do nothing.")
    ] = False,
) -> None:
    """Play scenarios in containers: Asterisk, controller and phones on a network of their own."""
    with _telling_errors():
        from supervise.lab.docker.run import Order, play_in_containers  # noqa: PLC0415 - see above

        right = play_in_containers(
            Order(tuple(situations or ()), scenarios, report, if_there), Console(highlight=False)
        )
    if not right:
        raise typer.Exit(1)


@lab_app.command()
def bench(
    *,
    repetitions: Annotated[int, typer.Option(min=2, max=150, help="Visits to a call by each side.")] = 30,
    rounds: Annotated[int, typer.Option(min=0, max=100, help="Measurements of processor time; 0 for none.")] = 2,
    seed: Annotated[int, typer.Option(help="Of the random order in which the two sides come.")] = 0,
    write_docs: Annotated[bool, typer.Option("--write-docs", help="Put the tables into docs/benchmarks.md.")] = False,
) -> None:
    """Measure supervise beside ChanSpy on the same Asterisk; prints tables and writes build/bench.json."""
    with _telling_errors(), Keyboard() as keyboard:
        from supervise.lab.bench.run import Order, benchmark  # noqa: PLC0415 - see above

        counts = benchmark(Order(repetitions, rounds, seed, write_docs), Console(highlight=False), keyboard)
    if not counts:
        raise typer.Exit(1)


@lab_app.command("bench-board")
def bench_board_(  # noqa: PLR0913 - each is an option of the command line
    *,
    sockets: Annotated[int, typer.Option(min=20, max=1900, help="Browsers that are connected.")] = 500,
    agents: Annotated[int, typer.Option(min=20, max=5000, help="People on the board, half of them in a call.")] = 1000,
    changes: Annotated[int, typer.Option(min=1, max=1000, help="Calls that change in a second.")] = 50,
    stalled: Annotated[int, typer.Option(min=0, max=90, help="Browsers that read nothing, in per cent.")] = 5,
    seconds: Annotated[int, typer.Option(min=5, max=600, help="How long it is measured.")] = 20,
    sessions: Annotated[int, typer.Option(min=0, max=190, help="Those who look and supervise meanwhile.")] = 40,
    silent: Annotated[int, typer.Option(min=0, max=50_000, help="Connections that send nothing, at the end.")] = 10_000,
    write_docs: Annotated[bool, typer.Option("--write-docs", help="Put the table into docs/benchmarks.md.")] = False,
) -> None:
    """Measure the board: from a change of a call to the browsers, and what it costs the controller."""
    with _telling_errors():
        from supervise.lab.bench.board import bench_board as measure  # noqa: PLC0415 - see above
        from supervise.lab.bench.board_page import bench_page  # noqa: PLC0415 - see above
        from supervise.lab.bench.board_server import Load  # noqa: PLC0415 - see above
        from supervise.lab.bench.machine import Stopwatch  # noqa: PLC0415 - see above

        load, watch = Load(sockets, agents, changes, stalled, seconds, sessions, silent), Stopwatch.start()
        measured = measure(load)
        measured.page = bench_page(load)
        for line in measured.lines():
            typer.echo(line)
        if write_docs:
            typer.echo(f"Written: {measured.write(watch.stop('none'))}")


@contextmanager
def _telling_errors() -> Iterator[None]:
    """Print what the lab could not do, and end with 1; anything else is an error of ours and comes with its story."""
    try:
        yield
    except _EXPECTED as problem:
        errors: list[BaseException] = [problem]
    except ModuleNotFoundError as problem:
        errors = [LabError(f"the lab needs the Python package {problem.name}: pip install 'supervise[lab]'")]
    except BaseExceptionGroup as group:
        expected, unexpected = group.split(_EXPECTED)
        if expected is None or unexpected is not None:
            raise
        errors = list(_leaves(expected))
    else:
        return
    for error in errors:
        typer.secho(str(error), err=True, fg="red")
    raise typer.Exit(1)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error
