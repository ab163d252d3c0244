"""Policies put in force in the middle of a call centre's life, and a supervisor who tries what they allow."""

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from supervise.domain.records import Deed, Record
from supervise.lab.callcentre import CallCentre
from supervise.lab.hearing.ear import Window
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.ledger import records, until_recorded
from tests.support.spoken import Spoken, spoken

BOTH = {Voice.AGENT, Voice.CUSTOMER}

PEOPLE = """\
people:
  hilda: {name: Hilda Lead, role: lead, endpoint: ["301", "303"]}
  sven: {name: Sven Second, role: lead, endpoint: "302"}
  anna: {name: Anna Agent, role: agent, endpoint: "201"}
  ben: {name: Ben Agent, role: agent, endpoint: "202"}
teams:
  support: {leads: [hilda, sven], members: [anna]}
  sales: {members: [ben]}
roles: {lead: , agent: }
"""
"""Two leads of the one agent's team, and an agent of another team."""

ALL = "{who: lead, may: [monitor, coach, barge], whom: own-teams, how: choice}"
"""A rule that allows the leads everything with their own agents."""

HOUSE = "house: {start: hidden, start_muted: no, visible_before: {coach: not-required, barge: not-required}}"
"""A house that asks for nothing."""


def policy(*rules: str, people: str = PEOPLE, house: str = HOUSE, further: str = "") -> str:
    """Write a policy of these rules."""
    lines = "".join(f"  - {rule}\n" for rule in rules)
    return f"{people}rules:{'' if rules else ' []'}\n{lines}{house}\n{further}"


async def put_in_force(centre: CallCentre, text: str) -> int:
    """Let a policy take the place of the one in the file, and wait until it counts; when the file changed, in ns."""
    controller = centre.controller
    seen = len(controller.log)
    written = replace_policy(centre, text)
    await controller.until("policy in force", since=seen)
    return written


def replace_policy(centre: CallCentre, text: str) -> int:
    """Let another file take the place of the policy's, whatever is in it; when that was, in ns."""
    path = centre.controller.policy
    new = path.with_name("policy.new")
    new.write_text(text)
    now = time.time_ns()
    os.replace(new, path)  # noqa: PTH105 - as editors do it, in one step
    return now


@dataclass(frozen=True, slots=True)
class Desk:
    """A call between customer 101 and agent 201, and somebody who tries to supervise it."""

    centre: CallCentre
    said: Spoken
    customer: Phone
    agent: Phone

    async def refused(self, phone: Phone, digits: str, reason: str, keys: str = "") -> Record:
        """Dial, press keys if there are any; be refused in words, hear nothing of the call, find it in the journal."""
        before = len(records(self.centre, Deed.REFUSED))
        began = time.time_ns()
        self.said.forget()
        await phone.dial(digits)
        if keys:
            await phone.until_established()
            await phone.press(keys)
        await self.said.until(reason)
        found = await until_recorded(self.centre, Deed.REFUSED, count=before + 1)
        await phone.hangup()
        heard = self.centre.hearing.heard(phone, Window(began, time.time_ns()))
        assert all(heard.voices[voice].unheard for voice in BOTH), "something of the call was heard"
        assert found[-1].reason == reason
        return found[-1]

    async def admitted(self, phone: Phone, digits: str = "*55201") -> None:
        """Dial, and hear the call."""
        await phone.dial(digits)
        await self.hears_call(phone)

    async def hears_call(self, phone: Phone) -> None:
        """Wait until a phone hears both parties."""
        await self.centre.hearing.until(phone, hears=BOTH, for_ms=200, within=5)

    async def said_so(self, phone: Phone, keys: str, word: str) -> None:
        """Press keys, and wait for the word that answers them."""
        self.said.forget()
        await phone.press(keys)
        await self.said.until(word)

    async def rules(self, text: str) -> int:
        """Put a policy in force."""
        return await put_in_force(self.centre, text)

    async def silent_after(self, began: int, phone: Phone, *voices: Voice) -> float:
        """Wait until a phone hears these voices no more; milliseconds from `began` to the last frame of any of them."""
        await self.centre.hearing.until(phone, not_hears=set(voices), for_ms=300, within=5)
        window = Window(began - 1_000_000_000, time.time_ns())
        last = [self.centre.hearing.last_heard(phone, voice, window) for voice in voices]
        assert all(last), "it was not heard before either"
        return max(moment - began for moment in last if moment is not None) / 1e6


@asynccontextmanager
async def desk(centre: CallCentre) -> AsyncIterator[Desk]:
    """Let customer 101 call agent 201."""
    async with spoken(centre) as said:
        customer, agent = await centre.call()
        yield Desk(centre, said, customer, agent)
