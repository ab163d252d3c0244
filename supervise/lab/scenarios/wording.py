"""A step in words."""

from collections.abc import Callable
from typing import Any, Final

from supervise.lab.scenarios.schema import StepPart

_WORDS: Final[dict[str, Callable[[Any], str]]] = {
    "call": lambda deed: f"{deed.by} calls {deed.to}{f' over {deed.number}' if deed.number else ''}",
    "dial": lambda deed: f"{deed.by} dials {deed.number}",
    "answer": lambda name: f"{name} answers",
    "press": lambda deed: f"{deed.by} presses {deed.keys}",
    "transfer": lambda deed: f"{deed.by} transfers the call to {deed.to}",
    "join": lambda name: f"{name} joins the two calls",
    "hang_up": lambda name: f"{name} hangs up",
    "mute": lambda name: f"{name} is mute",
    "unmute": lambda name: f"{name} speaks again",
    "hold": lambda name: f"{name} puts the call on hold",
    "resume": lambda name: f"{name} takes the call back",
    "freeze": lambda name: f"{name}'s phone freezes",
    "thaw": lambda name: f"{name}'s phone goes on",
    "vanish": lambda name: f"{name}'s phone loses its power",
    "policy": lambda _: "the policy changes",
    "controller": lambda deed: {"kill": "the controller is killed", "start": "the controller starts again"}.get(
        deed, f"the controller is told to {deed}"
    ),
    "asterisk": lambda _: "Asterisk is killed and started again",
    "network": lambda deed: f"the controller's network is {'cut' if deed == 'cut' else 'healed'}",
}


def in_words(step: StepPart) -> str:
    """What a step does, in a few words."""
    if step.say:
        return step.say
    for deed in step.deeds:
        return _WORDS[deed](getattr(step, deed))
    return "everybody listens"
