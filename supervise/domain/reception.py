"""From what somebody dialled to the call it means."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from supervise.domain.calls.calls import Call, CallBook, Channel
from supervise.domain.rights.admission import opening_visibility
from supervise.domain.rights.decisions import Refusal, Refused, Rights
from supervise.domain.rights.limits import NOTHING_USED, Usage
from supervise.domain.rights.people import Person
from supervise.domain.rights.policy import Policy
from supervise.domain.rights.rules import CallFacts, Direction, Question
from supervise.domain.words import Mode

PAGE = 8
"""How many calls the menu offers at a time: keys 1 to 8."""

MORE_KEY, EXTENSION_KEY, AGAIN_KEY, LEAVE_KEY = "9", "0", "#", "*"


@dataclass(frozen=True, slots=True)
class Target:
    """An agent in a call: the agent's own channel, and the call it is in."""

    agent: Person
    channel: Channel
    call: Call

    def facts(self, policy: Policy, *, private: bool = False) -> CallFacts:
        """What the policy needs to know of the call."""
        return facts_of(self.call, self.channel.id, policy, private=private)

    def is_meant(self, call: str) -> bool:
        """Whether somebody who named a call, or the agent's channel in it, or neither, means this one."""
        return call in ("", self.call.id, self.channel.id)

    @property
    def number(self) -> str:
        """The other party's number; the first one's where there are several."""
        return next((party.number for party in self.call.others(self.channel.id)), "")


def facts_of(call: Call, agent_channel: str, policy: Policy, *, private: bool = False) -> CallFacts:
    """What the policy needs to know of a call as seen from the agent's channel; `private` is known elsewhere."""
    others = call.others(agent_channel)
    return CallFacts(
        numbers=frozenset(party.number for party in others),
        endpoints=frozenset(party.endpoint for party in others if party.endpoint),
        queue=next((queue for party in others if (queue := _queue_of(party))), ""),
        direction=direction_of(call, policy),
        private=private,
    )


def direction_of(call: Call, policy: Policy) -> Direction:
    """Where a call came from: internal among people of the policy, else as whoever was there first is one of them.

    After a transfer of an outbound call the customer is the one who has been there longest, so it counts as inbound.
    """
    ours = [policy.person_by_endpoint(party.endpoint) is not None for party in call.parties]
    if all(ours):
        return Direction.INTERNAL
    return Direction.OUTBOUND if ours[0] else Direction.INBOUND


def _queue_of(party: Channel) -> str:
    """The queue that a waiting or answered caller is in: ``Queue`` and its first argument (``apps/app_queue.c``)."""
    application, _, data = party.app.partition(" ")
    return data.split(",")[0] if application == "Queue" else ""


def find_targets(policy: Policy, book: CallBook, extension: str) -> tuple[Target, ...] | Refused:
    """The calls of whom one reaches under an extension. One that they talk in goes before one that they hold."""
    agent = policy.person_by_extension(extension)
    if agent is None:
        return Refused(Refusal.NO_SUCH_AGENT)
    targets = tuple(sorted(targets_of(agent, book), key=lambda target: target.channel.held))
    return targets or Refused(Refusal.NOT_ON_A_CALL)


def targets_of(agent: Person, book: CallBook) -> Iterator[Target]:
    """Every call that an agent is in, on any of their phones."""
    for endpoint in agent.endpoints:
        for channel, call in book.calls_at(endpoint):
            yield Target(agent, channel, call)


def possible(rights: Rights, book: CallBook, agent: str) -> Rights:
    """What can be done with the call of an agent's channel, of what the policy allows."""
    return rights.but_not(Mode.BARGE, Refused(Refusal.ELSEWHERE)) if book.is_elsewhere(agent) else rights


