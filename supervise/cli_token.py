"""``supervise token``: let a program use the board's API for somebody, with no more than the scopes it is given."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from supervise.settings import SettingsError, WebSettings, read_settings
from supervise.web.entry.signins import Scope
from supervise.web.entry.tokens import TokenFile, TokensError

token_app = typer.Typer(no_args_is_help=True, help="Let programs use the board's API.")

SettingsFile = Annotated[Path | None, typer.Option("--settings", "-s", help="The settings, for the place of the file.")]


@token_app.command()
def make(
    name: Annotated[str, typer.Argument(help="What you call it.")],
    *,
    person: Annotated[str, typer.Option("--for", help="For whom it acts: their name in the policy.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may be used for; once for each.")],
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="How long it lasts; for ever by default.")] = None,
    settings: SettingsFile = None,
) -> None:
    """Make a token and print it once: only its hash is kept."""
    with _telling_errors():
        typer.echo(_file(settings).make(name, person, scope, days))


@token_app.command("list")
def list_(settings: SettingsFile = None) -> None:
    """List the tokens."""
    with _telling_errors():
        for token in _file(settings).all():
            ends = "for ever" if token.ends is None else f"until {token.ends:%Y-%m-%d}"
            typer.echo(f"{token.name}: for {token.person}, {', '.join(sorted(token.scopes))}, {ends}")


@token_app.command()
def revoke(name: Annotated[str, typer.Argument(help="Which.")], settings: SettingsFile = None) -> None:
    """Let a token count no more; a running controller knows at the next request."""
    with _telling_errors():
        if not _file(settings).revoke(name):
            raise TokensError(f"there is no token called {name}")


def _file(settings: Path | None) -> TokenFile:
    """The file that the settings name; the ARI passwords are not needed here."""
    try:
        web = read_settings(settings, {}, secrets=False).web
    except SettingsError as error:
        raise typer.BadParameter(str(error), param_hint="--settings") from error
    return TokenFile((web or WebSettings()).tokens)


@contextmanager
def _telling_errors() -> Iterator[None]:
    try:
        yield
    except TokensError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
