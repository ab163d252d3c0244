"""Prepares the harness, plays scenarios in it, and brings the report back."""

import asyncio
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from rich.console import Console

from supervise.lab.asterisk.accounts import Account, accounts_conf
from supervise.lab.asterisk.soundfiles import lab_sounds
from supervise.lab.callcentre import POLICY, Plan
from supervise.lab.checkout import CHECKOUT, cache_folder
from supervise.lab.commands import run, started, tail
from supervise.lab.demo.policy import PASSWORD
from supervise.lab.docker.certificate import write_certificate
from supervise.lab.docker.engine import NO_ENGINE, Engine, answers, engine
from supervise.lab.docker.images import images_for
from supervise.lab.errors import LabError
from supervise.lab.phones.crowd import AGENTS, CUSTOMERS
from supervise.lab.progress import Progress
from supervise.web.entry.signins import Scope
from supervise.web.entry.tokens import TokenFile

FOLDER: Final = CHECKOUT / "docker"
CODECS: Final = ("ulaw", "alaw", "g722", "opus")
USERS: Final = tuple(dict.fromkeys((*Plan().users, "102", "103", *AGENTS, *CUSTOMERS)))

_NOBODY: Final = 65534

_LOOKS_AT_THE_BOARD: Final = "hilda"
"""Who, in every policy of a scenario that asks what the board shows."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asked for.

    Attributes:
        situations: the overrides, by the middle of their files' names.
        scenarios: files or folders of the checkout; empty for all that come along.
        report: the folder for the report.
        if_there: where no engine answers, do nothing.
    """

    situations: tuple[str, ...]
    scenarios: str
    report: Path
    if_there: bool

    def absolute_report(self) -> Path:
        """The report's folder from the root on, as an engine wants it."""
        return self.report.absolute()


def play_in_containers(order: Order, console: Console) -> bool:
    """Do it; whether all was right, or there was nothing to be done.

    Raises:
        LabError: there is no engine, an image cannot be had, or an override does not exist.
    """
    return asyncio.run(_play(order, console))


async def _play(order: Order, console: Console) -> bool:
    files = [FOLDER / "compose.yaml", *(_override(name) for name in order.situations)]
    if order.if_there and not await answers():
        console.print(f"The harness in containers was not run: {NO_ENGINE}, then `make harness`.", soft_wrap=True)
        return True
    cache, progress = cache_folder(), Progress()
    async with engine(cache, progress) as found:
        shared = order.absolute_report() / "shared"
        values = await _prepared(files, shared, progress)
        if order.scenarios:
            values["SCENARIOS"] = order.scenarios
        code = await _compose(found, files, values, console)
        return _brought_back(shared, order.report, console) and code == 0


def _override(name: str) -> Path:
    file = FOLDER / f"compose.{name}.yaml"
    if not file.is_file():
        names = ", ".join(sorted(each.name.split(".")[1] for each in FOLDER.glob("compose.*.yaml")))
        raise LabError(f"there is no {file.name}; there are: {names}")
    return file


async def _prepared(files: list[Path], shared: Path, progress: Progress) -> dict[str, str]:
    """The images, the sounds, and a shared folder as it is at the beginning; what the compose files ask for."""
    cache = cache_folder()
    images = await images_for([file.read_text() for file in files], cache, progress)
    user, group = (_NOBODY, _NOBODY) if os.geteuid() == 0 else (os.getuid(), os.getgid())
    values = {
        **images,
        "SOUNDS": str(await lab_sounds(cache, progress)),
        "SHARED": str(shared),
        "RUN_UID": str(user),
        "RUN_GID": str(group),
        "ARI_PASSWORD": secrets.token_hex(16),
    }
    return _written(shared, values)


def _written(shared: Path, values: Mapping[str, str]) -> dict[str, str]:
    """The shared folder, and ``.env`` with the values for compose."""
    shutil.rmtree(shared, ignore_errors=True)
    shared.mkdir(parents=True)
    (shared / "accounts.conf").write_text(accounts_conf(_accounts()))
    (shared / "policy.yaml").write_text(POLICY)
    board = {"BOARD_TOKEN": TokenFile(shared / "tokens.json").make("harness", _LOOKS_AT_THE_BOARD, [Scope.READ], 1)}
    write_certificate("asterisk", shared / "certificate.pem", shared / "key.pem")
    for place in (shared, *shared.iterdir()):
        place.chmod(0o777 if place.is_dir() else 0o666)
    env = FOLDER / ".env"
    env.write_text("".join(f"{name}={value}\n" for name, value in {**values, **board}.items()))
    env.chmod(0o600)
    return {**values, **board}


def _accounts() -> list[Account]:
    """Every phone of every scenario, with every codec: each phone offers the one that its scenario says."""
    accounts = Plan(users=USERS, agents_mark_private=True).accounts()
    return [replace(account, codecs=CODECS) for account in accounts]


async def _compose(found: Engine, files: list[Path], values: Mapping[str, str], console: Console) -> int:
    """Up, until the phones have played all; then down, whatever happens."""
    named = [word for file in files for word in ("--file", str(file))]
    base = (*found.compose, "--project-name", f"supervise-{secrets.token_hex(4)}", *named)
    environment = {**os.environ, **values}
    try:
        return await _shown(base, environment, console)
    finally:
        async with started(*base, "down", "--volumes", "--timeout", "5", environment=environment) as process:
            await process.communicate()


async def _shown(base: tuple[str, ...], environment: Mapping[str, str], console: Console) -> int:
    """Up; the phones' lines are for whoever watches, the others' go into a file beside the report."""
    up = (*base, "up", "--no-color", "--exit-code-from", "phones")
    board_told = False
    with (Path(environment["SHARED"]).parent / "containers.log").open("wb") as kept:
        async with asyncio.timeout(1800), started(*up, environment=environment) as process:
            if process.stdout is not None:
                async for line in process.stdout:
                    kept.write(line)
                    name, bar, text = line.decode(errors="replace").partition("|")
                    if not bar or "phones" not in name:
                        continue
                    if not board_told:
                        await _tell_board(base, environment, console)
                        board_told = True
                    console.print(text.rstrip(), markup=False)
            return await process.wait()


async def _tell_board(base: tuple[str, ...], environment: Mapping[str, str], console: Console) -> None:
    """Where it is published, by compose's own word; its port is one that was free."""
    address = await run(*base, "port", "controller", "8089", within=30, environment=environment)
    console.print(f"Board, while this plays: http://{address.split()[-1]} (hilda, {PASSWORD})", markup=False)


def _brought_back(shared: Path, report: Path, console: Console) -> bool:
    made = shared / "report"
    if not made.is_dir():
        log = report / "containers.log"
        console.print(
            f"No report was written; {log} has what the containers said. Its end:", style="red", soft_wrap=True
        )
        console.print(tail(log.read_text(errors="replace"), 5), markup=False, soft_wrap=True)
        return False
    for file in made.iterdir():
        shutil.copyfile(file, report / file.name)
    console.print(f"Report: {report}/report.html")
    return True
