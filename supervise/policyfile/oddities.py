"""What a policy says that its author can hardly mean. It is used all the same."""

from collections.abc import Iterator
from dataclasses import replace

from supervise.domain.rights.decisions import Action, VisibleBefore
from supervise.domain.rights.limits import Limit
from supervise.domain.rights.policy import Policy
from supervise.domain.rights.protect import Parties
from supervise.domain.rights.rules import Rule
from supervise.domain.words import Mode, Visibility
from supervise.policyfile.deadness import Reach
from supervise.policyfile.errors import Level, Problem
from supervise.policyfile.problems import Loc
from supervise.policyfile.references import Draft
from supervise.policyfile.words import closest

_IN_BARGE = frozenset({Action.HOLD_AGENT, Action.REMOVE_AGENT, Action.TAKE_OVER})

_LONG_NUMBER = 7

_FEW = 5

_Oddity = tuple[Loc, str, str]


def oddities(draft: Draft, policy: Policy) -> Iterator[Problem]:
    """Every warning about a policy that is right in form."""
    if not policy.rules:
        yield _odd(draft, (("people",), "may do nothing, since there are no rules", ""))
    yield from (_odd(draft, oddity) for oddity in _rules(draft, policy))
    yield from (_odd(draft, oddity) for oddity in _twins(draft))
    yield from (_odd(draft, oddity) for oddity in _elsewhere(draft, policy))


def _odd(draft: Draft, oddity: _Oddity) -> Problem:
    return replace(draft.source.problem(*oddity), level=Level.WARNING)


def _rules(draft: Draft, policy: Policy) -> Iterator[_Oddity]:
    reach = Reach(policy)
    queues = frozenset[str]().union(*(team.queues for team in policy.teams.values()))
    for number, rule in zip(draft.rules, policy.rules, strict=True):
        why = reach.why_dead(rule)
        if why:
            yield ("rules", number), f"never applies: {why}", ""
        else:
            for loc, words, hint in (
                *_modes(rule, policy),
                *_pins(rule, policy),
                *_queues(rule, queues),
                *_contradicted(rule, policy),
            ):
                yield ("rules", number, *loc), words, hint
    for number, part in zip(draft.rules, draft.part.rules, strict=True):
        for limit in Limit:
            most = getattr(part.within, limit.value) if part.within else None
            house = policy.house.limits.given().get(limit)
            if most is not None and house is not None and house < most:
                yield ("rules", number, "within", limit.value), f"has no effect: the house allows {house}", ""


def _modes(rule: Rule, policy: Policy) -> Iterator[_Oddity]:
    for mode in (Mode.COACH, Mode.BARGE):
        before = policy.house.session.visible_before.get(mode)
        if mode in rule.may and Visibility.VISIBLE not in rule.how and before is not VisibleBefore.NOT_REQUIRED:
            yield ("how",), f"contradicts the house: {mode} wants a visible supervisor, and this rule a hidden one", ""
    controls = sorted(_IN_BARGE & rule.may)
    if controls and not _some_rule_allows_barge(rule, policy):
        yield ("may",), f"allows {', '.join(controls)}, which is done in barge, but no rule allows them to barge", ""


def _some_rule_allows_barge(rule: Rule, policy: Policy) -> bool:
    return any(Mode.BARGE in other.may and not rule.who.isdisjoint(other.who) for other in policy.rules)


def _pins(rule: Rule, policy: Policy) -> Iterator[_Oddity]:
    if not rule.pin:
        return
    without = [person.name for person in policy.people.values() if person.role in rule.who and person.pin_hash is None]
    if without:
        more = f" and {len(without) - _FEW} more" if len(without) > _FEW else ""
        yield ("with",), f"asks for a PIN, and these have none: {', '.join(without[:_FEW])}{more}", ""


def _queues(rule: Rule, queues: frozenset[str]) -> Iterator[_Oddity]:
    for queue in sorted(rule.calls.queues - queues):
        yield ("calls", "queues"), f"queue '{queue}' belongs to no team", closest(queue, queues)


def _contradicted(rule: Rule, policy: Policy) -> Iterator[_Oddity]:
    """People whom a rule names though it can never apply to them."""
    for name in sorted(rule.whom.people):
        person = policy.people[name]
        place = policy.forbids(Parties(person, person.teams)) if rule.engages else None
        if place is not None:
            yield ("whom", "people"), f"names {name}, whom the 'never' at {place} covers", ""
        elif name in rule.but_not.people:
            yield ("but_not", "people"), f"names {name}, as 'whom' does", ""


def _twins(draft: Draft) -> Iterator[_Oddity]:
    """Rules that say the same."""
    seen: dict[str, int] = {}
    for number, part in zip(draft.rules, draft.part.rules, strict=True):
        text = repr(part.model_copy(update={"name": None}))
        first = seen.setdefault(text, number)
        if first != number:
            yield ("rules", number), f"says the same as the rule at {draft.source.place(('rules', first))}", ""


def _elsewhere(draft: Draft, policy: Policy) -> Iterator[_Oddity]:
    used = {when for rule in draft.part.rules for when in rule.when or () if isinstance(when, str)}
    for name in draft.part.hours:
        if name not in used:
            yield ("hours", name), "are named by no rule", ""
    for name, team in draft.part.teams.items():
        if not team.queues and not any(name in person.teams for person in policy.people.values()):
            yield ("teams", name), "has neither people nor queues", ""
    if not policy.house.numbering.country:
        yield from _national_numbers(draft)


def _national_numbers(draft: Draft) -> Iterator[_Oddity]:
    """Numbers that are protected in one form only."""
    for number, part in zip(draft.never, draft.part.never, strict=True):
        for key, patterns in (("numbers", part.numbers), ("prefixes", part.prefixes)):
            if any(len(pattern) >= _LONG_NUMBER or pattern.startswith(("+", "00")) for pattern in patterns or ()):
                words = "is known in this form only; 'house: numbering' tells how +49, 0049 and 0 go together"
                yield ("never", number, key), words, ""
                return
