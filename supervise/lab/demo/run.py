"""The demonstration: a call centre in a box, a scripted supervisor in it, and then room for yours."""

import asyncio
import secrets
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

from rich.console import Console

from supervise.lab.asterisk.address import LOOPBACK, choose_port
from supervise.lab.asterisk.finding import find_asterisk
from supervise.lab.checkout import cache_folder
from supervise.lab.demo.centre import PAIRS, DemoCentre, Spot
from supervise.lab.demo.live import Live
from supervise.lab.demo.screen import growing_table, instructions, outcome, warn_of_place
from supervise.lab.demo.script import Scene, play_all
from supervise.lab.ending import Keyboard, scratch, until_told
from supervise.lab.hearing.ear import Window
from supervise.lab.needs import PHONES, ensure
from supervise.lab.progress import Progress


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person asked for.

    Attributes:
        once: play the scripted part and end.
        address: where SIP listens.
        sip_port: its UDP port; None: the usual one if it is free.
    """

    once: bool = False
    address: str = LOOPBACK
    sip_port: int | None = None


def demonstrate(wishes: Wishes, console: Console, keyboard: Keyboard) -> bool:
    """Run the call centre until it is told to end; whether the script went as it must.

    Raises:
        LabError: something that is needed is not there, or has ended; the message says what to do.
    """
    with scratch():
        right = asyncio.run(until_told(_run(wishes, console), keyboard))
    if right is None:
        console.print("\nEnded. No process, file or mount of it is left.")
    return right is not False


async def _run(wishes: Wishes, console: Console) -> bool:
    sip = wishes.address, choose_port(wishes.address, wishes.sip_port)
    spot = Spot(sip, "lab" if wishes.address.startswith("127.") else secrets.token_hex(6))
    warn_of_place(console, spot, wishes.sip_port)
    live = Live(console)
    async with AsyncExitStack() as stack:
        centre = await _bring_up(stack, spot, live)
        right = await _play(centre, console)
        if not wishes.once:
            await _go_on(centre, live, console)
        return right


async def _bring_up(stack: AsyncExitStack, spot: Spot, live: Live) -> DemoCentre:
    progress = Progress()
    way = await find_asterisk(cache_folder(), progress)
    await ensure(PHONES, progress)
    async with progress.step("Starting Asterisk, the controller, and seven phones in three calls"):
        return await stack.enter_async_context(DemoCentre(way, spot, told=live.tell, logged=live.take_log))


async def _play(centre: DemoCentre, console: Console) -> bool:
    customer, agent = centre.calls[PAIRS[0]]
    scene = Scene(customer, agent, centre.supervisor, centre.hearing)
    began = time.time_ns()
    console.print()
    with growing_table(console) as shown:
        measured = await play_all(scene, shown.append)
    call = scene.call_between(Window(began, time.time_ns()))
    console.print(outcome(measured, call))
    return all(each.right for each in measured)


async def _go_on(centre: DemoCentre, live: Live, console: Console) -> None:
    """Show what happens until cancelled."""
    journal, policy = centre.controller.journal, centre.controller.policy
    console.print(instructions(centre.spot, policy, centre.controller.web_url))
    await live.follow(journal, policy, printing=False)
    live.tell("Live: this is what happens here. Ctrl-C ends it.", "bold")
    keeping, following = asyncio.create_task(centre.keep()), asyncio.create_task(live.follow(journal, policy))
    try:
        await asyncio.wait((keeping, following), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (keeping, following):
            task.cancel()
        await asyncio.gather(keeping, following, return_exceptions=True)
    for task in (keeping, following):
        await task
