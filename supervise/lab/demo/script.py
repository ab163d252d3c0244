"""A scripted supervisor on a real phone, and who heard whom in each step, measured from the RTP."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from rich.table import Table

from supervise.lab.hearing import Hearing
from supervise.lab.hearing.continuity import Continuity
from supervise.lab.hearing.ear import Window
from supervise.lab.hearing.marks import Presence
from supervise.lab.hearing.matrix import Matrix
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice

NOBODY: Final[frozenset[Voice]] = frozenset()
AGENT: Final = frozenset({Voice.AGENT})
BOTH: Final = frozenset({Voice.AGENT, Voice.CUSTOMER})

_MEASURED_MS: Final = 400
_WITHIN_S: Final = 4.0


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the script.

    Attributes:
        what: what the supervisor does.
        keys: what they dial or press for it.
        heard_by: who is to hear them then. They themselves are to hear agent and customer in every step.
    """

    what: str
    keys: str
    heard_by: frozenset[Voice]


STEPS: Final = (
    Step("Monitor, hidden", "*55201", NOBODY),
    Step("Visible to the agent", "8", NOBODY),
    Step("Coach, muted at first", "5", NOBODY),
    Step("Unmuted: coach", "1", AGENT),
    Step("Barge", "6", BOTH),
    Step("Barge, muted", "0", NOBODY),
    Step("Back to monitor", "4", NOBODY),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A step, and who heard whom in it."""

    step: Step
    matrix: Matrix

    @property
    def heard(self) -> frozenset[Voice]:
        """Whom the supervisor heard."""
        return frozenset(voice for voice in Voice if (str(Voice.SUPERVISOR), voice) in self.matrix.pairs)

    @property
    def heard_by(self) -> frozenset[Voice]:
        """Who heard the supervisor."""
        return frozenset(voice for voice in Voice if (str(voice), Voice.SUPERVISOR) in self.matrix.pairs)

    @property
    def call_is_whole(self) -> bool:
        """Whether agent and customer heard each other, and neither heard themselves."""
        between = {(str(one), other) for one in BOTH for other in BOTH} & self.matrix.pairs
        return between == {("agent", Voice.CUSTOMER), ("customer", Voice.AGENT)}

    @property
    def leaked(self) -> int:
        """How many frames of the supervisor came to those who are not to hear them."""
        return sum(self.presence(str(voice), Voice.SUPERVISOR).frames for voice in BOTH - self.step.heard_by)

    @property
    def right(self) -> bool:
        """Whether everybody heard exactly whom they are to hear."""
        heard_right = self.heard == BOTH and self.heard_by == self.step.heard_by
        return heard_right and self.call_is_whole and not self.leaked

    def presence(self, listener: str, voice: Voice) -> Presence:
        """How much of a voice somebody heard."""
        return next(row for row in self.matrix.rows if row.listener == listener).voices[voice]


@dataclass(frozen=True, slots=True)
class Scene:
    """A call, and the supervisor's phone."""

    customer: Phone
    agent: Phone
    supervisor: Phone
    hearing: Hearing

    async def play(self, step: Step) -> Measured:
        """Let the supervisor do a step, give it a moment, and measure."""
        if step.keys.startswith("*"):
            await self.supervisor.dial(step.keys)
            await self.supervisor.until_established()
        else:
            await self.supervisor.press(step.keys)
        end = time.monotonic() + _WITHIN_S
        while not (measured := await self._measure(step)).right and time.monotonic() < end:
            continue  # a switch takes a moment, and what is still said to somebody covers what they hear
        return measured

    async def _measure(self, step: Step) -> Measured:
        phones = [self.agent, self.customer, self.supervisor]
        return Measured(step, await self.hearing.listen(phones, _MEASURED_MS))

    async def leave(self) -> None:
        """Let the supervisor leave by the key for it."""
        await self.supervisor.press("*")
        await self.supervisor.until_closed()

    def call_between(self, window: Window) -> tuple[Continuity, Continuity]:
        """What became of the customer's frames on their way to the agent, and the other way round."""
        return (
            self.hearing.continuity(self.customer, self.agent, window),
            self.hearing.continuity(self.agent, self.customer, window),
        )


async def play_all(scene: Scene, told: Callable[[Measured], None]) -> list[Measured]:
    """Play the whole script; `told` gets each step as soon as it has been measured."""
    measured = []
    for step in STEPS:
        measured.append(await scene.play(step))
        told(measured[-1])
    await scene.leave()
    return measured


def table(measured: Collection[Measured]) -> Table:
    """Who heard whom, a row for each step."""
    shown = Table(title="Who heard whom, measured from the RTP", title_justify="left", title_style="bold")
    shown.add_column("Step")
    shown.add_column("Key", style="bold cyan")
    shown.add_column("Supervisor heard")
    shown.add_column("Heard by")
    shown.add_column("Right?", justify="center")
    for each in measured:
        verdict = "[bold green]yes[/]" if each.right else "[bold red]NO[/]"
        shown.add_row(each.step.what, each.step.keys, _names(each.heard), _heard_by(each), verdict)
    return shown


def _heard_by(each: Measured) -> str:
    return f"{_names(each.heard_by)}{f', {each.leaked} frames leaked' if each.leaked else ''}"


def _names(voices: Collection[Voice]) -> str:
    return ", ".join(sorted(voices)) or "nobody"
