"""The answer to *may this supervisor do this to that call now*, and its reasons."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from supervise.domain.words import Mode, Visibility


class Refusal(StrEnum):
    """Why something was refused: spoken on the phone, shown on the board, written in the journal."""

    UNKNOWN_SUPERVISOR = "unknown-supervisor"
    """The phone's authenticated endpoint belongs to nobody in the policy."""
    NO_SUCH_AGENT = "no-such-agent"
    NOT_ON_A_CALL = "not-on-a-call"
    NOT_ALLOWED = "not-allowed"
    """No rule allows it: what is not allowed is denied."""
    ONESELF = "oneself"
    """The supervisor is the one to be supervised, or speaks in that very call."""
    PEER = "peer"
    """Somebody of the supervisor's own role, and no rule says that it covers peers too."""
    OWN_LEAD = "own-lead"
    """The lead of a team the supervisor belongs to, and no rule says that it covers own leads too."""
    PROTECTED = "protected"
    """A *never* covers the person, the endpoint or the number."""
    PRIVATE = "private"
    """The call is marked private."""
    HOURS = "hours"
    LIMIT = "limit"
    BARGE_FIRST = "barge-first"
    """Who is to do something with the agent has to be in the call: 6."""
    VISIBLE_FIRST = "visible-first"
    """Coach and barge want a visible supervisor here; 8 makes them visible."""
    HIDDEN_NOT_ALLOWED = "hidden-not-allowed"
    VISIBLE_NOT_ALLOWED = "visible-not-allowed"
    PIN_WRONG = "pin-wrong"
    PIN_LOCKED = "pin-locked"
    REASON_NEEDED = "reason-needed"
    UNTOLD = "untold"
    """The customer has to be told first, and that did not work."""
    NOT_AVAILABLE = "not-available"
    """The key has no meaning here or yet."""
    ELSEWHERE = "elsewhere"
    """The call is in the hands of another ARI application: nobody can be put into it, and nobody taken out."""
    BUSY = "busy"
    """The supervisor is in a session already, or is asked to wait."""
    NO_ANSWER = "no-answer"
    """The agent who is called back into the call does not answer."""
    AGENT_BUSY = "agent-busy"
    """The agent who is called back into the call is busy, or declines."""
    UNRECORDED = "unrecorded"
    """The journal cannot be written, so nothing new may be heard."""
    BLIND = "blind"
    """The connection to Asterisk is lost, so nothing new may be heard."""
    FAILED = "failed"
    """Asterisk did not carry it out."""


class Action(StrEnum):
    """What a supervisor may do beside the three modes; each is a right of its own."""

    HOLD_AGENT = "hold-agent"
    REMOVE_AGENT = "remove-agent"
    TAKE_OVER = "take-over"
    RECEIVE_TRANSFER = "receive-transfer"
    FOLLOW_AGENT = "follow-agent"
    """Stay with the agent into their next call."""
    FOLLOW_CUSTOMER = "follow-customer"
    """Go with the customer to the next agent, who is decided about anew."""
    HEAR_CONSULT = "hear-consult"
    """Hear the agent's consult calls while the customer waits."""
    ANSWER_HAND = "answer-hand"
    """Be offered the agent's raised hand."""
    SHOW_IN_HISTORY = "show-in-history"
    """Their sessions show in the history of the call and of the customer; the journal has them always."""


class Sight(StrEnum):
    """What a viewer may see of an agent."""

    BOARD = "see-board"
    HISTORY = "see-history"
    EXPORT = "export"
    HIDDEN = "see-hidden"
    """Supervisors who are hidden, with the agent, on the board and in the history."""


Right = Mode | Action | Sight


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes, in one of these visibilities, by this rule.

    Attributes:
        rule: where the rule stands, as ``file:line``, for the journal and for *explain*.
        visibilities: the ones the supervisor may choose between; never empty.
        pin: a PIN is to be asked for first.
        reason_code: a reason code is to be asked for first.
        minutes: how long a session may last; None is without limit.
    """

    rule: str
    visibilities: frozenset[Visibility]
    pin: bool = False
    reason_code: bool = False
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """No, for this reason; `rule` is where it was decided (``file:line``), if a rule did."""

    reason: Refusal
    rule: str | None = None


Decision = Allowed | Refused


class VisibleBefore(StrEnum):
    """What coach or barge ask of a hidden supervisor."""

    REQUIRED = "required"
    """Refused until the supervisor has made themselves visible."""
    AUTOMATIC = "automatic"
    """Entering the mode makes them visible."""
    NOT_REQUIRED = "not-required"


class Notice(StrEnum):
    """A way to tell the agent that a visible supervisor entered, changed or left."""

    TONE = "tone"
    MESSAGE = "message"
    """A SIP MESSAGE with name and mode; best effort."""
    BOARD = "board"
    SPOKEN = "spoken"


class Occasion(StrEnum):
    """When the agent is told of a visible supervisor."""

    ENTER = "enter"
    MODE = "mode"
    VISIBILITY = "visibility"
    LEAVE = "leave"


class Follow(StrEnum):
    """What a session does when its call moves on, as far as the supervisor's rights allow."""

    THIS_CALL = "this-call"
    AGENT = "agent"
    CUSTOMER = "customer"


