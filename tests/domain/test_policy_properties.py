"""What holds of every policy, tried on random ones."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervise.domain.review.compare import changes
from supervise.domain.review.differences import protections
from supervise.domain.review.explain import explain
from supervise.domain.review.kinds import Likeness, kinds
from supervise.domain.review.versions import Aspect, answers
from supervise.domain.rights.decisions import Action, Allowed, Refusal, Refused, Right
from supervise.domain.rights.policy import Contents, Policy
from supervise.domain.rights.protect import Never
from supervise.domain.rights.rules import STRANGER, CallFacts, Question, Rule
from supervise.domain.words import Mode, Visibility
from tests.support.policies import MONDAY, RIGHTS, contents, nevers, policies, questions, rules

pytestmark = pytest.mark.unit


many = settings(max_examples=500)


def granted(policy: Policy, question: Question) -> set[tuple[Right, Visibility | None]]:
    """Everything that a policy allows in a case."""
    return {key for key, answer in answers(policy, question).items() if answer[0]}


@many
@given(contents, questions)
def test_what_no_rule_allows_is_refused(said: Contents, question: Question) -> None:
    """A policy without rules allows nothing to anybody, whatever else it says."""
    assert granted(Policy(replace(said, rules=()), "hash"), question) == set()


@many
@given(policies, questions, st.sampled_from(RIGHTS))
def test_a_leave_comes_from_one_rule_that_says_so(policy: Policy, question: Question, right: Right) -> None:
    """What is allowed is what one rule says, with all its conditions; nothing is mixed from two."""
    decision = policy.decide(question, right)
    if isinstance(decision, Refused):
        return
    (rule,) = (rule for rule in policy.rules if rule.place == decision.rule)
    assert right in rule.may
    assert policy.people[question.supervisor].role in rule.who
    assert decision == Allowed(rule.place, rule.how, rule.pin, rule.reason, rule.limits.minutes)


@many
@given(contents, nevers, questions)
def test_a_never_never_grows_anybodys_rights(said: Contents, never: Never, question: Question) -> None:
    """One more *never* takes away, or changes nothing."""
    more = Policy(replace(said, nevers=(*said.nevers, never)), "hash")
    assert granted(more, question) <= granted(Policy(said, "hash"), question)


@many
@given(contents, rules, questions)
def test_a_rule_never_shrinks_anybodys_rights(said: Contents, rule: Rule, question: Question) -> None:
    """One more rule gives, or changes nothing: rules only ever allow."""
    more = Policy(replace(said, rules=(*said.rules, rule)), "hash")
    assert granted(Policy(said, "hash"), question) <= granted(more, question)


@many
@given(contents, st.randoms(), questions)
def test_the_order_of_rules_means_nothing(said: Contents, randoms: Random, question: Question) -> None:
    """Shuffled rules give the same decisions, by the same rules."""
    shuffled = list(said.rules)
    randoms.shuffle(shuffled)
    one, other = Policy(said, "hash"), Policy(replace(said, rules=tuple(shuffled)), "hash")
    assert one.rights(question) == other.rights(question)


@many
@given(policies, questions)
def test_all_rights_at_once_are_each_right_alone(policy: Policy, question: Question) -> None:
    """`rights` and `decide` give the same answers."""
    at_once = policy.rights(question)
    assert {mode: policy.decide(question, mode) for mode in Mode} == at_once.modes
    assert {action: policy.decide(question, action) for action in Action} == at_once.actions


@many
@given(policies, questions, st.sampled_from(RIGHTS), st.none() | st.sampled_from(Visibility))
def test_explain_agrees_with_decide(
    policy: Policy, question: Question, right: Right, visibility: Visibility | None
) -> None:
    """An explanation shows a rule that allows it exactly where it is allowed or something above rules forbids it."""
    explanation = explain(policy, question, right, visibility)
    allowing = [one.rule.place for one in explanation.considered if not one.lacks]
    decision = explanation.decision
    if visibility is None or not isinstance(right, Mode):
        assert decision == policy.decide(question, right)
    if isinstance(decision, Allowed):
        assert decision.rule in allowing
        assert explanation.changes == ()
        return
    assert explanation.changes != ()
    above_rules = {Refusal.PRIVATE, Refusal.PROTECTED, Refusal.ONESELF, Refusal.VISIBLE_FIRST}
    assert not allowing or decision.reason in above_rules


@many
@given(policies, questions)
def test_nobody_supervises_themselves_unless_a_rule_says_so(policy: Policy, question: Question) -> None:
    """Without 'even: oneself' somebody's own calls are closed to them."""
    plain = Policy(
        Contents(policy.people, policy.teams, policy.roles, tuple(replace(r, even=frozenset()) for r in policy.rules)),
        "hash",
    )
    oneself = replace(question, agent=question.supervisor)
    assert all(isinstance(decision, Refused) for decision in plain.rights(oneself).modes.values())