def supervisable(
    policy: Policy, book: CallBook, supervisor: str, at: datetime, usage: Usage = NOTHING_USED
) -> tuple[Target, ...]:
    """Every agent's call that a supervisor may monitor now, by extension; of several the one that they talk in."""
    found = (target for person in policy.people.values() for target in targets_of(person, book) if person.extension)
    allowed = [target for target in found if _may_monitor(policy, supervisor, target, at, usage)]
    first = {each.agent.name: each for each in sorted(allowed, key=lambda each: each.channel.held, reverse=True)}
    return tuple(sorted(first.values(), key=lambda target: target.agent.extension))


def _may_monitor(policy: Policy, supervisor: str, target: Target, at: datetime, usage: Usage) -> bool:
    question = Question(supervisor, target.agent.name, at, target.facts(policy), usage)
    return not isinstance(opening_visibility(Mode.MONITOR, policy.rights(question)), Refused)


@dataclass(frozen=True, slots=True)
class MenuPage:
    """One page of the menu: what is said, what the keys mean, and whether there is another page."""

    words: tuple[str, ...]
    choices: Mapping[str, Target]
    more: bool


@dataclass(frozen=True, slots=True)
class SupervisorsPage:
    """One page of the supervisors to whom an agent can hand their call over: the same, with their extensions."""

    words: tuple[str, ...]
    choices: Mapping[str, str]
    more: bool


def menu_page(targets: tuple[Target, ...], first: int) -> MenuPage:
    """A page of the menu, from the target at `first` on."""
    page = targets[first : first + PAGE]
    choices = {str(number): target for number, target in enumerate(page, 1)}
    more = len(targets) > first + PAGE
    intro = "menu-intro" if page else "menu-empty"
    return MenuPage((intro, *_offers([each.agent.extension for each in page], more=more)), choices, more)


def supervisors_page(extensions: Sequence[str], first: int) -> SupervisorsPage:
    """A page of the supervisors whom an agent is offered, from the one at `first` on."""
    page = extensions[first : first + PAGE]
    choices = {str(number): extension for number, extension in enumerate(page, 1)}
    more = len(extensions) > first + PAGE
    intro = "handover-intro" if page else "handover-empty"
    return SupervisorsPage((intro, *_offers(page, more=more)), choices, more)


def _offers(extensions: Sequence[str], *, more: bool) -> Iterator[str]:
    for number, extension in enumerate(extensions, 1):
        yield from _offer(str(number), extension)
    if more:
        yield from ("menu-press", f"digits:{MORE_KEY}", "menu-more")
    yield "menu-other"


def _offer(key: str, extension: str) -> Iterable[str]:
    return ("menu-for", f"digits:{extension}", "menu-press", f"digits:{key}")


def calls_page(targets: Sequence[Target], policy: Policy, viewer: str, now: datetime) -> MenuPage:
    """The offer to choose between several calls of one agent: with whom each is, as far as the viewer may read it."""
    choices = {str(number): target for number, target in enumerate(targets[:PAGE], 1)}
    offers = (word for key, target in choices.items() for word in _offer_call(key, target, policy, (viewer, now)))
    return MenuPage(("several-calls", *offers), choices, more=False)


def _offer_call(key: str, target: Target, policy: Policy, eyes: tuple[str, datetime]) -> Iterator[str]:
    viewer, now = eyes
    yield "menu-for"
    yield "call-on-hold-with" if target.channel.held else "call-with"
    yield spoken_number(policy.number_for(viewer, target.number))
    minutes = _minutes_since(target.channel.created, now)
    if minutes:
        yield from ("call-since", f"digits:{minutes}", "call-minutes")
    yield from ("menu-press", f"digits:{key}")


def _minutes_since(created: str, now: datetime) -> int:
    """Whole minutes, as far as Asterisk's clock and ours agree."""
    try:
        since = datetime.fromisoformat(created)
    except ValueError:
        return 0
    since = since if since.tzinfo is not None else since.replace(tzinfo=now.tzinfo)
    return max(0, int((now - since).total_seconds() // 60))


def spoken_number(number: str) -> str:
    """A number as it is said, as much of it as may be read."""
    digits = "".join(digit for digit in number if digit in "0123456789")
    return f"digits:{digits}" if digits else "unknown-number"
