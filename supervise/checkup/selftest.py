"""The self-test: a call of our own on somebody's Asterisk, supervised in every mode, and who heard whom in it."""

import asyncio
import secrets
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import product
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from supervise.ari import Access, Ari, AriError, Tuning
from supervise.ari.client.transport import describe
from supervise.checkup.ends import Ends
from supervise.checkup.stage import Events, Stage, StageError
from supervise.checkup.tones import Voice, is_silence, level_db
from supervise.checkup.verdict import BACK, BARGE, CALL, COACH, MONITOR, Levels, Outcome, Step, problems

_WINDOW: Final = 0.4
_WITHIN: Final = 3.0
_SETTLE: Final = 0.2
"""Until what was said before has been heard by everybody."""

_TUNING: Final = Tuning(request_seconds=3.0)


@dataclass(frozen=True, slots=True)
class Report:
    """What came of the self-test.

    Attributes:
        node, version: of which Asterisk.
        outcomes: of each step that was reached.
        words: the spoken words are installed.
        trouble: why it could not be carried through; empty when it was.
    """

    node: str
    version: str = ""
    outcomes: tuple[Outcome, ...] = ()
    words: bool = True
    trouble: str = ""

    @property
    def right(self) -> bool:
        """Everybody heard whom they were to hear, in every step, and nobody else."""
        return not self.trouble and not any(outcome.problems for outcome in self.outcomes)


async def selftest(access: Access, told: Callable[[Outcome], None]) -> Report:
    """Make the call, supervise it, take everything down; `told` gets each step as soon as it has been measured."""
    ours = replace(access, app=f"{access.app}-selftest-{secrets.token_hex(4)}")
    report = Report(access.node)
    try:
        async with Ari(ours, tuning=_TUNING) as ari, _events(ours) as events, Ends(_own_address(access.url)) as ends:
            report = replace(report, version=(await ari.asterisk.get_info()).system.version)
            stage = Stage(ari, events)
            play = _Play(stage, ends, report, told)
            try:
                await play.run()
            finally:
                report = play.report
                await stage.clear()
    except (AriError, StageError) as error:
        return replace(report, trouble=str(error))
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return replace(report, trouble=describe(error))
    return report


@asynccontextmanager
async def _events(access: Access) -> AsyncIterator[Events]:
    timeout = aiohttp.ClientTimeout(total=None, connect=5)
    async with aiohttp.ClientSession(headers=access.headers, timeout=timeout) as session:
        async with asyncio.timeout(5):
            socket_ = await session.ws_connect(access.events_url)
        events = Events(socket_)
        reading = asyncio.create_task(events.read(), name="self-test events")
        try:
            yield events
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await socket_.close()


def _own_address(url: str) -> str:
    """The address of ours that the machine of this URL can reach; nothing is sent to find out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((urlsplit(url).hostname or "", 9))
        return str(probe.getsockname()[0])


class _Play:
    """One run."""

    def __init__(self, stage: Stage, ends: Ends, report: Report, told: Callable[[Outcome], None]) -> None:
        self._stage = stage
        self._ends = ends
        self.report = report
        self._told = told

    async def run(self) -> None:
        stage, ends = self._stage, self._ends.all
        await stage.let_in(ends[Voice.SUPERVISOR])
        self.report = replace(self.report, words=await stage.speak_words())
        await stage.make_room()
        await self._step(CALL, lambda: stage.call(ends[Voice.AGENT], ends[Voice.CUSTOMER]))
        await self._step(MONITOR, lambda: stage.listen("monitor", whisper=False))
        await self._step(COACH, lambda: stage.listen("coach", whisper=True))
        await self._step(BARGE, lambda: stage.join("seat"))
        await self._step(BACK, lambda: stage.listen("again", whisper=False))

    async def _step(self, step: Step, deed: Callable[[], Awaitable[None]]) -> None:
        began = time.monotonic()
        await deed()
        levels = await self._until_right(step)
        took = (time.monotonic() - began - _WINDOW) * 1000
        outcome = Outcome(step, levels, await self._leaks(step), took)
        self.report = replace(self.report, outcomes=(*self.report.outcomes, outcome))
        self._told(outcome)

    async def _until_right(self, step: Step) -> Levels:
        """Who hears whom: as it is to be, or as it still is after a while."""
        end = time.monotonic() + _WITHIN
        while True:
            levels = await self._listen()
            if not problems(step, levels) or time.monotonic() > end:
                return levels

    async def _listen(self) -> Levels:
        since = time.monotonic()
        await asyncio.sleep(_WINDOW)
        heard = {voice: end.heard(since) for voice, end in self._ends.all.items()}
        return {(listener, speaker): level_db(heard[listener], speaker) for listener, speaker in product(Voice, Voice)}

    async def _leaks(self, step: Step) -> dict[Voice, int]:
        """Let the supervisor alone speak: whoever is not to hear them gets digital silence, bit for bit."""
        others = [self._ends.all[voice] for voice in (Voice.AGENT, Voice.CUSTOMER)]
        for end in others:
            end.speaks = False
        await asyncio.sleep(_SETTLE)
        since = time.monotonic()
        await asyncio.sleep(_WINDOW)
        leaked = {
            end.voice: sum(not is_silence(payload) for payload in end.heard(since))
            for end in others
            if end.voice not in step.heard_by
        }
        for end in others:
            end.speaks = True
        return leaked
