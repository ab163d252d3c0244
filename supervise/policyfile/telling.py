"""Decisions, explanations and differences in words, for the terminal and the board."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo

from supervise.domain.review.compare import Change
from supervise.domain.review.differences import Party, Protection
from supervise.domain.review.explain import Explanation
from supervise.domain.review.probes import Circumstance
from supervise.domain.review.versions import Aspect, What
from supervise.domain.rights.decisions import Allowed, Decision, Refusal, Refused, Rights
from supervise.domain.rights.limits import NOTHING_USED, Limit, Usage
from supervise.domain.rights.rules import Question
from supervise.domain.words import Mode, Visibility

_FEW = 6

REFUSALS = {
    Refusal.UNKNOWN_SUPERVISOR: "the policy does not know them",
    Refusal.NO_SUCH_AGENT: "the policy does not know the agent",
    Refusal.NOT_ALLOWED: "no rule allows it",
    Refusal.ONESELF: "it is their own call",
    Refusal.PEER: "the agent has the same role, and no rule covers even peers",
    Refusal.OWN_LEAD: "the agent leads a team of theirs, and no rule covers even that",
    Refusal.PROTECTED: "somebody in the call is protected",
    Refusal.PRIVATE: "the call is private",
    Refusal.ELSEWHERE: "another application of Asterisk has the call",
    Refusal.BARGE_FIRST: "only who barges may do that",
    Refusal.HOURS: "it is outside the hours of the rule",
    Refusal.LIMIT: "a limit is reached",
    Refusal.VISIBLE_FIRST: "they have to be visible first",
    Refusal.HIDDEN_NOT_ALLOWED: "only visibly",
    Refusal.VISIBLE_NOT_ALLOWED: "only hidden",
}
"""The reasons that the policy itself gives."""


_PASSING = frozenset({Refusal.HOURS, Refusal.LIMIT})
"""Reasons that are over at another time."""


def names(some: Iterable[str]) -> str:
    """A few names, and how many more."""
    listed = sorted(some)
    more = f" and {len(listed) - _FEW} more" if len(listed) > _FEW else ""
    return ", ".join(listed[:_FEW]) + more


def conditions(allowed: Allowed) -> str:
    """What comes with a leave: ``visible or hidden, after a PIN, for 30 minutes``."""
    words = [" or ".join(sorted(allowed.visibilities, reverse=True))]
    words += ["after a PIN"] if allowed.pin else []
    words += ["with a reason"] if allowed.reason_code else []
    words += [f"for {allowed.minutes} minutes"] if allowed.minutes is not None else []
    return ", ".join(words)


def verdict(decision: Decision) -> str:
    """A decision with its reason and its rule."""
    if isinstance(decision, Refused):
        rule = f" ({decision.rule})" if decision.rule else ""
        return f"no: {REFUSALS.get(decision.reason, decision.reason)}{rule}"
    return f"yes, {conditions(decision)} ({decision.rule})"


def explained(explanation: Explanation) -> Iterator[str]:
    """An explanation, line by line."""
    question, right = explanation.question, explanation.right
    how = f" {explanation.visibility}" if explanation.visibility else ""
    yield f"May {question.supervisor} {right}{how} {question.agent}, {_when(question)}?"
    yield f"  {verdict(explanation.decision)}"
    yield ""
    yield "Rules that speak of this role:" if explanation.considered else "No rule speaks of this role."
    for one in explanation.considered:
        title = f"{one.rule.place} {one.rule.name}".rstrip()
        yield f"  {title}: {'; '.join(one.why) or 'allows it'}"
    if explanation.others:
        yield f"  ({explanation.others} more speak of other roles only)"
    if explanation.changes:
        yield ""
        yield "For the answer to be yes, one of these would do:"
        yield from (f"  {change}" for change in explanation.changes)


def _when(question: Question) -> str:
    return f"on {question.at:%a %Y-%m-%d} at {question.at:%H:%M %Z}".rstrip()


def cell(rights: Rights, mode: Mode) -> str:
    """What somebody may do in one mode, in a table."""
    decision = rights.modes[mode]
    if isinstance(decision, Refused):
        return f"- {decision.reason}" if decision.reason in _PASSING else "-"
    ways = [rights.may(mode, visibility) for visibility in Visibility]
    return "; ".join(dict.fromkeys(conditions(way) for way in ways if isinstance(way, Allowed)))


# --- differences


def told(changes: Iterable[Change], zone: tzinfo) -> Iterator[str]:
    """Whose rights grow and whose shrink, one line for all that changes in the same way for the same people."""
    lines: defaultdict[tuple[str, str, str, Aspect, bool], list[str]] = defaultdict(list)
    for change in changes:
        what = change.what
        towards = "themselves" if change.themselves else names(change.agents)
        some = "" if what.always else _example(what.example, zone)
        key = (names(change.supervisors), towards, some, what.aspect, what.grows)
        lines[key].append(_right(what))
    for (who, whom, some, aspect, grows), rights in sorted(lines.items(), key=_growth_first):
        words = _ASPECTS[aspect, grows]
        yield f"{'+' if grows else '-'} {who} {words} {_listed(rights)}: {whom}{some}"


def _growth_first(line: tuple[tuple[str, str, str, Aspect, bool], list[str]]) -> tuple[bool, str, str, str, Aspect]:
    (who, whom, some, aspect, grows), _ = line
    return (not grows, who, whom, some, aspect)


_ASPECTS = {
    (Aspect.MAY, True): "may now",
    (Aspect.MAY, False): "may no longer",
    (Aspect.WITHOUT_PIN, True): "may now without a PIN",
    (Aspect.WITHOUT_PIN, False): "may now only with a PIN",
    (Aspect.WITHOUT_REASON, True): "may now without a reason",
    (Aspect.WITHOUT_REASON, False): "may now only with a reason",
    (Aspect.LONGER, True): "may now for longer",
    (Aspect.LONGER, False): "may now only for a shorter time",
}


def _right(what: What) -> str:
    return f"{what.right} {what.visibility}" if what.visibility else str(what.right)


def _listed(rights: Sequence[str]) -> str:
    """Rights, a mode in both visibilities named once."""
    found = dict.fromkeys(rights)
    for mode in Mode:
        both = [f"{mode} {visibility}" for visibility in Visibility]
        if all(each in found for each in both):
            found = dict.fromkeys(mode.value if each == both[0] else each for each in found if each != both[1])
    return ", ".join(found)


def _example(circumstance: Circumstance, zone: tzinfo) -> str:
    words = [f"on {circumstance.at.astimezone(zone):%a %H:%M %Z}"]
    words += [f"calls from queue {circumstance.queue}"] if circumstance.queue else []
    words += [f"{circumstance.direction} calls"] if circumstance.direction else []
    words += [_used(circumstance.usage)] if circumstance.usage != NOTHING_USED else []
    return f" (not always, but {', '.join(words)})"


def _used(usage: Usage) -> str:
    counts = zip(Limit, (usage.on_call, usage.at_once, usage.agent_day, usage.agent_month, usage.minutes), strict=True)
    return " and ".join(f"{limit} at {count:g}" for limit, count in counts if count)


def protected(protections: Iterable[Protection]) -> Iterator[str]:
    """Which calls are protected now, and which are not any more."""
    for protection in protections:
        sign, words = ("-", "are protected now") if protection.protected else ("+", "are not protected any more")
        from_ = f" from {' and '.join(sorted(protection.roles))}" if protection.roles is not None else ""
        yield f"{sign} {_PARTIES[protection.party].format(protection.what)} {words}{from_}"


_PARTIES = {
    Party.NUMBER: "calls with number {}",
    Party.PREFIX: "calls with numbers that begin with {}",
    Party.ENDPOINT: "calls with endpoint {}",
    Party.WITHHELD: "calls with somebody who withholds their number",
    Party.PERSON: "calls with {}",
    Party.NUMBERING: "calls with protected numbers in another form, by the new numbering,",
}
