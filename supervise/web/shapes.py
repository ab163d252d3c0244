"""Values of the domain as the JSON of docs/api.md, which is also what the WebSocket sends."""

import json
from datetime import datetime

from supervise.domain.board.board import Facts, Hand, Talk, Watched, facts_for
from supervise.domain.board.panel import Attendee, Heard, Panel, Part, panel
from supervise.domain.board.sight import CallSeen, Eyes, Leave, Row, moment, standing
from supervise.domain.calls.calls import Channel
from supervise.domain.rights.policy import Policy
from supervise.domain.sessions.session import Stage
from supervise.domain.sessions.truth import call_of
from supervise.domain.words import Mode
from supervise.floor.desk import Desk, Ringing, Waiting
from supervise.web import saying
from supervise.web.lookout import Lookout

Json = dict[str, object]


def dumped(message: object) -> str:
    """JSON as it is sent."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def when(at: datetime | None) -> str | None:
    """A moment, or nothing."""
    return None if at is None else moment(at)


def person(policy: Policy, name: str) -> Json:
    """Somebody by their key."""
    known = policy.person(name)
    return {"id": name, "name": name if known is None else known.display}


def row(seen: Row, policy: Policy) -> Json:
    """A row of the board."""
    somebody = seen.facts.person
    teams = [{"id": name, "name": policy.teams[name].display} for name in sorted(somebody.teams)]
    return {
        "id": somebody.name,
        "name": somebody.display,
        "extension": somebody.extension,
        "teams": teams,
        "group": seen.group,
        "since": when(seen.since),
        "why": seen.why,
        "says": saying.why(seen.why, seen.facts.phones),
        "call": None if seen.call is None else call(seen.call),
        "supervisors": [supervisor(each, policy) for each in seen.supervisors],
        "hand": None if seen.hand is None else hand(seen.hand, policy),
        "may": None if seen.may is None else {mode: beginning(leave) for mode, leave in seen.may.items()},
        "wait": None if seen.wait is None else beginning(seen.wait),
        "order": seen.order,
    }


def call(seen: CallSeen) -> Json:
    """A call."""
    talk = seen.talk
    return {
        "id": talk.call.id,
        "node": talk.node,
        "since": when(talk.since),
        "direction": talk.facts.direction,
        "queue": talk.facts.queue,
        "other": {"number": seen.other.number, "name": seen.other.name},
        "others": seen.others,
        "held_since": when(talk.held_since),
        "private": talk.facts.private,
    }


def supervisor(watched: Watched, policy: Policy) -> Json:
    """A supervisor who is with an agent."""
    session = watched.session
    return {
        **person(policy, session.supervisor.name),
        "mode": session.stance.mode,
        "muted": session.stance.muted,
        "visibility": session.visibility,
        "since": when(watched.since),
    }


def hand(raised: Hand, policy: Policy) -> Json:
    """A raised hand."""
    answered = person(policy, raised.answered_by) if raised.answered_by else None
    return {"since": when(raised.since), "reason": raised.reason, "answered_by": answered}


def beginning(leave: Leave) -> Json:
    """What a click that begins a session would be answered with."""
    return {**granted(leave), "visibilities": list(leave.visibilities), "asks": list(leave.asks)}


def granted(leave: Leave) -> Json:
    """What a click would be answered with."""
    return {"allowed": leave.refusal is None, "says": "" if leave.refusal is None else saying.REFUSALS[leave.refusal]}


# --- sessions


def session(watched: Watched, lookout: Lookout, eyes: Eyes) -> Json:
    """A supervisor's own session."""
    now, agent = watched.session, lookout.facts(watched.session.agent.name)
    talk = None if agent is None or now.stage is Stage.CLOSED else agent.talk
    if talk is None or talk.channel.id != now.agent.channel:
        talk = _talk_without(watched, lookout, eyes)
    others = () if agent is None else agent.with_them
    return _session(panel(watched, others, talk, (lookout.book(now.node), eyes)), eyes)


def _talk_without(watched: Watched, lookout: Lookout, eyes: Eyes) -> Talk | None:
    """What goes on of a call whose agent is on hold or was removed."""
    now, book = watched.session, lookout.book(watched.session.node)
    call, agent = call_of(now, book), book.channel(now.agent.channel)
    if call is None or now.stage is Stage.CLOSED:
        return None
    facts = facts_for(call, now.agent.channel, eyes.policy, frozenset({call.id} if now.private else ()))
    return Talk(now.node, agent or Channel(now.agent.channel, ""), call, facts, watched.since)


def _session(shown: Panel, eyes: Eyes) -> Json:
    watched, now = shown.watched, shown.watched.session
    refused = watched.refused
    return {
        **_head(watched, eyes.policy),
        "call": None if shown.talk is None else call(eyes.call(shown.talk)),
        "mode": now.wanted.mode,
        "muted": now.wanted.muted,
        "visibility": now.visibility,
        "follow": now.follow,
        "now": {"mode": now.stance.mode, "muted": now.stance.muted},
        "private": now.private,
        "hears_me": _hears_me(shown),
        "attendees": [_attendee(each, eyes.viewer) for each in shown.attendees],
        "asks": watched.asks,
        "refused": refused and {"error": refused[0], "says": saying.refusal(refused[0]), "at": when(refused[1])},
        "may": {name: granted(leave) for name, leave in shown.may.items()},
        "ending": now.ending or "",
        "says": "" if now.ending is None else saying.ENDINGS[now.ending],
    }