class MidSession(StrEnum):
    """What becomes of a session whose call is marked private."""

    PAUSE = "pause"
    """Nothing is heard until the mark is lifted; then all is decided anew."""
    END = "end"


@dataclass(frozen=True, slots=True)
class Tone:
    """A repeating tone.

    Attributes:
        hertz: its frequency.
        length: milliseconds.
        every: seconds from the beginning of one to the beginning of the next.
        first: milliseconds of the first one.
    """

    hertz: int
    length: int
    every: int
    first: int


@dataclass(frozen=True, slots=True)
class CustomerNotice:
    """What the customer is told while somebody supervises in one of the modes; nothing by default.

    Attributes:
        tone: repeated as long as the session lasts.
        announcement: the sound to be played to its end before the session's first sound.
        modes: where it applies.
    """

    tone: Tone | None = None
    announcement: str = ""
    modes: frozenset[Mode] = frozenset(Mode)


@dataclass(frozen=True, slots=True)
class SessionRules:
    """The house rules that a session itself follows.

    Attributes:
        visible_before: what coach and barge ask of a hidden supervisor.
        start_muted: entering coach or barge from monitor is muted.
        start_visibility: how a session begins where the supervisor may choose.
        notices: how the agent is told.
        notice_of: of what the agent is told.
        customer: what the customer is told.
        follow: what a session does when its call moves on.
        busy_while_supervising: the supervisor is marked busy for queues.
        agent_lamp: the agent's lamp shows a visible supervisor.
        mid_session: what becomes of a session whose call is marked private.
    """

    visible_before: Mapping[Mode, VisibleBefore] = field(
        default_factory=lambda: {Mode.COACH: VisibleBefore.REQUIRED, Mode.BARGE: VisibleBefore.REQUIRED}
    )
    start_muted: bool = True
    start_visibility: Visibility = Visibility.HIDDEN
    notices: frozenset[Notice] = frozenset({Notice.TONE, Notice.MESSAGE, Notice.BOARD})
    notice_of: frozenset[Occasion] = frozenset(Occasion)
    customer: CustomerNotice = CustomerNotice()
    follow: Follow = Follow.THIS_CALL
    busy_while_supervising: bool = True
    agent_lamp: bool = True
    mid_session: MidSession = MidSession.PAUSE


@dataclass(frozen=True, slots=True)
class Rights:
    """All that one supervisor may do to one call at one moment, under one version of the policy.

    Attributes:
        modes: the decision for each mode; where several rules allow it, by the most generous one.
        rules: the house rules of that version.
        policy: the version's hash, for the journal.
        actions: the decision for each action.
        ways: every rule's leave for each mode, the most generous first. Nothing is mixed across rules: one may ask
            for a PIN to be hidden while another lets the visible in without.
    """

    modes: Mapping[Mode, Decision]
    rules: SessionRules
    policy: str
    actions: Mapping[Action, Decision] = field(default_factory=dict)
    ways: Mapping[Mode, tuple[Allowed, ...]] = field(default_factory=dict)

    @property
    def private(self) -> bool:
        """Whether nothing is allowed since the call is private."""
        monitor = self.modes[Mode.MONITOR]
        return isinstance(monitor, Refused) and monitor.reason is Refusal.PRIVATE

    def may(self, mode: Mode, visibility: Visibility) -> Decision:
        """The decision for a mode in a visibility: the most generous rule that covers both."""
        decision = self.modes[mode]
        if isinstance(decision, Refused) or visibility in decision.visibilities:
            return decision
        for way in self.ways.get(mode, ()):
            if visibility in way.visibilities:
                return way
        hidden = visibility is Visibility.HIDDEN
        return Refused(Refusal.HIDDEN_NOT_ALLOWED if hidden else Refusal.VISIBLE_NOT_ALLOWED, decision.rule)

    def but_not(self, mode: Mode, refused: Refused) -> "Rights":
        """These rights without a mode, for a reason that is none of the policy's."""
        if isinstance(self.modes[mode], Refused):
            return self
        return replace(self, modes={**self.modes, mode: refused}, ways={**self.ways, mode: ()})

    def without(self, lacking: Callable[[Allowed], bool]) -> "Rights":
        """These rights without every leave for which something is still lacking: a PIN, a reason code."""
        ways = {mode: tuple(way for way in self.ways.get(mode, ()) if not lacking(way)) for mode in self.modes}
        modes = {mode: _next_best(decision, ways[mode], lacking) for mode, decision in self.modes.items()}
        actions = {action: _if_nothing(decision, lacking) for action, decision in self.actions.items()}
        return replace(self, modes=modes, ways=ways, actions=actions)


def _if_nothing(decision: Decision, lacking: Callable[[Allowed], bool]) -> Decision:
    """A decision while nothing is lacking for it; of the rules for an action only the most generous one is known."""
    left_out = isinstance(decision, Allowed) and lacking(decision)
    return Refused(Refusal.NOT_ALLOWED, decision.rule) if left_out else decision


def _next_best(decision: Decision, ways: tuple[Allowed, ...], lacking: Callable[[Allowed], bool]) -> Decision:
    """The decision while nothing is lacking for it, and otherwise the most generous of the ways that are left."""
    if isinstance(decision, Refused) or not lacking(decision):
        return decision
    return ways[0] if ways else Refused(Refusal.NOT_ALLOWED, decision.rule)
