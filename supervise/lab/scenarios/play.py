"""Plays a scenario: does what stands there, listens, and holds what was heard against it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import numpy as np

from supervise.history.errors import HistoryError
from supervise.history.reading.reader import Query, Reader
from supervise.history.storage.place import JournalPlace
from supervise.lab.errors import LabError
from supervise.lab.hearing.ear import Window
from supervise.lab.hearing.marks import Presence
from supervise.lab.hearing.track import track
from supervise.lab.phone_errors import PhoneError
from supervise.lab.phones.crowd import crowd
from supervise.lab.phones.phone import Phone
from supervise.lab.scenarios.fates import FirstCall
from supervise.lab.scenarios.judging import judge, loudest, problems
from supervise.lab.scenarios.ladder import ladder
from supervise.lab.scenarios.leaving import leave
from supervise.lab.scenarios.phonework import BY_ITSELF, lines_of, lines_to_hear
from supervise.lab.scenarios.reading import Scenario
from supervise.lab.scenarios.result import Cell, Heard, ScenarioResult, StepResult, Track
from supervise.lab.scenarios.schema import (
    NOBODY,
    CallPart,
    DialPart,
    PressPart,
    RecordPart,
    StepPart,
    TransferPart,
)
from supervise.lab.scenarios.venue import Venue
from supervise.lab.scenarios.wording import in_words
from supervise.lab.sound import Voice

Told = Callable[[StepResult], None]

_LOOK_EVERY_S: Final = 0.1
_READING_LAG_S: Final = 0.06


async def play(scenario: Scenario, venue: Venue, told: Told) -> ScenarioResult:
    """Play a scenario to its end, or to the first step that cannot be done; `told` gets each step's result."""
    return await _Player(scenario, venue, told).play()