def _head(watched: Watched, policy: Policy) -> Json:
    now = watched.session
    return {
        "id": now.id,
        "version": watched.version,
        "node": now.node,
        "source": now.source,
        "stage": "own" if watched.own else now.stage,
        "since": when(watched.since),
        "agent": person(policy, now.agent.name),
    }


def _hears_me(shown: Panel) -> Json:
    names = [_called(each) for each in shown.attendees if each.hears_me]
    says = saying.HEARD[shown.heard].format(names=", ".join(names))
    return {"who": shown.heard, "names": names, "says": says}


def _called(attendee: Attendee) -> str:
    return attendee.shown.name or attendee.shown.number or "somebody"


def _attendee(attendee: Attendee, viewer: str) -> Json:
    theirs = attendee.watched.session if attendee.watched is not None else None
    return {
        "id": attendee.name,
        "kind": attendee.part,
        "name": attendee.shown.name,
        "number": attendee.shown.number,
        "me": attendee.part is Part.SUPERVISOR and attendee.name == viewer,
        "held": attendee.held,
        "hears_me": attendee.hears_me,
        "coachable": attendee.coachable,
        "mode": theirs and theirs.stance.mode,
        "muted": theirs and theirs.stance.muted,
        "visibility": theirs and theirs.visibility,
    }


def ringing(rings: Ringing, policy: Policy) -> Json:
    """A session to come, while its supervisor's phone rings."""
    asked = rings.invitation
    return {
        **_coming(rings.arrival.session, asked.mode, policy),
        "node": rings.node,
        "source": asked.source,
        "stage": "ringing",
        "since": when(rings.since),
        "agent": person(policy, asked.agent),
        "visibility": asked.visibility or policy.house.session.start_visibility,
        "says": "Pick up your phone.",
    }


def waiting(waits: Waiting, policy: Policy) -> Json:
    """A session to come, while its supervisor waits on the phone for the agent's next call."""
    return {
        **_coming(waits.session, Mode.MONITOR, policy),
        "node": waits.node,
        "source": waits.source,
        "stage": "waiting",
        "since": when(waits.since),
        "agent": person(policy, waits.agent),
        "says": "You are joined to their next call.",
    }


def _coming(session: str, mode: Mode, policy: Policy) -> Json:
    """What all sessions to come have in common."""
    return {
        "id": session,
        "version": 0,
        "call": None,
        "mode": mode,
        "muted": True,
        "visibility": policy.house.session.start_visibility,
        "follow": policy.house.session.follow,
        "now": {"mode": mode, "muted": True},
        "private": False,
        "hears_me": {"who": Heard.NOBODY, "names": [], "says": saying.HEARD[Heard.NOBODY]},
        "attendees": [],
        "asks": "",
        "refused": None,
        "may": {},
        "ending": "",
        "says": "",
    }


def sessions(eyes: Eyes, lookout: Lookout, desk: Desk) -> list[Json]:
    """All sessions of a viewer's own, the oldest first."""
    mine = [each for each in lookout.sessions() if each.session.supervisor.name == eyes.viewer]
    found = [ringing(each, eyes.policy) for each in desk.ringing() if each.invitation.supervisor == eyes.viewer]
    found += [waiting(each, eyes.policy) for each in desk.waiting() if each.supervisor == eyes.viewer]
    return found + [session(each, lookout, eyes) for each in sorted(mine, key=lambda each: each.since)]


# --- the agent's own page


def mine(facts: Facts, eyes: Eyes) -> Json:
    """The agent page, as far as the policy tells agents."""
    group, _ = ("on-call", "") if facts.talk is not None else standing(facts)
    return {
        "group": group,
        "since": when(facts.talk.since if facts.talk is not None else facts.since),
        "call": None if facts.talk is None else own_call(facts.talk, eyes),
        "with_me": [_with_me(each, facts, eyes) for each in eyes.with_me(facts)],
        "hand": None if facts.hand is None else hand(facts.hand, eyes.policy),
        "may_raise_hand": facts.talk is not None,
    }


def own_call(talk: Talk, eyes: Eyes) -> Json:
    """Agents know whom they talk to: nothing is kept from them but what the house masks for their role."""
    first = talk.others[0] if talk.others else None
    seen = eyes.call(talk)
    return call(seen if first is None else CallSeen(talk, eyes.party(first)))


def _with_me(watched: Watched, facts: Facts, eyes: Eyes) -> Json:
    known = eyes.policy.person(watched.session.supervisor.name)
    extension = known.extension if known is not None and eyes.transfers_to(watched, facts) else ""
    return {**supervisor(watched, eyes.policy), "extension": extension}
