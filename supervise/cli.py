"""The command line: ``supervise serve``, and everything around it."""

from pathlib import Path
from typing import Annotated

import typer

from supervise import __version__, logs
from supervise.cli_checkup import doctor, selftest
from supervise.cli_history import history_app
from supervise.cli_lab import lab_app
from supervise.cli_policy import policy_app
from supervise.cli_signins import signins_app
from supervise.cli_token import token_app
from supervise.prompts import PromptsError, make_prompts
from supervise.settings import SettingsError, read_settings

app = typer.Typer(no_args_is_help=True, pretty_exceptions_show_locals=False, help="Call supervision for Asterisk.")

app.add_typer(history_app, name="history")
app.add_typer(policy_app, name="policy")
app.add_typer(token_app, name="token")
app.add_typer(signins_app, name="signins")
app.add_typer(lab_app, name="lab")
app.command()(doctor)
app.command()(selftest)

SettingsFile = Annotated[
    Path | None, typer.Option("--settings", "-s", help="The settings (TOML); without it, all defaults.")
]


@app.callback()
def common(
    *,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log details, callers' numbers among them.")] = False,
) -> None:
    """Call supervision for Asterisk: monitor, coach and barge, with rights, a journal and proof."""
    logs.set_up(verbose=verbose)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


@app.command()
def serve(settings: SettingsFile = None) -> None:
    """Run the controller until it is told to end (Ctrl-C or SIGTERM); SIGHUP reads the policy again."""
    try:
        wanted = read_settings(settings)
    except SettingsError as error:
        raise typer.BadParameter(str(error), param_hint="--settings") from error
    from supervise.cli_serve import run  # noqa: PLC0415 - slow to load, and no other command needs it

    run(wanted)


@app.command()
def prompts(folder: Annotated[Path, typer.Argument(help="For example /var/lib/asterisk/sounds/en/supervise.")]) -> None:
    """Make the spoken words into a folder of Asterisk's sounds (needs espeak-ng and sox)."""
    try:
        make_prompts(folder)
    except PromptsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"Made in {folder}")


def main() -> None:
    """Run the command line."""
    app()