class _Player:
    def __init__(self, scenario: Scenario, venue: Venue, told: Told) -> None:
        self._scenario = scenario
        self._venue = venue
        self._told = told
        self._phones: dict[str, Phone] = {}
        self._steps: list[StepResult] = []
        self._call = FirstCall()
        self._since = datetime.now(UTC)

    async def play(self) -> ScenarioResult:
        part = self._scenario.part
        began = time.time_ns()
        trouble = ""
        with self._venue.sniffer.keep():
            try:
                await self._sign_in()
                async with self._crowd():
                    for step in part.steps:
                        await self._step(step)
                    self._call.reaches(time.time_ns())
                left = await leave(self._phones.values(), self._venue.nodes)
                trouble = f"left in Asterisk when all had hung up: {', '.join(left)}" if left else ""
            except LabError as error:
                trouble = str(error).splitlines()[0]
            await asyncio.sleep(_READING_LAG_S)
            window = Window(began, time.time_ns())
            result = ScenarioResult(part.name, part.about, self._scenario.file, began, window.milliseconds / 1000)
            return replace(
                result,
                steps=tuple(self._steps),
                trouble=trouble,
                fates=tuple(self._call.fates(self._venue.hearing, self._scenario.voices)),
                may_lose=part.lost_frames,
                dropped=sum(self._dropped(window)),
                tracks=tuple(self._tracks(window)),
                ladder=ladder(self._venue.sniffer.sip(began), self._names()),
                records=tuple(self._records()),
                versions=self._venue.versions,
                voices={name: str(voice) for name, voice in self._scenario.voices.items() if voice},
            )

    async def _sign_in(self) -> None:
        parts = self._scenario.part.phones
        phones = await asyncio.gather(
            *(self._venue.phone(part, self._scenario.voices[name]) for name, part in parts.items())
        )
        self._phones = dict(zip(parts, phones, strict=True))

    @asynccontextmanager
    async def _crowd(self) -> AsyncIterator[None]:
        wanted = self._scenario.part.crowd
        if wanted is None:
            yield
            return
        async with crowd(wanted.agents, wanted.number, self._venue.surroundings):
            yield

    # --- one step

    async def _step(self, step: StepPart) -> None:
        at_ns = time.time_ns()
        self._call.before(step, at_ns)
        try:
            await self._do(step)
        except LabError as error:
            self._tell(StepResult(in_words(step), at_ns, 0.0, problems=(str(error).splitlines()[0],)))
            raise
        heard, settled_ns, wrong = await self._until_right(step, at_ns)
        heard = self._with_moments(heard, at_ns)
        moments = [each.switched_ms for each in heard if each.switched_ms is not None]
        settled_ms = max(moments, default=(settled_ns - at_ns) / 1e6)
        self._tell(StepResult(in_words(step), at_ns, settled_ms, heard, wrong))
        if step.call is not None:
            both = {name: self._phones[name] for name in (step.call.by, step.call.to)}
            self._call.begins({name: phone.line(phone.call) for name, phone in both.items()}, time.time_ns())

    def _tell(self, result: StepResult) -> None:
        self._steps.append(result)
        self._told(result)

    async def _until_right(self, step: StepPart, at_ns: int) -> tuple[tuple[Heard, ...], int, tuple[str, ...]]:
        """Wait until all is as it has to be, and see it stay so; what was heard, since when, and what is wrong."""
        milliseconds = step.for_seconds * 1000
        end = time.monotonic() + step.within
        await asyncio.sleep(max(0.0, (at_ns - time.time_ns()) / 1e9 + step.for_seconds + _READING_LAG_S))
        while True:
            window = Window.last(milliseconds)
            if not self._wrong(step, self._listen(step, window)):
                await asyncio.sleep(step.for_seconds + _READING_LAG_S)
                staying = Window(window.end_ns, window.end_ns + int(milliseconds * 1e6))
                heard = self._listen(step, staying)
                if not self._wrong(step, heard):
                    return heard, window.start_ns, ()
                window = staying
            if time.monotonic() > end:
                heard = self._listen(step, window)
                return heard, window.start_ns, tuple(self._wrong(step, heard))
            await asyncio.sleep(_LOOK_EVERY_S)

    def _with_moments(self, heard: tuple[Heard, ...], at_ns: int) -> tuple[Heard, ...]:
        """For every pair that this step has changed: when it was first heard, or for the last time."""
        before = {(each.listener, each.speaker): each.cell for each in self._steps[-1].heard} if self._steps else {}
        window = Window(at_ns, time.time_ns())
        return tuple(self._with_moment(each, before.get((each.listener, each.speaker)), window) for each in heard)

    def _with_moment(self, each: Heard, before: Cell | None, window: Window) -> Heard:
        voice = self._scenario.voices[each.speaker]
        now_heard, was_heard = each.cell is Cell.HEARD, before is Cell.HEARD
        if voice is None or now_heard == was_heard or each.cell not in {Cell.HEARD, Cell.UNHEARD}:
            return each
        look = self._venue.hearing.first_heard if now_heard else self._venue.hearing.last_heard
        moments = [look(line, voice, window) for line in lines_to_hear(self._phones[each.listener])]
        found = [moment for moment in moments if moment is not None]
        if not found:
            return each
        moment = min(found) if now_heard else max(found)
        return replace(each, switched_ms=(moment - window.start_ns) / 1e6)

    def _listen(self, step: StepPart, window: Window) -> tuple[Heard, ...]:
        return judge(step, self._scenario.voices, {name: self._presences(name, window) for name in self._phones})

    def _presences(self, name: str, window: Window) -> Mapping[Voice, Presence]:
        """How much of each voice comes to a phone, in whichever of its calls."""
        heard = [self._venue.hearing.heard(line, window).voices for line in lines_to_hear(self._phones[name])]
        return loudest(heard)

    def _wrong(self, step: StepPart, heard: tuple[Heard, ...]) -> list[str]:
        found = list(problems(heard))
        found += [f"{name}'s call has not ended" for name in step.ended or () if self._phones[name].open_calls]
        if step.journal is not None and not self._recorded(step.journal):
            found.append(f"the journal has no {_record_in_words(step.journal)}")
        if step.board is not None and (shown := self._venue.on_a_call()) != set(step.board) - {NOBODY}:
            found.append(f"the board shows in a call: {', '.join(sorted(shown)) or NOBODY}")
        return found

    def _recorded(self, wanted: RecordPart) -> bool:
        asked = {name: str(value) for name, value in wanted if value is not None}
        return any(asked.items() <= record.items() for record in self._records())

    # --- what can be done

    async def _do(self, step: StepPart) -> None:
        for deed in step.deeds:
            value = getattr(step, deed)
            match deed:
                case "policy":
                    await self._venue.change_policy(value)
                case "controller":
                    await self._venue.to_controller(value)
                case "asterisk":
                    await self._venue.restart_asterisk()
                case "network":
                    await self._venue.to_network(value)
                case _:
                    await self._do_with_phone(deed, value)

    async def _do_with_phone(self, deed: str, value: object) -> None:
        phones = self._phones
        match value:
            case CallPart():
                await self._connect(value.by, value.to, value.number)
            case DialPart():
                await phones[value.by].dial(value.number)
            case PressPart():
                await phones[value.by].press(value.keys)
            case TransferPart():
                await phones[value.by].transfer(value.to)
            case str():
                await BY_ITSELF[deed](phones[value])

    async def _connect(self, by: str, to: str, number: str | None) -> None:
        caller, called = self._phones[by], self._phones[to]
        await caller.dial(number or called.user)
        await caller.until_established()
        await called.until_established()

    def _dropped(self, window: Window) -> Iterator[int]:
        for phone in self._phones.values():
            yield from (self._venue.hearing.sent(line, window).missing for line in lines_of(phone))

    # --- what is kept

    def _tracks(self, window: Window) -> Iterator[Track]:
        for name, phone in self._phones.items():
            sounds = [self._venue.hearing.sound(line, window) for line in lines_of(phone)]
            if sounds:
                # One call after the other: where the one is silent, the next may speak.
                rate = next((sound.rate for sound in sounds if len(sound.pcm)), sounds[-1].rate)
                calls = [track(sound, window) for sound in sounds if sound.rate == rate]
                yield Track(name, rate, np.sum(calls, axis=0))

    def _names(self) -> dict[tuple[str, int], str]:
        addresses = dict(self._venue.asterisks)
        for name, phone in self._phones.items():
            with suppress(PhoneError):
                addresses[phone.sip_address] = name
        return addresses

    def _records(self) -> Iterator[Mapping[str, object]]:
        reader = Reader(JournalPlace(self._venue.journal).url)
        try:
            for entry in reader.entries(Query(since=self._since)):
                record = entry.record
                values = {name: getattr(record, name) for name in record.__slots__}
                yield {name: str(value) for name, value in values.items() if value not in (None, "", {})}
        except HistoryError as error:
            raise LabError(f"the journal cannot be read: {error}") from error
        finally:
            reader.close()


def _record_in_words(wanted: RecordPart) -> str:
    further = ", ".join(f"{name} {value}" for name, value in wanted if value is not None and name != "deed")
    return f"record '{wanted.deed}'{f' with {further}' if further else ''}"
