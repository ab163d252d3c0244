"""``supervise signins``: who is signed in to the board, and signing them out from the machine it runs on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from supervise.history.errors import UnknownPlaceError
from supervise.settings import SettingsError, read_settings
from supervise.web.entry.store import StoreError, end_sign_ins, list_sign_ins

signins_app = typer.Typer(no_args_is_help=True, help="Who is signed in to the board; sign people out.")

SettingsFile = Annotated[Path | None, typer.Option("--settings", "-s", help="The settings, for the place of the file.")]


@signins_app.command("list")
def list_(settings: SettingsFile = None) -> None:
    """List who is signed in; a sign-in that is used is written down once a minute."""
    with _telling_errors():
        for one in list_sign_ins(_file(settings)):
            typer.echo(
                f"{one.person}: by {one.how}, since {one.began:%Y-%m-%d %H:%M}, used {one.used:%Y-%m-%d %H:%M} UTC"
            )


@signins_app.command()
def end(
    person: Annotated[str | None, typer.Argument(help="Whom: their name in the policy.")] = None,
    *,
    everybody: Annotated[bool, typer.Option("--everybody", help="Sign everybody out.")] = False,
    settings: SettingsFile = None,
) -> None:
    """Sign somebody out of every browser, or everybody; a running controller knows within two seconds."""
    if everybody == (person is not None):
        raise typer.BadParameter("name somebody, or say --everybody")
    with _telling_errors():
        count = end_sign_ins(_file(settings), person)
    typer.echo(f"{count} {'sign-in' if count == 1 else 'sign-ins'} ended")


def _file(settings: Path | None) -> Path:
    """The file that the settings name; the ARI passwords are not needed here."""
    try:
        file = read_settings(settings, {}, secrets=False).store
    except (SettingsError, UnknownPlaceError) as error:
        raise typer.BadParameter(str(error), param_hint="--settings") from error
    if file is None:
        raise StoreError("sign-ins are kept in memory alone; say `store` in [web], or start the controller again")
    return file


@contextmanager
def _telling_errors() -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
