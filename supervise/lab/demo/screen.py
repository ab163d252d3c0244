"""What the demonstration shows beside its live log."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table

from supervise.lab.asterisk.address import USUAL_PORT
from supervise.lab.demo.centre import PAIRS, Pair, Spot
from supervise.lab.demo.policy import AGENTS, PASSWORD, SOFTPHONE
from supervise.lab.demo.script import Measured, table
from supervise.lab.hearing.continuity import Continuity

_KEYS: Final = (
    ("4", "monitor", "5", "coach: the agent alone hears you"),
    ("0", "mute", "6", "barge: everybody hears you"),
    ("1", "unmute", "8", "visible: the agent is told"),
    ("7", "hidden", "2", "who is on the call?"),
    ("*", "leave", "3", "who hears me?"),
    ("#", "help"),
)


def warn_of_place(console: Console, spot: Spot, wanted_port: int | None) -> None:
    """Say what a person should know about address and port before anything is started."""
    address, port = spot.sip
    if not spot.on_loopback:
        console.print(
            f"[bold yellow]Everybody who reaches {address} can reach this Asterisk.[/] It has no line to the outside, "
            "the password is a new one each time, and its remote control stays on this machine. End it when done."
        )
    if wanted_port is None and port != USUAL_PORT:
        console.print(f"Another program has SIP's usual port {USUAL_PORT}, so this is port {port}.", style="yellow")


@contextmanager
def growing_table(console: Console) -> Iterator[list[Measured]]:
    """Shows the script's table, which grows with the list that it gives."""
    measured: list[Measured] = []
    if not console.is_terminal:
        yield measured
        console.print(table(measured))
        return
    with Live(console=console, get_renderable=lambda: table(measured), refresh_per_second=8):
        yield measured


def outcome(measured: Sequence[Measured], call: tuple[Continuity, Continuity]) -> str:
    """The table's result in a sentence or two."""
    wrong = sum(not each.right for each in measured)
    verdict = f"[bold red]{wrong} of {len(measured)} steps are not as they must be.[/]"
    if not wrong:
        verdict = "[bold green]Everybody heard exactly whom they were to hear.[/]"
    frames, lost = sum(each.matched for each in call), sum(missing(each) for each in call)
    return f"{verdict}\nMeanwhile {frames} frames (of 20 ms) came between agent and customer; {lost} were lost."


def missing(continuity: Continuity) -> int:
    """Frames that never came. A frame under a beep cannot be read, but it did come."""
    return max(0, continuity.lost - continuity.damaged - continuity.repeated)


def instructions(spot: Spot, policy: Path, board: str) -> RenderableType:
    """Where the board is, which account to put into a softphone, and what to dial and press."""
    address, port = spot.sip
    account = _grid(
        ("user", f"[bold]{SOFTPHONE}[/]"),
        ("password", f"[bold]{spot.password}[/]"),
        ("server", f"[bold]{address}[/], port [bold]{port}[/], UDP"),
        ("codec", "PCMU, PCMA or G.722"),
    )
    dial = _grid(
        *((f"*55{pair.agent}", _call(pair)) for pair in PAIRS),
        ("*55", "a spoken menu of these calls"),
        ("*56201, *57201", "the same, but beginning in coach or barge, visible"),
        keys=(0,),
    )
    keys = _grid(*_KEYS, keys=(0, 2))
    signing_in = _grid(
        ("name", "[bold]hilda[/], whose phone picks up by itself, or [bold]sam[/], whose phone is yours"),
        ("", "[bold]anna[/], to see what an agent sees"),
        ("password", f"[bold]{PASSWORD}[/]"),
    )
    parts = (
        *(f"[bold]Now you.[/] The board is at [bold]{board}[/]. Sign in there:", Padding(signing_in, (0, 0, 1, 2))),
        *("Put this account into any softphone:", Padding(account, (0, 0, 1, 2))),
        *("Dial:", Padding(dial, (0, 0, 1, 2)), "In the call, press:", Padding(keys, (0, 0, 1, 2))),
        "Agents speak in low tones, customers in high ones: that is how it is measured who hears whom.",
        "Who may do what stands in this file. Change it while this runs, and it counts at once:",
        f"  [bold]{policy}[/]",
    )
    return Panel(Group(*parts), expand=False, padding=(1, 2))


def _call(pair: Pair) -> str:
    queue = "" if pair.dialled == pair.agent else f" through queue {pair.dialled}"
    return f"{AGENTS[pair.agent]}, who talks to customer {pair.customer}{queue} ({pair.spoken})"


def _grid(*rows: tuple[str, ...], keys: Collection[int] = ()) -> Table:
    """Columns without lines; those that `keys` names hold what is to be pressed."""
    grid = Table.grid(padding=(0, 3))
    for column in range(max(map(len, rows))):
        grid.add_column(style="bold cyan" if column in keys else "")
    for row in rows:
        grid.add_row(*row)
    return grid