@many
@given(policies, questions)
def test_people_of_one_kind_have_the_same_rights(policy: Policy, question: Question) -> None:
    """Whom a policy cannot tell apart it does not treat differently."""
    question = replace(question, call=replace(question.call or CallFacts(), endpoints=STRANGER, numbers=frozenset()))
    for alike in kinds(policy.people, Likeness(policy)):
        others = [person.name for person in alike if person.name != question.supervisor]
        found = {frozenset(granted(policy, replace(question, agent=name))) for name in others}
        assert len(found) <= 1


@settings(max_examples=40)
@given(contents, st.data(), st.lists(questions, min_size=20, max_size=20))
def test_a_difference_that_decide_sees_is_told(said: Contents, data: st.DataObject, asked: list[Question]) -> None:
    """Where two versions answer differently, `changes` names the two people and the right."""
    old, new = Policy(said, "old"), Policy(changed(said, data), "new")
    told = changes(old, new, MONDAY)
    protection = protections(old, new)
    for question in asked:
        if question.call and any(one.may_concern(question.call, (old, new)) for one in protection):
            continue
        before, after = answers(old, question), answers(new, question)
        for right, visibility in (key for key, was in before.items() if was != after[key]):
            assert any(
                change.concerns(question.supervisor, question.agent)
                and (change.what.right, change.what.visibility) == (right, visibility)
                for change in told
            )


@settings(max_examples=40)
@given(contents, st.data())
def test_a_difference_that_is_told_is_one(said: Contents, data: st.DataObject) -> None:
    """Where `changes` says that a right grows or shrinks, both versions asked in its example confirm it."""
    old, new = Policy(said, "old"), Policy(changed(said, data), "new")
    for change in changes(old, new, MONDAY):
        supervisor = change.supervisors[0]
        agent = supervisor if change.themselves else next(a for a in change.agents if a != supervisor)
        at, what = change.what.example, change.what
        question = Question(supervisor, agent, at.at, at.call, at.usage)
        position = list(Aspect).index(what.aspect)
        was = answers(old, question)[what.right, what.visibility][position]
        is_now = answers(new, question)[what.right, what.visibility][position]
        assert (is_now > was) is what.grows
        assert is_now != was


@given(contents)
def test_nothing_changes_between_a_policy_and_itself(said: Contents) -> None:
    """The same contents, in another order, differ in nothing."""
    other = replace(said, rules=tuple(reversed(said.rules)))
    assert changes(Policy(said, "old"), Policy(other, "new"), MONDAY) == []


def changed(said: Contents, data: st.DataObject) -> Contents:
    """Another version: often of the same people with one part exchanged."""
    other = data.draw(contents)
    part = data.draw(st.sampled_from(["rules", "people", "teams", "nevers", "house", "all"]))
    return other if part == "all" else replace(said, **{part: getattr(other, part)})
