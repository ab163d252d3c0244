"""Who may enter which mode, visible or hidden: the decision of the policy together with the rules of the house."""

from collections.abc import Iterator

from supervise.domain.rights.decisions import Action, Allowed, Decision, Follow, Refusal, Refused, Rights, VisibleBefore
from supervise.domain.words import Mode, Visibility


def opening_visibility(mode: Mode, rights: Rights) -> Visibility | Refused:
    """How visible a session begins in a mode, or why it may not begin in it.

    Where both are allowed it begins as the house rules say, but visible where the mode asks for that.
    """
    preferred = rights.rules.start_visibility
    if _wants_visible(mode, rights):
        preferred = Visibility.VISIBLE
    other = Visibility.HIDDEN if preferred is Visibility.VISIBLE else Visibility.VISIBLE
    refusals = []
    for visibility in (preferred, other):
        admitted = admit(mode, visibility, rights)
        if not isinstance(admitted, Refused):
            return admitted
        refusals.append(admitted)
    return refusals[0]


def admit(mode: Mode, visibility: Visibility, rights: Rights) -> Visibility | Refused:
    """The visibility in which a mode may be entered by somebody who is now as visible as this."""
    decision = rights.modes[mode]
    if isinstance(decision, Refused):
        return decision
    if visibility is Visibility.HIDDEN:
        match rights.rules.visible_before.get(mode, VisibleBefore.NOT_REQUIRED):
            case VisibleBefore.REQUIRED:
                return Refused(Refusal.VISIBLE_FIRST, decision.rule)
            case VisibleBefore.AUTOMATIC:
                visibility = Visibility.VISIBLE
            case VisibleBefore.NOT_REQUIRED:
                pass
    answer = rights.may(mode, visibility)
    return answer if isinstance(answer, Refused) else visibility


def may_turn(visibility: Visibility, mode: Mode, rights: Rights) -> Decision:
    """Whether somebody in a mode may become visible or hidden."""
    if visibility is Visibility.HIDDEN and _wants_visible(mode, rights):
        return Refused(Refusal.VISIBLE_FIRST)
    return rights.may(mode, visibility)


def may_follow(follow: Follow, rights: Rights) -> Refused | None:
    """Why somebody may not follow, if they may not."""
    decision = to_follow(follow, rights)
    return decision if isinstance(decision, Refused) else None


def to_follow(follow: Follow, rights: Rights) -> Decision | None:
    """The decision about following; None where it asks for no right: to stay with this call only."""
    action = _FOLLOWING.get(follow)
    return None if action is None else rights.actions.get(action, Refused(Refusal.NOT_ALLOWED))


def may_hear_consult(visibility: Visibility, rights: Rights) -> bool:
    """Whether somebody as visible as this may monitor a consult call, towards which these are their rights."""
    decision = rights.actions.get(Action.HEAR_CONSULT)
    granted = isinstance(decision, Allowed) and visibility in decision.visibilities
    return granted and admit(Mode.MONITOR, visibility, rights) is visibility


def following(rights: Rights) -> Follow:
    """What a session does when its call moves on: as the house says, as far as the supervisor's rights go."""
    return rights.rules.follow if may_follow(rights.rules.follow, rights) is None else Follow.THIS_CALL


_FOLLOWING = {Follow.AGENT: Action.FOLLOW_AGENT, Follow.CUSTOMER: Action.FOLLOW_CUSTOMER}


def modes_down_from(mode: Mode) -> Iterator[Mode]:
    """A mode and the lesser ones, greatest first."""
    return (candidate for candidate in reversed(Mode) if candidate.right <= mode.right)


def _wants_visible(mode: Mode, rights: Rights) -> bool:
    return rights.rules.visible_before.get(mode, VisibleBefore.NOT_REQUIRED) is not VisibleBefore.NOT_REQUIRED
