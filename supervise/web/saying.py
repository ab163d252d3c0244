"""Words for people: why something is refused, how a session ended, what somebody does on a call."""

from collections.abc import Mapping

from supervise.domain.board.board import Why
from supervise.domain.board.panel import Heard
from supervise.domain.board.presence import Phones
from supervise.domain.rights.decisions import Refusal
from supervise.domain.sessions.session import Ending
from supervise.domain.words import Mode

REFUSALS: Mapping[Refusal, str] = {
    Refusal.UNKNOWN_SUPERVISOR: "The policy has no phone for you; ask an admin.",
    Refusal.NO_SUCH_AGENT: "The policy knows nobody of that name with an extension.",
    Refusal.NOT_ON_A_CALL: "They are not on that call any more.",
    Refusal.NOT_ALLOWED: "The policy does not allow you this.",
    Refusal.ONESELF: "You are on that call yourself.",
    Refusal.PEER: "The policy does not allow you this with people of your own role.",
    Refusal.OWN_LEAD: "The policy does not allow you this with the lead of your own team.",
    Refusal.PROTECTED: "The policy protects this call from everybody.",
    Refusal.PRIVATE: "The call is private.",
    Refusal.HOURS: "The policy does not allow it at this hour.",
    Refusal.LIMIT: "A limit of the policy is reached; try again later.",
    Refusal.VISIBLE_FIRST: "Become visible first.",
    Refusal.HIDDEN_NOT_ALLOWED: "The policy wants you to be visible.",
    Refusal.VISIBLE_NOT_ALLOWED: "The policy wants you to be hidden.",
    Refusal.PIN_WRONG: "The PIN was wrong.",
    Refusal.PIN_LOCKED: "Too many wrong PINs; try again later.",
    Refusal.REASON_NEEDED: "A reason code of the policy is needed.",
    Refusal.UNTOLD: "The customer has to be told first, and that did not work.",
    Refusal.NOT_AVAILABLE: "Not possible in this mode.",
    Refusal.BARGE_FIRST: "Only in barge.",
    Refusal.ELSEWHERE: "Another application has that call: it can be monitored and coached, nothing else.",
    Refusal.BUSY: "Your phone rings already, or is not yours to ring.",
    Refusal.NO_ANSWER: "The agent does not answer.",
    Refusal.AGENT_BUSY: "The agent is busy, or declines.",
    Refusal.UNRECORDED: "The journal cannot be written, so nothing new may be heard.",
    Refusal.BLIND: "Asterisk cannot be seen, so nothing new may be heard.",
    Refusal.FAILED: "Asterisk did not carry it out; try again.",
}

REFUSED: Mapping[Refusal, str] = {
    **REFUSALS,
    Refusal.UNKNOWN_SUPERVISOR: "The policy has no such supervisor.",
    Refusal.NOT_ON_A_CALL: "The agent was on no call.",
    Refusal.NOT_ALLOWED: "The policy does not allow it.",
    Refusal.ONESELF: "It was the supervisor's own call.",
    Refusal.PEER: "The policy does not allow it among people of one role.",
    Refusal.OWN_LEAD: "The policy does not allow it with the lead of one's own team.",
    Refusal.LIMIT: "A limit of the policy was reached.",
    Refusal.VISIBLE_FIRST: "The policy wanted the supervisor to be visible first.",
    Refusal.HIDDEN_NOT_ALLOWED: "The policy wants the supervisor to be visible.",
    Refusal.VISIBLE_NOT_ALLOWED: "The policy wants the supervisor to be hidden.",
    Refusal.PIN_LOCKED: "There were too many wrong PINs.",
    Refusal.REASON_NEEDED: "A reason code of the policy was needed.",
    Refusal.NOT_AVAILABLE: "It was not possible in that mode.",
    Refusal.BUSY: "The supervisor's phone was in use.",
    Refusal.NO_ANSWER: "The agent did not answer.",
    Refusal.AGENT_BUSY: "The agent was busy, or declined.",
    Refusal.FAILED: "Asterisk did not carry it out.",
}
"""The same in the history, which others read as well."""

STALE = "The session is another one by now; look again, then click again."

ENDINGS: Mapping[Ending, str] = {
    Ending.LEFT: "You have left.",
    Ending.SUPERVISOR_GONE: "Your phone has hung up.",
    Ending.CALL_ENDED: "The call has ended.",
    Ending.CALL_CHANGED: "The agent went on to another call.",
    Ending.REVOKED: "The policy does not allow it any more.",
    Ending.PRIVATE: "The call has become private.",
    Ending.UNTOLD: "The customer could not be told.",
    Ending.TIME_UP: "The time that the policy allows is up.",
    Ending.UNRECORDED: "The journal cannot be written.",
    Ending.BLIND: "Asterisk cannot be seen any more.",
    Ending.FAILED: "Asterisk did not carry it out.",
    Ending.RECOVERED: "The controller was started again.",
    Ending.TAKEN_OVER: "The call is your own now.",
    Ending.HANDED_OVER: "The agent handed the call over: it is your own now.",
    Ending.SHUT_DOWN: "The controller was stopped.",
}

ENDED: Mapping[Ending, str] = {
    **ENDINGS,
    Ending.LEFT: "The supervisor left.",
    Ending.SUPERVISOR_GONE: "Their phone hung up.",
    Ending.TAKEN_OVER: "They took the call over.",
    Ending.HANDED_OVER: "The agent handed the call over to them.",
}
"""The same of somebody else, in the history."""

HEARD: Mapping[Heard, str] = {
    Heard.NOBODY: "Nobody hears you.",
    Heard.AGENT: "{names} hears you. Nobody else does.",
    Heard.EVERYBODY: "Everybody on the call hears you.",
    Heard.SOME: "These hear you: {names}.",
}

_GIVEN_UP: Mapping[str, str] = {
    "stale": "The session was another one by then.",
    **{ending.value: words for ending, words in ENDED.items()},
}
"""An attempt that ended before it was decided about."""

_WHY: Mapping[Why, str] = {
    Why.NOTHING: "",
    Why.RINGING: "ringing",
    Why.NOT_REGISTERED: "phone not registered",
    Why.PAUSED: "paused",
    Why.DO_NOT_DISTURB: "do not disturb",
    Why.BUSY: "phone in use",
    Why.SUPERVISING: "supervising",
    Why.UNKNOWN: "phone not known",
}

DOES: Mapping[Mode, str] = {
    Mode.MONITOR: "{name} listens to your call.",
    Mode.COACH: "{name} coaches you.",
    Mode.BARGE: "{name} has joined your call.",
}

LEFT = "{name} has left your call."


def refusal(reason: str) -> str:
    """Why something was refused, in a sentence."""
    if reason == "stale":
        return STALE
    return REFUSALS[Refusal(reason)] if reason in set(Refusal) else reason


def outcome(reason: str, *, refused: bool) -> str:
    """Why something ended or was refused, in a sentence; a reason that is neither stands for itself."""
    if refused:
        return REFUSED.get(Refusal(reason), reason) if reason in set(Refusal) else _GIVEN_UP.get(reason, reason)
    return ENDED[Ending(reason)] if reason in set(Ending) else reason


def why(reason: Why, phones: Phones) -> str:
    """What is to be said of somebody who is in no call."""
    if reason is Why.PAUSED:
        return f"paused in {', '.join(phones.paused)}"
    return _WHY[reason]
