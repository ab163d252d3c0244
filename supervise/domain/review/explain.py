"""Why a decision is what it is: every rule that was considered, what it lacks, and what would have to change."""

from collections.abc import Callable
from dataclasses import dataclass

from supervise.domain.rights.admission import admit
from supervise.domain.rights.decisions import Decision, Refusal, Refused, Right, Sight, VisibleBefore
from supervise.domain.rights.people import Tie
from supervise.domain.rights.policy import Policy
from supervise.domain.rights.rules import Calls, Case, Failing, Question, Rule, Whom, failings
from supervise.domain.words import Mode, Visibility

_NEAREST = 3
"""So many of the rules that come nearest to allowing it are told how to change."""


@dataclass(frozen=True, slots=True)
class Considered:
    """One rule that speaks of the supervisor's role.

    Attributes:
        rule: the rule.
        lacks: what keeps it from allowing this; nothing where it does allow it.
        why: the same in words.
        remedies: what would have to change, for each thing that it lacks.
    """

    rule: Rule
    lacks: tuple[Failing, ...]
    why: tuple[str, ...]
    remedies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision and how it came about.

    Attributes:
        question, right, visibility: what was asked; the visibility only where it matters.
        decision: what the policy decides.
        considered: every rule that speaks of the supervisor's role.
        others: how many rules speak of other roles only.
        changes: what would have to change for the answer to be yes; empty where it is.
    """

    question: Question
    right: Right
    visibility: Visibility | None
    decision: Decision
    considered: tuple[Considered, ...]
    others: int
    changes: tuple[str, ...]


def explain(policy: Policy, question: Question, right: Right, visibility: Visibility | None = None) -> Explanation:
    """Explain one decision.

    Args:
        policy: the policy.
        question: who, whom, when, on which call.
        right: what is asked for.
        visibility: visible or hidden, for a mode; None takes whichever is allowed.
    """
    decision = decision_of(policy, question, right, visibility)
    case = policy.case(question, right if isinstance(right, Sight) else None)
    if isinstance(case, Refused):
        return Explanation(question, right, visibility, decision, (), len(policy.rules), (_UNKNOWN[case.reason],))
    mine = [rule for rule in policy.rules if case.supervisor.role in rule.who]
    entered = _entered(policy, right, visibility)
    considered = tuple(_consider(rule, case, right, entered) for rule in mine)
    changes: tuple[str, ...] = ()
    if isinstance(decision, Refused):
        changes = _changes(case, right, considered, decision, policy.forbidden(case))
    return Explanation(question, right, visibility, decision, considered, len(policy.rules) - len(mine), changes)


def decision_of(policy: Policy, question: Question, right: Right, visibility: Visibility | None = None) -> Decision:
    """The decision as a session would meet it, with what the house asks before coach and barge."""
    if visibility is None or not isinstance(right, Mode):
        return policy.decide(question, right)
    rights = policy.rights(question)
    admitted = admit(right, visibility, rights)
    return admitted if isinstance(admitted, Refused) else rights.may(right, admitted)


def _entered(policy: Policy, right: Right, visibility: Visibility | None) -> Visibility | None:
    """The visibility that a rule has to allow: entering a mode makes visible where the house says so."""
    before = policy.house.session.visible_before.get(right) if isinstance(right, Mode) else None
    return Visibility.VISIBLE if visibility and before is VisibleBefore.AUTOMATIC else visibility


_UNKNOWN = {
    Refusal.UNKNOWN_SUPERVISOR: "name the supervisor under 'people'",
    Refusal.NO_SUCH_AGENT: "name the agent under 'people'",
}


def _consider(rule: Rule, case: Case, right: Right, visibility: Visibility | None) -> Considered:
    lacks = failings(rule, case)
    reasons = [_REASONS[failing](rule, case) for failing in lacks]
    if right not in rule.may:
        lacks = (Failing.RIGHT, *lacks)
        allowed = ", ".join(sorted(rule.may))
        reasons.insert(0, (f"allows {allowed}, not {right}", f"name {right} under its 'may'"))
    if visibility is not None and isinstance(right, Mode) and visibility not in rule.how:
        lacks = (*lacks, Failing.HOW)
        reasons.append((f"allows it {' or '.join(sorted(rule.how))} only", "say 'how: choice'"))
    return Considered(rule, lacks, tuple(why for why, _ in reasons), tuple(remedy for _, remedy in reasons))


def _changes(
    case: Case, right: Right, considered: tuple[Considered, ...], decision: Refused, forbidden: Refused | None
) -> tuple[str, ...]:
    if forbidden is not None:
        return (_FORBIDDEN[forbidden.reason].format(place=forbidden.rule),)
    if decision.reason is Refusal.VISIBLE_FIRST:
        return (f"become visible first, or say 'house: visible_before: {right}: not-required'",)
    nearest = sorted((one for one in considered if one.lacks), key=lambda one: _distance(one.lacks))[:_NEAREST]
    found = [f"{one.rule.place}: {' and '.join(one.remedies)}" for one in nearest]
    wanted = f"write a rule 'who: {case.supervisor.role}' that allows {right} and covers {case.agent.name}"
    return (*found, wanted)


_FORBIDDEN = {
    Refusal.PRIVATE: "the call must lose its private mark; no rule can allow this",
    Refusal.ONESELF: "the supervisor must not be a party of the call; no rule can allow this",
    Refusal.PROTECTED: "what stands at {place} protects this call, and wins over every rule",
}


def _distance(lacks: tuple[Failing, ...]) -> tuple[int, int]:
    """Fewest things first; of those, what time mends before what only the author of the policy can."""
    order = list(Failing)
    return len(lacks), -min(order.index(lacking) for lacking in lacks)


# --- each thing that a rule can lack, in words: why it does not hold, and what would have to change

_Reason = tuple[str, str]


def _who(rule: Rule, case: Case) -> _Reason:
    role = case.supervisor.role
    return f"speaks of {_or(rule.who)}, not of {role}", f"name {role} under its 'who'"


def _whom(rule: Rule, case: Case) -> _Reason:
    agent = case.agent.name
    return f"covers {whom_in_words(rule.whom)}, and {agent} is not among them", f"cover {agent} under its 'whom'"


def _but_not(rule: Rule, case: Case) -> _Reason:
    agent = case.agent.name
    words = f"leaves out {whom_in_words(rule.but_not)}, and {agent} is among them"
    return words, f"do not leave out {agent} under its 'but_not'"


_TIE_WORDS = {
    Tie.ONESELF: "themselves",
    Tie.PEERS: "people of their own role",
    Tie.OWN_LEAD: "the lead of their own team",
}


def _ties(rule: Rule, case: Case) -> _Reason:
    missing = sorted(case.ties - rule.even)
    words = " and ".join(_TIE_WORDS[tie] for tie in missing)
    return f"does not say that it covers even {words}", f"say 'even: [{', '.join(sorted(case.ties))}]'"


def _calls(rule: Rule, _: Case) -> _Reason:
    words = calls_in_words(rule.calls)
    return f"is only about {words}", "ask about such a call, or drop its 'calls'"


def _hours(rule: Rule, case: Case) -> _Reason:
    hours = " or ".join(str(hours) for hours in rule.hours)
    now = case.at.astimezone(rule.hours[0].zone).strftime("%a %H:%M").lower()
    return f"holds {hours}; it is {now} there", "ask again within its hours, or widen its 'when'"


def _limits(rule: Rule, case: Case) -> _Reason:
    limit = rule.limits.reached(case.usage)
    most = rule.limits.given().get(limit) if limit else None
    return f"has reached its limit, {limit}: {most}", f"wait until there is room, or raise {limit} here and in 'house'"


_REASONS: dict[Failing, Callable[[Rule, Case], _Reason]] = {
    Failing.WHO: _who,
    Failing.WHOM: _whom,
    Failing.BUT_NOT: _but_not,
    Failing.TIES: _ties,
    Failing.CALLS: _calls,
    Failing.HOURS: _hours,
    Failing.LIMITS: _limits,
}


def whom_in_words(whom: Whom) -> str:
    """Whom a rule covers, as one would say it."""
    words = ["everybody"] if whom.everybody else []
    words += ["the supervisor's own teams"] if whom.own_teams else []
    words += [f"team {team}" for team in sorted(whom.teams)] + sorted(whom.people)
    words += [f"role {role}" for role in sorted(whom.roles)]
    return ", ".join(words)


def calls_in_words(calls: Calls) -> str:
    """The calls that a rule is about."""
    directions = f"{_or(calls.directions)} calls" if calls.directions else "calls"
    return f"{directions} from queue {_or(calls.queues)}" if calls.queues else directions


def _or(names: frozenset[str]) -> str:
    return " or ".join(sorted(names))
